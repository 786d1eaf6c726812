//! Logs and events over HTTP: pages, searches, streams and the WebSocket.

mod follow;
mod many;
mod pages;
mod socket;
mod stage;
mod streams;
mod watch;
