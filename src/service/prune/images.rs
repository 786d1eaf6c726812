//! The images of a plan: those that are written down, ours, and needed by
//! nobody.

use super::needs::{self, Needs, Tasks, ago};
use super::{Bounds, Item, Kept, Plan, Target, layers};
use crate::domain::counted;
use crate::domain::ids::{ContainerId, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use crate::engine::{Engine, Image, labels};
use crate::service::{App, Error};
use chrono::Utc;
use std::collections::{HashMap, HashSet};

/// Adds images and records of images; `going` are containers that are removed
/// before. Returns the tasks there are, unless that is not known.
pub(super) async fn add(
    app: &App,
    bounds: Bounds,
    going: &HashSet<ContainerId>,
    plan: &mut Plan,
) -> Result<Option<Tasks>, Error> {
    let engine = &app.driver().await?.engine;
    let rows = app.store.images().await?;
    // All of them, since images of other people may share layers with ours.
    let all: HashMap<ImageId, Image> = engine
        .images(&[])
        .await?
        .into_iter()
        .map(|image| (image.id.clone(), image))
        .collect();
    let here = Here {
        rows: &rows,
        all: &all,
        instance: app.store.instance().to_string(),
    };
    let tasks = match needs::tasks(app).await? {
        Ok(tasks) => tasks,
        Err(error) => {
            plan.notes.push(format!(
                "images stay as they are, since nobody knows which are needed: {}",
                crate::domain::report(&error)
            ));
            return Ok(None);
        }
    };
    let mut needs = needs::of(app, &tasks, &rows, bounds).await?;
    containers(engine, going, &mut needs).await?;
    let unneeded = here.unneeded(&mut needs);
    here.tell_removals(&unneeded, &tasks, bounds, plan);
    here.tell_the_rest(&needs, &unneeded, plan);
    Ok(Some(tasks))
}

/// Whoever made a container from an image needs it.
async fn containers(
    engine: &Engine,
    going: &HashSet<ContainerId>,
    needs: &mut Needs,
) -> Result<(), Error> {
    for container in engine.containers(&[]).await? {
        if !going.contains(&container.id) {
            needs.add(&container.image, || {
                format!("container {} is made from it", container.name)
            });
        }
    }
    Ok(())
}

struct Here<'a> {
    rows: &'a [ImageRow],
    all: &'a HashMap<ImageId, Image>,
    instance: String,
}

