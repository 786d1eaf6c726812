//! What a run with `network = "egress"` can reach besides the internet, tried
//! out and not deduced: a hardened container on the network of runs knocks at a
//! port that this process opens for it on the host, at the address where clouds
//! tell a machine its credentials, and at a second container.
//!
//! The containers carry a label with a word of this probe alone, and whatever
//! carries it is removed at the end, also after an error or Ctrl-C. What a
//! killed doctor left behind, the next one removes.

use super::Check;
use crate::attempt::network_name;
use crate::domain::ids::{ImageId, InstanceId};
use crate::domain::size::MIB;
use crate::engine::{
    Attached, ContainerSpec, Engine, EngineError, FrameStream, Isolation, NetworkMode, Role,
    StdStream, labels,
};
use chrono::{TimeDelta, Utc};
use futures::StreamExt;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

const NAME: &str = "network";
/// How long the whole trial may take, and then its cleaning up.
const TRIAL: Duration = Duration::from_secs(6);
const CLEANING: Duration = Duration::from_secs(3);
/// The label with the word of one probe.
const PROBE: &str = "runbay.probe";
const KIND: &str = "doctor";

/// What the container saw, as `probe.py` prints it.
#[derive(Debug, Deserialize)]
struct Seen {
    gateway: Option<IpAddr>,
    subnet: Option<String>,
    host: Option<Answer>,
    metadata: Answer,
    neighbour: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    /// Connected.
    Open,
    /// Connected, but to somebody else.
    Other,
    /// Somebody said no at once.
    Refused,
    /// Nobody answered.
    Closed,
}

/// Tries out what a run can reach.
pub(super) async fn checks(
    engine: &Engine,
    image: Option<ImageId>,
    instance: Option<&InstanceId>,
) -> Vec<Check> {
    let Some(image) = image else {
        return vec![
            Check::note(
                NAME,
                "not tried: there is no image with Python on the engine",
            )
            .then("once there is one, ask again"),
        ];
    };
    let word = uuid::Uuid::new_v4().simple().to_string();
    let trial = Trial {
        engine,
        image,
        owner: instance.map_or("none", |id| id.0.as_str()),
        network: format!("runbay-doctor-{word}"),
        word,
    };
    let result = tokio::select! {
        result = timeout(TRIAL, trial.run(instance)) => result,
        _ = tokio::signal::ctrl_c() => {
            drop(timeout(CLEANING, trial.clean()).await);
            return vec![Check::note(NAME, "not tried to the end: interrupted")];
        }
    };
    let cleaned = timeout(CLEANING, trial.clean()).await;
    let mut found = match result {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => vec![Check::warning(
            NAME,
            format!("could not be tried: {}", crate::domain::report(&error)),
        )],
        Err(_) => vec![Check::warning(
            NAME,
            format!(
                "could not be tried: it took longer than {} s",
                TRIAL.as_secs()
            ),
        )],
    };
    if !matches!(cleaned, Ok(Ok(()))) {
        found.push(
            Check::warning(NAME, "what was made for the trial could not be removed").then(format!(
                "docker rm -f $(docker ps -aq --filter label={PROBE})"
            )),
        );
    }
    found
}

struct Trial<'a> {
    engine: &'a Engine,
    image: ImageId,
    owner: &'a str,
    /// A network of its own, for when there is none of runs yet.
    network: String,
    word: String,
}

