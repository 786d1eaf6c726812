//! Puts the service together, and takes it apart again in the right order.

use crate::config::Config;
use crate::http::{self, Site, State};
use crate::service::access::{exposure, invitation};
use crate::service::door::Door;
use crate::service::hold::{self, Hold};
use crate::service::{App, Error, events, metrics, recover, secrets};
use crate::store::StoreError;
use crate::threads::joined;
use crate::worker::dispatcher::Dispatcher;
use crate::worker::scheduler::Scheduler;
use crate::worker::watcher;
use crate::worker::{copier, herald, reaper, reconciler};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// `docker stop` kills after 10 seconds; by then everything has to be over.
const GOODBYE: Duration = Duration::from_secs(7);

/// How to serve.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The identity of a copied or moved data folder belongs here from now on.
    pub takeover: bool,
    /// Says something to whoever started the service, and to nobody else: it
    /// may be a key.
    pub announce: fn(&str),
}

/// Every connection and every log that is written or followed is an open file;
/// what a process may open when nothing is said (1024, as a rule) is little.
fn allow_files() {
    let found = getrlimit(Resource::Nofile);
    let more = Rlimit {
        current: found.maximum,
        ..found
    };
    if let Err(error) = setrlimit(Resource::Nofile, more) {
        tracing::warn!(%error, "no more files may be open than before");
    }
}

/// A core file would hold whatever secrets are in memory, so there is none. The
/// limit alone does not hold where the kernel pipes cores to a program (core(5));
/// and a process that may not be dumped may not be read by others of its user.
pub fn without_core_files() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core files cannot be turned off");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the memory of this process can be dumped");
    }
}

/// Serves until `stop` is cancelled. Runs are left running then: their
/// containers go on, and the next service takes them over.
///
/// # Errors
/// When the data folder cannot be used or belongs to another.
pub async fn serve(config: Config, options: Options, stop: CancellationToken) -> Result<(), Error> {
    without_core_files();
    allow_files();
    let app = match open(&config).await {
        Err(Error::Store(damage @ StoreError::Corrupt { .. })) => {
            return stand_still(&config, damage, stop).await;
        }
        opened => opened?,
    };
    let data = app.config.data_dir.clone();
    let _hold = Hold::take(&data)?;
    // With the wrong key runs would fail one by one; so nothing begins.
    secrets::verify(&app).await?;
    let server = app.config.server.clone();
    let mode = exposure(&server, app.access.has_admin().await?)?;
    let (listener, at) = bind(server.bind).await?;
    let door = Door::open(&data, at)?;
    tracing::info!(url = door.url, "listening");
    let workers = TaskTracker::new();
    app.access.warm().await?;
    invitation::invite(&app, (mode, at), options.announce).await?;
    let router = http::router(State { app: app.clone() });
    let site = Site::new(&server, at);
    let router = http::protect(router, app.access.clone(), site, Some(&door.token));
    workers.spawn(http::listen(
        listener,
        http::with_layers(router),
        stop.clone(),
    ));
    without_engine(&app, &workers, &stop).await?;
    let dispatcher = Dispatcher::new(app.clone(), stop.clone());
    let engine = workers.spawn(with_engine(app.clone(), options, dispatcher, stop.clone()));
    workers.close();
    let result = tokio::select! {
        () = stop.cancelled() => Ok(()),
        result = joined(engine) => result,
    };
    drop(
        app.store
            .tell("system.stopping", serde_json::json!({}))
            .await,
    );
    stop.cancel();
    // Requests that were begun are finished, and a stream has no end of its own.
    app.live.streams.close();
    Door::close(&data);
    app.works.cancel_all();
    let goodbye = async {
        workers.wait().await;
        // Builds are repeated; their containers have nobody to work for.
        if let Err(error) = recover::sweep(&app).await {
            tracing::warn!(
                error = crate::domain::report(&error),
                "containers of builds stay behind"
            );
        }
    };
    if tokio::time::timeout(GOODBYE, goodbye).await.is_err() {
        tracing::warn!("not everything came to an end in time; the next start puts it right");
    }
    result
}

/// Opens the data folder, if its database is sound.
async fn open(config: &Config) -> Result<App, Error> {
    let app = App::open(config.clone())?;
    app.store.quick_check().await?;
    Ok(app)
}

/// Tells whoever comes what is wrong with the database, and does nothing else: a
/// schedule that fired or a run that ended could not be remembered, and every
/// write could make the damage worse.
async fn stand_still(
    config: &Config,
    damage: StoreError,
    stop: CancellationToken,
) -> Result<(), Error> {
    let _hold = Hold::take(&config.data_dir)?;
    let (listener, at) = bind(config.server.bind).await?;
    let told = crate::domain::report(&damage);
    tracing::error!(error = told, "nothing is scheduled and nothing runs");
    tracing::info!(url = format!("http://{at}"), "listening, to say so");
    // Where others get in too, they are not told of files.
    let told = match config.server.expose {
        true => "the database is damaged, and nothing runs: the log of the service says which file, and what to do".to_owned(),
        false => told,
    };
    http::listen(listener, http::with_layers(http::notice(&told)), stop).await;
    Err(damage.into())
}

/// Begins what needs no engine: runs of schedules wait for one.
async fn without_engine(
    app: &App,
    workers: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let version = serde_json::json!({ "version": env!("CARGO_PKG_VERSION") });
    // Whoever hears of the start is told of what changes from then on.
    let watch = watcher::first_look(app).await;
    app.store.tell("system.started", version).await?;
    workers.spawn(Scheduler::new(app.clone()).run(stop.clone()));
    workers.spawn(events::run(app.clone(), stop.clone()));
    workers.spawn(metrics::run(app.clone(), stop.clone()));
    workers.spawn(watcher::tasks(app.clone(), watch, stop.clone()));
    workers.spawn(watcher::ground(app.clone(), stop.clone()));
    workers.spawn(watcher::forget(app.clone(), stop.clone()));
    workers.spawn(herald::listen(app.clone(), stop.clone()));
    workers.spawn(herald::send(app.clone(), stop.clone()));
    workers.spawn(copier::run(app.clone(), stop.clone()));
    Ok(())
}

/// Takes the address; tells which it is, for port 0 is any that is free.
async fn bind(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = format!("cannot listen at {wanted}; choose another address with --bind");
    let listener = TcpListener::bind(wanted).await.map_err(Error::io(failed))?;
    let unknown = Error::io("where it listens is not known");
    let at = listener.local_addr().map_err(unknown)?;
    Ok((listener, at))
}

/// What needs an engine: waits for one, makes sure that it knows this folder,
/// then dispatches.
async fn with_engine(
    app: App,
    options: Options,
    dispatcher: Dispatcher,
    stop: CancellationToken,
) -> Result<(), Error> {
    let mut pause = Duration::from_millis(100);
    loop {
        match hold::lease(&app, options.takeover).await {
            Ok(()) => break,
            Err(Error::Engine(error)) => {
                let error = crate::domain::report(&error);
                tracing::warn!(error, "no engine answers; runs wait");
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
            () = stop.cancelled() => return Ok(()),
        }
    }
    tokio::join!(
        reaper::run(app.clone(), stop.clone()),
        reconciler::run(app, dispatcher.clone(), stop),
        dispatcher.run()
    );
    Ok(())
}
