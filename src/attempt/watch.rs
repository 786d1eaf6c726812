//! Looks at a running container from outside: what it uses, and whether it
//! fills more disk than it may. None of it is on the way of a run's start or end,
//! and none of it can fail a run.

use super::{Driver, Job, sandbox};
use crate::domain::ids::ContainerId;
use crate::domain::measure::{Measurements, Sample};
use crate::engine::{Engine, Usage};
use crate::samples::{self, Recorder};
use chrono::Utc;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// The first look at what is used. It does not come at once: a look costs the
/// engine some 6 ms of a processor and is answered after half a second or so
/// (Docker 20.10), and many short runs may begin together.
const FIRST: Duration = Duration::from_millis(500);
/// Then one a second, for the chart; and the longer a run lasts the fewer, up to
/// one in ten seconds.
const STEP_SOON: Duration = Duration::from_secs(1);
const STEP_LATE: Duration = Duration::from_secs(10);
/// How much of what a run has lasted one step is.
const STEP_SHARE: u32 = 60;

/// Runs that are over sooner have no chart.
const NO_CHART: Duration = Duration::from_secs(2);

/// Disk is measured by a process inside the container; every two seconds while
/// it grows, up to every ten while it does not.
const DISK_SOON: Duration = Duration::from_secs(2);
const DISK_LATE: Duration = Duration::from_secs(10);

/// Two watchers of one container; they end when dropped.
pub(super) struct Watch {
    seen: Arc<Mutex<Option<Usage>>>,
    /// Answers once, with the bytes in use, when the disk limit is passed.
    pub(super) over_disk: oneshot::Receiver<u64>,
    /// Whether the engine says that it does not run any more. A connection that
    /// broke without a word tells nothing of that.
    pub(super) gone: watch::Receiver<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Watch {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Driver {
    /// Begins to look at a container, which may have been looked at before.
    pub(super) fn watch(&self, job: &Job<'_>, container: &ContainerId) -> Watch {
        let seen = Arc::new(Mutex::new(None));
        let (tell, over_disk) = oneshot::channel();
        let (told, gone) = watch::channel(false);
        let usage = UsageWatch {
            engine: self.engine.clone(),
            container: container.clone(),
            seen: seen.clone(),
            chart: Chart::new(samples::path_of(&self.config.data_dir, job.id)),
        };
        let scratch = job.run.limits.scratch.0;
        let disk = watch_disk(self.engine.clone(), container.clone(), scratch, tell);
        Watch {
            seen,
            over_disk,
            gone,
            tasks: [tokio::spawn(usage.run(told)), tokio::spawn(disk)],
        }
    }
}

impl Watch {
    /// Puts what was seen into the measurements.
    pub(super) fn report(&self, measured: &mut Measurements) {
        let Some(usage) = *lock(&self.seen) else {
            return;
        };
        measured.cpu_ms = Some(usage.cpu_ns as f64 / 1e6);
        measured.peak_memory_bytes = usage.memory_peak_bytes;
        measured.network_rx_bytes = Some(usage.rx);
        measured.network_tx_bytes = Some(usage.tx);
    }
}

/// Asks the engine what a container uses, again and again.
struct UsageWatch {
    engine: Engine,
    container: ContainerId,
    seen: Arc<Mutex<Option<Usage>>>,
    chart: Chart,
}

impl UsageWatch {
    async fn run(mut self, told: watch::Sender<bool>) {
        let begun = Instant::now();
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            pause = (begun.elapsed() / STEP_SHARE).clamp(STEP_SOON, STEP_LATE);
            // An engine that does not answer now may answer next time.
            let Ok(now) = self.engine.stats(&self.container).await else {
                continue;
            };
            match now {
                Some(now) => self.take(now, begun.elapsed()),
                None if self.is_over().await => {
                    told.send_replace(true);
                    return;
                }
                None => {}
            }
        }
    }

    async fn is_over(&self) -> bool {
        let found = self.engine.inspect(&self.container).await;
        found.is_ok_and(|found| found.is_none_or(|found| found.status.is_over()))
    }

    fn take(&mut self, mut now: Usage, lasted: Duration) {
        let mut seen = lock(&self.seen);
        // Counters fall to nothing when the container is gone.
        if let Some(before) = seen.as_ref() {
            now.cpu_ns = now.cpu_ns.max(before.cpu_ns);
            now.rx = now.rx.max(before.rx);
            now.tx = now.tx.max(before.tx);
        }
        let peak = now.memory_peak_bytes.unwrap_or(0).max(now.memory_bytes);
        let before = seen.as_ref().and_then(|s| s.memory_peak_bytes).unwrap_or(0);
        now.memory_peak_bytes = Some(peak.max(before));
        *seen = Some(now);
        drop(seen);
        self.chart.take(&now, lasted);
    }
}

/// The samples on their way into their file.
struct Chart {
    path: PathBuf,
    /// Those of the time in which a run may yet be over too soon for a chart.
    early: Vec<Sample>,
    file: Option<Recorder>,
    /// The file could not be written: there is none any more.
    given_up: bool,
}

impl Chart {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            early: Vec::new(),
            file: None,
            given_up: false,
        }
    }

    fn take(&mut self, now: &Usage, lasted: Duration) {
        if self.given_up {
            return;
        }
        self.early.push(Sample {
            at: Utc::now(),
            memory_bytes: now.memory_bytes,
            cpu_ms: now.cpu_ns / 1_000_000,
            network_rx_bytes: now.rx,
            network_tx_bytes: now.tx,
        });
        if lasted < NO_CHART {
            return;
        }
        if let Err(error) = self.write() {
            tracing::warn!(file = %self.path.display(), %error, "what a run uses cannot be written; its chart ends here");
            self.given_up = true;
        }
    }

    fn write(&mut self) -> std::io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Recorder::resume(self.path.clone())?,
        };
        let file = self.file.insert(file);
        for sample in self.early.drain(..) {
            file.push(sample)?;
        }
        Ok(())
    }
}

async fn watch_disk(
    engine: Engine,
    container: ContainerId,
    scratch: u64,
    tell: oneshot::Sender<u64>,
) {
    let mut pause = DISK_SOON;
    let mut last = 0;
    loop {
        tokio::time::sleep(pause).await;
        // A process that cannot be added (a fork bomb is on) is tried again.
        let Some(used) = disk_use(&engine, &container).await else {
            continue;
        };
        if used > scratch {
            // Nobody listens any more when the run ends at this moment.
            let _ = tell.send(used);
            return;
        }
        pause = if used > last {
            DISK_SOON
        } else {
            (pause * 3 / 2).min(DISK_LATE)
        };
        last = used;
    }
}

/// Bytes in the writable folders of a run.
async fn disk_use(engine: &Engine, container: &ContainerId) -> Option<u64> {
    let argv = ["du", "-sk", sandbox::CODE, sandbox::ARTIFACTS];
    let (_, output) = engine.exec(container, &argv, "10001:10001").await.ok()?;
    let text = String::from_utf8_lossy(&output);
    let kib: Vec<u64> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    (!kib.is_empty()).then(|| kib.iter().sum::<u64>() * 1024)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
