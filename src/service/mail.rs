//! Letters of hooks: alerts with the last lines of a log, and reports.

use super::hooks::origin;
use super::logs::{self, Which, Whose};
use super::{App, Error, Field, report, secrets};
use crate::deliver::body::Message;
use crate::deliver::mail::{self, Letter, Office};
use crate::deliver::{Answer, Fault};
use crate::domain::hook::{HookEvent, HookSpec};
use crate::domain::ids::RunId;
use crate::domain::secret::SecretName;
use serde_json::{Value, json};

/// The longest line of a log in a letter, characters.
const LINE: usize = 500;

/// What keeps a hook from being mailed: fields of its spec.
pub(super) fn faults(app: &App, spec: &HookSpec) -> Vec<Field> {
    let mut wrong = Vec::new();
    for (index, to) in spec.to.iter().enumerate() {
        if let Some(fault) = mail::fault_of_address(to) {
            wrong.push(Field::body(format!("/to/{index}"), fault));
        }
    }
    if app.config.mail.host.is_none() {
        let why = "no mail server is set: an admin sets mail.host and mail.from in runbay.toml";
        wrong.push(Field::body("/kind", why));
    }
    if let Some(daily) = &spec.daily
        && let Err(why) = report::zone(app, daily)
    {
        wrong.push(Field::body("/daily/timezone", why));
    }
    wrong
}

/// Mails a message.
///
/// # Errors
/// When the database or a secret cannot be read.
pub(super) async fn send(app: &App, spec: &HookSpec, message: &Message) -> Result<Answer, Error> {
    let password = match &app.config.mail.password {
        None => None,
        Some(name) => match password(app, name).await? {
            Some(value) => Some(value),
            None => {
                let why = format!("the secret {name} is not there: `runbay secret set {name}`");
                return Ok(Answer::failed(Fault::Receiver, why));
            }
        },
    };
    let letter = match message.event {
        HookEvent::Report => report::letter(app, spec, message).await?,
        _ => alert(app, spec, message).await?,
    };
    let letter = Letter {
        to: spec.to.clone(),
        ..letter
    };
    let office = Office {
        mail: &app.config.mail,
        password,
        ca: app.config.extra_ca.as_deref(),
    };
    Ok(office.send(&letter).await)
}

async fn password(app: &App, name: &str) -> Result<Option<crate::domain::secret::Secret>, Error> {
    match name.parse::<SecretName>() {
        Ok(name) => secrets::value(app, &name).await,
        // The settings were checked when they were read.
        Err(_) => Ok(None),
    }
}

/// What there is to say of an event.
pub(super) async fn alert(app: &App, spec: &HookSpec, message: &Message) -> Result<Letter, Error> {
    let log = match message.event {
        HookEvent::RunFailed | HookEvent::BuildFailed | HookEvent::RunFinished => {
            tail(app, message, spec.lines.into()).await?
        }
        _ => Vec::new(),
    };
    let names = json!({
        "title": message.title(),
        "detail": message.detail(),
        "color": color(message),
        "facts": facts(&message.data),
        "log": log,
        "link": message.link(),
        "why": format!("Runbay at {} sends this, because a hook asks for it.", origin(app)),
    });
    let html = mail::alert(&names).map_err(Error::Invalid)?;
    Ok(Letter {
        to: Vec::new(),
        subject: message.title(),
        id: message.id.clone(),
        text: plain(&names),
        html,
    })
}

fn color(message: &Message) -> &'static str {
    let succeeded = message.data["outcome"] == "succeeded";
    match message.event {
        HookEvent::RunRecovered => "#15803d",
        HookEvent::RunFinished if succeeded => "#15803d",
        HookEvent::RunStarted | HookEvent::Test | HookEvent::Report => "#1d4ed8",
        HookEvent::SlotMissed | HookEvent::SlotSkipped | HookEvent::DiskLow => "#b45309",
        _ => "#b91c1c",
    }
}

/// Names and values, as a letter lists them.
fn facts(data: &Value) -> Vec<(&'static str, String)> {
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    let utc = |at: String| at.chars().take(19).collect::<String>().replace('T', " ") + " UTC";
    let time = |name: &str| text(name).map(utc);
    let seconds = data["seconds"].as_f64().map(|took| format!("{took:.1} s"));
    let all = [
        ("Task", text("task")),
        ("Run", text("run")),
        (
            "Outcome",
            text("outcome").map(|word| word.replace('_', " ")),
        ),
        (
            "Exit code",
            data["exit_code"].as_i64().map(|code| code.to_string()),
        ),
        ("Trigger", text("trigger")),
        ("Schedule", text("schedule")),
        ("Slot", time("slot")),
        ("Started", time("started_at")),
        ("Took", seconds),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The last lines of the run's log. What wrote it is gone, so a log that cannot
/// be read is an empty one.
async fn tail(app: &App, message: &Message, lines: usize) -> Result<Vec<String>, Error> {
    let run = message.data["run"]
        .as_str()
        .and_then(|run| run.parse::<RunId>().ok());
    match (run, lines) {
        (Some(run), 1..) => last_lines(app, run, lines).await,
        _ => Ok(Vec::new()),
    }
}

/// The last lines of a run's log, as they may be told to people outside.
pub(super) async fn last_lines(app: &App, run: RunId, lines: usize) -> Result<Vec<String>, Error> {
    let Ok(open) = logs::open(app, &Whose::Run(run, None)).await else {
        return Ok(Vec::new());
    };
    let page = logs::page(open, Which::Tail, None, lines).await?;
    let masker = secrets::masker(app).await?;
    let lines = page.lines.into_iter().map(|line| {
        let masked = masker
            .as_ref()
            .map_or(line.text.clone(), |masker| masker.mask(&line.text));
        // Colours of a terminal are noise here.
        let shown = masked.chars().filter(|c| !c.is_control() || *c == '\t');
        shown.take(LINE).collect()
    });
    Ok(lines.collect())
}

fn plain(names: &Value) -> String {
    let mut text = format!("{}\n", names["title"].as_str().unwrap_or_default());
    if let Some(detail) = names["detail"].as_str() {
        text.push_str(&format!("{detail}\n"));
    }
    text.push('\n');
    for fact in names["facts"].as_array().into_iter().flatten() {
        let word = |index: usize| fact[index].as_str().unwrap_or_default();
        text.push_str(&format!("{:<10} {}\n", word(0), word(1)));
    }
    let log = names["log"].as_array().filter(|log| !log.is_empty());
    if let Some(log) = log {
        text.push_str("\nThe last lines of its log:\n");
        for line in log {
            text.push_str(&format!("  {}\n", line.as_str().unwrap_or_default()));
        }
    }
    if let Some(link) = names["link"].as_str() {
        text.push_str(&format!("\n{link}\n"));
    }
    text.push_str(&format!(
        "\n--\n{}\n",
        names["why"].as_str().unwrap_or_default()
    ));
    text
}

#[cfg(test)]
mod tests;
