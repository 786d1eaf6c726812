//! The metrics themselves.

use crate::domain::measure::Measurements;
use crate::domain::run::{Run, Trigger};
use chrono::TimeDelta;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
    trigger: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTask {
    task: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    trigger: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Phase {
    phase: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Named {
    pub(super) name: &'static str,
}

/// An answered request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its method.
    pub method: &'a str,
    /// The template of its route, such as `/api/v1/runs/{run}`.
    pub route: &'a str,
    /// The status of its answer.
    pub status: u16,
    /// How long it took, without the body.
    pub took: Duration,
}

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    queued: Family<Why, Counter>,
    finished: Family<Ended, Counter>,
    finished_of_task: Family<OfTask, Counter>,
    phases: Family<Phase, Histogram>,
    lateness: Histogram,
    requests: Family<Answered, Counter>,
    request_seconds: Family<Asked, Histogram>,
    /// How things stand; looked up when asked for.
    pub(super) now: Now,
    handed_on: AtomicI64,
}

/// How things stand.
#[derive(Debug, Default)]
pub(super) struct Now {
    pub(super) queue: Gauge,
    pub(super) active: Gauge,
    pub(super) slots: Gauge,
    pub(super) driven: Gauge,
    pub(super) followers: Gauge,
    pub(super) engine_up: Gauge,
    pub(super) outbox_lag: Gauge,
    pub(super) file_bytes: Family<Named, Gauge>,
    pub(super) disk_free: Gauge,
    pub(super) loop_age: Family<Named, Gauge<f64, AtomicU64>>,
    pub(super) resident: Gauge,
    pub(super) open_files: Gauge,
    pub(super) cpu: Gauge<f64, AtomicU64>,
}

/// From 1 ms to about 17 minutes, each four times the one before.
fn histogram() -> Histogram {
    Histogram::new((0..11).map(|n| 0.001 * 4_f64.powi(n)))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            queued: Family::default(),
            finished: Family::default(),
            finished_of_task: Family::default(),
            phases: Family::new_with_constructor(histogram),
            lateness: histogram(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(histogram),
            now: Now::default(),
            handed_on: AtomicI64::new(i64::MAX),
        };
        let mut registry = Registry::default();
        metrics.register(registry.sub_registry_with_prefix("runbay"));
        metrics.now.register(&mut registry);
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    fn register(&self, to: &mut Registry) {
        let seconds = || Unit::Seconds;
        let text = "Runs that were asked for, by what made them";
        to.register("runs_queued", text, self.queued.clone());
        let text = "Runs that are over, by how they ended and what made them";
        to.register("runs_finished", text, self.finished.clone());
        let text = "Runs that are over, by task, where the settings ask for it";
        to.register("task_runs_finished", text, self.finished_of_task.clone());
        let text = "Phases of attempts, each as far as it took place";
        to.register_with_unit("attempt_phase", text, seconds(), self.phases.clone());
        let text = "From the instant at which a run was due to the start of its script";
        to.register_with_unit("scheduled_lateness", text, seconds(), self.lateness.clone());
        let text = "Requests, by route, method and status";
        to.register("http_requests", text, self.requests.clone());
        let text = "Time to the head of the answer";
        let durations = self.request_seconds.clone();
        to.register_with_unit("http_request_duration", text, seconds(), durations);
    }

    /// Counts a run that was asked for.
    pub(super) fn queued(&self, trigger: Trigger) {
        let trigger = trigger.as_str();
        self.queued.get_or_create(&Why { trigger }).inc();
    }

    /// Counts a run that is over.
    pub(super) fn finished(&self, run: &Run, by_task: bool) {
        let Some(outcome) = run.outcome else { return };
        let (outcome, trigger) = (outcome.as_str(), run.trigger.as_str());
        self.finished
            .get_or_create(&Ended { outcome, trigger })
            .inc();
        if by_task {
            let task = run.task.as_str().to_owned();
            let of = OfTask { task, outcome };
            self.finished_of_task.get_or_create(&of).inc();
        }
    }

    /// Takes the measurements of an attempt.
    pub(super) fn measured(&self, of: &Measurements) {
        for (phase, took) in [
            ("queue", of.queue_ms),
            ("build", of.build_ms),
            ("create", of.create_ms),
            ("start", of.start_ms),
            ("first_line", of.first_line_ms),
            ("run", of.run_ms),
            ("teardown", of.teardown_ms),
        ] {
            if let Some(ms) = took {
                self.phases
                    .get_or_create(&Phase { phase })
                    .observe(ms / 1e3);
            }
        }
    }

    /// Takes how late a scheduled run started.
    pub(super) fn started_late(&self, late: TimeDelta) {
        self.lateness.observe(late.as_seconds_f64().max(0.0));
    }

    /// Counts an answered request.
    pub fn answered(&self, request: &Request<'_>) {
        // Anything may stand where the method is.
        let known = [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
        ];
        let method = known.into_iter().find(|m| *m == request.method);
        let method = method.unwrap_or("other");
        let route = request.route.to_owned();
        self.request_seconds
            .get_or_create(&Asked {
                method,
                route: route.clone(),
            })
            .observe(request.took.as_secs_f64());
        let status = request.status;
        self.requests
            .get_or_create(&Answered {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Notes up to which event listeners were told.
    pub(in crate::service) fn set_handed_on(&self, seq: i64) {
        self.handed_on.store(seq, Ordering::Relaxed);
    }

    /// How many events, of those up to `newest`, listeners were not told yet.
    pub(super) fn lag(&self, newest: i64) -> i64 {
        (newest - self.handed_on.load(Ordering::Relaxed).min(newest)).max(0)
    }

    pub(super) fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }
}

impl Now {
    fn register(&self, all: &mut Registry) {
        let to = all.sub_registry_with_prefix("runbay");
        to.register("queue_length", "Runs that wait", self.queue.clone());
        let text = "Runs that have begun and are not over";
        to.register("runs_active", text, self.active.clone());
        let text = "Runs that may be active at once; 0 while that is not known";
        to.register("slots", text, self.slots.clone());
        let text = "Runs that this process drives";
        to.register("runs_driven", text, self.driven.clone());
        let text = "Streams that are open: followers of logs and of events";
        to.register("followers", text, self.followers.clone());
        let text = "Whether the engine answers";
        to.register("engine_up", text, self.engine_up.clone());
        let text = "Events that listeners were not told yet";
        to.register("outbox_lag", text, self.outbox_lag.clone());
        let text = "Sizes of the files of the database";
        let files = self.file_bytes.clone();
        to.register_with_unit("database_file", text, Unit::Bytes, files);
        let text = "Room on the disk of the data folder";
        to.register_with_unit("disk_free", text, Unit::Bytes, self.disk_free.clone());
        let text = "Since the loops of the service last went round";
        let ages = self.loop_age.clone();
        to.register_with_unit("loop_age", text, Unit::Seconds, ages);
        let to = all.sub_registry_with_prefix("process");
        let text = "Resident memory";
        to.register_with_unit("resident_memory", text, Unit::Bytes, self.resident.clone());
        to.register("open_fds", "Open files", self.open_files.clone());
        let text = "Processor time, of the system and the user";
        to.register_with_unit("cpu", text, Unit::Seconds, self.cpu.clone());
    }
}
