//! Events: what others may want to hear of. They are written in the same
//! transaction as the change they tell of.

use super::access::Permission;
use super::hook::HookName;
use super::ids::{RunId, TaskName};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One event of the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its place in the order of all events.
    pub seq: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened: `run.queued`, `run.building`, `run.starting`,
    /// `run.started`, `run.stopping`, `run.retrying`, `run.finished`;
    /// `slot.skipped`, `slot.missed`; `schedule.paused`, `schedule.resumed`,
    /// `schedule.all_paused`, `schedule.all_resumed`; `task.created`, `task.changed`,
    /// `task.deleted`; `build.started`, `build.finished`; `hook.created`,
    /// `hook.changed`, `hook.deleted`, `hook.waiting`, `hook.delivered`, `hook.dead`,
    /// `hook.resting`, `hook.awake`; `system.started`, `system.stopping`,
    /// `system.engine_gone`, `system.engine_back`, `system.disk_low`, `system.disk_ok`,
    /// `system.clock_jumped`.
    pub kind: String,
    /// The run it is about.
    pub run: Option<RunId>,
    /// Its facts; `task` names the task it is about, `hook` the hook.
    pub payload: serde_json::Value,
}

impl Event {
    /// The task it is about.
    #[must_use]
    pub fn task(&self) -> Option<TaskName> {
        let name = self.payload.get("task")?.as_str()?;
        name.parse().ok()
    }
}

/// A kind of events to listen to; written `runs`, `run:<id>`, `task`,
/// `task:<name>`, `build`, `build:<name>`, `slot`, `slot:<name>`, `schedule`,
/// `schedule:<name>`, `hook`, `hook:<name>` or `system`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What happens to all runs.
    Runs,
    /// What happens to one run.
    Run(RunId),
    /// Changes of the files of all tasks, or of one.
    Task(Option<TaskName>),
    /// Builds for all tasks, or for one.
    Build(Option<TaskName>),
    /// Slots without a run, of the schedules of all tasks or of one.
    Slot(Option<TaskName>),
    /// Pauses of the schedules of all tasks, or of one; that all schedules pause
    /// concerns each of them.
    Schedule(Option<TaskName>),
    /// Changes of all hooks, or of one, and what becomes of what is sent to it.
    Hook(Option<HookName>),
    /// What concerns the service as a whole.
    System,
}

/// Why a text is no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{}” is no topic: there are runs, run:<id>, task, task:<name>, build, build:<name>, slot, slot:<name>, schedule, schedule:<name>, hook, hook:<name> and system", .0.escape_debug())]
pub struct BadTopic(pub String);

impl Topic {
    /// What one must be allowed to listen.
    #[must_use]
    pub fn permission(&self) -> Permission {
        match self {
            Self::Runs | Self::Run(_) => Permission::RunsRead,
            Self::Task(_) | Self::Build(_) | Self::Slot(_) | Self::Schedule(_) => {
                Permission::TasksRead
            }
            Self::Hook(_) => Permission::SystemWrite,
            Self::System => Permission::SystemRead,
        }
    }

    /// Whether an event belongs to it.
    #[must_use]
    pub fn holds(&self, event: &Event) -> bool {
        let kind = event.kind.split('.').next().unwrap_or_default();
        let about = |name: &Option<TaskName>| name.is_none() || *name == event.task();
        match self {
            Self::Runs => kind == "run",
            Self::Run(id) => kind == "run" && event.run == Some(*id),
            Self::Task(name) => kind == "task" && about(name),
            Self::Build(name) => kind == "build" && about(name),
            Self::Slot(name) => kind == "slot" && about(name),
            Self::Schedule(name) => kind == "schedule" && (about(name) || event.task().is_none()),
            Self::Hook(name) => {
                let of = event.payload["hook"].as_str();
                kind == "hook" && (name.is_none() || name.as_ref().map(HookName::as_str) == of)
            }
            Self::System => kind == "system",
        }
    }
}

impl FromStr for Topic {
    type Err = BadTopic;

