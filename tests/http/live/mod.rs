//! Logs and events over HTTP: pages, searches, streams and the WebSocket.

mod builds;
mod follow;
mod hooks;
mod many;
mod pages;
mod socket;
mod stage;
mod streams;
mod watch;
