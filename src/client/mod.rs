//! The REST API from the other side: what commands ask a running service. It
//! speaks in the types that the service itself answers with, and knows no rules.
//!
//! What is asked once is asked once: nothing here tries again by itself but
//! [`Follow`], which finds its way back to a log, and [`Client::start`], whose
//! requests carry a key that makes asking twice the same as asking once.

mod access;
mod builds;
mod error;
mod follow;
mod health;
mod hooks;
mod images;
mod log;
mod place;
mod requests;
mod schedules;
mod secrets;
mod sse;
mod triggers;
mod versions;

pub use access::{MadeToken, Verified};
pub use error::{Error, Refusal};
pub use follow::{Follow, From, News, Partial};
pub use log::Log;
pub use place::{Place, Token};
pub use requests::{Launch, RunsWanted};

use crate::service::page::Page;
use place::Address;
use reqwest::{Method, Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// The most things that a part of a list holds.
const PART: usize = 500;

/// A service that can be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    place: Place,
    http: reqwest::Client,
}

/// One request.
struct Call {
    method: Method,
    /// What follows `/api/v1`, one segment each, not encoded.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    /// How long the answer may take to begin.
    patience: Duration,
}

impl Call {
    fn new(method: Method, path: &[&str]) -> Self {
        Self {
            method,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            patience: PATIENCE,
        }
    }

    fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    fn post(path: &[&str]) -> Self {
        Self::new(Method::POST, path)
    }

    /// Adds to the query what is there.
    fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| (name, value.to_string()));
        self.query.extend(value);
        self
    }

    fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn header(mut self, name: &'static str, value: Option<String>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    fn json(mut self, body: &impl Serialize) -> Self {
        // What we send are plain structs, which are always JSON.
        self.body = serde_json::to_value(body).ok();
        self
    }
}

impl Client {
    /// A client of the service at a place. Nothing is asked yet.
    ///
    /// # Errors
    /// `Settings` when the address or a certificate cannot be used.
    pub fn new(place: Place) -> Result<Self, Error> {
        let http = place.connector()?.connect_timeout(CONNECT).build();
        let http = http.map_err(|error| Error::Settings(crate::domain::report(&error)))?;
        Ok(Self { place, http })
    }

    /// Where the service is, for people.
    #[must_use]
    pub fn url(&self) -> String {
        self.place.shown()
    }

    /// Whether the service works on a folder of this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.place, Place::Folder(_))
    }

    /// Asks, and reads the answer as JSON.
    async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let (address, body) = self.answer(call).await?;
        serde_json::from_slice(&body).map_err(|error| Error::strange(&address, &error))
    }

    /// Asks, and reads the answer as text.
    async fn text(&self, call: Call) -> Result<String, Error> {
        let (_, body) = self.answer(call).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Asks for something that has no answer but that it was done.
    async fn tell(&self, call: Call) -> Result<(), Error> {
        self.answer(call).await.map(drop)
    }

    async fn answer(&self, call: Call) -> Result<(Address, bytes::Bytes), Error> {
        let address = self.place.find()?;
        let patience = call.patience;
        let read = async {
            let response = self.send(&address, call).await?;
            let body = response.bytes().await;
            body.map_err(|error| Error::broken(&address, error))
        };
        match tokio::time::timeout(patience, read).await {
            Ok(read) => read.map(|body| (address, body)),
            Err(_) => Err(Error::slow(&address)),
        }
    }

    /// All parts of a list, or as many as hold `limit` things.
    async fn all<T: DeserializeOwned>(
        &self,
        limit: Option<u32>,
        call: impl Fn() -> Call,
    ) -> Result<Vec<T>, Error> {
        let mut all: Vec<T> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let left = limit.map(|limit| limit as usize - all.len());
            let part = left.map_or(PART, |left| left.min(PART));
            if part == 0 {
                return Ok(all);
            }
            let call = call().with("limit", Some(part)).with("cursor", cursor);
            let page: Page<T> = self.ask(call).await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Sends a request; an answer that is no success is an error.
    async fn send(&self, address: &Address, call: Call) -> Result<Response, Error> {
        let mut url = address.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = self.http.request(call.method, url);
        if let Some(token) = &address.token {
            request = request.bearer_auth(token.reveal());
        }
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await;
        let response = response.map_err(|error| Error::unsent(address, error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(refusal(address, response).await)
    }
}

/// What an answer that is no success says.
async fn refusal(address: &Address, response: Response) -> Error {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let problem = kind.is_some_and(|kind| kind.as_bytes() == b"application/problem+json");
    if status.is_redirection() {
        let to = response.headers().get(header::LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
        return Error::foreign(address, format!("sends us on to {to}: give that address"));
    }
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return Error::broken(address, error),
    };
    let read = match problem {
        true => serde_json::from_slice::<Refusal>(&body).ok(),
        false => None,
    };
    match read {
        Some(read) => Error::refused(address, read),
        // The guard of hosts says nothing more, whoever asks.
        None if status == StatusCode::MISDIRECTED_REQUEST => Error::foreign(
            address,
            "does not answer to this name: its server.allowed_hosts must hold it".to_owned(),
        ),
        None => Error::foreign(
            address,
            format!(
                "answers “{status}”, which no service of this version would: it is another program, or a Runbay too old or too new for this command ({})",
                env!("CARGO_PKG_VERSION")
            ),
        ),
    }
}
