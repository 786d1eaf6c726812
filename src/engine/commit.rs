//! Making an image of a container's files.

use super::connect::Engine;
use super::error::EngineError;
use super::labels;
use crate::domain::ids::{ContainerId, ImageId};
use bollard::models::ContainerConfig;
use bollard::query_parameters::{CommitContainerOptionsBuilder, InspectContainerOptions};
use std::collections::HashMap;
use std::time::Duration;

/// How long a commit may take: it writes a layer of any size.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(600);

/// What an image made from a container says of itself. What it does not say
/// is reset, not inherited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageConfig {
    /// Its name and tag; an image without is known by its id alone.
    pub reference: Option<(String, String)>,
    /// Environment, `KEY=value`; that of the image below remains unless
    /// overwritten here.
    pub env: Vec<String>,
    /// What the command is given to.
    pub entrypoint: Vec<String>,
    /// The command. Must not be empty unless there is an entry point, since the
    /// engine would then put the container's own there.
    pub cmd: Vec<String>,
    /// The user, such as `10001:10001`. Must not be empty either.
    pub user: String,
    /// The working directory. Must not be empty either.
    pub workdir: String,
    /// Labels.
    pub labels: Vec<(String, String)>,
}

impl Engine {
    /// Makes an image of a container's files.
    ///
    /// The engine fills whatever `config` leaves open from the container, and
    /// nothing makes it forget a label or variable. So those of the container
    /// that neither `config` nor the image below has are overwritten with
    /// nothing: they remain as empty words.
    ///
    /// # Errors
    /// [`EngineError::BadSpec`] for an incomplete `config`, or those of any
    /// request.
    pub async fn commit(
        &self,
        container: &ContainerId,
        config: &ImageConfig,
    ) -> Result<ImageId, EngineError> {
        let doing = || format!("committing container {container}");
        if config.user.is_empty()
            || config.workdir.is_empty()
            || (config.cmd.is_empty() && config.entrypoint.is_empty())
        {
            return Err(EngineError::BadSpec(
                "an image needs a user, a working directory, and a command or entry point"
                    .to_owned(),
            ));
        }
        let found = self
            .docker
            .inspect_container(&container.0, None::<InspectContainerOptions>)
            .await
            .map_err(|error| self.failed(doing(), error))?;
        let below = match found.image.as_deref() {
            Some(id) => self.image(id).await?,
            None => None,
        };
        let below = below.map_or_else(Default::default, |image| (image.labels, image.env));
        let body = commit_body(config, found.config.unwrap_or_default(), below);
        let mut options = CommitContainerOptionsBuilder::new()
            .container(&container.0)
            .pause(true);
        if let Some((repo, tag)) = &config.reference {
            options = options.repo(repo).tag(tag);
        }
        let docker = self.docker.clone().with_timeout(COMMIT_TIMEOUT);
        let made = docker.commit_container(options.build(), body).await;
        Ok(ImageId(
            made.map_err(|error| self.failed(doing(), error))?.id,
        ))
    }
}

fn commit_body(
    config: &ImageConfig,
    container: ContainerConfig,
    below: (HashMap<String, String>, Vec<String>),
) -> ContainerConfig {
    let (below_labels, below_env) = below;
    let mut labels = labels::map(&config.labels);
    for key in container.labels.unwrap_or_default().into_keys() {
        let kept = below_labels.get(&key).cloned().unwrap_or_default();
        labels.entry(key).or_insert(kept);
    }
    let mut env = config.env.clone();
    for entry in container.env.unwrap_or_default() {
        let key = variable(&entry);
        if !env.iter().any(|ours| variable(ours) == key) {
            let kept = below_env.iter().find(|old| variable(old) == key);
            env.push(kept.cloned().unwrap_or_else(|| format!("{key}=")));
        }
    }
    ContainerConfig {
        env: Some(env),
        entrypoint: Some(config.entrypoint.clone()),
        cmd: Some(config.cmd.clone()),
        user: Some(config.user.clone()),
        working_dir: Some(config.workdir.clone()),
        labels: Some(labels),
        ..ContainerConfig::default()
    }
}

fn variable(entry: &str) -> &str {
    entry.split('=').next().unwrap_or(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_container_had_is_not_what_the_image_has() {
        let config = ImageConfig {
            env: vec!["MINE=1".to_owned()],
            labels: vec![("mine".to_owned(), "1".to_owned())],
            ..ImageConfig::default()
        };
        let container = ContainerConfig {
            env: Some(vec!["MINE=0".into(), "TOKEN=x".into(), "PATH=/odd".into()]),
            labels: Some(HashMap::from([("run".to_owned(), "7".to_owned())])),
            ..ContainerConfig::default()
        };
        let below = (HashMap::new(), vec!["PATH=/bin".to_owned()]);
        let body = commit_body(&config, container, below);
        assert_eq!(body.env.unwrap(), ["MINE=1", "TOKEN=", "PATH=/bin"]);
        let labels = body.labels.unwrap();
        assert_eq!((labels["mine"].as_str(), labels["run"].as_str()), ("1", ""));
    }
}
