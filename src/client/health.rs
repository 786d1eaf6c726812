//! Whether a service can do its work.

use super::{Client, Error};
use serde::Deserialize;

/// How long the answer may take. A supervisor asks every few seconds.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Deserialize)]
struct Readiness {
    ready: bool,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    fault: Option<String>,
}

impl Client {
    /// Whether runs can begin; if not, why, one sentence each, as far as who asks
    /// may know.
    ///
    /// # Errors
    /// When the service does not answer, or not as one.
    pub async fn readiness(&self) -> Result<Result<(), Vec<String>>, Error> {
        let address = self.place.find()?;
        let mut url = address.url.clone();
        url.set_path("/readyz");
        let mut request = self.http.get(url).timeout(PATIENCE);
        if let Some(token) = &address.token {
            request = request.bearer_auth(token.reveal());
        }
        let answer = request.send().await;
        let answer = answer.map_err(|error| Error::unsent(&address, error))?;
        let body = answer.bytes().await;
        let body = body.map_err(|error| Error::broken(&address, error))?;
        let found: Readiness =
            serde_json::from_slice(&body).map_err(|error| Error::strange(&address, &error))?;
        let faults = found.checks.into_iter().filter_map(|check| {
            let fault = check.fault?;
            Some(format!("{}: {fault}", check.name))
        });
        Ok(match found.ready {
            true => Ok(()),
            false => Err(faults.collect()),
        })
    }
}
