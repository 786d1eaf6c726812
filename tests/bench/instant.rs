//! An engine that answers at once: what is left of a run's time is ours.
//!
//! It knows the few requests that a warm run makes up to its first line, and
//! plays the gate: it takes the frame, says that it is ready and speaks.

use anyhow::Context;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Serves until the process ends.
pub(crate) struct InstantEngine {
    folder: tempfile::TempDir,
}

/// The container: it lives from its frame to the next create.
#[derive(Default)]
struct Play {
    over: Mutex<bool>,
    told: Condvar,
    network: String,
}

/// More than a run has connections at once.
const SERVERS: usize = 16;

const ID: &str = "0123456789012345678901234567890123456789012345678901234567890123";

impl InstantEngine {
    /// An engine that has the network of this instance.
    pub(crate) fn start(instance: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = UnixListener::bind(folder.path().join("engine.sock"))?;
        let short = instance.get(..8).context("the instance has a short id")?;
        let play = Arc::new(Play {
            network: format!("runbay-{short}-egress"),
            ..Play::default()
        });
        // Threads that are there already: starting one takes time.
        for _ in 0..SERVERS {
            let (listener, play) = (listener.try_clone()?, play.clone());
            std::thread::spawn(move || {
                for connection in listener.incoming().map_while(Result::ok) {
                    // A client that goes away is no matter.
                    drop(serve(&connection, &play));
                }
            });
        }
        Ok(Self { folder })
    }

    /// How long the calls of a warm run take up to its first line, one after
    /// the other, for a client that does nothing else.
    pub(crate) fn calls(&self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for call in ["HEAD /_ping", "POST /containers/create"] {
            self.ask(call)?;
        }
        let mut attached = self.ask(&format!("POST /containers/{ID}/attach"))?;
        self.ask(&format!("POST /containers/{ID}/start"))?;
        attached.get_mut().write_all(b"6\nNnonce")?;
        let mut spoken = Vec::new();
        attached.read_to_end(&mut spoken)?;
        anyhow::ensure!(spoken.ends_with(b"hello\n"), "the engine said {spoken:?}");
        Ok(begun.elapsed())
    }

    /// Asks on a connection of its own, as our client does, and reads the answer.
    fn ask(&self, call: &str) -> anyhow::Result<BufReader<UnixStream>> {
        let mut engine = UnixStream::connect(self.folder.path().join("engine.sock"))?;
        engine.write_all(format!("{call} HTTP/1.1\r\nHost: docker\r\n\r\n").as_bytes())?;
        let mut answer = BufReader::new(engine);
        let mut length = 0;
        loop {
            let mut line = String::new();
            anyhow::ensure!(answer.read_line(&mut line)? > 0, "{call}: no answer");
            if let Some(bytes) = line.strip_prefix("Content-Length: ") {
                length = bytes.trim().parse()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        io::copy(&mut answer.by_ref().take(length), &mut io::sink())?;
        Ok(answer)
    }

    pub(crate) fn address(&self) -> String {
        format!("unix://{}/engine.sock", self.folder.path().display())
    }
}

fn serve(connection: &UnixStream, play: &Play) -> io::Result<()> {
    let mut input = BufReader::new(connection);
    loop {
        let mut head = String::new();
        if input.read_line(&mut head)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            input.read_line(&mut line)?;
            match line.trim().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap_or(0),
                Some(_) => {}
                None => break,
            }
        }
        io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
        let path = head.split([' ', '?']).nth(1).unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        match last {
            "attach" => return attached(connection, input, play),
            "wait" => answer(connection, 200, &wait(play))?,
            "create" => {
                *over(play) = false;
                answer(
                    connection,
                    201,
                    &format!("{{\"Id\":\"{ID}\",\"Warnings\":[]}}"),
                )?;
            }
            "start" => answer(connection, 204, "")?,
            "_ping" => return pong(connection),
            "networks" => answer(connection, 200, &networks(play))?,
            "json" => answer(connection, 200, &inspected())?,
            _ if head.starts_with("DELETE") => answer(connection, 204, "")?,
            _ => answer(connection, 404, "{\"message\":\"no such thing\"}")?,
        }
        if head.starts_with("HEAD") {
            return Ok(());
        }
    }
}

fn answer(mut connection: &UnixStream, status: u16, body: &str) -> io::Result<()> {
    let kind = "Content-Type: application/json";
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status} Fine\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}");
    connection.write_all(text.as_bytes())
}

fn pong(mut connection: &UnixStream) -> io::Result<()> {
    connection.write_all(b"HTTP/1.1 200 Fine\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n")
}

/// The streams of the container.
fn attached(
    mut connection: &UnixStream,
    mut input: BufReader<&UnixStream>,
    play: &Play,
) -> io::Result<()> {
    connection.write_all(
        b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    )?;
    let mut length = String::new();
    input.read_line(&mut length)?;
    let mut frame = vec![0; length.trim().parse().unwrap_or(0)];
    input.read_exact(&mut frame)?;
    let nonce = frame.split(|byte| *byte == 0).next().unwrap_or_default();
    let nonce = String::from_utf8_lossy(nonce.get(1..).unwrap_or_default()).into_owned();
    let mut text = output(2, &format!("\0runbay-ready {nonce}\n"));
    text.extend(output(1, "hello\n"));
    connection.write_all(&text)?;
    *over(play) = true;
    play.told.notify_all();
    Ok(())
}

/// One piece of output: stream, length, bytes.
fn output(stream: u8, text: &str) -> Vec<u8> {
    let mut frame = vec![stream, 0, 0, 0];
    frame.extend((text.len() as u32).to_be_bytes());
    frame.extend(text.as_bytes());
    frame
}

fn over(play: &Play) -> std::sync::MutexGuard<'_, bool> {
    play.over.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(play: &Play) -> String {
    let over = over(play);
    // Poisoned or not, the container is over.
    drop(play.told.wait_while(over, |over| !*over));
    "{\"StatusCode\":0}".to_owned()
}

fn networks(play: &Play) -> String {
    serde_json::json!([{
        "Name": play.network, "Id": ID, "Driver": "bridge", "Internal": false,
        "Options": { "com.docker.network.bridge.enable_icc": "false" },
    }])
    .to_string()
}

fn inspected() -> String {
    serde_json::json!({
        "Id": ID, "Name": "/noop", "Config": {},
        "State": {
            "Status": "exited", "ExitCode": 0,
            "StartedAt": "2026-01-01T00:00:00Z", "FinishedAt": "2026-01-01T00:00:01Z",
        },
    })
    .to_string()
}
