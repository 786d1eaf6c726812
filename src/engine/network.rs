//! Networks and volumes.

use super::connect::Engine;
use super::error::EngineError;
use super::labels;
use super::spec::NetworkMode;
use bollard::models::{Network, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::{
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// Lets containers on a bridge talk to each other unless `false`.
const ICC: &str = "com.docker.network.bridge.enable_icc";

/// What containers on a network may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Out of the machine, but not each other. The host's own open ports, and
    /// a cloud's metadata service, remain in reach unless a firewall says no.
    Egress,
    /// Nothing beyond the network, and not each other. The host's address on
    /// it still answers.
    Internal,
}

/// A network or volume of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: HashMap<String, String>,
    /// When it was made, if the engine tells.
    pub created_at: Option<DateTime<Utc>>,
}

impl Engine {
    /// Makes sure that a network of this name exists, and returns it by its id.
    /// Engines before 25 make two of one name if asked twice at the same time,
    /// and then refuse to join either by that name. Of two who ask at once the
    /// younger's goes; but one may not see the other's yet, so whoever can
    /// should ask alone. What two left behind, the next who asks puts right.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if somebody else made one of that name that
    /// isolates less, [`EngineError::Open`] if the engine makes no other, or those
    /// of any request.
    pub async fn ensure_network(
        &self,
        name: &str,
        labels: &[(String, String)],
        isolation: Isolation,
    ) -> Result<NetworkMode, EngineError> {
        let mut all = self.networks_named(name).await?.into_iter();
        let (found, made) = match all.next() {
            Some(found) => (found, false),
            None => (self.create_network(name, labels, isolation).await?, true),
        };
        for younger in all {
            self.remove_unused(younger, labels).await;
        }
        let internal = found.internal.unwrap_or(false);
        let option = found.options.as_ref().and_then(|all| all.get(ICC));
        let closed = option.is_some_and(|icc| icc == "false");
        if made && !closed {
            self.remove_unused(found, labels).await;
            return Err(EngineError::Open {
                address: self.address().to_owned(),
            });
        }
        if !closed || internal != (isolation == Isolation::Internal) {
            return Err(EngineError::Conflict {
                doing: format!("setting up network {name}"),
                message: "a network of this name exists but isolates its containers differently; remove it (docker network rm) and try again".to_owned(),
            });
        }
        let id = found.id.ok_or_else(|| {
            EngineError::incomplete(format!("setting up network {name}"), "the network's id")
        })?;
        Ok(NetworkMode::Named(id))
    }

    async fn create_network(
        &self,
        name: &str,
        labels: &[(String, String)],
        isolation: Isolation,
    ) -> Result<Network, EngineError> {
        let doing = || format!("creating network {name}");
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".to_owned()),
            internal: Some(isolation == Isolation::Internal),
            enable_ipv6: Some(false),
            options: Some(HashMap::from([(ICC.to_owned(), "false".to_owned())])),
            labels: Some(labels::map(labels)),
            ..NetworkCreateRequest::default()
        };
        let made = match self.docker.create_network(request).await {
            Ok(made) => Some(made.id),
            Err(error) => match self.failed(doing(), error) {
                // Newer engines refuse the second of two creators.
                EngineError::Conflict { .. } => None,
                other => return Err(other),
            },
        };
        let all = self.networks_named(name).await?;
        if let (Some(oldest), Some(made)) = (all.first(), made)
            && oldest.id.as_ref() != Some(&made)
        {
            self.remove_network(&made).await?;
        }
        all.into_iter().next().ok_or_else(|| EngineError::NotFound {
            doing: doing(),
            message: "it was removed again at once".to_owned(),
        })
    }

    /// Removes a network with these labels; one that is in use stays.
    async fn remove_unused(&self, network: Network, labels: &[(String, String)]) {
        let theirs = network.labels.unwrap_or_default();
        let ours = labels
            .iter()
            .all(|(key, value)| theirs.get(key) == Some(value));
        if let (true, Some(id)) = (ours, network.id)
            && let Err(error) = self.remove_network(&id).await
        {
            tracing::info!(%error, "a second network of one name stays");
        }
    }

    /// The networks of exactly this name, the oldest first.
    async fn networks_named(&self, name: &str) -> Result<Vec<Network>, EngineError> {
        let filters = HashMap::from([("name".to_owned(), vec![name.to_owned()])]);
        let mut all = self.list_networks(&filters).await?;
        // The engine's filter matches parts of names.
        all.retain(|network| network.name.as_deref() == Some(name));
        all.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        Ok(all)
    }

    async fn list_networks(
        &self,
        filters: &HashMap<String, Vec<String>>,
    ) -> Result<Vec<Network>, EngineError> {
        let options = ListNetworksOptionsBuilder::new().filters(filters).build();
        let listed = self.docker.list_networks(Some(options)).await;
        listed.map_err(|error| self.failed("listing networks", error))
    }

    /// The networks that carry all of these labels.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn networks(&self, labels: &[(String, String)]) -> Result<Vec<Owned>, EngineError> {
        let listed = self.list_networks(&labels::filter(labels)).await?;
        let owned = listed.into_iter().filter_map(|network| {
            Some(Owned {
                name: network.name?,
                labels: network.labels.unwrap_or_default(),
                created_at: network.created,
            })
        });
        Ok(owned.collect())
    }

    /// Removes a network; one that is gone is fine.
    ///
    /// # Errors
    /// [`EngineError::Refused`] or [`EngineError::Conflict`] while a container
    /// uses it, or those of any request.
    pub async fn remove_network(&self, name: &str) -> Result<(), EngineError> {
        match self.docker.remove_network(name).await {
            Ok(()) => Ok(()),
            Err(error) => match self.failed(format!("removing network {name}"), error) {
                EngineError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Makes sure that a volume of this name exists.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if one of that name exists without these
    /// labels, so belongs to somebody else; or those of any request.
    pub async fn ensure_volume(
        &self,
        name: &str,
        labels: &[(String, String)],
    ) -> Result<(), EngineError> {
        let doing = || format!("creating volume {name}");
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels::map(labels)),
            ..VolumeCreateRequest::default()
        };
        let volume = self.docker.create_volume(request).await;
        let volume = volume.map_err(|error| self.failed(doing(), error))?;
        let ours = labels
            .iter()
            .all(|(key, value)| volume.labels.get(key) == Some(value));
        if ours {
            return Ok(());
        }
        Err(EngineError::Conflict {
            doing: doing(),
            message: "a volume of this name exists and belongs to somebody else; remove it (docker volume rm) or rename it".to_owned(),
        })
    }

    /// The volumes that carry all of these labels.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn volumes(&self, labels: &[(String, String)]) -> Result<Vec<Owned>, EngineError> {
        let options = ListVolumesOptionsBuilder::new().filters(&labels::filter(labels));
        let listed = self.docker.list_volumes(Some(options.build())).await;
        let listed = listed.map_err(|error| self.failed("listing volumes", error))?;
        let owned = listed.volumes.unwrap_or_default().into_iter();
        Ok(owned
            .map(|volume| Owned {
                name: volume.name,
                labels: volume.labels,
                created_at: volume.created_at,
            })
            .collect())
    }

    /// Removes a volume; one that is gone is fine.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] while a container uses it, or those of any
    /// request.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        let removed = self
            .docker
            .remove_volume(name, None::<RemoveVolumeOptions>)
            .await;
        match removed {
            Ok(()) => Ok(()),
            Err(error) => match self.failed(format!("removing volume {name}"), error) {
                EngineError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }
}
