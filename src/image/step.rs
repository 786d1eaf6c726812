//! What the containers of all builds have in common.

use super::builder::{self, Step};
use super::{BuildContext, ImageError, Images, diagnose, keylock, policy};
use crate::domain::environment::EnvironmentSpec;
use crate::domain::ids::{Digest, ImageId};
use crate::engine::{ContainerSpec, Isolation, NetworkMode, Role, Volume};
use std::time::Duration;

/// The label of a build container: the key it works on.
pub const BUILDS: &str = "runbay.builds";

impl Images {
    /// A step of `environment.sh` in the sandbox of builds.
    pub(super) fn step(
        &self,
        verb: &str,
        image: &ImageId,
        environment: &EnvironmentSpec,
        key: &Digest,
    ) -> Step {
        let mut cmd = ["sh", "/opt/runbay/environment.sh", verb]
            .map(str::to_owned)
            .to_vec();
        cmd.extend(policy::uv_options(
            environment.policy,
            &self.config.build.sdists,
        ));
        let mut spec = self.build_container(image, Role::Build, cmd, key);
        spec.stdin = true;
        spec.volumes = vec![Volume::Named {
            name: self.cache_volume(),
            path: "/cache".to_owned(),
        }];
        Step {
            name: self.container_name(verb, key),
            spec,
            files: None,
            stdin: Vec::new(),
            timeout: self.config.build.timeout.0,
            quiet: verb == "resolve",
        }
    }

    /// A container that works on `key`, within the limits of builds. Its name
    /// and its label say so: whoever holds the key's lock may remove it.
    pub(super) fn build_container(
        &self,
        image: &ImageId,
        role: Role,
        cmd: Vec<String>,
        key: &Digest,
    ) -> ContainerSpec {
        let mut spec = ContainerSpec::new(image.clone(), role, cmd);
        spec.labels = self.labels("build");
        spec.labels.push((BUILDS.to_owned(), key.to_string()));
        spec.memory = self.config.build.memory.0;
        spec.cpus = self.config.build.cpus;
        spec.pids = self.config.build.pids;
        spec
    }

    /// Runs a step; an index that does not answer is asked three times.
    pub(super) async fn with_retries(
        &self,
        build: &BuildContext,
        make: impl Fn() -> Step,
        input: &str,
    ) -> Result<builder::Done, ImageError> {
        // Nothing to download needs no place for downloads.
        let downloads = !input.is_empty();
        if downloads {
            let labels = self.labels("cache");
            self.engine
                .ensure_volume(&self.cache_volume(), &labels)
                .await?;
        }
        let network = self.build_network().await?;
        let mut tries = 0;
        loop {
            tries += 1;
            let mut step = make();
            if !downloads {
                step.spec.volumes.clear();
            }
            step.stdin = self.with_index(input);
            step.spec.network = network.clone();
            let done = builder::run(&self.engine, step, build).await?;
            let Some(trouble) = diagnose::index_trouble(&done.said).filter(|_| done.exit_code != 0)
            else {
                return Ok(done);
            };
            builder::discard(&self.engine, &done.container).await;
            if tries == 3 {
                return Err(ImageError::Index(trouble));
            }
            build.say("the package index did not answer; trying again");
            tokio::select! {
                () = build.cancel.cancelled() => return Err(ImageError::Cancelled),
                () = tokio::time::sleep(Duration::from_secs(1 << tries)) => {}
            }
        }
    }

    /// The network of builds: out, and not to each other.
    pub(super) async fn build_network(&self) -> Result<NetworkMode, ImageError> {
        let name = format!("runbay-{}-build", self.store.instance().short());
        self.network(&name).await
    }

    /// A network of ours that leads out, made if need be. Of all processes that
    /// share a data folder one at a time asks for it, lest they make several.
    ///
    /// # Errors
    /// Those of [`crate::engine::Engine::ensure_network`], or when its lock cannot be taken.
    pub async fn network(&self, name: &str) -> Result<NetworkMode, ImageError> {
        let key = Digest::of(format!("network\0{name}").as_bytes());
        let _lock = keylock::acquire_briefly(&self.config.data_dir, &key).await?;
        let labels = self.labels("network");
        let made = self.engine.ensure_network(name, &labels, Isolation::Egress);
        Ok(made.await?)
    }

    /// What a build script reads: the index on the first line, then `input`.
    pub(super) fn with_index(&self, input: &str) -> Vec<u8> {
        let index = self.config.build.index_url.as_ref();
        format!("{}\n{input}", index.map_or("", |url| url.secret())).into_bytes()
    }

    fn cache_volume(&self) -> String {
        format!("runbay-{}-cache", self.store.instance().short())
    }

    pub(super) fn container_name(&self, what: &str, key: &Digest) -> String {
        format!(
            "runbay-{}-{what}-{}",
            self.store.instance().short(),
            key.short()
        )
    }

    pub(super) fn labels(&self, kind: &str) -> Vec<(String, String)> {
        vec![
            (
                "runbay.instance".to_owned(),
                self.store.instance().to_string(),
            ),
            ("runbay.kind".to_owned(), kind.to_owned()),
        ]
    }
}
