//! Which environment to build upon.

use super::environment::GROUND;
use super::{ImageError, Images, hashes, policy};
use crate::domain::environment::{EnvironmentSpec, LockedPackage, Policy};
use crate::domain::ids::ImageId;
use std::collections::BTreeSet;

/// Docker allows 127 layers; a chain of environments ends well before.
const MAX_LAYERS: usize = 40;

/// An environment that has much in common with a wanted one.
pub(super) struct Near {
    pub(super) image: ImageId,
    /// How many packages are the same.
    pub(super) shared: usize,
}

impl Images {
    /// The environment whose image comes nearest: most packages in common, few
    /// to take away. Starting from it installs the difference only, and the
    /// common packages are one layer on disk.
    pub(super) async fn parent(
        &self,
        spec: &EnvironmentSpec,
        ground: &ImageId,
        wanted: &[LockedPackage],
    ) -> Result<Option<Near>, ImageError> {
        // An environment into which a package's own code was let, while it was
        // built, is nobody else's foundation.
        if policy::runs_package_code(spec.policy, &self.config.build.sdists) || wanted.is_empty() {
            return Ok(None);
        }
        // What is installed already would not be held against the hashes.
        if hashes::asked_for(spec) {
            return Ok(None);
        }
        let wanted: BTreeSet<_> = wanted.iter().collect();
        let mut near: Vec<Near> = Vec::new();
        for other in self.store.environments().await? {
            let (Some(image), Some(lock)) = (other.image, other.lock) else {
                continue;
            };
            if other.policy == Policy::Open || other.python != spec.python {
                continue;
            }
            let has = lock.packages();
            let shared = has.iter().filter(|p| wanted.contains(p)).count();
            if shared > 0 && (has.len() - shared) * 3 <= shared {
                near.push(Near { image, shared });
            }
        }
        near.sort_by_key(|n| std::cmp::Reverse(n.shared));
        for candidate in near {
            let Some(image) = self.engine.image(&candidate.image.0).await? else {
                continue;
            };
            let same_ground = image
                .labels
                .iter()
                .any(|(k, v)| k == GROUND && *v == ground.0);
            if same_ground && image.layers.len() < MAX_LAYERS {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }
}
