//! Environment images: requirements resolved once, installed from the lock.

use super::builder;
use super::{BuildContext, ImageError, Images, diagnose, hashes, keylock, policy};
use crate::domain::environment::{Environment, EnvironmentSpec, Lock};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use chrono::Utc;

/// An environment that has a lock and an image.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The digest of what was asked for.
    pub key: Digest,
    /// The exact packages.
    pub lock: Lock,
    /// The key of the image.
    pub image_key: Digest,
    /// The image.
    pub image: ImageId,
}

/// The label of an environment image that names what it was built upon.
pub(super) const GROUND: &str = "runbay.ground";

/// An environment to be installed, and the image to install it upon.
pub(super) struct Wanted<'a> {
    pub(super) spec: &'a EnvironmentSpec,
    pub(super) key: &'a Digest,
    pub(super) ground: ImageId,
}

impl Images {
    /// The environment for `spec`, resolved and built if need be.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub async fn environment(
        &self,
        spec: &EnvironmentSpec,
        build: &BuildContext,
    ) -> Result<Resolved, ImageError> {
        let key = self.key_of(spec)?;
        let built = async || match build.anew {
            true => Ok(None),
            false => self.built(&key).await,
        };
        if let Some(found) = built().await? {
            return Ok(found);
        }
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        if let Some(found) = built().await? {
            return Ok(found);
        }
        self.refuse_known_failure(&key, build).await?;
        let result = self.resolve_and_install(spec, &key, build).await;
        match &result {
            Err(error @ (ImageError::Build(_) | ImageError::TimedOut(_))) => {
                self.store
                    .record_failure(&key, &error.to_string(), None, Utc::now())
                    .await?;
            }
            _ => self.store.clear_failure(&key).await?,
        }
        result
    }

    /// The key under which `spec` is known.
    ///
    /// # Errors
    /// When its template cannot be read.
    pub fn key_of(&self, spec: &EnvironmentSpec) -> Result<Digest, ImageError> {
        super::spec::key_of(&self.config, &self.catalogue, spec)
    }

    pub(super) fn image_key(&self, key: &Digest, lock: &Lock) -> Digest {
        Digest::of(format!("image\0{key}\0{}\0{}", lock.digest, self.recipe.digest).as_bytes())
    }

    /// The environment of this key, if it has a lock and an image made from it.
    pub(super) async fn built(&self, key: &Digest) -> Result<Option<Resolved>, ImageError> {
        let Some(lock) = self.store.environment(key).await?.and_then(|e| e.lock) else {
            return Ok(None);
        };
        let image_key = self.image_key(key, &lock);
        let row = self
            .store
            .image_by_key(ImageKind::Environment, &image_key)
            .await?;
        Ok(row.map(|row| Resolved {
            key: key.clone(),
            lock,
            image_key,
            image: row.id,
        }))
    }

    async fn refuse_known_failure(
        &self,
        key: &Digest,
        build: &BuildContext,
    ) -> Result<(), ImageError> {
        let ttl = self.config.build.failure_ttl.0;
        let since = Utc::now() - ttl;
        let known = self.store.failure(key, since).await?;
        match known {
            Some((message, at)) if !build.fresh => {
                let ago = (Utc::now() - at).num_seconds();
                Err(ImageError::Build(format!(
                    "{message}\n(this build failed {ago} s ago and is not tried again within {}; `runbay build` tries at once)",
                    crate::domain::size::Span(ttl)
                )))
            }
            _ => Ok(()),
        }
    }

    async fn resolve_and_install(
        &self,
        spec: &EnvironmentSpec,
        key: &Digest,
        build: &BuildContext,
    ) -> Result<Resolved, ImageError> {
        let ground = self.ground(spec, build).await?;
        let known = self.store.environment(key).await?;
        let lock = match known.as_ref().and_then(|e| e.lock.clone()) {
            Some(lock) => lock,
            None => {
                let lock = self.resolve(spec, key, &ground, build).await?;
                self.remember(spec, key).await?;
                self.store.set_lock(key, &lock).await?;
                lock
            }
        };
        let resolved = self
            .install(&Wanted { spec, key, ground }, lock, build)
            .await?;
        self.put_to_use(&resolved).await?;
        Ok(resolved)
    }

    /// Writes an environment into the store, so that a lock can be kept for it.
    pub(super) async fn remember(
        &self,
        spec: &EnvironmentSpec,
        key: &Digest,
    ) -> Result<(), ImageError> {
        self.store
            .save_environment(&Environment {
                key: key.clone(),
                python: spec.python,
                template: spec.template.clone(),
                requirements: spec.requirements.iter().map(|r| r.line()).collect(),
                policy: spec.policy,
                lock: None,
                image: None,
                image_bytes: None,
                created_at: Utc::now(),
            })
            .await?;
        Ok(())
    }

    /// Asks the index anew what `spec` means today. Changes nothing; see
    /// [`Images::adopt_lock`].
    ///
    /// # Errors
    /// See [`ImageError`].
    pub async fn propose_lock(
        &self,
        spec: &EnvironmentSpec,
        build: &BuildContext,
    ) -> Result<Lock, ImageError> {
        let key = self.key_of(spec)?;
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        let ground = self.ground(spec, build).await?;
        self.resolve(spec, &key, &ground, build).await
    }

    /// Makes `lock` the one that `spec` is built from, and builds it.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub async fn adopt_lock(
        &self,
        spec: &EnvironmentSpec,
        lock: Lock,
        build: &BuildContext,
    ) -> Result<Resolved, ImageError> {
        let key = self.key_of(spec)?;
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        let ground = self.ground(spec, build).await?;
        self.remember(spec, &key).await?;
        // Built first: an update that cannot be installed changes nothing.
        let wanted = Wanted {
            spec,
            key: &key,
            ground,
        };
        let resolved = self.install(&wanted, lock, build).await?;
        self.put_to_use(&resolved).await?;
        Ok(resolved)
    }

    /// Makes a lock that was installed the one of its environment, with its
    /// image.
    async fn put_to_use(&self, resolved: &Resolved) -> Result<(), ImageError> {
        let (key, lock) = (&resolved.key, &resolved.lock);
        self.store.set_lock(key, lock).await?;
        let kind = ImageKind::Environment;
        let row = self.store.image_by_key(kind, &resolved.image_key).await?;
        let bytes = row.map_or(0, |row| row.bytes);
        self.store
            .set_environment_image(key, &lock.digest, &resolved.image, bytes)
            .await?;
        Ok(())
    }

    /// The exact packages that the requirements mean today.
    async fn resolve(
        &self,
        spec: &EnvironmentSpec,
        key: &Digest,
        ground: &ImageId,
        build: &BuildContext,
    ) -> Result<Lock, ImageError> {
        if spec.requirements.is_empty() {
            return Ok(Lock::new(String::new(), Utc::now()));
        }
        let wanted = count(spec.requirements.len(), "requirement");
        build.step(2, &format!("resolving {wanted}"));
        let input: String = spec.requirements.iter().map(|r| r.line() + "\n").collect();
        let done = self
            .with_retries(build, || self.step("resolve", ground, spec, key), &input)
            .await?;
        builder::discard(&self.engine, &done.container).await;
        if done.exit_code != 0 {
            return Err(diagnose::build_failure(&done.said, spec));
        }
        build.say(&done.said);
        let text = hashes::hold(&String::from_utf8_lossy(&done.stdout), spec)?;
        let lock = Lock::new(text, Utc::now());
        policy::check_lock(&lock, &self.config.build)?;
        Ok(lock)
    }

    /// Installs a lock upon `ground`, or upon a similar environment, and keeps
    /// the image.
    pub(super) async fn install(
        &self,
        wanted: &Wanted<'_>,
        lock: Lock,
        build: &BuildContext,
    ) -> Result<Resolved, ImageError> {
        let image_key = self.image_key(wanted.key, &lock);
        let packages = lock.packages();
        let parent = if build.anew {
            None
        } else {
            self.parent(wanted.spec, &wanted.ground, &packages).await?
        };
        let wanted_packages = count(packages.len(), "package");
        let similar = parent.as_ref().map_or_else(String::new, |near| {
            format!(", {} of them from a similar environment", near.shared)
        });
        build.step(3, &format!("installing {wanted_packages}{similar}"));
        let from = parent.map_or_else(|| wanted.ground.clone(), |near| near.image);
        let done = self
            .with_retries(
                build,
                || self.step("install", &from, wanted.spec, wanted.key),
                &lock.text,
            )
            .await?;
        let committed = if done.exit_code == 0 {
            build.step(4, "keeping the image");
            let labels = [
                ("runbay.env", wanted.key.0.as_str()),
                (GROUND, wanted.ground.0.as_str()),
            ];
            let config = self.image_config("environment", &labels);
            self.engine
                .commit(&done.container, &config)
                .await
                .map_err(ImageError::from)
        } else {
            Err(diagnose::build_failure(&done.said, wanted.spec))
        };
        builder::discard(&self.engine, &done.container).await;
        let image = committed?;
        let bytes = self.size(&image).await?;
        let row = ImageRow {
            environment: Some(wanted.key.clone()),
            lock: Some(lock.digest.clone()),
            ..ImageRow::new(
                image.clone(),
                ImageKind::Environment,
                image_key.clone(),
                bytes,
            )
        };
        self.store.record_image(&row).await?;
        Ok(Resolved {
            key: wanted.key.clone(),
            lock,
            image_key,
            image,
        })
    }

    /// What an environment is built upon: the base image, with the template's
    /// system packages if it has any.
    pub(super) async fn ground(
        &self,
        spec: &EnvironmentSpec,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let base = self.base(spec.python, build).await?;
        let packages = super::spec::packages(&self.catalogue, spec)?;
        if packages.is_empty() {
            return Ok(base);
        }
        self.system_packages(&base, &packages, build).await
    }
}

fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
