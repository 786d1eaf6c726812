//! What a message says in each form.

use super::Outgoing;
use super::sign::{BadKey, signature};
use crate::domain::hook::{HookEvent, HookKind};
use crate::domain::secret::Secret;
use chrono::{DateTime, SecondsFormat, Utc};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Value, json};
use url::Url;

/// What is told, whatever the form.
#[derive(Debug, Clone)]
pub struct Message {
    /// What tells it from others, the same at every try.
    pub id: String,
    /// What happened.
    pub event: HookEvent,
    /// When.
    pub at: DateTime<Utc>,
    /// The facts, without a secret in them.
    pub data: Value,
}

/// How it is told.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The form.
    pub kind: HookKind,
    /// A template instead of the usual body.
    pub template: Option<&'a str>,
    /// The secret that signs, or lets in.
    pub secret: Option<&'a Secret>,
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    /// The secret is no key.
    #[error("what it should be signed with cannot sign: {0}")]
    Key(#[from] BadKey),
    /// The template fails.
    #[error("its template fails: {0}")]
    Template(String),
}

impl Message {
    fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }

    /// The run's exit code.
    fn exit_code(&self) -> Option<i64> {
        self.data.get("exit_code")?.as_i64()
    }

    /// How it looks at a glance.
    fn sign(&self) -> &'static str {
        match self.event {
            HookEvent::RunFinished if self.text("outcome") == Some("succeeded") => "✅",
            HookEvent::RunRecovered => "✅",
            HookEvent::RunStarted => "▶️",
            HookEvent::Test | HookEvent::Report => "🔔",
            HookEvent::SlotMissed | HookEvent::SlotSkipped | HookEvent::DiskLow => "⚠️",
            _ => "❌",
        }
    }

    /// A line that says it all, without marks of any form.
    #[must_use]
    pub fn title(&self) -> String {
        let task = self.text("task").unwrap_or("a task");
        let outcome = self.text("outcome").unwrap_or("failed").replace('_', " ");
        let failures = self.data["failures"].as_u64().unwrap_or(0);
        match self.event {
            HookEvent::RunStarted => format!("{task} started"),
            HookEvent::RunFinished if outcome == "succeeded" => format!("{task} succeeded"),
            HookEvent::RunFinished | HookEvent::RunFailed | HookEvent::BuildFailed => {
                let what = match (&*outcome, self.exit_code()) {
                    ("failed", Some(code)) => format!("{task} failed (exit code {code})"),
                    _ => format!("{task}: {outcome}"),
                };
                match failures {
                    2.. => format!("{what}, {failures} times in a row"),
                    _ => what,
                }
            }
            HookEvent::RunRecovered => match failures {
                2.. => format!("{task} recovered after {failures} failures"),
                _ => format!("{task} recovered"),
            },
            HookEvent::SlotMissed => format!("{task} missed a slot of its schedule"),
            HookEvent::SlotSkipped => format!("{task} skipped a slot of its schedule"),
            HookEvent::DiskLow => "the disk of Runbay is nearly full".to_owned(),
            HookEvent::Report => "the day in Runbay".to_owned(),
            HookEvent::Test => "a test of Runbay".to_owned(),
        }
    }

    /// What there is to say beyond the title.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        let text = self.text("reason").or_else(|| self.text("detail"));
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Where there is more.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.text("url")
    }

    /// As Standard Webhooks has it.
    fn envelope(&self) -> Value {
        json!({
            "type": self.event,
            "timestamp": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "data": self.data,
        })
    }
}

/// The message in its form, to this address.
///
/// # Errors
/// When its secret cannot sign or its template fails.
pub fn outgoing(
    message: &Message,
    form: Form<'_>,
    mut url: Url,
    now: DateTime<Utc>,
) -> Result<Outgoing, Unsendable> {
    let mut headers = Vec::new();
    let (body, kind) = match (form.template, form.kind) {
        (Some(template), _) => {
            let text = render(template, message)?;
            let json = serde_json::from_str::<Value>(&text).is_ok();
            (
                text,
                if json {
                    "application/json"
                } else {
                    "text/plain; charset=utf-8"
                },
            )
        }
        (None, HookKind::Ntfy) => (lines(message), "text/plain; charset=utf-8"),
        (None, HookKind::Healthchecks) => {
            ping(&mut url, message);
            (lines(message), "text/plain; charset=utf-8")
        }
        (None, kind) => (json_of(kind, message).to_string(), "application/json"),
    };
    headers.push(("content-type", kind.to_owned()));
    match form.kind {
        HookKind::Ntfy => ntfy(message, form.secret, &mut headers),
        _ => {
            headers.push(("webhook-id", message.id.clone()));
            headers.push(("webhook-timestamp", now.timestamp().to_string()));
            if let Some(secret) = form.secret {
                let stamp = (message.id.as_str(), now.timestamp());
                let signed = signature(secret, stamp, body.as_bytes())?;
                headers.push(("webhook-signature", signed));
            }
        }
    }
    Ok(Outgoing {
        url,
        headers,
        body: body.into_bytes(),
    })
}

