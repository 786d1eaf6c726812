//! A proxy in front of the engine's socket that breaks connections on demand,
//! so that what a dying engine does can be had without one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// What the proxy does to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Passes everything on.
    Pass,
    /// Keeps connections open and passes nothing on.
    Stall,
    /// Closes new connections at once; old ones go on.
    Refuse,
}

/// What a connection listens to.
#[derive(Clone)]
struct Control {
    mode: watch::Receiver<Mode>,
    /// Counts severings: a mode could be over before it was seen.
    severed: watch::Receiver<u32>,
    /// Counts freezings.
    frozen: watch::Receiver<u32>,
    /// Counts restorings.
    restored: watch::Receiver<u32>,
}

/// A cut that waits for its connection: a part of the request line, and how
/// many bytes of the answer pass.
type Cut = Option<(String, usize)>;

/// The proxy. Ends with its value.
pub(crate) struct ChaosSocket {
    path: PathBuf,
    mode: watch::Sender<Mode>,
    severed: watch::Sender<u32>,
    frozen: watch::Sender<u32>,
    restored: watch::Sender<u32>,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

#[derive(Default)]
struct Shared {
    /// First lines of all requests, `POST /containers/create?… HTTP/1.1`.
    requests: Mutex<Vec<String>>,
    cut: Mutex<Cut>,
    /// A part of the first line of the request that is not to arrive yet.
    hold: Mutex<Option<String>>,
}

impl ChaosSocket {
    /// A proxy before the engine at this address (`unix://…`).
    pub(crate) fn before(address: &str) -> Self {
        let upstream = PathBuf::from(address.strip_prefix("unix://").expect("a unix socket"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let (mode, modes) = watch::channel(Mode::Pass);
        let (severed, severs) = watch::channel(0);
        let (frozen, freezes) = watch::channel(0);
        let (restored, restorings) = watch::channel(0);
        let control = Control {
            mode: modes,
            severed: severs,
            frozen: freezes,
            restored: restorings,
        };
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, upstream, control, shared.clone()));
        Self {
            path,
            mode,
            severed,
            frozen,
            restored,
            shared,
            accepting,
            _folder: folder,
        }
    }

    /// Where to find the engine through the proxy.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Closes all connections, and new ones at once.
    pub(crate) fn sever(&self) {
        self.mode.send_replace(Mode::Refuse);
        self.severed.send_modify(|count| *count += 1);
    }

    /// Lets connections hang.
    pub(crate) fn stall(&self) {
        self.mode.send_replace(Mode::Stall);
    }

    /// Lets the connections of now hang for good; new ones are not concerned.
    pub(crate) fn freeze(&self) {
        self.frozen.send_modify(|count| *count += 1);
    }

    /// Closes new connections at once.
    pub(crate) fn refuse(&self) {
        self.mode.send_replace(Mode::Refuse);
    }

    /// Passes everything on again, also what was held, and cuts nothing.
    pub(crate) fn restore(&self) {
        *self.shared.cut.lock().unwrap() = None;
        self.restored.send_modify(|count| *count += 1);
        self.mode.send_replace(Mode::Pass);
    }

    /// Cuts the next connection whose request line contains `part` after `bytes`
    /// of its answer.
    pub(crate) fn cut(&self, part: &str, bytes: usize) {
        *self.shared.cut.lock().unwrap() = Some((part.to_owned(), bytes));
    }

    /// Keeps the next request whose first line contains `part` from the engine,
    /// and its sender waiting, until all is restored.
    pub(crate) fn hold(&self, part: &str) {
        *self.shared.hold.lock().unwrap() = Some(part.to_owned());
    }

    /// Whether the request that was to be held has come.
    pub(crate) fn holds(&self) -> bool {
        self.shared.hold.lock().unwrap().is_none()
    }

    /// How many requests had this in their first line.
    pub(crate) fn requests(&self, part: &str) -> usize {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().filter(|line| line.contains(part)).count()
    }
}

impl Shared {
    /// Whether what is sent begins the request that is to be held.
    fn is_held(&self, bytes: &[u8]) -> bool {
        let line = bytes.split(|b| *b == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let mut hold = self.hold.lock().unwrap();
        hold.take_if(|part| line.contains(part.as_str())).is_some()
    }
}

impl Drop for ChaosSocket {
    fn drop(&mut self) {
        self.sever();
        self.accepting.abort();
    }
}

async fn accept(listener: UnixListener, upstream: PathBuf, control: Control, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        if *control.mode.borrow() == Mode::Refuse {
            continue;
        }
        let Ok(engine) = UnixStream::connect(&upstream).await else {
            continue;
        };
        let mut control = control.clone();
        // Only what is severed from now on concerns this connection.
        control.severed.mark_unchanged();
        control.frozen.mark_unchanged();
        control.restored.mark_unchanged();
        tokio::spawn(connection(client, engine, control, shared.clone()));
    }
}

/// Passes one connection on until the engine ends it or it is cut.
async fn connection(
    client: UnixStream,
    engine: UnixStream,
    mut control: Control,
    shared: Arc<Shared>,
) {
    let (client_read, client_write) = client.into_split();
    let (engine_read, engine_write) = engine.into_split();
    let (cut, cuts) = watch::channel(None);
    let requests = shared.clone();
    let is_held = move |bytes: &[u8]| requests.is_held(bytes);
    let note = move |bytes: &[u8]| {
        let line = bytes.split(|b| *b == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        let mut waiting = shared.cut.lock().unwrap();
        if let Some((_, bytes)) = waiting.take_if(|(part, _)| line.contains(part.as_str())) {
            cut.send_replace(Some(bytes));
        }
        shared.requests.lock().unwrap().push(line);
    };
    let up = up(client_read, engine_write, (note, is_held), control.clone());
    let down = down(engine_read, client_write, cuts, control.clone());
    tokio::select! {
        () = down => {}
        _ = control.severed.changed() => {}
        // A client that has said all it has to say still listens.
        () = async { up.await; std::future::pending().await } => {}
    }
}

async fn up(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (note, is_held): (impl FnOnce(&[u8]), impl Fn(&[u8]) -> bool),
    mut control: Control,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut note = Some(note);
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if let Some(note) = note.take() {
            note(&buffer[..count]);
        }
        if is_held(&buffer[..count]) {
            // An error means that the proxy is gone, and the connection with it.
            let _ = control.restored.changed().await;
        }
        flowing(&mut control).await;
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    // The end of a script's input is a half-closed connection.
    let _ = to.shutdown().await;
}

async fn down(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    cut: watch::Receiver<Option<usize>>,
    mut control: Control,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut passed = 0;
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        flowing(&mut control).await;
        let room = cut.borrow().map_or(count, |limit| limit - passed);
        let pass = count.min(room);
        if to.write_all(&buffer[..pass]).await.is_err() || pass < count {
            return;
        }
        passed += pass;
    }
    let _ = to.shutdown().await;
}

/// Returns once connections do not stall; never on one that is frozen.
async fn flowing(control: &mut Control) {
    // An error means that the proxy is gone, and the connection with it.
    let _ = control.mode.wait_for(|mode| *mode != Mode::Stall).await;
    if control.frozen.has_changed().unwrap_or(false) {
        std::future::pending::<()>().await;
    }
}
