//! Base images: an image with Python, made ours once.

use super::builder::{self, Step};
use super::recipe::UV_VERSION;
use super::{BuildContext, ImageError, Images, keylock};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use crate::domain::manifest::PythonVersion;
use crate::engine::{EngineError, ImageConfig, Role};

impl Images {
    /// The base image for a Python release, made if need be.
    pub(super) async fn base(
        &self,
        python: PythonVersion,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let raw = self.python_image(python, build).await?;
        let key = self.base_key(&raw, python);
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        if let Some(row) = self.store.image_by_key(ImageKind::Base, &key).await? {
            if self.engine.image(&row.id.0).await?.is_some() {
                return Ok(row.id);
            }
            self.store.forget_image(&row.id).await?;
        }
        build.step(1, &format!("making the base image for Python {python}"));
        let id = self.make_base(raw, python, &key, build).await?;
        let row = ImageRow::new(id.clone(), ImageKind::Base, key, self.size(&id).await?);
        self.store.record_image(&row).await?;
        Ok(id)
    }

    /// What decides a base image: what it is made from, and our own files.
    pub(super) fn base_key(&self, raw: &ImageId, python: PythonVersion) -> Digest {
        Digest::of(format!("base\0{raw}\0{python}\0{}", self.recipe.digest).as_bytes())
    }

    /// The image that brings Python: the first configured reference that is on
    /// the engine, else the first that can be pulled.
    async fn python_image(
        &self,
        python: PythonVersion,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let references = self.config.base_references(python);
        for reference in &references {
            if let Some(image) = self.engine.image(reference).await? {
                return Ok(image.id);
            }
        }
        let mut why = String::new();
        for reference in &references {
            build.say(&format!("pulling {reference}"));
            let mut last = String::new();
            let mut progress = |line: String| last = line;
            match self.engine.pull(reference, &mut progress).await {
                Ok(id) => return Ok(id),
                Err(error @ EngineError::Unavailable { .. }) => return Err(error.into()),
                Err(error) => why.push_str(&format!("\n  {reference}: {error}")),
            }
        }
        Err(ImageError::NoBase(format!(
            "there is no image with Python {python} on the engine, and none could be pulled:{why}\nOn Debian or Ubuntu, `images/setup.sh base {python}` makes one from packages; or name one you have in runbay.toml: [python] \"{python}\" = \"…\"."
        )))
    }

    async fn make_base(
        &self,
        raw: ImageId,
        python: PythonVersion,
        key: &Digest,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let files = self.recipe.tar().map_err(|source| ImageError::Io {
            what: "the files of the base image could not be packed".to_owned(),
            source,
        })?;
        let cmd = [
            "sh",
            "/opt/runbay/install.sh",
            &python.to_string(),
            UV_VERSION,
        ]
        .map(str::to_owned)
        .to_vec();
        let mut spec = self.build_container(&raw, Role::System, cmd, key);
        spec.stdin = true;
        spec.network = self.build_network().await?;
        let step = Step {
            name: self.container_name("base", key),
            spec,
            files: Some(files),
            stdin: self.with_index(""),
            timeout: self.config.build.timeout.0,
            quiet: false,
        };
        let done = builder::run(&self.engine, step, build).await?;
        let made = if done.exit_code == 0 {
            let config = self.image_config("base", &[("runbay.python", &python.to_string())]);
            self.engine
                .commit(&done.container, &config)
                .await
                .map_err(ImageError::from)
        } else {
            Err(ImageError::NoBase(format!(
                "the base image for Python {python} could not be made (exit code {}):\n{}",
                done.exit_code,
                done.said.trim_end()
            )))
        };
        builder::discard(&self.engine, &done.container).await;
        made
    }

    /// The size of an image, bytes.
    pub(super) async fn size(&self, id: &ImageId) -> Result<u64, ImageError> {
        Ok(self
            .engine
            .image(&id.0)
            .await?
            .map_or(0, |image| image.bytes))
    }

    /// The configuration of an image of ours: nothing is inherited from the
    /// container it is committed from.
    pub(super) fn image_config(&self, kind: &str, labels: &[(&str, &str)]) -> ImageConfig {
        let mut all = self.labels(kind);
        all.extend(
            labels
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        ImageConfig {
            reference: None,
            env: self.recipe.env(),
            entrypoint: Vec::new(),
            cmd: vec!["python".to_owned()],
            user: "10001:10001".to_owned(),
            workdir: "/task".to_owned(),
            labels: all,
        }
    }
}
