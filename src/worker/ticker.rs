//! tokio-cron-scheduler, with the database as its storage.
//!
//! Its own arithmetic fixes the offset of a zone when a job is added, and its
//! own storage forgets what was missed. So it is given neither: asked what is
//! due, our storage claims it ([`Scheduler::tick`]), and what it calls a job is
//! a run that was queued just then, whose code wakes the dispatcher. Adding,
//! changing and pausing schedules are changes of the database; none of its
//! channels is needed for them. An activation it loses costs nothing, because
//! the run is in the queue.

use super::scheduler::Scheduler;
use crate::domain::ids::RunId;
use chrono::{DateTime, Utc};
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use tokio_cron_scheduler::job::job_data::{JobAndNextTick, JobStoredData, JobType};
use tokio_cron_scheduler::store::{DataStore, InitStore};
use tokio_cron_scheduler::{
    Context, JobCode, JobScheduler, JobSchedulerError, JobToRunAsync, MetaDataStorage,
    PinnedGetFuture, SimpleNotificationCode, SimpleNotificationStore, ToCode,
};
use uuid::Uuid;

/// As many activations may wait as one tick can make.
const CHANNEL: usize = 4096;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, JobSchedulerError>> + Send>>;

fn answer<T: Send + 'static>(value: T) -> Answer<T> {
    Box::pin(ready(Ok(value)))
}

/// Begins to tick, twice a second.
///
/// # Errors
/// When it cannot be set up.
pub(super) async fn start(scheduler: Scheduler) -> Result<JobScheduler, JobSchedulerError> {
    let ticker = JobScheduler::new_with_storage_and_code(
        Box::new(Storage(scheduler.clone())),
        Box::new(SimpleNotificationStore::default()),
        Box::new(Code(scheduler)),
        Box::new(SimpleNotificationCode::default()),
        CHANNEL,
    )
    .await?;
    ticker.start().await?;
    Ok(ticker)
}

/// The schedules, as the library asks for them.
struct Storage(Scheduler);

impl MetaDataStorage for Storage {
    fn list_next_ticks(&mut self) -> Answer<Vec<JobAndNextTick>> {
        let scheduler = self.0.clone();
        Box::pin(async move {
            // A panic would end the library's loop, so it stays in here.
            let work = tokio::spawn(async move { scheduler.tick().await }).await;
            Ok(work.unwrap_or_default().into_iter().map(due).collect())
        })
    }

    fn set_next_and_last_tick(
        &mut self,
        _: Uuid,
        _: Option<DateTime<Utc>>,
        _: Option<DateTime<Utc>>,
    ) -> Answer<()> {
        // The next slot is in the database already.
        answer(())
    }

    fn time_till_next_job(&mut self) -> Answer<Option<Duration>> {
        answer(None)
    }
}

/// A run that was just queued, as a job whose time has come.
fn due(run: RunId) -> JobAndNextTick {
    JobAndNextTick {
        id: Some(run.uuid().into()),
        job_type: JobType::Cron as i32,
        next_tick: 1,
        last_tick: None,
    }
}

impl DataStore<JobStoredData> for Storage {
    fn get(&mut self, id: Uuid) -> Answer<Option<JobStoredData>> {
        // Without one it complains; without a pattern it leaves us in peace.
        answer(Some(JobStoredData {
            id: Some(id.into()),
            last_updated: None,
            last_tick: None,
            next_tick: 0,
            job_type: JobType::Cron as i32,
            count: 0,
            extra: Vec::new(),
            ran: false,
            stopped: false,
            job: None,
            time_offset_seconds: 0,
        }))
    }

    fn add_or_update(&mut self, _: JobStoredData) -> Answer<()> {
        answer(())
    }

    fn delete(&mut self, _: Uuid) -> Answer<()> {
        answer(())
    }
}

impl InitStore for Storage {
    fn init(&mut self) -> Answer<()> {
        answer(())
    }

    fn inited(&mut self) -> Answer<bool> {
        answer(true)
    }
}

/// What a job does: it wakes the dispatcher.
struct Code(Scheduler);

impl ToCode<Box<JobToRunAsync>> for Code {
    fn init(&mut self, _: &Context) -> Answer<()> {
        answer(())
    }

    fn get(&mut self, _: Uuid) -> PinnedGetFuture<Box<JobToRunAsync>> {
        let live = self.0.live();
        let code: Box<JobToRunAsync> = Box::new(move |_, _| {
            live.wake();
            Box::pin(ready(()))
        });
        answer(Some(Arc::new(RwLock::new(code))))
    }
}

impl JobCode for Code {}
