//! What concerns the service as a whole, as events: whether the engine answers,
//! whether the disk has room, and whether somebody set the clock.
//!
//! Each is told when it changes, also over a restart: what was told last is in
//! the outbox.

use super::{App, Error, health, space};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::Instant;

/// So many looks in a row must find no engine: one that is only slow is there.
const PATIENCE: u32 = 2;
/// A clock that differs by less from the time that went by is slewed, or this
/// machine was busy.
const JUMP: TimeDelta = TimeDelta::seconds(5);

/// What one look found.
#[derive(Debug, Clone)]
struct Reading {
    /// Why the engine does not answer.
    engine: Result<(), String>,
    /// Why runs cannot begin.
    disk: Result<(), String>,
    /// The clock on the wall.
    wall: DateTime<Utc>,
    /// The clock that nobody sets.
    steady: Instant,
}

/// Something to tell.
type News = (&'static str, Value);

/// What was told last.
#[derive(Debug)]
pub struct Vigil {
    engine_gone: bool,
    /// Looks in a row that found no engine.
    unanswered: u32,
    disk_low: bool,
    clocks: Option<(DateTime<Utc>, Instant)>,
}

const ENGINE: &[&str] = &["system.engine_gone", "system.engine_back"];
const DISK: &[&str] = &["system.disk_low", "system.disk_ok"];

impl Vigil {
    /// Goes on where the outbox leaves off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(app: &App) -> Result<Self, Error> {
        let mut told = [false, false];
        for (told, kinds) in told.iter_mut().zip([ENGINE, DISK]) {
            let last = app.store.newest_of(kinds).await?;
            *told = last.is_some_and(|event| event.kind == kinds[0]);
        }
        let [engine_gone, disk_low] = told;
        Ok(Self {
            engine_gone,
            unanswered: 0,
            disk_low,
            clocks: None,
        })
    }

    /// Looks once, and tells what is new.
    ///
    /// # Errors
    /// When it cannot be told; then the next look tells it.
    pub async fn look(&mut self, app: &App) -> Result<(), Error> {
        let reading = Reading {
            engine: health::engine(app).await,
            disk: space::check(app).map_err(|error| error.to_string()),
            wall: Utc::now(),
            steady: Instant::now(),
        };
        for (kind, payload) in self.news(reading) {
            tracing::info!(%payload, "{kind}");
            app.store.tell(kind, payload).await?;
        }
        Ok(())
    }

    fn news(&mut self, now: Reading) -> Vec<News> {
        let mut news = Vec::new();
        match now.engine {
            Ok(()) => {
                self.unanswered = 0;
                if std::mem::take(&mut self.engine_gone) {
                    news.push((ENGINE[1], json!({})));
                }
            }
            Err(reason) => {
                self.unanswered += 1;
                if self.unanswered >= PATIENCE && !self.engine_gone {
                    self.engine_gone = true;
                    news.push((ENGINE[0], json!({ "reason": reason })));
                }
            }
        }
        let low = now.disk.is_err();
        if low != std::mem::replace(&mut self.disk_low, low) {
            news.push(match now.disk {
                Ok(()) => (DISK[1], json!({})),
                Err(reason) => (DISK[0], json!({ "reason": reason })),
            });
        }
        if let Some((wall, steady)) = self.clocks.replace((now.wall, now.steady)) {
            let went_by = TimeDelta::from_std(now.steady - steady).unwrap_or(TimeDelta::MAX);
            let jump = now.wall - wall - went_by;
            if jump.abs() > JUMP {
                let seconds = jump.as_seconds_f64();
                news.push(("system.clock_jumped", json!({ "seconds": seconds })));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn vigil() -> Vigil {
        Vigil {
            engine_gone: false,
            unanswered: 0,
            disk_low: false,
            clocks: None,
        }
    }

    fn well() -> Reading {
        Reading {
            engine: Ok(()),
            disk: Ok(()),
            wall: Utc::now(),
            steady: Instant::now(),
        }
    }

    fn kinds(news: Vec<News>) -> Vec<&'static str> {
        news.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn what_changes_is_told_once() {
        let mut vigil = vigil();
        let bad = || Reading {
            engine: Err("no answer".to_owned()),
            disk: Err("full".to_owned()),
            ..well()
        };
        assert_eq!(kinds(vigil.news(well())), [""; 0]);
        assert_eq!(kinds(vigil.news(bad())), ["system.disk_low"]);
        assert_eq!(kinds(vigil.news(bad())), ["system.engine_gone"]);
        assert_eq!(kinds(vigil.news(bad())), [""; 0]);
        let back = ["system.engine_back", "system.disk_ok"];
        assert_eq!(kinds(vigil.news(well())), back);
        assert_eq!(kinds(vigil.news(bad())), ["system.disk_low"]);
        assert_eq!(kinds(vigil.news(well())), ["system.disk_ok"], "only slow");
    }

    #[test]
    fn a_clock_that_is_set_is_told_and_one_that_runs_is_not() {
        let mut vigil = vigil();
        let begun = well();
        let after = |seconds: i64, jump: i64| Reading {
            wall: begun.wall + TimeDelta::seconds(seconds + jump),
            steady: begun.steady + Duration::from_secs(seconds.unsigned_abs()),
            ..begun.clone()
        };
        vigil.news(begun.clone());
        assert_eq!(kinds(vigil.news(after(600, 2))), [""; 0], "slewed");
        let told = vigil.news(after(610, 4 * 3600));
        let (kind, payload) = &told[0];
        let jump = payload["seconds"].as_f64().unwrap();
        assert_eq!((*kind, jump.round()), ("system.clock_jumped", 14_398.0));
        assert_eq!(kinds(vigil.news(after(620, 4 * 3600))), [""; 0]);
        assert_eq!(kinds(vigil.news(after(630, 0))), ["system.clock_jumped"]);
    }
}
