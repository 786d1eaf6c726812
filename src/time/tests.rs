//! Rules of time against examples, against the rules of cronie told in another
//! way, and over all zones there are.

mod dst;
mod plans;
mod rules;
mod zones;

use super::*;
use crate::domain::schedule::Schedule;
use chrono::{DateTime, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn planned(schedule: &Schedule, zone: Zone) -> Result<Plan, Fault> {
    Plan::new(schedule, zone, "task/key", &|_| None)
}

fn plan(when: &str, name: &str) -> Plan {
    planned(&Schedule::new(when), zone(name)).unwrap()
}

/// The next slots as the wall clock shows them, with their notes.
fn shown(plan: &Plan, after: &str, n: usize) -> Vec<String> {
    let slots = plan.upcoming(at(after), n).into_iter();
    slots
        .map(|slot| {
            let note = slot.note.map(|note| format!(" ({note})"));
            format!(
                "{}{}",
                slot.local.format("%m-%d %H:%M%:z"),
                note.unwrap_or_default()
            )
        })
        .collect()
}
