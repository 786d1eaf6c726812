//! Doing what a plan says.

use super::{Item, Plan, Target, locks};
use crate::engine::RemoveImage;
use crate::service::{App, Error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Swept {
    /// How many of its items are removed.
    pub removed: usize,
    /// What that freed, bytes; at most, where the plan says so.
    pub bytes: u64,
    /// What is still there.
    pub stayed: Vec<Stayed>,
}

/// Something that was to be removed and is still there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Stayed {
    /// What it is.
    pub what: String,
    /// Why it stays.
    pub why: String,
    /// Whether somebody uses it, which is nobody's fault; else it failed.
    pub in_use: bool,
}

/// Removes what the plan says, in its order. What cannot be removed is told
/// and does not stop the rest.
///
/// # Errors
/// When the engine or the database is gone altogether.
pub async fn carry_out(app: &App, plan: &Plan) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    for item in &plan.remove {
        match remove(app, item).await {
            Ok(None) => {
                tracing::info!(what = item.what, why = item.reason, "removed");
                swept.removed += 1;
                swept.bytes += item.bytes;
            }
            Ok(Some(why)) => swept.stayed.push(Stayed {
                what: item.what.clone(),
                why,
                in_use: true,
            }),
            Err(Error::Engine(error)) if !error.is_transient() => swept.stayed.push(Stayed {
                what: item.what.clone(),
                why: crate::domain::report(&error),
                in_use: false,
            }),
            Err(error) => return Err(error),
        }
    }
    Ok(swept)
}

/// Removes one thing; if somebody uses it, says who.
async fn remove(app: &App, item: &Item) -> Result<Option<String>, Error> {
    let Some(target) = &item.target else {
        return Ok(Some("another process knows how to remove it".to_owned()));
    };
    let engine = &app.driver().await?.engine;
    match target {
        Target::Container(id) => engine.remove(id).await?,
        Target::Volume(name) => match engine.remove_volume(name).await {
            Err(crate::engine::EngineError::Conflict { message, .. }) => return Ok(Some(message)),
            other => other?,
        },
        Target::Image(id) => {
            // A run that was asked for since the plan was made may need it.
            for run in app.store.active_runs().await? {
                if run.image.as_ref() == Some(id) || run.pinned_image.as_ref() == Some(id) {
                    return Ok(Some(format!("run {} is going on", run.id.short())));
                }
            }
            if let RemoveImage::InUse(why) = engine.remove_image(id).await? {
                return Ok(Some(why));
            }
            // After the engine: a crash in between leaves a record without an
            // image, which is found again, and not the reverse, which is not.
            app.store.forget_image(id).await?;
        }
        Target::Records(ids) => {
            for id in ids {
                app.store.forget_image(id).await?;
            }
        }
        Target::Failures(before) => app.store.clear_failures_before(*before).await?,
        Target::Locks(paths) => locks::remove(paths),
    }
    Ok(None)
}