/// Title and detail, a line each, then the link.
fn lines(message: &Message) -> String {
    let mut lines = vec![message.title()];
    lines.extend(message.detail());
    lines.extend(message.link().map(str::to_owned));
    lines.join("\n")
}

fn json_of(kind: HookKind, message: &Message) -> Value {
    let title = format!("{} {}", message.sign(), message.title());
    match kind {
        HookKind::Slack => {
            // What Slack reads as marks: its documentation names these three.
            let plain = |text: &str| {
                let text = text.replace('&', "&amp;");
                text.replace('<', "&lt;").replace('>', "&gt;")
            };
            let mut text = format!("*{}*", plain(&title));
            if let Some(detail) = message.detail() {
                text.push_str(&format!("\n{}", plain(&detail)));
            }
            if let Some(link) = message.link() {
                text.push_str(&format!("\n<{link}|Open in Runbay>"));
            }
            json!({ "text": text })
        }
        HookKind::Discord => {
            let mut embed = json!({ "title": cut(&title, 256) });
            if let Some(detail) = message.detail() {
                embed["description"] = json!(cut(&detail, 2000));
            }
            if let Some(link) = message.link() {
                embed["url"] = json!(link);
            }
            // Whatever a script wrote, nobody is called by it.
            json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } })
        }
        HookKind::Teams => {
            let block = |text: &str, weight: &str| json!({ "type": "TextBlock", "text": text, "wrap": true, "weight": weight });
            let mut body = vec![block(&title, "Bolder")];
            body.extend(message.detail().map(|detail| block(&detail, "Default")));
            let open = message.link().map(
                |link| json!({ "type": "Action.OpenUrl", "title": "Open in Runbay", "url": link }),
            );
            json!({ "type": "message", "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                    "actions": open.into_iter().collect::<Vec<_>>(),
                },
            }] })
        }
        _ => message.envelope(),
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn ntfy(message: &Message, secret: Option<&Secret>, headers: &mut Vec<(&'static str, String)>) {
    let (priority, tag) = match message.event {
        HookEvent::RunFailed | HookEvent::BuildFailed | HookEvent::DiskLow => ("high", "x"),
        HookEvent::SlotMissed | HookEvent::SlotSkipped => ("default", "warning"),
        HookEvent::RunRecovered => ("default", "white_check_mark"),
        _ => ("default", "bell"),
    };
    headers.push(("x-priority", priority.to_owned()));
    headers.push(("x-tags", tag.to_owned()));
    if let Some(link) = message.link() {
        headers.push(("x-click", link.to_owned()));
    }
    if let Some(secret) = secret {
        headers.push((
            "authorization",
            format!("Bearer {}", secret.reveal().trim()),
        ));
    }
}

/// Healthchecks: `/start` at the start, and at the end the exit status, or
/// `/fail` where there is none; `rid` joins the two.
fn ping(url: &mut Url, message: &Message) {
    let end = match (message.event, message.text("outcome")) {
        (HookEvent::RunStarted, _) => Some("start".to_owned()),
        (HookEvent::Test, _) => Some("log".to_owned()),
        (HookEvent::RunRecovered, _) | (_, Some("succeeded")) => None,
        (_, Some("failed")) => Some(match message.exit_code() {
            Some(code @ 1..=255) => code.to_string(),
            _ => "fail".to_owned(),
        }),
        // Somebody stopped it: that says nothing of the task.
        (_, Some("cancelled")) => Some("log".to_owned()),
        _ => Some("fail".to_owned()),
    };
    if let (Some(end), Ok(mut path)) = (end, url.path_segments_mut()) {
        path.pop_if_empty().push(&end);
    }
    let run = message
        .text("run")
        .and_then(|run| uuid::Uuid::try_parse(run).ok());
    if let Some(run) = run {
        url.query_pairs_mut()
            .append_pair("rid", &run.hyphenated().to_string());
    }
}

/// A template with the names of the envelope, and `title`, `detail` and `link`.
///
/// # Errors
/// When it is not one, or takes too long.
pub fn render(template: &str, message: &Message) -> Result<String, Unsendable> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // Some milliseconds: more is a mistake.
    environment.set_fuel(Some(50_000));
    let mut names = message.envelope();
    names["id"] = json!(message.id);
    names["title"] = json!(message.title());
    names["detail"] = json!(message.detail());
    names["link"] = json!(message.link());
    let rendered = environment.render_str(template, minijinja::Value::from(Serde(names)));
    rendered.map_err(|error| Unsendable::Template(error.to_string()))
}

#[cfg(test)]
mod tests;
