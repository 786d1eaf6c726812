//! Mail: letters with a plain part and an HTML part, and the server that takes
//! them.
//!
//! Every header is made by the library of typed parts, and an address or subject
//! with a line break is none; so no text that people or scripts wrote can become
//! a header.

use super::{Answer, Fault, beginning};
use crate::config::{Mail, MailTls};
use crate::domain::report;
use crate::domain::secret::Secret;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How long a server may take for a letter, from its name to its last word.
const PATIENCE: Duration = Duration::from_secs(30);

/// A letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Who gets it.
    pub to: Vec<String>,
    /// What it is about: one line.
    pub subject: String,
    /// What tells it from others, the same at every try.
    pub id: String,
    /// What it says, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A server, and how one gets in.
#[derive(Debug)]
pub struct Office<'a> {
    /// The settings.
    pub mail: &'a Mail,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// Certificates to trust besides those of the system.
    pub ca: Option<&'a Path>,
}

/// Why an address is none, if it is none. It is one address without a name.
#[must_use]
pub fn fault_of_address(text: &str) -> Option<String> {
    match text.parse::<lettre::Address>() {
        Ok(_) if !text.contains(char::is_control) => None,
        _ => Some(format!("“{}” is no address of mail", text.escape_debug())),
    }
}

impl Office<'_> {
    /// Sends a letter.
    pub async fn send(&self, letter: &Letter) -> Answer {
        let message = match self.write(letter) {
            Ok(message) => message,
            Err(why) => return Answer::failed(Fault::Message, why),
        };
        let transport = match self.transport() {
            Ok(transport) => transport,
            Err(why) => return Answer::failed(Fault::Receiver, why),
        };
        // The library's own limit does not hold while a name is resolved.
        match tokio::time::timeout(PATIENCE, transport.send(message)).await {
            Err(_) => {
                let why = format!(
                    "the mail server took longer than {} seconds",
                    PATIENCE.as_secs()
                );
                Answer::failed(Fault::Receiver, why)
            }
            Ok(Ok(said)) => Answer {
                said: said.first_line().and_then(beginning),
                ..Answer::taken(Some(said.code().into()))
            },
            Ok(Err(error)) => {
                let fault = match error.is_permanent() {
                    true => Fault::Message,
                    false => Fault::Receiver,
                };
                let said = beginning(&report(&error)).unwrap_or_default();
                Answer {
                    status: error.status().map(Into::into),
                    ..Answer::failed(fault, format!("the mail server does not take it: {said}"))
                }
            }
        }
    }

    /// Sees whether the server is there and talks as it should; sends nothing.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn knock(&self) -> Result<(), String> {
        match self.transport()?.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it answers, and wants no mail".to_owned()),
            Err(error) => Err(beginning(&report(&error)).unwrap_or_default()),
        }
    }

    fn write(&self, letter: &Letter) -> Result<Message, String> {
        let from = self.mail.from.as_deref().unwrap_or_default();
        let from: Mailbox = from
            .parse()
            .map_err(|_| "mail.from is no address".to_owned())?;
        let host = from.email.domain().to_owned();
        let subject: String = letter.subject.chars().filter(|c| !c.is_control()).collect();
        let mut message = Message::builder()
            .from(from)
            .subject(subject)
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .raw_header(automatic());
        for to in &letter.to {
            if let Some(fault) = fault_of_address(to) {
                return Err(fault);
            }
            message = message.to(to.parse().map_err(|_| "`to` is no address".to_owned())?);
        }
        let part = |kind, body: &str| SinglePart::builder().header(kind).body(body.to_owned());
        let parts = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
            .singlepart(part(ContentType::TEXT_HTML, &letter.html));
        message.multipart(parts).map_err(|error| report(&error))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        let host = self.mail.host.clone();
        let host = host.ok_or("no mail server is set: see [mail] in runbay.toml")?;
        let (tls, usual) = match self.mail.tls {
            MailTls::Implicit => (Tls::Wrapper(self.trust(&host)?), 465),
            MailTls::Starttls => (Tls::Required(self.trust(&host)?), 587),
            MailTls::None => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(self.mail.port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let (Some(name), Some(password)) = (&self.mail.username, &self.password) {
            let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
            builder = builder.credentials(credentials);
        }
        Ok(builder.build())
    }

    fn trust(&self, host: &str) -> Result<TlsParameters, String> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut tls = TlsParameters::builder(host.to_owned());
        if let Some(path) = self.ca {
            let unusable = |why: &dyn std::fmt::Display| {
                format!(
                    "the certificates in {} cannot be used: {why}",
                    path.display()
                )
            };
            let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| unusable(&error))?;
            tls = tls.add_root_certificate(certificate);
        }
        tls.build_rustls().map_err(|error| report(&error))
    }
}

