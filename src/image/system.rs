//! System packages of an environment template, as a layer on the base image.
//!
//! Templates are folders of `images/`, which an admin writes; a task cannot
//! name packages of the system itself, because they are installed as root.

use super::builder::{self, Step};
use super::{BuildContext, ImageError, Images, keylock};
use crate::domain::ids::{Digest, ImageId};
use crate::domain::image::{ImageKind, ImageRow};
use crate::engine::Role;

const SCRIPT: &str = "\
export DEBIAN_FRONTEND=noninteractive
command -v apt-get >/dev/null || { echo 'system packages need a base image of Debian or Ubuntu' >&2; exit 1; }
apt-get -q -o APT::Sandbox::User=root update
apt-get -q -y -o APT::Sandbox::User=root install --no-install-recommends \"$@\"
apt-get clean
rm -rf /var/lib/apt/lists/*";

/// What decides a base image with system packages.
pub(super) fn key(base: &ImageId, packages: &[String]) -> Digest {
    Digest::of(format!("system\0{base}\0{}", packages.join("\0")).as_bytes())
}

impl Images {
    /// `base` with these Debian packages, made if need be.
    pub(super) async fn system_packages(
        &self,
        base: &ImageId,
        packages: &[String],
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let key = key(base, packages);
        let _lock = keylock::acquire(&self.config.data_dir, &key, build).await?;
        if let Some(row) = self.store.image_by_key(ImageKind::Base, &key).await? {
            if self.engine.image(&row.id.0).await?.is_some() {
                return Ok(row.id);
            }
            self.store.forget_image(&row.id).await?;
        }
        build.say(&format!(
            "installing system packages: {}",
            packages.join(" ")
        ));
        let id = self.install_packages(base, packages, &key, build).await?;
        let row = ImageRow::new(id.clone(), ImageKind::Base, key, self.size(&id).await?);
        self.store.record_image(&row).await?;
        Ok(id)
    }

    async fn install_packages(
        &self,
        base: &ImageId,
        packages: &[String],
        key: &Digest,
        build: &BuildContext,
    ) -> Result<ImageId, ImageError> {
        let mut cmd = ["sh", "-euc", SCRIPT, "apt"].map(str::to_owned).to_vec();
        cmd.extend(packages.iter().cloned());
        let mut spec = self.build_container(base, Role::System, cmd, key);
        spec.network = self.build_network().await?;
        let step = Step {
            name: self.container_name("system", key),
            spec,
            files: None,
            stdin: Vec::new(),
            timeout: self.config.build.timeout.0,
            quiet: false,
        };
        let done = builder::run(&self.engine, step, build).await?;
        let made = if done.exit_code == 0 {
            let config = self.image_config("base", &[]);
            self.engine
                .commit(&done.container, &config)
                .await
                .map_err(ImageError::from)
        } else {
            let lines: Vec<_> = done.said.lines().collect();
            Err(ImageError::Build(format!(
                "the system packages of the environment template could not be installed:\n{}",
                lines[lines.len().saturating_sub(8)..].join("\n")
            )))
        };
        builder::discard(&self.engine, &done.container).await;
        made
    }
}
