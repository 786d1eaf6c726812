//! Files in and out of containers, as tar archives.
//!
//! A container's tmpfs cannot be reached this way (it exists only while the
//! container runs, and only in there); volumes can, before the start and after
//! the end. A read-only root cannot be written to, also before the start.

use super::connect::Engine;
use super::error::EngineError;
use crate::domain::ids::ContainerId;
use bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder,
    UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use std::pin::Pin;
use std::time::Duration;

/// How long an upload may take.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// The engine writes modes as Go does: type bits at the top.
const GO_DIR: u32 = 1 << 31;
const GO_SYMLINK: u32 = 1 << 27;
/// Anything that is not a regular file: directory, link, device, pipe, socket,
/// character device, irregular.
const GO_TYPE: u32 =
    GO_DIR | GO_SYMLINK | (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21) | (1 << 19);

/// Bytes as they come.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, EngineError>> + Send>>;

/// What a path in a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStat {
    /// Its last part.
    pub name: String,
    /// Its size, bytes.
    pub size: u64,
    /// Its permissions, such as `0o644`.
    pub mode: u32,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Whether it is a regular file.
    pub is_file: bool,
}

impl Engine {
    /// What `path` in a container is; none if the path, or the container, does
    /// not exist. A link is told as such, not followed.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn stat(
        &self,
        id: &ContainerId,
        path: &str,
    ) -> Result<Option<PathStat>, EngineError> {
        let options = ContainerArchiveInfoOptionsBuilder::new().path(path).build();
        let found = self
            .docker
            .get_container_archive_info(&id.0, Some(options))
            .await;
        match found {
            Ok(found) => Ok(Some(PathStat {
                size: found.size.try_into().unwrap_or(0),
                mode: found.file_mode & 0o777,
                is_dir: found.file_mode & GO_DIR != 0,
                is_file: found.file_mode & GO_TYPE == 0,
                name: found.name,
            })),
            Err(error) => {
                match self.failed(format!("looking at {path} in container {id}"), error) {
                    EngineError::NotFound { .. } => Ok(None),
                    other => Err(other),
                }
            }
        }
    }

    /// The file or folder at `path` as a tar archive. Its content was written
    /// by whoever ran there: trust no name, size or link in it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if the path does not exist, or those of any
    /// request, also as the last item of the stream.
    pub async fn read_tar(&self, id: &ContainerId, path: &str) -> Result<ByteStream, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::new()
            .path(path)
            .build();
        let doing = format!("reading {path} of container {id}");
        let engine = self.clone();
        let mut bytes = self
            .docker
            .download_from_container(&id.0, Some(options))
            .map(move |piece| piece.map_err(|error| engine.failed(doing.clone(), error)))
            .boxed();
        match bytes.next().await {
            Some(Err(error)) => Err(error),
            first => Ok(stream::iter(first).chain(bytes).boxed()),
        }
    }

    /// Unpacks a tar archive below the folder `path`, which must exist.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is no such folder,
    /// [`EngineError::Refused`] if it cannot be written, or those of any
    /// request.
    pub async fn write_tar(
        &self,
        id: &ContainerId,
        path: &str,
        tar: Bytes,
    ) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::new().path(path).build();
        let docker = self.docker.clone().with_timeout(UPLOAD_TIMEOUT);
        docker
            .upload_to_container(&id.0, Some(options), bollard::body_full(tar))
            .await
            .map_err(|error| self.failed(format!("writing to {path} of container {id}"), error))
    }
}
