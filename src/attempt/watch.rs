//! Looks at a running container from outside: what it uses, and whether it
//! fills more disk than it may.

use super::sandbox;
use crate::domain::ids::ContainerId;
use crate::domain::measure::Measurements;
use crate::engine::{Engine, Usage};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Later looks cost next to nothing. The first does not come at once: a look
/// costs the engine some 6 ms of a processor and is answered after half a second
/// or so (Docker 20.10), and many short runs may begin together.
const STEPS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
];

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

impl Watch {
    pub(super) fn begin(engine: &Engine, container: &ContainerId, scratch: u64) -> Self {
        let seen = Arc::new(Mutex::new(None));
        let (tell, over_disk) = oneshot::channel();
        let (told, gone) = watch::channel(false);
        let usage = watch_usage(engine.clone(), container.clone(), seen.clone(), told);
        let disk = watch_disk(engine.clone(), container.clone(), scratch, tell);
        Self {
            seen,
            over_disk,
            gone,
            tasks: [tokio::spawn(usage), tokio::spawn(disk)],
        }
    }

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

async fn watch_usage(
    engine: Engine,
    container: ContainerId,
    seen: Arc<Mutex<Option<Usage>>>,
    told: watch::Sender<bool>,
) {
    let steps = STEPS
        .iter()
        .chain(std::iter::repeat(&STEPS[STEPS.len() - 1]));
    for step in steps {
        tokio::time::sleep(*step).await;
        // An engine that does not answer now may answer next time.
        let Ok(now) = engine.stats(&container).await else {
            continue;
        };
        if now.is_none()
            && let Ok(found) = engine.inspect(&container).await
            && found.is_none_or(|found| found.status.is_over())
        {
            told.send_replace(true);
            return;
        }
        if let Some(mut now) = now {
            let mut seen = lock(&seen);
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
        }
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
