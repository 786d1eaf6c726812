//! What goes besides while the disk of the data folder is nearly full: first what
//! can be made again, then what is oldest.

use super::runs::{self, Left};
use super::{Bounds, Plan, cache, images};
use crate::disk::Room;
use crate::domain::ids::{ContainerId, RunId};
use crate::domain::size::Bytes;
use crate::service::{App, Error};
use std::collections::HashSet;
use std::time::Duration;

/// So much of it is free.
fn free(app: &App) -> Option<u64> {
    // A file system that does not tell may have room.
    Room::of(&app.config.data_dir).ok().map(|room| room.free)
}

/// Whether the disk is so full that more has to go.
#[must_use]
pub fn is_low(app: &App) -> bool {
    let (low, _) = app.settings().keep.watermarks(app.config.free_space);
    free(app).is_some_and(|free| free < low.0)
}

/// Whether there is room again.
pub(super) fn is_enough(app: &App) -> bool {
    let (_, enough) = app.settings().keep.watermarks(app.config.free_space);
    free(app).is_none_or(|free| free >= enough.0)
}

/// Adds what goes for the sake of room, if that is needed.
pub(super) async fn add(
    app: &App,
    (left, going): (&Left, &HashSet<ContainerId>),
    plan: &mut Plan,
) -> Result<(), Error> {
    if !is_low(app) {
        return Ok(());
    }
    let Some(free) = free(app) else { return Ok(()) };
    let (low, enough) = app.settings().keep.watermarks(app.config.free_space);
    let why = format!(
        "of the disk {} are free, and less than {low} is little",
        Bytes(free)
    );
    let mut more = Plan {
        exact: true,
        ..Plan::default()
    };
    let bounds = Bounds {
        keep_runs: 0,
        older_than: Duration::ZERO,
    };
    images::add(app, bounds, going, &mut more).await?;
    plan.exact &= more.exact;
    // What is said of images before this is said of all that stay now.
    let named: HashSet<String> = plan.remove.iter().map(|item| item.id.clone()).collect();
    more.remove
        .retain(|item| item.kind == "image" && !named.contains(&item.id));
    let images: HashSet<String> = more.remove.iter().map(|item| item.id.clone()).collect();
    plan.keep.retain(|kept| !images.contains(&kept.id));
    if !plan.remove.iter().any(|item| item.kind == "downloads")
        && let Some(volume) = cache::volume(app).await?
    {
        more.remove.push(cache::item(volume, ""));
    }
    oldest(app, left, (enough.0.saturating_sub(free), plan), &mut more).await?;
    for mut item in more.remove {
        item.reason.clone_from(&why);
        item.for_room = true;
        // No more goes than must.
        item.beside = None;
        plan.remove.push(item);
    }
    plan.notes.push(format!(
        "the disk of {} is nearly full: what goes for that goes in its order, until {enough} are free",
        app.config.data_dir.display()
    ));
    Ok(())
}

/// Logs and artifacts of as many of the oldest runs as hold so many bytes.
async fn oldest(
    app: &App,
    left: &Left,
    (needed, plan): (u64, &Plan),
    more: &mut Plan,
) -> Result<(), Error> {
    let last = app.store.newest_of_each(1).await?;
    let mut passed: HashSet<RunId> = last.into_iter().map(|run| run.id).collect();
    for item in &plan.remove {
        passed.extend(item.runs());
    }
    let mut found: u64 = 0;
    for one in left.settled.values() {
        let bytes = one.log_bytes + one.artifact_bytes;
        if found >= needed {
            break;
        }
        if passed.contains(&one.run) || bytes == 0 {
            continue;
        }
        found += bytes;
        // One by one, so that no more goes than must.
        runs::artifacts(
            one.artifacts.iter().map(|_| one.clone()).collect(),
            String::new(),
            more,
        );
        runs::logs(vec![one.clone()], String::new(), more);
    }
    Ok(())
}
