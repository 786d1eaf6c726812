//! Whether the service can do its work now.

use super::{App, space};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A loop that did not go round for so long stands still. The slowest pauses for
/// 15 seconds.
const STANDS_STILL: Duration = Duration::from_secs(60);

/// Whether the service can do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Readiness {
    /// Whether nothing is amiss.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "HealthCheck")]
pub struct Check {
    /// Which: `engine`, `database`, `disk`, or a loop of the service.
    pub name: &'static str,
    /// Why it is amiss; none when it is not.
    pub fault: Option<String>,
}

/// Looks at all that runs need.
pub async fn readiness(app: &App) -> Readiness {
    let (engine, database) = tokio::join!(engine(app), database(app));
    let mut checks = vec![
        check("engine", engine),
        check("database", database),
        check("disk", space::check(app).map_err(|error| error.to_string())),
    ];
    for (name, age) in app.live.beats() {
        let fault = format!("has not gone round for {} seconds", age.as_secs());
        checks.push(check(name, (age < STANDS_STILL).then_some(()).ok_or(fault)));
    }
    Readiness {
        ready: checks.iter().all(|check| check.fault.is_none()),
        checks,
    }
}

/// Whether the engine answers; if not, why not.
pub(super) async fn engine(app: &App) -> Result<(), String> {
    let ask = async {
        let driver = app.driver().await.map_err(|e| crate::domain::report(&e))?;
        let answer = driver.engine.ping().await;
        answer.map_err(|e| crate::domain::report(&e))
    };
    let late = |_| format!("does not answer within {} seconds", PATIENCE.as_secs());
    timeout(PATIENCE, ask).await.map_err(late)?
}

async fn database(app: &App) -> Result<(), String> {
    let late = |_| format!("does not answer within {} seconds", PATIENCE.as_secs());
    let answer = timeout(PATIENCE, app.store.last_event()).await;
    let answer = answer.map_err(late)?;
    answer.map(drop).map_err(|e| crate::domain::report(&e))
}

fn check(name: &'static str, found: Result<(), String>) -> Check {
    Check {
        name,
        fault: found.err(),
    }
}
