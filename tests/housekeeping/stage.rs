//! What tests of housekeeping set up and compare.

use crate::home::{Home, Said};
use chrono::TimeDelta;
use runbay::domain::ids::{ContainerId, ImageId, RunId};
use runbay::domain::image::ImageKind;
use runbay::domain::run::Run;
use runbay::engine::{ContainerSpec, Role, Volume};
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything that an instance has on the engine, and its lock files.
pub(crate) fn inventory(home: &Home) -> BTreeSet<String> {
    let label = [("runbay.instance".to_owned(), home.store.instance().0)];
    let mut all = BTreeSet::new();
    home.wait(async {
        let engine = &home.engine;
        let containers = engine.containers(&label).await.unwrap();
        all.extend(containers.iter().map(|c| format!("container {}", c.name)));
        let volumes = engine.volumes(&label).await.unwrap();
        all.extend(volumes.iter().map(|v| format!("volume {}", v.name)));
        let images = engine.images(&label).await.unwrap();
        all.extend(images.iter().map(|i| format!("image {}", i.id)));
        let rows = home.store.images().await.unwrap();
        all.extend(rows.iter().map(|r| format!("row {} {}", r.kind, r.id)));
    });
    all.extend(locks(home));
    all
}

/// The lock files there are.
pub(crate) fn locks(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.data().join("locks")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.map(|name| format!("lock {name}")).collect()
}

/// Makes the records of all images as old as an hour, since younger images are
/// never removed.
pub(crate) fn an_hour_later(home: &Home) {
    home.wait(async {
        let rows = home.store.images().await.unwrap();
        let locks = home.store.environments().await.unwrap();
        for row in &rows {
            home.store.forget_image(&row.id).await.unwrap();
        }
        for mut row in rows {
            row.created_at -= TimeDelta::hours(1);
            home.store.record_image(&row).await.unwrap();
        }
        for one in locks {
            if let (Some(lock), Some(image)) = (one.lock, one.image) {
                home.store
                    .set_environment_image(&one.key, &lock.digest, &image, 1)
                    .await
                    .unwrap();
            }
        }
    });
}

/// The images of one kind that are labelled as this home's.
pub(crate) fn images(home: &Home, kind: ImageKind) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    home.wait(async {
        let label = [("runbay.instance".to_owned(), home.store.instance().0)];
        let ours = home.engine.images(&label).await.unwrap();
        let rows = home.store.images().await.unwrap();
        let of_kind = |id: &ImageId| rows.iter().any(|r| r.kind == kind && r.id == *id);
        found.extend(
            ours.into_iter()
                .map(|i| i.id)
                .filter(of_kind)
                .map(|id| id.0),
        );
    });
    found
}

/// `runbay prune --json <args>` and its answer.
pub(crate) fn prune(home: &Home, args: &[&str]) -> Value {
    let said: Said = home.runbay(&[&["prune", "--json"], args].concat());
    said.exits(0);
    serde_json::from_str(&said.out).unwrap()
}

/// The `what`, `reason` and such of a list of the answer.
pub(crate) fn words(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[key].as_str().unwrap().to_owned())
        .collect()
}

/// A container with a volume that says it belongs to `run`.
pub(crate) fn container(home: &Home, name: &str, instance: &str, run: RunId) -> ContainerId {
    let image = home.wait(home.store.images()).unwrap();
    let image = image.iter().find(|r| r.kind == ImageKind::Base).unwrap();
    container_of(home, name, (instance, run), &image.id)
}

/// [`container`] from this image.
pub(crate) fn container_of(
    home: &Home,
    name: &str,
    (instance, run): (&str, RunId),
    image: &ImageId,
) -> ContainerId {
    let mut spec = ContainerSpec::new(image.clone(), Role::Run, vec!["true".to_owned()]);
    spec.labels = [
        ("runbay.instance", instance),
        ("runbay.kind", "run"),
        ("runbay.run", &run.to_string()),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .to_vec();
    spec.volumes = vec![Volume::Anonymous {
        path: "/artifacts".to_owned(),
    }];
    home.wait(home.engine.create(name, &spec)).unwrap()
}

/// The name that was written down for the container of a run.
pub(crate) fn recorded_name(home: &Home, run: &Run) -> String {
    home.attempt(run).unwrap().container_name
}
