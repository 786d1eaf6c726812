//! A service in a process of its own, with a history, and requests to it.

use anyhow::Context;
use runbay::domain::limits::Limits;
use runbay::domain::retry::Retries;
use runbay::service::door::Door;
use runbay::store::Store;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use uuid::{NoContext, Timestamp, Uuid};

/// A service. Ends with its value.
pub(crate) struct Served {
    child: Child,
    /// Where it is and what lets us in.
    pub(crate) door: Door,
}

/// Makes a home with so many tasks, each with this manifest.
pub(crate) fn home(path: &Path, tasks: usize, manifest: &str) -> anyhow::Result<()> {
    for number in 0..tasks {
        let folder = path.join(format!("tasks/task-{number:04}"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("main.py"), "print('hello')\n")?;
        fs::write(folder.join("task.toml"), manifest)?;
    }
    fs::write(
        path.join("runbay.toml"),
        "[queue]\nlimit = 100000\nper_task = 100000\n",
    )?;
    Ok(())
}

/// Writes runs that are over into the database of a home, the newest a minute
/// ago, one every minute; they belong to the first 100 tasks in turn.
#[expect(
    clippy::disallowed_types,
    reason = "years of history are made in seconds, which the store offers to nobody"
)]
pub(crate) fn history(path: &Path, runs: u64) -> anyhow::Result<()> {
    let file = path.join("data/runbay.db");
    fs::create_dir_all(path.join("data"))?;
    // Makes the tables.
    drop(Store::open(&file)?);
    let mut database = rusqlite::Connection::open(&file)?;
    let limits = serde_json::to_string(&Limits::default())?;
    let retries = serde_json::to_string(&Retries::default())?;
    let now = u64::try_from(chrono::Utc::now().timestamp())?;
    let all = database.transaction()?;
    for number in 0..runs {
        let at = now - (runs - number) * 60;
        let id = Uuid::new_v7(Timestamp::from_unix(NoContext, at, 0));
        let id = id.simple().to_string();
        let task = format!("task-{:04}", number % 100);
        let (outcome, code) = match number % 7 {
            0 => ("failed", 1),
            _ => ("succeeded", 0),
        };
        let micros = i64::try_from(at * 1_000_000)?;
        all.execute(
            "INSERT INTO runs (id, task, \"trigger\", state, outcome, exit_code, params, args,
                limits, created_at, started_at, finished_at, on_disconnect, priority, retries)
             VALUES (?1, ?2, 'schedule', 'finished', ?3, ?4, '{}', '[]', ?5, ?6, ?6, ?6,
                'continue', 0, ?7)",
            (&id, &task, outcome, code, &limits, micros, &retries),
        )?;
        all.execute(
            "INSERT INTO attempts (run, number, container_name, nonce, outcome, exit_code,
                measurements, created_at, started_at, finished_at)
             VALUES (?1, 1, ?1, '', ?2, ?3, '{}', ?4, ?4, ?4)",
            (&id, outcome, code, micros),
        )?;
    }
    all.commit()?;
    Ok(())
}

impl Served {
    /// Starts `runbay serve` in a home, with an engine or without one.
    pub(crate) fn start(path: &Path, engine: bool) -> anyhow::Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbay"));
        command.arg("--home").arg(path);
        command.args(["serve", "--bind", "127.0.0.1:0"]);
        command.env_remove("RUNBAY_HOME");
        if !engine {
            command.env("DOCKER_HOST", format!("unix://{}/no.sock", path.display()));
        }
        let log = fs::File::create(path.join("log"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let mut child = child.spawn().context("runbay cannot be run")?;
        let begun = Instant::now();
        let door = loop {
            if let Some(door) = Door::find(&path.join("data")) {
                break door;
            }
            if child.try_wait()?.is_some() || begun.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(path.join("log"))?;
                anyhow::bail!("the service did not begin:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        Ok(Self { child, door })
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> anyhow::Result<Client> {
        let address = self.door.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Client {
            stream: BufReader::new(stream),
            token: self.door.token.clone(),
            host: address.to_owned(),
        })
    }

    /// A number of kibibytes of `/proc/<pid>/status`, in MB.
    pub(crate) fn memory(&self, field: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.context("no such field")?.trim_start_matches(':');
        let kib: f64 = kib.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// Seconds of processor time it has used.
    pub(crate) fn processor(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let rest = stat.rsplit_once(") ").context("no such process")?.1;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        let second = rustix::param::clock_ticks_per_second();
        Ok(ticks as f64 / second as f64)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // What fails here ends with the machine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A connection that is kept open, as clients do.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    token: String,
    host: String,
}

impl Client {
    /// Asks, and how long the whole answer took, in milliseconds.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> anyhow::Result<(f64, serde_json::Value)> {
        let (host, token, length) = (&self.host, &self.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let begun = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut status = String::new();
        self.stream.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let text = String::from_utf8_lossy(&answer);
        anyhow::ensure!(status.contains(" 20"), "{method} {path}: {status}{text}");
        Ok((took, serde_json::from_slice(&answer)?))
    }

    /// [`Client::ask`] with GET.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<(f64, serde_json::Value)> {
        self.ask("GET", path, "")
    }
}
