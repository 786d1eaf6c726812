//! The code of a plan: versions that no run ran and no task needs.

use super::{Item, Plan, Target};
use crate::domain::counted;
use crate::service::{App, Error};
use crate::store::SurplusVersion;
use crate::threads::off_thread;
use crate::versions::{FRESH, Versions};
use chrono::{TimeDelta, Utc};

/// So many go at once; the next look finds the rest.
const AT_ONCE: u32 = 5000;

pub(super) async fn add(app: &App, plan: &mut Plan) -> Result<(), Error> {
    let settled = Utc::now() - TimeDelta::from_std(FRESH).unwrap_or(TimeDelta::MAX);
    let most = app.settings().keep.versions;
    let gone = app.store.surplus_versions(most, settled, AT_ONCE).await?;
    if !gone.is_empty() {
        let what = counted(gone.len(), "version");
        let what = format!("{what} of tasks' code");
        let why = format!("no run that is kept ran them, and their tasks have {most} newer ones");
        plan.remove
            .push(Item::new("versions", what, why, Target::Versions(gone)));
    }
    Ok(())
}

/// Removes versions, but those that somebody asked for meanwhile; the bytes that
/// freed.
pub(super) async fn remove(app: &App, of: &[SurplusVersion]) -> Result<u64, Error> {
    let versions = Versions::new(&app.config.data_dir);
    let sweep = off_thread(move || versions.sweep()).await?;
    let stale = of.iter().filter(|one| sweep.is_stale(&one.digest));
    let stale: Vec<_> = stale.cloned().collect();
    let sole = app.store.sole_versions(stale.clone()).await?;
    // Files first: rows without files are found again, the reverse is not.
    let freed = off_thread(move || sweep.remove(&sole).map(|freed| (freed, sweep))).await?;
    app.store.forget_versions(stale).await?;
    Ok(freed.0)
}