    fn from_str(text: &str) -> Result<Self, BadTopic> {
        let bad = || BadTopic(text.to_owned());
        let name = |name: &str| name.parse().map(Some).map_err(|_| bad());
        match text.split_once(':') {
            None => match text {
                "runs" => Ok(Self::Runs),
                "task" => Ok(Self::Task(None)),
                "build" => Ok(Self::Build(None)),
                "slot" => Ok(Self::Slot(None)),
                "schedule" => Ok(Self::Schedule(None)),
                "hook" => Ok(Self::Hook(None)),
                "system" => Ok(Self::System),
                _ => Err(bad()),
            },
            Some(("run", id)) => id.parse().map(Self::Run).map_err(|_| bad()),
            Some(("task", task)) => name(task).map(Self::Task),
            Some(("build", task)) => name(task).map(Self::Build),
            Some(("slot", task)) => name(task).map(Self::Slot),
            Some(("schedule", task)) => name(task).map(Self::Schedule),
            Some(("hook", hook)) => hook
                .parse()
                .map(|hook| Self::Hook(Some(hook)))
                .map_err(|_| bad()),
            Some(_) => Err(bad()),
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs => f.write_str("runs"),
            Self::Run(id) => write!(f, "run:{id}"),
            Self::Task(None) => f.write_str("task"),
            Self::Task(Some(name)) => write!(f, "task:{}", name.as_str()),
            Self::Build(None) => f.write_str("build"),
            Self::Build(Some(name)) => write!(f, "build:{}", name.as_str()),
            Self::Slot(None) => f.write_str("slot"),
            Self::Slot(Some(name)) => write!(f, "slot:{}", name.as_str()),
            Self::Schedule(None) => f.write_str("schedule"),
            Self::Schedule(Some(name)) => write!(f, "schedule:{}", name.as_str()),
            Self::Hook(None) => f.write_str("hook"),
            Self::Hook(Some(name)) => write!(f, "hook:{name}"),
            Self::System => f.write_str("system"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_read_back_and_hold_what_is_theirs() {
        let run = RunId::new();
        let event = |kind: &str, run: Option<RunId>, task: &str| Event {
            seq: 1,
            at: Utc::now(),
            kind: kind.to_owned(),
            run,
            payload: serde_json::json!({ "task": task }),
        };
        let (queued, changed) = (
            event("run.queued", Some(run), "a"),
            event("task.changed", None, "b"),
        );
        for (text, takes_queued, takes_changed) in [
            ("runs", true, false),
            (&*format!("run:{run}"), true, false),
            (&*format!("run:{}", RunId::new()), false, false),
            ("task", false, true),
            ("task:b", false, true),
            ("task:a", false, false),
            ("build:b", false, false),
            ("slot:b", false, false),
            ("schedule:b", false, false),
            ("hook:b", false, false),
            ("system", false, false),
        ] {
            let topic: Topic = text.parse().unwrap();
            assert_eq!(topic.to_string(), text);
            let holds = (topic.holds(&queued), topic.holds(&changed));
            assert_eq!(holds, (takes_queued, takes_changed), "{text}");
        }
        let mut paused = event("schedule.paused", None, "b");
        let hears = |text: &str, event: &Event| text.parse::<Topic>().unwrap().holds(event);
        assert!(hears("schedule", &paused) && hears("schedule:b", &paused));
        assert!(!hears("schedule:a", &paused) && !hears("slot:b", &paused));
        paused.payload = serde_json::json!({});
        assert!(hears("schedule:a", &paused), "all are");
        let mut sent = event("hook.delivered", None, "b");
        sent.payload = serde_json::json!({ "hook": "ops", "delivery": "1" });
        assert!(hears("hook", &sent) && hears("hook:ops", &sent));
        assert!(!hears("hook:b", &sent) && !hears("task", &sent));
        for text in ["", "run", "run:", "hook:A", "task:A", "runs:x", "log:1"] {
            assert!(text.parse::<Topic>().is_err(), "{text}");
        }
    }
}