/// No machine shall answer (RFC 3834).
fn automatic() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

/// The HTML of an alert.
///
/// # Errors
/// When a name is missing, which is a mistake of ours.
pub fn alert(names: &Value) -> Result<String, String> {
    page(include_str!("mail/alert.html"), names)
}

/// The plain text of a report.
///
/// # Errors
/// As [`alert`].
pub fn daily_text(names: &Value) -> Result<String, String> {
    render(include_str!("mail/report.txt"), names, || AutoEscape::None)
}

/// The HTML of a report.
///
/// # Errors
/// As [`alert`].
pub fn daily(names: &Value) -> Result<String, String> {
    page(include_str!("mail/report.html"), names)
}

/// Everything put into a page is escaped.
fn page(template: &str, names: &Value) -> Result<String, String> {
    render(template, names, || AutoEscape::Html)
}

fn render(template: &str, names: &Value, escape: fn() -> AutoEscape) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escape());
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    let rendered = environment.render_str(template, minijinja::Value::from(Serde(names)));
    rendered.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn office(mail: &Mail) -> Office<'_> {
        Office {
            mail,
            password: None,
            ca: None,
        }
    }

    /// The names of the headers of a letter, each line looked at.
    fn names(written: &str) -> Vec<&str> {
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        let lines = head.split("\r\n");
        let lines = lines.filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split_once(':').unwrap().0).collect()
    }

    proptest! {
        /// Whatever a subject and the texts hold: our headers, each once.
        #[test]
        fn no_name_becomes_a_header(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "\r\n", "\n", "\r", "\r\n\r\n", "Bcc: eve@example.org", "\0", "\u{7f}", "\u{85}",
                "\u{2028}", "=?utf-8?q?=0D=0ABcc:_eve?=", "a", "ü", " ", "nightly-report-of-a-shop",
            ]), 0..12),
            times in 1..4_usize,
        ) {
            let mail = Mail {
                host: Some("localhost".into()),
                from: Some("Runbay <runbay@example.org>".into()),
                ..Mail::default()
            };
            let text = pieces.concat().repeat(times);
            let letter = Letter {
                to: vec!["ann@example.org".into(), "bob@example.org".into()],
                subject: text.clone(),
                id: "msg_1".into(),
                text: text.clone(),
                html: text,
            };
            let written = office(&mail).write(&letter).unwrap().formatted();
            let written = String::from_utf8(written).unwrap();
            let mut found = names(&written);
            found.sort_unstable();
            prop_assert_eq!(found, [
                "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID",
                "Subject", "To",
            ]);
            let (head, _) = written.split_once("\r\n\r\n").unwrap();
            let bare = head.replace("\r\n", "");
            prop_assert!(!bare.contains(char::is_control), "{:?}", head);
        }
    }

    #[test]
    fn nothing_becomes_a_header() {
        let mail = Mail {
            host: Some("localhost".into()),
            from: Some("Runbay <runbay@example.org>".into()),
            ..Mail::default()
        };
        let mut letter = Letter {
            to: vec!["ann@example.org".into()],
            subject: "nightly\r\nBcc: eve@example.org\r\n\r\nhello".into(),
            id: "msg_1".into(),
            text: ".\r\nQUIT\r\n".into(),
            html: "<p>".into(),
        };
        let written = office(&mail).write(&letter).unwrap().formatted();
        let written = String::from_utf8(written).unwrap();
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        assert!(!names(&written).contains(&"Bcc"), "{head}");
        assert!(head.contains("Message-ID: <msg_1@example.org>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        for wrong in [
            "a@b\r\nBcc: c@d",
            "a@b, c@d",
            "Eve <a@b>",
            "a",
            "",
            "a@b\n",
            "@",
        ] {
            assert!(fault_of_address(wrong).is_some(), "{wrong:?}");
            letter.to = vec![wrong.into()];
            assert!(office(&mail).write(&letter).is_err(), "{wrong:?}");
        }
    }
}
