//! A Docker Engine of a test's own, which may be stopped and killed.

use crate::home::{Home, eventually};
use runbay::domain::ids::{ContainerId, ImageId};
use runbay::domain::image::ImageKind;
use runbay::engine::{ContainerSpec, Engine, Role};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The engine; ends with its value, and all that it runs.
pub(crate) struct Dockerd {
    folder: TempDir,
    child: Option<Child>,
    /// Does nothing but keep the network that the engine lives in.
    network: Child,
}

impl Dockerd {
    /// An engine with the images of a home. None where it cannot be had, since
    /// this is not root or has no `dockerd`.
    pub(crate) fn start(home: &Home) -> Option<Self> {
        let there = Command::new("dockerd").arg("--version").output();
        if !rustix::process::geteuid().is_root() || there.is_err() {
            let name = std::thread::current().name().unwrap_or("?").to_owned();
            let line = format!("left out, since it takes root and dockerd: {name}\n");
            io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        }
        let folder = tempfile::Builder::new().prefix("runbay-dockerd-").tempdir();
        let mut engine = Self {
            folder: folder.unwrap(),
            child: None,
            network: network(),
        };
        engine.again();
        engine.load(home);
        Some(engine)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.path("sock").display())
    }

    /// Starts it, for the first time or anew.
    pub(crate) fn again(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path("log"));
        let log = log.unwrap();
        // One without a bridge of its own removes `docker0`, whosever that is: so
        // each has a network of its own, which outlives it.
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", network_of(self.network.id()).display()));
        command.arg("dockerd");
        for (flag, name) in [
            ("--data-root", "root"),
            ("--exec-root", "exec"),
            ("--pidfile", "pid"),
        ] {
            command.arg(flag).arg(self.path(name));
        }
        let quiet = ["--bridge=none", "--iptables=false", "--ip-forward=false"];
        command.args(quiet).arg("--host").arg(self.address());
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
        eventually("the engine answers", || {
            let told = fs::read_to_string(self.path("log")).unwrap_or_default();
            let child = self.child.as_mut().unwrap();
            assert!(child.try_wait().unwrap().is_none(), "{told}");
            self.ask("GET /_ping", None)
                .is_ok_and(|answer| answer.contains("200 OK"))
        });
    }

    /// `kill -9`: what it runs goes on without it.
    pub(crate) fn kill(&mut self) {
        self.end(Signal::KILL);
        // Left behind, they would keep the next one from starting: its own, and
        // that of a helper which the kernel kills with it.
        for pid in ["pid", "exec/containerd/containerd.pid"] {
            drop(fs::remove_file(self.path(pid)));
        }
    }

    /// SIGTERM: it ends what it runs, and then itself.
    pub(crate) fn stop(&mut self) {
        self.end(Signal::TERM);
    }

    fn end(&mut self, signal: Signal) {
        if let Some(mut child) = self.child.take() {
            let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
            // One that ended by itself is told by who waits for its answer.
            kill_process(pid, signal).ok();
            child.wait().unwrap();
        }
    }

    /// Gives it the images that a home knows.
    fn load(&self, home: &Home) {
        let rows = home.wait(home.store.images()).unwrap();
        let ids: Vec<&str> = rows.iter().map(|row| row.id.0.as_str()).collect();
        self.bring(home, &ids);
    }

    /// Gives it images of the machine's engine, with their names.
    fn bring(&self, home: &Home, images: &[&str]) {
        let names: Vec<String> = images.iter().map(|name| format!("names={name}")).collect();
        let theirs = home.engine.address().strip_prefix("unix://").unwrap();
        let mut from = UnixStream::connect(theirs).unwrap();
        let path = format!("/images/get?{}", names.join("&"));
        write!(from, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n").unwrap();
        skip_head(&mut from);
        let tar = self.path("images.tar");
        io::copy(&mut from, &mut File::create(&tar).unwrap()).unwrap();
        let answer = self.ask("POST /images/load", Some(tar.clone())).unwrap();
        assert!(
            answer.contains("200 OK") && !answer.contains("error"),
            "{answer}"
        );
        fs::remove_file(tar).unwrap();
    }

    /// Its API, as others use it.
    fn engine(&self, home: &Home) -> Engine {
        home.wait(Engine::connect(Some(&self.address()))).unwrap()
    }

    /// Keeps the base image, and what it is made from, in use by a container that
    /// runs: making one takes a network, which this engine has not.
    pub(crate) fn hold_bases(&self, home: &Home) {
        self.bring(home, &["runbay/python:3.11"]);
        let engine = self.engine(home);
        let rows = home.wait(home.store.images()).unwrap();
        let base = rows.into_iter().find(|row| row.kind == ImageKind::Base);
        let raw = home.wait(engine.image("runbay/python:3.11")).unwrap();
        for (number, image) in [base.unwrap().id, raw.unwrap().id].into_iter().enumerate() {
            let forever = ["sleep", "infinity"].map(str::to_owned).to_vec();
            let spec = ContainerSpec::new(image, Role::Run, forever);
            home.wait(async {
                let id = engine
                    .create(&format!("held-{number}"), &spec)
                    .await
                    .unwrap();
                engine.start(&id).await.unwrap();
            });
        }
    }

    /// `docker system prune --all --force`, which is these requests.
    pub(crate) fn prune(&self) {
        for what in [
            "containers/prune",
            "networks/prune",
            "images/prune?filters=%7B%22dangling%22%3A%7B%22false%22%3Atrue%7D%7D",
            "build/prune?all=1",
        ] {
            let answer = self.ask(&format!("POST /{what}"), None).unwrap();
            // One such request at a time.
            assert!(
                answer.contains(" 200 ") || answer.contains(" 409 "),
                "{answer}"
            );
        }
    }

    /// Whether it has an image.
    pub(crate) fn has(&self, home: &Home, image: &ImageId) -> bool {
        home.wait(self.engine(home).image(&image.0))
            .unwrap()
            .is_some()
    }

    /// Runs a command in a container.
    pub(crate) fn exec(&self, home: &Home, container: &str, command: &[&str]) {
        let id = ContainerId(container.to_owned());
        let engine = self.engine(home);
        let (code, said) = home.wait(engine.exec(&id, command, "10001:10001")).unwrap();
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&said));
    }

    fn ask(&self, what: &str, body: Option<PathBuf>) -> io::Result<String> {
        let mut stream = UnixStream::connect(self.path("sock"))?;
        let mut body = body.map(File::open).transpose()?;
        let length = body
            .as_ref()
            .map_or(Ok(0), |file| file.metadata().map(|of| of.len()))?;
        let head = "Host: docker\r\nContent-Type: application/x-tar";
        write!(
            stream,
            "{what} HTTP/1.0\r\n{head}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        if let Some(body) = &mut body {
            io::copy(body, &mut stream)?;
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Starts what keeps a network of its own.
fn network() -> Child {
    let mut keeper = Command::new("unshare");
    let child = keeper.args(["--net", "sleep", "infinity"]).spawn().unwrap();
    let ours = fs::read_link("/proc/self/ns/net").unwrap();
    eventually("a network of its own", || {
        fs::read_link(network_of(child.id())).is_ok_and(|theirs| theirs != ours)
    });
    child
}

fn network_of(process: u32) -> PathBuf {
    format!("/proc/{process}/ns/net").into()
}

fn skip_head(stream: &mut UnixStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.0 200") || head.starts_with(b"HTTP/1.1 200"));
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.stop();
        drop(self.network.kill());
        drop(self.network.wait());
        // It leaves its root mounted on itself.
        drop(
            Command::new("umount")
                .arg("--lazy")
                .arg(self.path("root"))
                .output(),
        );
        // One whose engine was killed may be nobody's.
        let pid = fs::read_to_string(self.path("exec/containerd/containerd.pid"));
        let pid = pid.ok().and_then(|text| text.trim().parse().ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let name = fs::read_to_string(format!("/proc/{pid:?}/cmdline")).unwrap_or_default();
            if name.contains(self.folder.path().to_str().unwrap()) {
                // One that is gone already is fine.
                kill_process(pid, Signal::TERM).ok();
            }
        }
    }
}
