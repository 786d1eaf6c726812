//! Images: look, pull, name, remove. Making one is in `commit`.

use super::connect::Engine;
use super::error::EngineError;
use super::labels::{self, TAG_PREFIX};
use crate::domain::ids::ImageId;
use bollard::errors::Error as Bollard;
use bollard::models::ImageInspect;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
    TagImageOptionsBuilder,
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use std::collections::HashMap;

/// An image on the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Its size with all its layers, bytes. Layers are shared between images.
    pub bytes: u64,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// Its labels.
    pub labels: HashMap<String, String>,
    /// Its names.
    pub tags: Vec<String>,
    /// Such as `amd64`.
    pub architecture: String,
    /// Its layers (diff ids), the lowest first.
    pub layers: Vec<String>,
    /// Its environment, `KEY=value`.
    pub env: Vec<String>,
}

/// What became of an image that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoveImage {
    /// It is removed, with those of its layers nobody else needs.
    Removed,
    /// It stays, for the reason given: a container, another image, or a name
    /// that is not of our giving.
    InUse(String),
    /// There is no such image.
    Gone,
}

impl Engine {
    /// The image of this name or id; none if it is not on the engine.
    ///
    /// # Errors
    /// [`EngineError::BadSpec`] if that cannot be a name of an image, or those
    /// of any request.
    pub async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError> {
        check_reference(reference)?;
        let doing = || format!("inspecting image {reference}");
        match self.docker.inspect_image(reference).await {
            Ok(found) => image(found)
                .map(Some)
                .ok_or_else(|| EngineError::incomplete(doing(), "the image's id")),
            Err(error) => match self.failed(doing(), error) {
                EngineError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    /// The images that carry all of these labels, with or without a name.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn images(&self, labels: &[(String, String)]) -> Result<Vec<Image>, EngineError> {
        // Without `all` the engine leaves out nameless images that others are
        // made from: environments, to us.
        let options = ListImagesOptionsBuilder::new()
            .all(true)
            .filters(&labels::filter(labels));
        let listed = self.docker.list_images(Some(options.build())).await;
        let listed = listed.map_err(|error| self.failed("listing images", error))?;
        let mut images = Vec::with_capacity(listed.len());
        for one in listed {
            // One removed since is none of them any more.
            images.extend(self.image(&one.id).await?);
        }
        Ok(images)
    }

    /// Fetches an image from its registry, telling each step.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if the registry has no such image or does not
    /// give it to us; [`EngineError::RegistryUnreachable`] if the engine cannot
    /// speak to it, as far as the engine's words allow to tell; or those of any
    /// request.
    pub async fn pull(
        &self,
        reference: &str,
        progress: &mut (dyn FnMut(String) + Send),
    ) -> Result<ImageId, EngineError> {
        check_reference(reference)?;
        let doing = || format!("pulling image {reference}");
        // Without a tag the engine would fetch all there are.
        let full = match reference.rsplit('/').next() {
            Some(last) if last.contains([':', '@']) => reference.to_owned(),
            _ => format!("{reference}:latest"),
        };
        let options = CreateImageOptionsBuilder::new().from_image(&full).build();
        let mut steps = self.docker.create_image(Some(options), None, None);
        while let Some(step) = steps.next().await {
            let step = step.map_err(|error| self.pull_failed(reference, error))?;
            if let Some(status) = step.status {
                progress(match step.id {
                    Some(id) => format!("{id}: {status}"),
                    None => status,
                });
            }
        }
        let pulled = self.image(&full).await?;
        pulled
            .map(|image| image.id)
            .ok_or_else(|| EngineError::NotFound {
                doing: doing(),
                message: "it was pulled but is not there".to_owned(),
            })
    }

    fn pull_failed(&self, reference: &str, error: Bollard) -> EngineError {
        let doing = format!("pulling image {reference}");
        match self.failed(doing.clone(), error) {
            EngineError::Refused { message, .. } | EngineError::NotFound { message, .. } => {
                if is_absent(&message) {
                    EngineError::NotFound { doing, message }
                } else if is_unreachable(&message) {
                    EngineError::RegistryUnreachable {
                        reference: reference.to_owned(),
                        message,
                    }
                } else {
                    EngineError::Refused {
                        doing,
                        status: 500,
                        message,
                    }
                }
            }
            other => other,
        }
    }

    /// Gives an image a further name, taking it from the image that had it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if the image is gone, or those of any request.
    pub async fn tag(&self, id: &ImageId, repo: &str, tag: &str) -> Result<(), EngineError> {
        let options = TagImageOptionsBuilder::new().repo(repo).tag(tag).build();
        let tagged = self.docker.tag_image(&id.0, Some(options)).await;
        tagged.map_err(|error| self.failed(format!("naming image {id} {repo}:{tag}"), error))
    }

    /// Removes an image unless anybody needs it; never by force. Names of ours
    /// (`runbay/…`) are taken off it; a name given by somebody else keeps it.
    /// Images below it stay, named or not.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn remove_image(&self, id: &ImageId) -> Result<RemoveImage, EngineError> {
        let Some(image) = self.image(&id.0).await? else {
            return Ok(RemoveImage::Gone);
        };
        if let Some(foreign) = image.tags.iter().find(|tag| !tag.starts_with(TAG_PREFIX)) {
            return Ok(RemoveImage::InUse(format!("it is also named {foreign}")));
        }
        let mut last = RemoveImage::Gone;
        // Taking off the last name removes the image.
        let names = image.tags.iter().map(String::as_str);
        for name in names.chain(image.tags.is_empty().then_some(id.0.as_str())) {
            last = self.remove_reference(name).await?;
            if matches!(last, RemoveImage::InUse(_)) {
                break;
            }
        }
        Ok(last)
    }

    async fn remove_reference(&self, name: &str) -> Result<RemoveImage, EngineError> {
        // Pruning would take the nameless images below with it, and those may
        // be environments that other tasks are built on.
        let options = RemoveImageOptionsBuilder::new()
            .force(false)
            .noprune(true)
            .build();
        match self.docker.remove_image(name, Some(options), None).await {
            Ok(_) => Ok(RemoveImage::Removed),
            Err(error) => match self.failed(format!("removing image {name}"), error) {
                EngineError::NotFound { .. } => Ok(RemoveImage::Gone),
                EngineError::Conflict { message, .. } => Ok(RemoveImage::InUse(message)),
                other => Err(other),
            },
        }
    }
}

fn image(found: ImageInspect) -> Option<Image> {
    let config = found.config.unwrap_or_default();
    Some(Image {
        id: ImageId(found.id?),
        bytes: found.size.and_then(|n| n.try_into().ok()).unwrap_or(0),
        created_at: found.created,
        labels: config.labels.unwrap_or_default(),
        tags: found.repo_tags.unwrap_or_default(),
        architecture: found.architecture.unwrap_or_default(),
        layers: found.root_fs.and_then(|fs| fs.layers).unwrap_or_default(),
        env: config.env.unwrap_or_default(),
    })
}

/// The name becomes part of a URL, so it must be nothing but a name.
fn check_reference(reference: &str) -> Result<(), EngineError> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-/:@".contains(&c);
    if !reference.is_empty() && reference.bytes().all(plain) && !reference.contains("..") {
        return Ok(());
    }
    Err(EngineError::BadSpec(format!(
        "“{}” is not the name of an image: write it as python:3.13-slim",
        reference.escape_debug()
    )))
}

