//! Creating a container under a name that somebody who died may have asked for
//! a moment ago.

use super::connect::Engine;
use super::container::Container;
use super::error::EngineError;
use super::spec::ContainerSpec;
use crate::domain::ids::ContainerId;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the engine may take to finish what a dead process asked for.
const PATIENCE: Duration = Duration::from_secs(20);

impl Engine {
    /// As [`create`](Self::create), under a name that is the caller's alone: a
    /// container that has it already was asked for by a process that died, whose
    /// request the engine may still be working on. It is removed if `may_go`
    /// says so.
    ///
    /// # Errors
    /// [`EngineError::NameTaken`] if it may not go, or those of `create`.
    pub async fn create_anew(
        &self,
        name: &str,
        spec: &ContainerSpec,
        may_go: impl Fn(&Container) -> bool,
    ) -> Result<ContainerId, EngineError> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let error = match self.create(name, spec).await {
                Err(error @ EngineError::NameTaken { .. }) if Instant::now() < give_up => error,
                other => return other,
            };
            match self.inspect(&ContainerId(name.to_owned())).await? {
                Some(found) if may_go(&found) => self.remove(&found.id).await?,
                Some(_) => return Err(error),
                // A name is taken before what bears it can be seen.
                None => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
