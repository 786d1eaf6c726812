//! Hooks: who is told of what happens, and how. A hook is a webhook in one of
//! several forms, a ping, or a mail; one event sent to it is a delivery.

mod judge;
mod parts;
mod rows;

pub use judge::{Happened, Judged, Streak, judge};
pub use parts::{BadHookName, Daily, HookName, time_of_day};
pub use rows::{Delivery, DeliveryTries, Hook, Try};

use super::ids::TaskName;
use super::run::{Outcome, words};
use super::secret::SecretName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

words! {
    /// The form in which a hook is told.
    #[derive(JsonSchema)]
    HookKind {
        /// JSON, signed as Standard Webhooks says.
        Standard = "standard",
        /// An incoming webhook of Slack, Mattermost or Rocket.Chat.
        Slack = "slack",
        /// A webhook of Discord.
        Discord = "discord",
        /// A workflow of Microsoft Teams (an Adaptive Card).
        Teams = "teams",
        /// A topic of ntfy.
        Ntfy = "ntfy",
        /// A check of Healthchecks: pinged at the start and at the end.
        Healthchecks = "healthchecks",
        /// Mail, by the server in `[mail]`.
        Email = "email",
    }
}

words! {
    /// What a hook may be told of.
    #[derive(PartialOrd, Ord, JsonSchema)]
    HookEvent {
        /// The script of a run started.
        RunStarted = "run.started",
        /// A run ended, however it did.
        RunFinished = "run.finished",
        /// A run did not succeed. Of runs of a task that fail one after another
        /// the 1st, 10th, 100th … is told.
        RunFailed = "run.failed",
        /// A run succeeded after a failure that was told.
        RunRecovered = "run.recovered",
        /// An image of a task could not be built.
        BuildFailed = "build.failed",
        /// A slot of a schedule passed without a run, by nobody's wish.
        SlotMissed = "slot.missed",
        /// A slot of a schedule got no run, as its policies say.
        SlotSkipped = "slot.skipped",
        /// The disk of the data folder is nearly full.
        DiskLow = "disk.low",
        /// The report of a day.
        Report = "report",
        /// Somebody tries the hook.
        Test = "test",
    }
}

impl HookEvent {
    /// Whether a hook can ask for it; the others come otherwise.
    #[must_use]
    pub fn is_asked_for(self) -> bool {
        !matches!(self, Self::Report | Self::Test)
    }
}

words! {
    /// How a delivery stands.
    #[derive(JsonSchema)]
    DeliveryState {
        /// It is to be sent, now or again later.
        Waiting = "waiting",
        /// The receiver took it.
        Delivered = "delivered",
        /// It is not tried any more, unless somebody asks.
        Dead = "dead",
    }
}

/// What a hook is told of, and where and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HookSpec {
    /// The form.
    pub kind: HookKind,
    /// Where it is sent. Who may look at hooks sees it; an address that is
    /// itself a key belongs into a secret: `url_secret`.
    #[serde(default)]
    pub url: Option<String>,
    /// The secret whose value is the address.
    #[serde(default)]
    pub url_secret: Option<SecretName>,
    /// The secret that signs what is sent (`whsec_…`), or of ntfy the access
    /// token.
    #[serde(default)]
    pub secret: Option<SecretName>,
    /// Who gets the mail.
    #[serde(default)]
    pub to: Vec<String>,
    /// What is told; failures and recoveries, if nothing is said.
    #[serde(default = "usual")]
    pub events: BTreeSet<HookEvent>,
    /// Only of these tasks; of all, when there is neither this nor `tags`.
    #[serde(default)]
    pub tasks: BTreeSet<TaskName>,
    /// Only of tasks with one of these tags, besides `tasks`.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Only of runs that ended so.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Whether every failure is told, also the 2nd to 9th of a row.
    #[serde(default)]
    pub every_failure: bool,
    /// A template of what is sent, instead of the usual form.
    #[serde(default)]
    #[schemars(length(max = 16_384))]
    pub template: Option<String>,
    /// How many of the last lines of a log are in a mail.
    #[serde(default = "lines")]
    #[schemars(range(max = 200))]
    pub lines: u16,
    /// When a report of the last 24 hours is mailed.
    #[serde(default)]
    pub daily: Option<Daily>,
    /// Whether it is told anything.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn usual() -> BTreeSet<HookEvent> {
    [HookEvent::RunFailed, HookEvent::RunRecovered].into()
}

fn lines() -> u16 {
    20
}

fn yes() -> bool {
    true
}

/// The most addresses of one mail.
const MOST_TO: usize = 50;

impl HookSpec {
    /// A hook of this kind, with nothing else said.
    #[must_use]
    pub fn new(kind: HookKind) -> Self {
        Self {
            kind,
            url: None,
            url_secret: None,
            secret: None,
            to: Vec::new(),
            events: match kind {
                // It has to hear of each start and end.
                HookKind::Healthchecks => [HookEvent::RunStarted, HookEvent::RunFinished].into(),
                _ => usual(),
            },
            tasks: BTreeSet::new(),
            tags: BTreeSet::new(),
            outcomes: Vec::new(),
            every_failure: false,
            template: None,
            lines: lines(),
            daily: None,
            enabled: true,
        }
    }

