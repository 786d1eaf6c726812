//! The images that every home begins with, made once and kept between runs of
//! the tests as the rest of `target/` is: making them takes seconds, and no test
//! is about that.

use super::{Child, Home, runtime, sweep};
use runbay::domain::image::ImageKind;
use runbay::engine::Engine;
use runbay::store::Store;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// The binary under test, with nothing in its environment that tests do not
/// want: settings of whoever runs them count only where they make builds work
/// at all.
pub(super) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runbay"));
    for (name, _) in std::env::vars() {
        let ours = name.starts_with("RUNBAY_");
        if ours && !name.starts_with("RUNBAY_BUILD_INDEX_URL") && name != "RUNBAY_EXTRA_CA" {
            command.env_remove(name);
        }
    }
    command.env("NO_COLOR", "1");
    command
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("seed")
}

fn database() -> PathBuf {
    folder().join("data/runbay.db")
}

/// A database with another schema is of no use, and there is no way from one
/// unreleased schema to the next.
const SCHEMA: &str = include_str!("../../../migrations/V1__initial.sql");

/// What the seed was made by: another binary may make other images.
fn stamp() -> String {
    let binary = fs::metadata(env!("CARGO_BIN_EXE_runbay")).unwrap();
    let at = binary
        .modified()
        .unwrap()
        .duration_since(UNIX_EPOCH)
        .unwrap();
    format!("{} {}", binary.len(), at.as_nanos())
}

/// Makes the seed if need be, and tells a home of its images.
pub(super) fn plant(home: &Home) {
    fs::create_dir_all(folder().join("tasks/noop")).unwrap();
    let lock = File::create(folder().join("lock")).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(folder().join("schema")).ok().as_deref() != Some(SCHEMA) {
        home.wait(clear(&home.engine));
        fs::write(folder().join("schema"), SCHEMA).unwrap();
    }
    let whole = fs::read_to_string(folder().join("stamp")).ok() == Some(stamp());
    if !whole || !home.wait(is_there(&home.engine)) {
        fs::write(folder().join("tasks/noop/main.py"), "").unwrap();
        let mut command = binary();
        command.arg("--home").arg(folder()).args(["run", "noop"]);
        Child::spawn(command).end().exits(0);
        fs::write(folder().join("stamp"), stamp()).unwrap();
    }
    home.wait(copy(&home.store));
}

/// Whether the engine still has the images.
async fn is_there(engine: &Engine) -> bool {
    for row in Store::open(&database()).unwrap().images().await.unwrap() {
        if engine.image(&row.id.0).await.unwrap().is_none() {
            return false;
        }
    }
    true
}

async fn copy(to: &Store) {
    let from = Store::open(&database()).unwrap();
    for row in from.images().await.unwrap() {
        if row.kind != ImageKind::Task {
            to.record_image(&row).await.unwrap();
        }
    }
    for environment in from.environments().await.unwrap() {
        to.save_environment(&environment).await.unwrap();
        if let (Some(lock), Some(image)) = (&environment.lock, &environment.image) {
            let (key, bytes) = (&environment.key, environment.image_bytes.unwrap_or(0));
            to.set_lock(key, lock).await.unwrap();
            to.set_environment_image(key, &lock.digest, image, bytes)
                .await
                .unwrap();
        }
    }
}

/// Removes the seed from the engine and from `target/`.
pub(crate) fn remove() {
    let runtime = runtime();
    let engine = runtime.block_on(Engine::connect(None)).unwrap();
    runtime.block_on(clear(&engine));
    drop(fs::remove_dir_all(folder()));
}

/// Removes what the seed has on the engine, and its data.
async fn clear(engine: &Engine) {
    if !database().exists() {
        return;
    }
    let instance = Store::open(&database()).unwrap().instance();
    sweep::everything(engine, &instance).await;
    fs::remove_dir_all(folder().join("data")).unwrap();
}