impl Trial<'_> {
    async fn run(&self, instance: Option<&InstanceId>) -> Result<Vec<Check>, EngineError> {
        self.sweep_old().await?;
        // Firewall rules may name the network of runs, so it is the one to try.
        let runs = instance.map(network_name);
        let known = self.engine.networks(&[]).await?;
        let theirs = runs.filter(|runs| known.iter().any(|network| network.name == *runs));
        let lasting = theirs.is_some();
        let network = match theirs {
            Some(name) => name,
            None => {
                self.engine
                    .ensure_network(&self.network, &self.labels(), Isolation::Egress)
                    .await?;
                self.network.clone()
            }
        };
        let (port, door) = self.door().await;
        let neighbour = self.start("neighbour", include_str!("neighbour.py"), &[], &network);
        let mut neighbour = neighbour.await?;
        let address = line(&mut neighbour).await?;
        let arguments = [port.to_string(), self.word.clone(), address];
        let probe = self.start("probe", include_str!("probe.py"), &arguments, &network);
        let text = line(&mut probe.await?).await?;
        drop(door);
        let seen: Seen = serde_json::from_str(&text).map_err(|_| odd(&text))?;
        let same_machine = seen.gateway.is_some_and(is_ours);
        Ok(judge(&seen, same_machine, lasting))
    }

    /// A port of this machine that says our word to whoever connects, until the
    /// returned task is dropped.
    async fn door(&self) -> (u16, Option<Door>) {
        let Ok(listener) = TcpListener::bind(("0.0.0.0", 0)).await else {
            return (9, None);
        };
        let port = listener.local_addr().map_or(9, |address| address.port());
        let word = self.word.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                drop(line.write_all(word.as_bytes()).await);
            }
        });
        (port, Some(Door(task)))
    }

    fn labels(&self) -> Vec<(String, String)> {
        [
            (labels::INSTANCE, self.owner),
            (labels::KIND, KIND),
            (PROBE, &self.word),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Starts a small container as hard as that of a run; returns its output.
    async fn start(
        &self,
        what: &str,
        code: &str,
        arguments: &[String],
        network: &str,
    ) -> Result<FrameStream, EngineError> {
        let mut cmd = ["python3", "-c", code].map(str::to_owned).to_vec();
        cmd.extend_from_slice(arguments);
        let mut spec = ContainerSpec::new(self.image.clone(), Role::Run, cmd);
        spec.labels = self.labels();
        (spec.memory, spec.pids, spec.shm) = (128 * MIB, 16, MIB);
        spec.network = NetworkMode::Named(network.to_owned());
        let name = format!("runbay-doctor-{}-{what}", self.word);
        let id = self.engine.create(&name, &spec).await?;
        let Attached { output, .. } = self.engine.attach(&id).await?;
        self.engine.start(&id).await?;
        Ok(output)
    }

    /// Removes everything that carries our word.
    async fn clean(&self) -> Result<(), EngineError> {
        let label = [(PROBE.to_owned(), self.word.clone())];
        let containers = self.engine.containers(&label).await?;
        let removals = containers.iter().map(|one| self.engine.remove(&one.id));
        let removed: Vec<Result<(), EngineError>> = futures::future::join_all(removals).await;
        for network in self.engine.networks(&label).await? {
            self.engine.remove_network(&network.name).await?;
        }
        removed.into_iter().collect()
    }

    /// Removes what doctors of this data folder left that were killed. No
    /// trial takes as long as these are old, and no image carries these labels,
    /// so nobody else's container inherits them.
    async fn sweep_old(&self) -> Result<(), EngineError> {
        let label = [
            (labels::INSTANCE.to_owned(), self.owner.to_owned()),
            (labels::KIND.to_owned(), KIND.to_owned()),
        ];
        for container in self.engine.containers(&label).await? {
            let word = container.labels.get(PROBE).cloned().unwrap_or_default();
            let name = format!("runbay-doctor-{word}");
            let ours = !word.is_empty() && container.name.starts_with(&name);
            if ours && Utc::now() - container.created_at > TimeDelta::minutes(2) {
                self.engine.remove(&container.id).await?;
                // The other container of the trial may still be on it.
                drop(self.engine.remove_network(&name).await);
            }
        }
        Ok(())
    }
}

/// Closes the port when dropped.
struct Door(tokio::task::JoinHandle<()>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The first line that a container prints.
async fn line(output: &mut FrameStream) -> Result<String, EngineError> {
    let mut said = Vec::new();
    let mut complaints = Vec::new();
    while let Some(frame) = output.next().await {
        let frame = frame?;
        match frame.stream {
            StdStream::Out => said.extend_from_slice(&frame.bytes),
            StdStream::Err => complaints.extend_from_slice(&frame.bytes),
        }
        if let Some(end) = said.iter().position(|byte| *byte == b'\n') {
            said.truncate(end);
            return Ok(String::from_utf8_lossy(&said).into_owned());
        }
    }
    let text = String::from_utf8_lossy(&complaints).into_owned();
    Err(odd(text.lines().last().unwrap_or_default()))
}

/// The container said something else than it should.
fn odd(text: &str) -> EngineError {
    EngineError::StartRefused(format!("the container of the trial said: “{text}”"))
}

/// Whether an address is one of this machine, seen from this process. It is
/// not when Runbay runs in a container itself, or the engine does not run here.
fn is_ours(address: IpAddr) -> bool {
    std::net::TcpListener::bind(SocketAddr::new(address, 0)).is_ok()
}

fn judge(seen: &Seen, same_machine: bool, lasting: bool) -> Vec<Check> {
    let subnet = match (&seen.subnet, lasting) {
        (Some(subnet), true) => subnet.as_str(),
        // That of a throwaway network is another's tomorrow.
        _ => "SUBNET",
    };
    let ask_again = if lasting {
        ""
    } else {
        "\nSUBNET is not fixed before the first run has made its network: ask again then"
    };
    vec![
        host(seen, same_machine, subnet, ask_again),
        metadata(seen.metadata, subnet, ask_again),
        neighbour(seen.neighbour),
    ]
}

fn host(seen: &Seen, same_machine: bool, subnet: &str, ask_again: &str) -> Check {
    let Some((gateway, answer)) = seen.gateway.zip(seen.host) else {
        return Check::warning(NAME, "runs have no way out of the machine")
            .then("does the engine forward packets? sysctl net.ipv4.ip_forward=1");
    };
    if answer == Answer::Open {
        return Check::warning(
            NAME,
            format!("a run reaches services of this machine that listen on all addresses, at {gateway} (tried); your local network is most likely open, too (not tried)"),
        )
        .then(format!(
            "iptables -I INPUT -s {subnet} -m conntrack --ctstate NEW -j DROP (if your name server is this machine, let port 53 through before it)\nfor tasks that need no network: network = \"none\" in task.toml{ask_again}"
        ));
    }
    if !same_machine {
        return Check::note(
            NAME,
            "whether a run reaches services of the engine's machine cannot be tried from here",
        )
        .then("run `runbay doctor` on that machine, outside of containers");
    }
    Check::ok(
        NAME,
        format!(
            "a run does not reach services of this machine at {gateway} (tried); your local network was not tried"
        ),
    )
}

fn metadata(answer: Answer, subnet: &str, ask_again: &str) -> Check {
    match answer {
        Answer::Open | Answer::Other => Check::warning(
            NAME,
            "169.254.169.254:80 answers a run: there, a cloud tells machines their credentials",
        )
        .then(format!(
            "iptables -I DOCKER-USER -s {subnet} -d 169.254.169.254 -p tcp --dport 80 -j DROP{ask_again}"
        )),
        Answer::Refused | Answer::Closed => {
            Check::ok(NAME, "a run does not reach 169.254.169.254:80 (tried)")
        }
    }
}

/// That runs do not reach each other is promised, not merely hoped for. The
/// neighbour listens, so a refusal is a firewall's.
fn neighbour(answer: Answer) -> Check {
    match answer {
        Answer::Open | Answer::Other => Check::error(
            NAME,
            "runs reach each other: the engine does not keep the containers of a network apart",
        )
        .then("modprobe br_netfilter && sysctl net.bridge.bridge-nf-call-iptables=1; the engine must not run with iptables=false"),
        Answer::Refused | Answer::Closed => Check::ok(NAME, "runs do not reach each other (tried)"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn seen(host: Answer, metadata: Answer, neighbour: Answer) -> Seen {
        Seen {
            gateway: Some([172, 20, 0, 1].into()),
            subnet: Some("172.20.0.0/16".to_owned()),
            host: Some(host),
            metadata,
            neighbour,
        }
    }

    fn levels(seen: &Seen, same_machine: bool) -> Vec<Level> {
        let found = judge(seen, same_machine, true);
        found.iter().map(|check| check.level).collect()
    }

    #[test]
    fn what_is_open_is_said_and_what_was_not_tried_is_not_called_closed() {
        use Answer::{Closed, Open, Other, Refused};
        use Level::{Error, Note, Ok, Warning};
        for (host, metadata, neighbour, same, expected) in [
            (Closed, Closed, Closed, true, [Ok, Ok, Ok]),
            (Refused, Refused, Closed, true, [Ok, Ok, Ok]),
            (Open, Open, Open, true, [Warning, Warning, Error]),
            (Open, Closed, Closed, false, [Warning, Ok, Ok]),
            (Closed, Closed, Closed, false, [Note, Ok, Ok]),
            (Other, Other, Refused, false, [Note, Warning, Ok]),
        ] {
            let seen = seen(host, metadata, neighbour);
            assert_eq!(levels(&seen, same), expected, "{seen:?} {same}");
        }
    }

    #[test]
    fn rules_name_a_subnet_only_if_it_lasts() {
        let open = seen(Answer::Open, Answer::Open, Answer::Closed);
        for (lasting, there) in [(true, true), (false, false)] {
            for check in &judge(&open, true, lasting)[..2] {
                let remedy = check.remedy.as_deref().unwrap();
                assert_eq!(remedy.contains("172.20.0.0/16"), there, "{remedy}");
                assert_eq!(remedy.contains("ask again"), !there, "{remedy}");
            }
        }
    }
}
