//! What a run with `network = "egress"` can reach besides the internet, tried
//! out and not deduced: a hardened container on the network of runs knocks at a
//! port that this process opens for it on the host, at the address where clouds
//! tell a machine its credentials, and at a second container.
//!
//! The containers carry a label with a word of this probe alone, and whatever
//! carries it is removed at the end, also after an error or Ctrl-C. Neither cuts
//! a request short: the engine goes on with one that nobody waits for, and what
//! it then makes would stay. What a killed doctor left behind, the next one
//! removes.

use super::reach::{Seen, judge};
use super::{Check, NETWORK as NAME};
use crate::attempt::network_name;
use crate::domain::ids::{ImageId, InstanceId};
use crate::domain::size::MIB;
use crate::engine::{
    Attached, ContainerSpec, Engine, EngineError, FrameStream, Isolation, NetworkMode, Role,
    StdStream, labels,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until, timeout};

/// How long the whole trial may take, how long the engine has for what it is then
/// at, and for the cleaning up.
const TRIAL: Duration = Duration::from_secs(6);
const ANSWER: Duration = Duration::from_secs(1);
const CLEANING: Duration = Duration::from_secs(2);
/// The label with the word of one probe.
const PROBE: &str = "runbay.probe";
const KIND: &str = "doctor";

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
    let mut patience = Patience::new();
    let run = timeout(TRIAL + ANSWER, trial.run(instance, &mut patience));
    let result = run.await.unwrap_or(Err(Halt::TooLong));
    let cleaned = timeout(CLEANING, trial.clean()).await;
    let mut found = match result {
        Ok(found) => found,
        Err(Halt::Interrupted) => vec![Check::note(NAME, "not tried to the end: interrupted")],
        Err(why) => vec![Check::warning(
            NAME,
            format!("could not be tried: {}", crate::domain::report(&why)),
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

/// Why a trial did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Halt {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("interrupted")]
    Interrupted,
    #[error("it took longer than {} s", TRIAL.as_secs())]
    TooLong,
}

/// How long somebody waits for the words of a container.
struct Patience {
    /// None where the system gives no word of it; Ctrl-C then ends the process.
    interrupt: Option<Signal>,
    ends: Instant,
}

impl Patience {
    /// From now on, also for a Ctrl-C that comes while the engine is asked.
    fn new() -> Self {
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            ends: Instant::now() + TRIAL,
        }
    }

    /// Resolves when it is over.
    async fn ends(&mut self) -> Halt {
        let interrupted = async {
            match &mut self.interrupt {
                Some(interrupt) => drop(interrupt.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupted => Halt::Interrupted,
            () = sleep_until(self.ends) => Halt::TooLong,
        }
    }
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
    async fn run(
        &self,
        instance: Option<&InstanceId>,
        patience: &mut Patience,
    ) -> Result<Vec<Check>, Halt> {
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
        let address = line(&mut neighbour, patience).await?;
        let arguments = [port.to_string(), self.word.clone(), address];
        let probe = self.start("probe", include_str!("probe.py"), &arguments, &network);
        let text = line(&mut probe.await?, patience).await?;
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
    /// so nobody else's container inherits them. A network stays while somebody
    /// uses it.
    async fn sweep_old(&self) -> Result<(), EngineError> {
        let label = [
            (labels::INSTANCE.to_owned(), self.owner.to_owned()),
            (labels::KIND.to_owned(), KIND.to_owned()),
        ];
        let old = |at: DateTime<Utc>| Utc::now() - at > TimeDelta::minutes(2);
        let name = |labels: &HashMap<String, String>| {
            let word = labels.get(PROBE).filter(|word| !word.is_empty())?;
            Some(format!("runbay-doctor-{word}"))
        };
        for one in self.engine.containers(&label).await? {
            let ours = name(&one.labels).is_some_and(|name| one.name.starts_with(&name));
            if ours && old(one.created_at) {
                self.engine.remove(&one.id).await?;
            }
        }
        for one in self.engine.networks(&label).await? {
            let ours = name(&one.labels).is_some_and(|name| one.name == name);
            if ours && one.created_at.is_some_and(old) {
                drop(self.engine.remove_network(&one.name).await);
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
async fn line(output: &mut FrameStream, patience: &mut Patience) -> Result<String, Halt> {
    tokio::select! {
        line = first_line(output) => Ok(line?),
        halt = patience.ends() => Err(halt),
    }
}

async fn first_line(output: &mut FrameStream) -> Result<String, EngineError> {
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
