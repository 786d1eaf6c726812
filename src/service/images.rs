//! Images that the database knows of: which, how large, and whether they stay.

use super::{App, Error};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::{Digest, ImageId, TaskName};
use crate::domain::image::{ImageKind, ImageRow};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An image in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct ImageItem {
    /// The engine's id.
    pub id: ImageId,
    /// What it is made of.
    pub kind: ImageKind,
    /// The tasks it is for, of a task image.
    pub tasks: Vec<TaskName>,
    /// Its environment, of an environment or task image.
    pub environment: Option<Digest>,
    /// The code in it, of a task image.
    pub version: Option<Digest>,
    /// Its size, bytes, with the layers it shares with others.
    pub bytes: u64,
    /// When it was made or first found.
    pub created_at: DateTime<Utc>,
    /// Kept whatever housekeeping thinks.
    pub pinned: bool,
}

/// Every image, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App) -> Result<Vec<ImageItem>, Error> {
    let mut found: Vec<ImageItem> = Vec::new();
    for row in app.store.images().await? {
        match found.iter_mut().find(|item| item.id == row.id) {
            Some(item) => item.add(row),
            None => found.push(ImageItem::of(row)),
        }
    }
    Ok(found)
}

impl ImageItem {
    fn of(row: ImageRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            tasks: row.task.into_iter().collect(),
            environment: row.environment,
            version: row.version,
            bytes: row.bytes,
            created_at: row.created_at,
            pinned: row.pinned,
        }
    }

    /// One image may be there under several keys.
    fn add(&mut self, row: ImageRow) {
        self.tasks.extend(row.task);
        self.tasks.sort();
        self.tasks.dedup();
        self.pinned |= row.pinned;
        self.created_at = self.created_at.min(row.created_at);
    }
}

/// The image whose id begins so.
///
/// # Errors
/// When there is none, or there are several.
pub async fn find(app: &App, text: &str) -> Result<ImageItem, Error> {
    let hex = text
        .strip_prefix("sha256:")
        .unwrap_or(text)
        .to_ascii_lowercase();
    let good = hex.len() >= 4 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    let mut fits = list(app).await?;
    fits.retain(|item| {
        let id = item.id.0.strip_prefix("sha256:").unwrap_or(&item.id.0);
        good && id.starts_with(&hex)
    });
    match (fits.len(), fits.pop()) {
        (1, Some(item)) => Ok(item),
        (0, _) | (_, None) => Err(Error::NotFound(format!(
            "there is no image “{}”: give the beginning of an id, 4 digits or more",
            text.escape_debug()
        ))),
        (several, _) => Err(Error::Conflict(format!(
            "{several} images have an id that begins with {hex}: give more of it"
        ))),
    }
}

/// Keeps an image whatever housekeeping thinks, or no longer.
///
/// # Errors
/// As [`find`].
pub async fn pin(app: &App, by: Actor, text: &str, pinned: bool) -> Result<ImageItem, Error> {
    let item = find(app, text).await?;
    app.store.pin_image(&item.id, pinned).await?;
    let action = if pinned { "image.pin" } else { "image.unpin" };
    let note = Note::done(by, action).on(item.id.short());
    app.store.audit(note, Utc::now()).await?;
    Ok(ImageItem { pinned, ..item })
}
