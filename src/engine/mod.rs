//! The only user of the Docker API: images, containers, streams, files,
//! networks and volumes of one engine, in our own words.
//!
//! What it is not: it decides nothing. Which image a run needs, when a
//! container may be removed, what an exit code means, is the callers' business;
//! this module says truthfully what the engine did. What an engine does in
//! surprising ways is told at the method concerned and held by `tests/engine/`.
//!
//! Rules kept here, so that nobody else needs to know them:
//! - containers are created from [`ContainerSpec`] alone, by image id;
//! - nothing is ever removed with `force` but a container of ours;
//! - a lost connection is [`EngineError::Unavailable`], never an end of output.
#![expect(
    clippy::disallowed_types,
    reason = "this module is the one place that speaks to Docker"
)]

mod anew;
mod archive;
mod commit;
mod connect;
mod container;
mod error;
mod facts;
mod image;
pub mod labels;
mod network;
mod ping;
mod seccomp;
mod spec;
mod stream;

pub use archive::{ByteStream, PathStat};
pub use commit::ImageConfig;
pub use connect::Engine;
pub use container::{Container, Listed, Status, Usage};
pub use error::EngineError;
pub use facts::{Facts, known_holes};
pub use image::{Image, RemoveImage};
pub use network::{Isolation, Owned};
pub use spec::{ContainerSpec, NetworkMode, Role, Tmpfs, Volume};
pub use stream::{Attached, Frame, FrameStream, StdStream};