/// The registry answered that there is no such image, or none for us.
fn is_absent(message: &str) -> bool {
    [
        "manifest unknown",
        "not found: manifest",
        "does not exist",
        "no matching manifest",
        "denied",
        "name unknown",
        "repository name not known",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// The engine could not speak to the registry.
fn is_unreachable(message: &str) -> bool {
    [
        "dial tcp",
        "no such host",
        "lookup ",
        "connection refused",
        "i/o timeout",
        "Client.Timeout",
        "TLS handshake",
        "x509",
        "proxyconnect",
        "EOF",
        "server misbehaving",
        "network is unreachable",
        "connection reset",
        "deadline exceeded",
        "Service Unavailable",
        "Bad Gateway",
    ]
    .iter()
    .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_is_away_is_not_an_image_that_is() {
        let away =
            "Get \"https://registry.example/v2/\": dial tcp: lookup registry.example: no such host";
        assert!(is_unreachable(away) && !is_absent(away));
        let absent = "pull access denied for nothing, repository does not exist or may require 'docker login': denied";
        assert!(is_absent(absent));
        assert!(is_absent(
            "manifest for python:9 not found: manifest unknown: manifest unknown"
        ));
    }

    #[test]
    fn a_reference_cannot_leave_its_place_in_the_url() {
        for good in ["python:3.13-slim", "sha256:ab", "host:5000/a/b@sha256:cd"] {
            assert!(check_reference(good).is_ok(), "{good}");
        }
        for bad in ["", "a?b", "../containers", "a b", "a#b", "é"] {
            assert!(check_reference(bad).is_err(), "{bad}");
        }
    }
}
