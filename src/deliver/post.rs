//! One message over HTTP.

use super::guard::{Guard, Trust};
use super::{Answer, Fault, beginning};
use crate::domain::report;
use chrono::{DateTime, Utc};
use reqwest::{Certificate, Client, ClientBuilder, Response, StatusCode, header, redirect};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::Url;

/// How long a receiver may take, from its name to the end of its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is read, bytes; more is not ours to hear.
const MOST: usize = 64 * 1024;
/// How long it is read; its status is known by then, and says it all.
const READING: Duration = Duration::from_secs(2);
/// How much of it is shown, bytes.
const SHOWN: usize = 512;
/// Why what cannot be a header is not sent; it may be of a secret.
const UNFIT: &str =
    "a header of it holds a line break or another sign that no header can hold: see its secret";
/// The longest that a receiver is left alone because it asks for it.
const LONGEST: Duration = Duration::from_secs(3600);

/// A message.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where it goes.
    pub url: Url,
    /// What it says of itself.
    pub headers: Vec<(&'static str, String)>,
    /// What it says.
    pub body: Vec<u8>,
}

/// Sends messages. Cheap to clone; made when the first is sent, because reading
/// the certificates of the system takes longer than most answers.
#[derive(Debug, Clone, Default)]
pub struct Poster(Arc<OnceLock<Result<Clients, String>>>);

/// One for each trust: what it may connect to is decided where names are resolved.
#[derive(Debug)]
struct Clients {
    guard: Guard,
    public: Client,
    listed: Client,
}

impl Clients {
    fn new(guard: Guard, ca: Option<&Path>) -> Result<Self, String> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = |trust: Trust| {
            let mut client = ClientBuilder::new()
                .user_agent(concat!("runbay/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .no_proxy()
                .timeout(PATIENCE)
                .pool_idle_timeout(Duration::from_secs(15))
                .dns_resolver(Arc::new(guard.resolver(trust)));
            if let Some(path) = ca {
                let pem = std::fs::read(path).map_err(|error| error.to_string())?;
                let found = Certificate::from_pem_bundle(&pem).map_err(|error| report(&error))?;
                client = client.tls_certs_merge(found);
            }
            client.build().map_err(|error| report(&error))
        };
        Ok(Self {
            public: client(Trust::Public)?,
            listed: client(Trust::Listed)?,
            guard,
        })
    }
}

impl Poster {
    /// Sends a message; `guard` and `ca` are those of the first call.
    pub async fn post(&self, guard: &Guard, ca: Option<&Path>, message: Outgoing) -> Answer {
        let clients = self.0.get_or_init(|| Clients::new(guard.clone(), ca));
        let clients = match clients {
            Ok(clients) => clients,
            Err(why) => {
                let why = format!("the certificates cannot be used: {why}");
                return Answer::failed(Fault::Receiver, why);
            }
        };
        let client = match clients.guard.check(&message.url) {
            Ok(Trust::Public) => &clients.public,
            Ok(Trust::Listed) => &clients.listed,
            Err(refused) => return Answer::failed(Fault::Message, refused.to_string()),
        };
        let mut request = client.post(message.url).body(message.body);
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => judge(response).await,
            Err(error) if error.is_builder() => Answer::failed(Fault::Message, UNFIT),
            // The address may be a key.
            Err(error) => Answer::failed(Fault::Receiver, unsent(&error.without_url())),
        }
    }
}

/// Why nothing was answered, for people.
fn unsent(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} seconds", PATIENCE.as_secs());
    }
    report(error)
}

async fn judge(mut response: Response) -> Answer {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after
        .and_then(|text| text.to_str().ok())
        .and_then(|text| pause(text, Utc::now()));
    let said = read(&mut response).await;
    if status.is_success() {
        return Answer {
            said,
            ..Answer::taken(Some(status.as_u16()))
        };
    }
    let problem = match status.is_redirection() {
        true => format!(
            "it answers “{status}”, and redirects are not followed: give the address it leads to"
        ),
        false => format!("it answers “{status}”"),
    };
    let fault = match status {
        StatusCode::GONE => Fault::Gone,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Fault::Receiver
        }
        status if status.is_server_error() => Fault::Receiver,
        _ => Fault::Message,
    };
    Answer {
        status: Some(status.as_u16()),
        problem: Some(problem),
        said,
        retry_after,
        fault,
    }
}

/// Reads an answer, to its end if that is near: then the connection can be used
/// again. What it begins with.
async fn read(response: &mut Response) -> Option<String> {
    let (mut begins, mut read) = (Vec::new(), 0);
    let all = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let more = chunk.len().min(SHOWN - begins.len());
            begins.extend_from_slice(&chunk[..more]);
            read += chunk.len();
            if read > MOST {
                break;
            }
        }
    };
    // Who does not end in time has said enough.
    drop(tokio::time::timeout(READING, all).await);
    beginning(&String::from_utf8_lossy(&begins))
}

/// `Retry-After`: seconds, or a moment (RFC 9110).
fn pause(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    let pause = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(text).ok()?;
            (until.to_utc() - now).to_std().ok()?
        }
    };
    Some(pause.min(LONGEST))
}

#[cfg(test)]
mod tests;
