//! The downloads that builds share: a volume of the engine, which begins anew
//! when it has become old.

use super::{Item, Plan, Target, locks};
use crate::engine::{EngineError, Owned, labels};
use crate::service::{App, Error};
use chrono::{TimeDelta, Utc};

/// What a volume of downloads is labelled as.
const KIND: &str = "cache";

/// The volume, if there is one that is ours.
pub(super) async fn volume(app: &App) -> Result<Option<Owned>, Error> {
    let instance = app.store.instance();
    let label = |key: &str, value: String| (key.to_owned(), value);
    let wanted = [
        label(labels::INSTANCE, instance.to_string()),
        label(labels::KIND, KIND.to_owned()),
    ];
    let name = format!("runbay-{}-cache", instance.short());
    let mut found = app.driver().await?.engine.volumes(&wanted).await?;
    found.retain(|volume| volume.name == name);
    Ok(found.pop())
}

/// Adds the downloads when they are old.
pub(super) async fn add(app: &App, plan: &mut Plan) -> Result<(), Error> {
    let keep = app.settings().keep.cache;
    let most = TimeDelta::from_std(keep.0).unwrap_or(TimeDelta::MAX);
    if let Some(volume) = volume(app).await?
        && let Some(age) = volume.created_at.map(|at| Utc::now() - at)
        && age >= most
    {
        let why = format!("they are older than {keep}");
        plan.remove.push(item(volume, why));
    }
    Ok(())
}

pub(super) fn item(volume: Owned, why: impl Into<String>) -> Item {
    let target = Target::Downloads(volume.name.clone());
    let what = "the downloads that builds share".to_owned();
    Item::new("downloads", what, why, target).with_id(volume.name)
}

/// Removes the volume and makes it anew, empty; if somebody uses it, says who.
/// A build that begins between the two would get one without labels, so there
/// is always one.
pub(super) async fn begin_anew(app: &App, name: &str) -> Result<Option<String>, Error> {
    if locks::somebody_builds(app)? {
        return Ok(Some("somebody builds".to_owned()));
    }
    let Some(volume) = volume(app).await?.filter(|volume| volume.name == name) else {
        return Ok(None);
    };
    let engine = &app.driver().await?.engine;
    match engine.remove_volume(name).await {
        Err(EngineError::Conflict { message, .. }) => return Ok(Some(message)),
        other => other?,
    }
    let labels: Vec<_> = volume.labels.into_iter().collect();
    engine.ensure_volume(name, &labels).await?;
    Ok(None)
}