    /// What is wrong with it by itself: fields, and a sentence for each.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field, message: &str| faults.push((field, message.to_owned()));
        let mail = self.kind == HookKind::Email;
        match (&self.url, &self.url_secret) {
            (None, None) if !mail => wrong("/url", "where is it sent? give url or url_secret"),
            (Some(_), Some(_)) => wrong("/url_secret", "there is a url already: give one of them"),
            (Some(_), _) | (_, Some(_)) if mail => wrong("/url", "mail has no address but `to`"),
            (Some(url), None) => {
                if let Err(why) = address(url) {
                    wrong("/url", &why);
                }
            }
            _ => {}
        }
        match (mail, self.to.len()) {
            (true, 0) => wrong("/to", "who gets the mail? give an address at least"),
            (true, n) if n > MOST_TO => wrong("/to", "50 addresses at most: use a mailing list"),
            (false, 1..) => wrong("/to", "only mail goes to people; the others have a url"),
            _ => {}
        }
        if let Some(event) = self.events.iter().find(|event| !event.is_asked_for()) {
            wrong("/events", &format!("{event} comes without being asked for"));
        }
        if self.events.is_empty() && self.daily.is_none() {
            wrong("/events", "it would be told of nothing");
        }
        if self.daily.is_some() && !mail {
            wrong("/daily", "only mail has a daily report");
        }
        if self.lines > 200 {
            wrong("/lines", "200 at most");
        }
        let fixed = matches!(self.kind, HookKind::Healthchecks | HookKind::Email);
        if self.template.is_some() && fixed {
            wrong("/template", "pings and mail have a form of their own");
        }
        if self.template.as_ref().is_some_and(|t| t.len() > 16_384) {
            wrong("/template", "16 KiB at most");
        }
        let keyed = matches!(self.kind, HookKind::Standard | HookKind::Ntfy);
        if self.secret.is_some() && !keyed {
            wrong(
                "/secret",
                "only standard signs with it, and ntfy lets in by it",
            );
        }
        faults
    }

    /// The secrets it uses.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretName> {
        self.url_secret.iter().chain(&self.secret)
    }

    /// Whether it is to hear of a task with these tags.
    #[must_use]
    pub fn is_about(&self, task: Option<&TaskName>, tags: &[String]) -> bool {
        match task {
            _ if self.tasks.is_empty() && self.tags.is_empty() => true,
            None => false,
            Some(task) => {
                self.tasks.contains(task) || tags.iter().any(|tag| self.tags.contains(tag))
            }
        }
    }
}

/// Reads where something is sent.
///
/// # Errors
/// A sentence that does not repeat the address, which may be a key.
pub fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("no address of the web: {error}"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err("no address of the web: it begins with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        let why = "it holds a password, which everybody who looks at hooks would see: put the address into a secret without it, or sign with `secret`";
        return Err(why.to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_tell_what_is_wrong() {
        let mut spec = HookSpec::new(HookKind::Standard);
        let fields = |spec: &HookSpec| -> Vec<&str> {
            spec.faults().into_iter().map(|(field, _)| field).collect()
        };
        assert_eq!(fields(&spec), ["/url"]);
        for wrong in ["x", "ftp://a", "https://u:p@a/", "mailto:a@b", "https://"] {
            spec.url = Some(wrong.into());
            assert_eq!(fields(&spec), ["/url"], "{wrong}");
        }
        spec.url = Some("https://example.org/x".into());
        assert!(spec.faults().is_empty());
        spec.events = [HookEvent::Report].into();
        spec.to = vec!["a@b".into()];
        spec.url_secret = Some("URL".parse().unwrap());
        assert_eq!(fields(&spec), ["/url_secret", "/to", "/events"]);
        let mail = HookSpec::new(HookKind::Email);
        assert_eq!(fields(&mail), ["/to"]);
    }

    #[test]
    fn tasks_and_tags_add_up() {
        let mut spec = HookSpec::new(HookKind::Slack);
        let (a, b): (TaskName, TaskName) = ("a".parse().unwrap(), "b".parse().unwrap());
        let tags = ["night".to_owned()];
        assert!(spec.is_about(Some(&a), &[]) && spec.is_about(None, &[]));
        spec.tasks = [a.clone()].into();
        spec.tags = ["night".to_owned()].into();
        assert!(spec.is_about(Some(&a), &[]) && spec.is_about(Some(&b), &tags));
        assert!(!spec.is_about(Some(&b), &[]) && !spec.is_about(None, &[]));
    }

    #[test]
    fn times_of_day_are_plain() {
        assert!(time_of_day("07:00").is_ok());
        for wrong in ["7:00", "24:00", "07:60", "", "07:00:00"] {
            assert!(time_of_day(wrong).is_err(), "{wrong}");
        }
    }
}
