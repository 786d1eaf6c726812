//! The network that runs go out by.
//!
//! What a network isolates is settled when it is made, and its id is never that
//! of another. So it is looked at once, and its id kept in a file of the data
//! folder: every run would ask the engine else. One that is gone by the time that
//! a container starts on it is looked for, or made, anew.

use super::Driver;
use crate::domain::ids::InstanceId;
use crate::domain::manifest::Network;
use crate::engine::NetworkMode;
use crate::image::ImageError;
use std::fs;
use std::path::PathBuf;

/// The file that has the id, in the data folder.
const FILE: &str = "network";

/// The network of runs that may reach out.
#[must_use]
pub fn network_name(instance: &InstanceId) -> String {
    format!("runbay-{}-egress", instance.short())
}

impl Driver {
    /// Makes sure of the network that a run needs.
    pub(super) async fn egress(&self, network: Network) -> Result<NetworkMode, ImageError> {
        if network == Network::None {
            return Ok(NetworkMode::None);
        }
        // A line in a file that is in memory: not worth another thread.
        let kept = fs::read_to_string(self.network_file()).ok();
        if let Some(id) = kept.filter(|id| is_id(id)) {
            return Ok(NetworkMode::Named(id));
        }
        let name = network_name(&self.store.instance());
        let found = self.images.network(&name).await?;
        if let NetworkMode::Named(id) = &found
            && let Err(error) = self.keep_network(id)
        {
            tracing::debug!(%error, "the network of runs is looked for again next time");
        }
        Ok(found)
    }

    /// A process that dies here leaves what is no id, and is not believed.
    fn keep_network(&self, id: &str) -> std::io::Result<()> {
        let file = self.network_file();
        let new = file.with_extension("new");
        fs::write(&new, id)?;
        fs::rename(new, file)
    }

    /// Has it looked for when it is needed next.
    pub(super) fn forget_network(&self) {
        // It may not be there.
        drop(fs::remove_file(self.network_file()));
    }

    fn network_file(&self) -> PathBuf {
        self.config.data_dir.join(FILE)
    }
}

/// Whether a text can be what an engine calls a network.
fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
