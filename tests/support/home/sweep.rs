//! The end of a test: nothing is left that nobody answers for, and then
//! nothing at all.

use super::Home;
use super::child::{processes, send, until_gone};
use runbay::domain::ids::InstanceId;
use runbay::engine::{Engine, RemoveImage};
use rustix::process::Signal;

impl Home {
    /// Fails the test if a run is not over, a process of ours lives on, or the
    /// engine has more of ours than images, networks and the cache.
    pub(super) fn assert_at_rest(&self) {
        let home = self.path().to_str().unwrap();
        until_gone(&[home]);
        self.wait(async {
            let active = self.store.active_runs().await.unwrap();
            assert!(active.is_empty(), "not over: {active:?}");
            let label = label(&self.store.instance());
            let left = self.engine.containers(&label).await.unwrap();
            assert!(left.is_empty(), "containers are left: {left:?}");
            let volumes = self.engine.volumes(&label).await.unwrap();
            let left: Vec<_> = volumes
                .iter()
                .filter(|v| !v.name.ends_with("-cache") && !v.name.ends_with("-lease"))
                .collect();
            assert!(left.is_empty(), "volumes are left: {left:?}");
            let broken = self.store.check().await.unwrap();
            assert!(broken.is_empty(), "the database: {broken:?}");
        });
    }

    /// Removes all that this home put on the engine.
    pub(super) fn sweep(&self) {
        let home = self.path().to_str().unwrap();
        for pid in processes(&[home]) {
            send(pid, Signal::KILL);
        }
        until_gone(&[home]);
        self.wait(everything(&self.engine, &self.store.instance()));
    }
}

fn label(instance: &InstanceId) -> [(String, String); 1] {
    [("runbay.instance".to_owned(), instance.to_string())]
}

/// Removes all that an instance has on the engine.
pub(super) async fn everything(engine: &Engine, instance: &InstanceId) {
    let label = label(instance);
    for container in engine.containers(&label).await.unwrap() {
        engine.remove(&container.id).await.unwrap();
    }
    for volume in engine.volumes(&label).await.unwrap() {
        engine.remove_volume(&volume.name).await.unwrap();
    }
    for network in engine.networks(&label).await.unwrap() {
        engine.remove_network(&network.name).await.unwrap();
    }
    // An image that others are made from goes after them.
    loop {
        let images = engine.images(&label).await.unwrap();
        let mut removed = false;
        for image in &images {
            let result = engine.remove_image(&image.id).await.unwrap();
            removed |= result == RemoveImage::Removed;
        }
        if !removed {
            assert!(images.is_empty(), "images that stay: {images:?}");
            return;
        }
    }
}
