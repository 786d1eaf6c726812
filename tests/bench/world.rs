//! A home of its own with the tasks to measure, and its traces on the engine.

use anyhow::Context;
use runbay::domain::ids::{ImageId, TaskName};
use runbay::engine::{Engine, RemoveImage};
use runbay::store::Store;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// A home folder, and the engine.
pub(crate) struct World {
    home: tempfile::TempDir,
    runtime: Runtime,
}

/// When something said its first line, and when it was over.
pub(crate) struct Timed {
    pub(crate) first_line: Duration,
    pub(crate) end: Duration,
    /// Bytes on its standard output.
    pub(crate) bytes: u64,
    /// Lines on its standard output.
    pub(crate) lines: u64,
}

/// Home folders begin so; the process id of their bench follows, and a hyphen.
const HOME: &str = "runbay-bench-";

impl World {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let prefix = format!("{HOME}{}-", std::process::id());
        let home = tempfile::Builder::new().prefix(&prefix).tempdir()?;
        fs::create_dir(home.path().join("tasks"))?;
        Ok(Self {
            home,
            runtime: runtime()?,
        })
    }

    /// Where `tasks/` is.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file of a task.
    pub(crate) fn write(&self, path: &str, text: &str) -> anyhow::Result<()> {
        let path = self.home().join("tasks").join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// `runbay` in this home.
    pub(crate) fn runbay(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbay"));
        command.arg("--home").arg(self.home()).args(args);
        command.env_remove("RUNBAY_HOME");
        command
    }

    /// Runs a task to its end, once, so that its image is there.
    pub(crate) fn prepare(&self, task: &str) -> anyhow::Result<ImageId> {
        time(self.runbay(&["run", task]))?;
        let name: TaskName = task.parse()?;
        let run = self.with_store(async |store| store.last_run(Some(&name)).await)??;
        run.and_then(|run| run.image)
            .with_context(|| format!("{task} has no image"))
    }

    /// Looks into the database.
    pub(crate) fn with_store<T>(&self, look: impl AsyncFnOnce(Store) -> T) -> anyhow::Result<T> {
        let store = Store::open(&database(self.home()))?;
        Ok(self.runtime.block_on(look(store)))
    }

    /// The id of this home's objects on the engine.
    pub(crate) fn instance(&self) -> anyhow::Result<String> {
        Ok(Store::open(&database(self.home()))?.instance().to_string())
    }

    /// Removes a volume, if it is there.
    pub(crate) fn remove_volume(&self, name: &str) -> anyhow::Result<()> {
        let gone = async { Engine::connect(None).await?.remove_volume(name).await };
        Ok(self.runtime.block_on(gone)?)
    }

    /// Removes all that this home has on the engine.
    pub(crate) fn sweep(&self) -> anyhow::Result<()> {
        sweep(self.home(), &self.runtime)
    }
}

/// Removes what benches left behind that were killed: their home folders, and
/// what those have on the engine.
pub(crate) fn sweep_leftovers() -> anyhow::Result<()> {
    for entry in fs::read_dir(std::env::temp_dir())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bench = name
            .strip_prefix(HOME)
            .and_then(|rest| rest.split_once('-'));
        let Some((bench, _)) = bench else { continue };
        if bench.parse::<u32>().is_ok() && !Path::new("/proc").join(bench).exists() {
            sweep(&path, &runtime()?)
                .and_then(|()| Ok(fs::remove_dir_all(&path)?))
                .with_context(|| format!("{} of a bench that was killed", path.display()))?;
        }
    }
    Ok(())
}

/// Removes all that a home has on the engine.
fn sweep(home: &Path, runtime: &Runtime) -> anyhow::Result<()> {
    let database = database(home);
    if !database.exists() {
        return Ok(());
    }
    let instance = Store::open(&database)?.instance().to_string();
    let labels = [("runbay.instance".to_owned(), instance)];
    runtime.block_on(async {
        let engine = Engine::connect(None).await?;
        for container in engine.containers(&labels).await? {
            engine.remove(&container.id).await?;
        }
        for volume in engine.volumes(&labels).await? {
            engine.remove_volume(&volume.name).await?;
        }
        for network in engine.networks(&labels).await? {
            // The engine lets go of a container a moment after it is gone.
            let mut tries = 0;
            while let Err(error) = engine.remove_network(&network.name).await {
                tries += 1;
                if tries == 300 {
                    // There is no container by now: it has lost count of them.
                    eprintln!("until the engine is started again, a network stays: {error}");
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        // An image goes once those built upon it are gone.
        let mut left = usize::MAX;
        loop {
            let images = engine.images(&labels).await?;
            if images.is_empty() {
                return Ok(());
            }
            anyhow::ensure!(images.len() < left, "{left} images are in use");
            left = images.len();
            for image in images {
                if let RemoveImage::InUse(why) = engine.remove_image(&image.id).await? {
                    // Another round takes it, or tells.
                    drop(why);
                }
            }
        }
    })
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn database(home: &Path) -> PathBuf {
    home.join("data/runbay.db")
}

/// Runs a command that must succeed, reading its output to the end.
pub(crate) fn time(command: Command) -> anyhow::Result<Timed> {
    time_watched(command, |_| ())
}

/// The same, and calls `watch` with its process id at the first line, at every
/// mebibyte, and at the end of its output.
pub(crate) fn time_watched(
    mut command: Command,
    mut watch: impl FnMut(u32),
) -> anyhow::Result<Timed> {
    let name = format!("{command:?}");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let begun = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("{name} cannot be run"))?;
    let (mut out, errors) = pipes(&mut child)?;
    let mut line = Vec::new();
    let mut bytes = out.read_until(b'\n', &mut line)? as u64;
    let first_line = begun.elapsed();
    let mut lines = u64::from(bytes > 0);
    watch(child.id());
    let mut next = 1 << 20;
    loop {
        let piece = out.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        lines += memchr::memchr_iter(b'\n', piece).count() as u64;
        let length = piece.len();
        out.consume(length);
        bytes += length as u64;
        if bytes >= next {
            next = bytes + (1 << 20);
            watch(child.id());
        }
    }
    watch(child.id());
    let status = child.wait()?;
    let end = begun.elapsed();
    let errors = errors.join().unwrap_or_default();
    anyhow::ensure!(status.success(), "{name}: {status}\n{errors}");
    Ok(Timed {
        first_line,
        end,
        bytes,
        lines,
    })
}

type Pipes = (
    BufReader<std::process::ChildStdout>,
    std::thread::JoinHandle<String>,
);

fn pipes(child: &mut Child) -> anyhow::Result<Pipes> {
    let out = child.stdout.take().context("no standard output")?;
    let mut err = child.stderr.take().context("no standard error")?;
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        // What cannot be read is not shown; the exit status decides.
        drop(err.read_to_string(&mut text));
        text
    });
    Ok((BufReader::with_capacity(1 << 18, out), errors))
}

/// Milliseconds.
pub(crate) fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