impl Here<'_> {
    fn is_ours(&self, image: &Image) -> bool {
        image.labels.get(labels::INSTANCE) == Some(&self.instance)
    }

    /// The row that says best what an image is.
    fn row(&self, id: &ImageId) -> Option<&ImageRow> {
        self.rows.iter().find(|row| row.id == *id)
    }

    /// What may go, children first. Adds to `needs` what the engine needs.
    fn unneeded(&self, needs: &mut Needs) -> Vec<ImageId> {
        let mut left: Vec<&Image> = Vec::new();
        for image in self.all.values() {
            if self.row(&image.id).is_none() || !self.is_ours(image) {
                continue;
            }
            let foreign = |tag: &&String| !tag.starts_with(labels::TAG_PREFIX);
            match image.tags.iter().find(foreign) {
                Some(name) => needs.add(&image.id, || format!("it is also named {name}")),
                None if needs.0.contains_key(&image.id) => {}
                None => left.push(image),
            }
        }
        // “Begins with all layers of” reaches all the way down, so one look at
        // those that stay is enough.
        let ids: HashSet<&ImageId> = left.iter().map(|image| &image.id).collect();
        let staying: Vec<&Image> = self.all.values().filter(|i| !ids.contains(&i.id)).collect();
        left.retain(|image| {
            let above = staying.iter().find(|above| self.stands_on(above, image));
            if let Some(above) = above {
                needs.add(&image.id, || {
                    format!("{} is made from it", self.what(&above.id))
                });
            }
            above.is_none()
        });
        // The id only for an order that is always the same.
        left.sort_by_key(|i| std::cmp::Reverse((i.layers.len(), self.rank(i), i.id.0.clone())));
        left.into_iter().map(|image| image.id.clone()).collect()
    }

    /// Whether an image was made from another: it has all its layers, and more
    /// besides, or where nothing was added is of a higher kind or somebody
    /// else's. Of two task images with the same files neither needs the other.
    fn stands_on(&self, above: &Image, below: &Image) -> bool {
        above.layers.starts_with(&below.layers)
            && (above.layers.len(), self.rank(above)) > (below.layers.len(), self.rank(below))
    }

    /// How high in the order of kinds an image is; one that is not ours is
    /// higher than all.
    fn rank(&self, image: &Image) -> usize {
        let kind = self.row(&image.id).map(|row| row.kind);
        let place = ImageKind::ALL.iter().position(|k| Some(*k) == kind);
        place.unwrap_or(ImageKind::ALL.len())
    }

    fn tell_removals(&self, ids: &[ImageId], tasks: &Tasks, bounds: Bounds, plan: &mut Plan) {
        let (bytes, exact) = layers::freed(self.all, ids);
        plan.exact &= exact;
        for (id, bytes) in ids.iter().zip(bytes) {
            let Some(row) = self.row(id) else { continue };
            let (what, why) = (self.what(id), reason(row, tasks, bounds));
            let item = Item::new("image", what, why, Target::Image(id.clone()));
            let item = item.with_id(&id.0).freeing(bytes);
            plan.remove.push(match self.all.get(id) {
                // One that stands on another has more layers, or a higher rank.
                Some(image) => item.beside(image.layers.len() * 8 + self.rank(image)),
                None => item,
            });
        }
    }

    fn tell_the_rest(&self, needs: &Needs, going: &[ImageId], plan: &mut Plan) {
        let mut told = HashSet::new();
        let mut gone = Vec::new();
        let mut strange = 0;
        for row in self.rows.iter().filter(|row| told.insert(&row.id)) {
            let Some(image) = self.all.get(&row.id) else {
                gone.push(row.id.clone());
                continue;
            };
            strange += u64::from(!self.is_ours(image));
            if let Some(reason) = needs.0.get(&row.id).filter(|_| !going.contains(&row.id)) {
                plan.keep.push(Kept {
                    id: row.id.0.clone(),
                    what: self.what(&row.id),
                    reason: reason.clone(),
                    bytes: image.bytes,
                });
            }
        }
        if !gone.is_empty() {
            let what = counted(gone.len(), "image record");
            let why = "the engine no longer has them";
            plan.remove
                .push(Item::new("records", what, why, Target::Records(gone)));
        }
        if strange > 0 {
            plan.notes.push(format!(
                "{} without our label: left alone",
                counted(strange, "recorded image")
            ));
        }
        let unknown: Vec<_> = self
            .all
            .values()
            .filter(|image| self.is_ours(image) && !told.contains(&image.id))
            // A build may be about to write it down.
            .filter(|image| {
                image
                    .created_at
                    .is_none_or(|at| Utc::now() - at > needs::YOUNG)
            })
            .map(|image| image.id.short())
            .collect();
        if !unknown.is_empty() {
            plan.notes.push(format!(
                "left alone, since this database does not know {}, though the label is ours: {} (`docker image rm` removes it)",
                if unknown.len() == 1 { "the image" } else { "the images" },
                unknown.join(" ")
            ));
        }
    }

    /// What an image is, for people.
    fn what(&self, id: &ImageId) -> String {
        let short = id.short();
        match self.row(id) {
            Some(row) => match (row.kind, &row.task, &row.environment) {
                (ImageKind::Task, Some(task), _) => format!("image {short} of task {task}"),
                (ImageKind::Environment, _, Some(key)) => {
                    format!("image {short} of environment {}", key.short())
                }
                (kind, ..) => format!("{kind} image {short}"),
            },
            None => match self.all.get(id).and_then(|image| image.tags.first()) {
                Some(name) => format!("image {name}"),
                None => format!("image {short}"),
            },
        }
    }
}

/// Why nobody needs an image.
fn reason(row: &ImageRow, tasks: &Tasks, bounds: Bounds) -> String {
    match (row.kind, &row.task) {
        (ImageKind::Task, Some(task)) if tasks.names.contains(task) => format!(
            "its code has changed, and none of the newest {} ran from it",
            counted(bounds.keep_runs, "run")
        ),
        (ImageKind::Task, Some(task)) => format!("there is no task {task} any more"),
        (ImageKind::Environment, _) => {
            format!("no task uses it; made {}", ago(Utc::now(), row.created_at))
        }
        _ => "a newer one has taken its place".to_owned(),
    }
}
