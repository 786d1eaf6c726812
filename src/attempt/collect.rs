//! What a run leaves behind: artifacts and its result.

use super::{Driver, Job, artifact_dir, sandbox};
use crate::disk::Room;
use crate::domain::ids::{Digest, RunId};
use crate::domain::run::{Artifact, Ended, RunState};
use crate::domain::size::Bytes;
use crate::engine::{Container, EngineError};
use crate::store::StoreError;
use crate::threads::off_thread;
use crate::versions::Versions;
use futures::TryStreamExt;
use globset::{Glob, GlobSet, GlobSetBuilder};
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use tokio::sync::oneshot;
use tokio_util::io::{StreamReader, SyncIoBridge};

/// The most files kept from one run.
const MAX_FILES: usize = 10_000;
/// How often files are read anew when the connection breaks under them.
const RETRIES: u32 = 4;
/// The largest result.
const MAX_RESULT: u64 = 256 * 1024;

/// Why files could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum CollectError {
    #[error("the engine could not read them")]
    Engine(#[from] EngineError),
    #[error("the state of the run could not be kept, or its code is not known")]
    Store(#[from] StoreError),
    #[error("they could not be written")]
    Io(#[from] io::Error),
    #[error("{0}")]
    TooMuch(String),
    #[error("a pattern is not valid")]
    Glob(#[from] globset::Error),
}

impl CollectError {
    /// Whether reading once more may help.
    fn is_transient(&self) -> bool {
        matches!(self, Self::Engine(error) if error.is_transient())
    }
}

impl Driver {
    /// Keeps the artifacts and the result of a container that has stopped. When
    /// the engine breaks off, it is waited for and read again.
    pub(super) async fn collect(
        &self,
        job: &mut Job<'_>,
        state: &Container,
        ended: &mut Ended,
    ) -> Result<(), CollectError> {
        for _ in 0..RETRIES {
            match self.collect_once(job, state, ended).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(run = %job.run.id, error = %crate::domain::report(&error), "reading the files again");
                }
                other => return other,
            }
            self.patiently(|| self.engine.inspect(&state.id)).await?;
        }
        self.collect_once(job, state, ended).await
    }

    async fn collect_once(
        &self,
        job: &mut Job<'_>,
        state: &Container,
        ended: &mut Ended,
    ) -> Result<(), CollectError> {
        let target = artifact_dir(&self.config, job.run.id);
        if !is_empty_from_here(state) {
            let kept = self.keep(job, state, Source::all(), &target).await;
            // What is read again is judged then.
            if !kept.as_ref().is_err_and(CollectError::is_transient) {
                ended.result = self.result(job, &target);
            }
            kept?;
        }
        let sources = Source::of_patterns(&job.task.manifest.artifacts)?;
        if sources.is_empty() {
            return Ok(());
        }
        let code = self.code_of(job.run.id).await?;
        for mut source in sources {
            source.code.clone_from(&code);
            self.keep(job, state, source, &target).await?;
        }
        Ok(())
    }

    /// The files that the code of a run brought along, by path; none if they
    /// are not kept.
    async fn code_of(&self, run: RunId) -> Result<BTreeMap<String, Digest>, StoreError> {
        let Some(version) = self.store.run(run).await?.version else {
            return Ok(BTreeMap::new());
        };
        let versions = Versions::new(&self.config.data_dir);
        let files = off_thread(move || versions.files(&version)).await;
        let files = files.unwrap_or_default().into_iter();
        Ok(files.map(|file| (file.path, file.digest)).collect())
    }

    async fn keep(
        &self,
        job: &mut Job<'_>,
        state: &Container,
        source: Source,
        target: &Path,
    ) -> Result<(), CollectError> {
        if self.engine.stat(&state.id, &source.folder).await?.is_none() {
            return Ok(());
        }
        let read = self.engine.read_tar(&state.id, &source.folder);
        // Not said of a folder that was seen to be empty.
        let stopping = self.store.advance(job.run.id, RunState::Stopping);
        let (stream, stopping) = tokio::join!(read, stopping);
        let (stream, _) = (stream?, stopping?);
        // What breaks the stream is lost on its way through the archive's reader.
        let (tell, mut broke) = oneshot::channel();
        let mut tell = Some(tell);
        let reader = StreamReader::new(stream.map_err(move |error| {
            drop(tell.take().map(|tell| tell.send(error)));
            io::Error::other("the engine broke off")
        }));
        let bridge = SyncIoBridge::new(Box::pin(reader));
        let unpack = Unpack {
            known: job
                .artifacts
                .iter()
                .map(|a| (a.path.clone(), a.clone()))
                .collect(),
            target: target.to_owned(),
            limit: job.run.limits.scratch.0,
            spare: self.config.spare().0,
            source,
        };
        let (kept, result) = tokio::task::spawn_blocking(move || unpack.run(bridge))
            .await
            .map_err(io::Error::other)?;
        job.artifacts = kept;
        result.map_err(|error| broke.try_recv().map_or(error, CollectError::Engine))
    }

    /// What the script left in `$RUNBAY_RESULT`; something that is not JSON is
    /// said in the log and otherwise kept as a file like any other.
    fn result(&self, job: &Job<'_>, target: &Path) -> Option<serde_json::Value> {
        let name = Path::new(sandbox::RESULT).file_name()?;
        let kept = job
            .artifacts
            .iter()
            .find(|a| Path::new(&a.path) == Path::new(name))?;
        let problem = if kept.bytes > MAX_RESULT {
            format!("it is larger than {}", Bytes(MAX_RESULT))
        } else {
            match std::fs::read(target.join(name)).map(|bytes| serde_json::from_slice(&bytes)) {
                Ok(Ok(value)) => return Some(value),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            }
        };
        job.order.log.note(&format!(
            "result.json is not taken as the result: {problem}"
        ));
        None
    }
}

/// Whether the artifact folder can be seen to be empty without asking the engine:
/// on its own machine, by root. The engine would mount all of the container for
/// it, a fortieth of what a run costs a busy machine. The folder's name is an id
/// of the engine's, so on another machine there is none like it. Its time of
/// change tells nothing: a file system's clock lags behind, and who copies or
/// unpacks a folder sets it.
fn is_empty_from_here(state: &Container) -> bool {
    let folder = state.volumes.get(sandbox::ARTIFACTS);
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    entries.is_some_and(|mut entries| entries.next().is_none())
}

/// A folder of the container to read, and which of its files to keep.
struct Source {
    folder: String,
    /// The folder of the kept files below the artifacts.
    prefix: String,
    only: Option<GlobSet>,
    /// Files that are no results if they are still as they came.
    code: BTreeMap<String, Digest>,
}

impl Source {
    fn all() -> Self {
        Self {
            folder: sandbox::ARTIFACTS.to_owned(),
            prefix: String::new(),
            only: None,
            code: BTreeMap::new(),
        }
    }

    /// One source per folder that the patterns begin in, so that a pattern in a
    /// folder of results does not read all of the working folder.
    fn of_patterns(patterns: &[String]) -> Result<Vec<Self>, CollectError> {
        let mut by_folder: BTreeMap<String, GlobSetBuilder> = BTreeMap::new();
        for pattern in patterns {
            let parts: Vec<&str> = pattern.split('/').collect();
            let fixed = parts[..parts.len() - 1]
                .iter()
                .take_while(|p| !p.contains(['*', '?', '[', '{']))
                .copied()
                .collect::<Vec<_>>()
                .join("/");
            by_folder
                .entry(fixed)
                .or_insert_with(GlobSetBuilder::new)
                .add(Glob::new(pattern)?);
        }
        by_folder
            .into_iter()
            .map(|(fixed, globs)| {
                Ok(Self {
                    folder: format!("{}/{fixed}", sandbox::CODE)
                        .trim_end_matches('/')
                        .to_owned(),
                    prefix: fixed,
                    only: Some(globs.build()?),
                    code: BTreeMap::new(),
                })
            })
            .collect()
    }
}

/// Writes wanted files of a tar below one folder. Links, devices and names that
/// lead elsewhere are passed over: the tar comes from a script.
struct Unpack {
    known: BTreeMap<String, Artifact>,
    target: PathBuf,
    limit: u64,
    /// The last part of the disk, which is left alone.
    spare: u64,
    source: Source,
}

impl Unpack {
    /// What was kept, now and before, and why it is not all.
    fn run(mut self, tar: impl Read) -> (Vec<Artifact>, Result<(), CollectError>) {
        let result = self.unpack(tar);
        (self.known.into_values().collect(), result)
    }

    fn unpack(&mut self, tar: impl Read) -> Result<(), CollectError> {
        let mut archive = tar::Archive::new(tar);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if entry.header().entry_type() != tar::EntryType::Regular {
                continue;
            }
            let Some(name) = self.name_of(&entry.path()?) else {
                continue;
            };
            if self
                .source
                .only
                .as_ref()
                .is_some_and(|globs| !globs.is_match(&name))
            {
                continue;
            }
            // Read again, it takes the place of what was kept before.
            self.known.remove(&name);
            let used: u64 = self.known.values().map(|a| a.bytes).sum();
            if used + entry.size() > self.limit || self.known.len() >= MAX_FILES {
                return Err(CollectError::TooMuch(format!(
                    "{name} would pass the limit of {} and {MAX_FILES} files",
                    Bytes(self.limit)
                )));
            }
            self.make_sure_of_room(&name, entry.size())?;
            let kept = write(&mut entry, &self.target, &name)?;
            // A file that came with the code is no result.
            if self.source.code.get(&name) == Some(&kept.digest) {
                std::fs::remove_file(self.target.join(&name))?;
            } else {
                self.known.insert(name, kept);
            }
        }
        Ok(())
    }

    /// Refuses a file that would fill the disk.
    fn make_sure_of_room(&self, name: &str, bytes: u64) -> Result<(), CollectError> {
        let folder = self.target.ancestors().find(|folder| folder.is_dir());
        let Some(Ok(room)) = folder.map(Room::of) else {
            return Ok(());
        };
        if room.free < bytes.saturating_add(self.spare) {
            return Err(CollectError::TooMuch(format!(
                "{name} has {}, and of the disk of the data folder {} are free, of which the last {} are left alone",
                Bytes(bytes),
                Bytes(room.free),
                Bytes(self.spare)
            )));
        }
        Ok(())
    }

    /// The path of a tar entry below the artifacts. The first component is the
    /// folder that was asked for.
    fn name_of(&self, path: &Path) -> Option<String> {
        let mut parts = path.components();
        parts.next()?;
        let mut name: Vec<&str> = self
            .source
            .prefix
            .split('/')
            .filter(|p| !p.is_empty())
            .collect();
        for part in parts {
            match part {
                Component::Normal(part) => name.push(part.to_str()?),
                _ => return None,
            }
        }
        let name = name.join("/");
        (!name.is_empty() && !name.contains(['\\', '\0', '\n'])).then_some(name)
    }
}

/// Writes one file whole, or leaves none.
fn write(entry: &mut impl Read, target: &Path, name: &str) -> io::Result<Artifact> {
    let path = target.join(name);
    std::fs::create_dir_all(path.parent().unwrap_or(target))?;
    let written = copy(entry, &path);
    if written.is_err() {
        drop(std::fs::remove_file(&path));
    }
    let (bytes, digest) = written?;
    Ok(Artifact {
        path: name.to_owned(),
        bytes,
        digest,
    })
}

/// Copies a stream into a new file; its size and digest.
fn copy(entry: &mut impl Read, path: &Path) -> io::Result<(u64, Digest)> {
    let mut file = std::fs::File::create(path)?;
    let mut hash = sha2::Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        let read = entry.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
    Ok((bytes, Digest::from_hash(&hash.finalize())))
}
