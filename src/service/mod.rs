//! Use cases. Every door (today the command line) comes through here, so that
//! one rule is written once.

pub mod access;
pub mod backup;
mod beneath;
pub mod builds;
pub mod changes;
pub mod check;
pub mod create;
pub mod doctor;
pub mod door;
pub mod drive;
pub mod environments;
mod error;
pub mod events;
pub mod follow;
pub mod freeze;
pub mod health;
pub mod history;
pub mod hold;
pub mod hooks;
pub mod images;
pub mod inspect;
mod keep;
pub mod live;
pub mod logs;
mod lookup;
mod mail;
pub mod metrics;
pub mod notices;
pub mod overview;
pub mod page;
pub mod prune;
pub mod recover;
pub mod report;
pub mod runlock;
pub mod runs;
pub mod schedules;
pub mod secrets;
pub mod settings;
pub mod simple;
pub mod space;
pub mod streams;
pub mod system;
pub mod tasks;
pub mod triggers;
pub mod usage;
pub mod validation;
pub mod variables;
pub mod vigil;
pub mod watch;
pub mod work;

pub use error::{Field, Kind, Place};

use crate::attempt::Driver;
use crate::catalogue::{Catalogue, CatalogueError};
use crate::config::Config;
use crate::domain::ids::TaskName;
use crate::domain::params::ParamError;
use crate::engine::{Engine, EngineError};
use crate::image::{ImageError, Images, Recipe};
use crate::logs::LogError;
use crate::store::{Opening, Store, StoreError};
use crate::threads::briefly;
use crate::versions::VersionError;
use access::exposure::Unsafe;
use access::{Access, Clock};
use live::Live;
use std::sync::{Arc, RwLock};
use tokio::sync::{Mutex, OnceCell};

/// What a use case could not do, for whom it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// What was asked for is not valid; each line names a field.
    #[error("{0}")]
    Invalid(String),
    /// Fields of what was asked for are not valid.
    #[error("{}", error::lines(.0))]
    Fields(Vec<Field>),
    /// It cannot be done in the present state.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed a file meanwhile; nothing was written.
    #[error("{path} was changed by somebody else: look at what it holds now, and write again")]
    Stale {
        /// The file.
        path: String,
        /// The entity tag of what it holds now; none when it is gone.
        etag: Option<String>,
        /// What it holds now, if that is text.
        content: Option<String>,
    },
    /// More than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// Too much is asked at once; later it may work.
    #[error("{0}")]
    Full(String),
    /// It is asked for too often.
    #[error("{text}")]
    TooOften {
        /// What is, and after how long it may be asked for again.
        text: String,
        /// That time, seconds.
        seconds: u32,
    },
    /// The disk of the data folder is nearly full.
    #[error("{0}")]
    NoRoom(String),
    /// What is on disk is not valid.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// To listen as the settings say would not be safe.
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The master key, or what it should open.
    #[error(transparent)]
    Key(#[from] secrets::KeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Images.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The kept code.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// Logs.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The run could not be driven to its end.
    #[error(transparent)]
    Drive(#[from] crate::attempt::DriveError),
    /// A file of ours.
    #[error("{what}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// An error of the operating system while doing `what`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// All problems of a set of parameters as one error.
    #[must_use]
    pub fn params(task: &TaskName, problems: &[ParamError]) -> Self {
        let fields = problems.iter().map(|problem| {
            let name = problem.name.replace('~', "~0").replace('/', "~1");
            let message = format!(
                "{}; `runbay show {task}` lists its parameters",
                problem.message
            );
            Field::body(format!("/params/{name}"), message)
        });
        Self::Fields(fields.collect())
    }
}

/// What use cases work with. The engine is connected when first needed: much
/// can be answered without it.
#[derive(Debug, Clone)]
pub struct App {
    /// The settings that the process began with; [`App::settings`] has those of
    /// now.
    pub config: Arc<Config>,
    tuned: Arc<RwLock<Arc<Config>>>,
    /// The tasks on disk.
    pub catalogue: Arc<Catalogue>,
    /// The database.
    pub store: Store,
    /// Held by whoever changes files of tasks.
    edits: Arc<Mutex<()>>,
    /// Who may come in.
    pub access: Access,
    /// The master key, once it was read.
    secrets: Arc<secrets::Keys>,
    /// The runs of this process.
    pub live: Arc<Live>,
    /// What this process builds while nobody waits.
    pub works: Arc<work::Works>,
    driver: Arc<OnceCell<Driver>>,
    capacity: Arc<OnceCell<(u32, u64)>>,
}

fn catalogue(config: &Config) -> Catalogue {
    Catalogue::new(
        config.tasks_dir.clone(),
        config.global_envs_dir.clone(),
        config.images_dir.clone(),
    )
}

/// What runs are driven with besides the data folder.
#[derive(Debug)]
pub struct Reached {
    engine: Engine,
    recipe: Recipe,
}

impl Reached {
    /// Reaches the engine.
    ///
    /// # Errors
    /// When no engine answers, or the extra certificates cannot be read.
    pub async fn of(config: &Config) -> Result<Self, Error> {
        let engine = Engine::connect(config.docker_host.as_deref()).await?;
        let extra_ca = config.extra_ca.clone();
        let recipe = briefly(move || Recipe::load(extra_ca.as_deref())).await?;
        Ok(Self { engine, recipe })
    }
}

impl App {
    /// Opens the data folder.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(config: Config) -> Result<Self, Error> {
        let opening = Opening::begin(&config.database())?;
        let catalogue = Arc::new(catalogue(&config));
        Self::with(Arc::new(config), catalogue, opening.finish()?)
    }

    /// Opens the data folder, and looks at other things while the disk is waited
    /// for.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open_beside<T>(
        config: Config,
        look: impl AsyncFnOnce(&Arc<Config>, &Arc<Catalogue>) -> T,
    ) -> Result<(Self, T), Error> {
        let opening = Opening::begin(&config.database())?;
        let catalogue = Arc::new(catalogue(&config));
        let config = Arc::new(config);
        let seen = look(&config, &catalogue).await;
        Ok((Self::with(config, catalogue, opening.finish()?)?, seen))
    }

    fn with(config: Arc<Config>, catalogue: Arc<Catalogue>, store: Store) -> Result<Self, Error> {
        let access = Access::new(store.clone(), Clock::system())?;
        Ok(Self {
            tuned: Arc::new(RwLock::new(config.clone())),
            config,
            catalogue,
            store,
            edits: Arc::default(),
            works: Arc::default(),
            access,
            secrets: Arc::default(),
            live: Arc::default(),
            driver: Arc::new(OnceCell::new()),
            capacity: Arc::new(OnceCell::new()),
        })
    }

    /// The driver of attempts, with a connected engine.
    ///
    /// # Errors
    /// When no engine answers.
    pub async fn driver(&self) -> Result<&Driver, Error> {
        self.driver_by(Reached::of(&self.config)).await
    }

    /// The driver of attempts, by an engine that is being reached.
    ///
    /// # Errors
    /// When no engine answers.
    pub async fn driver_by(
        &self,
        reached: impl Future<Output = Result<Reached, Error>>,
    ) -> Result<&Driver, Error> {
        self.driver
            .get_or_try_init(|| async {
                let Reached { engine, recipe } = reached.await?;
                let images = Images::new(
                    self.config.clone(),
                    self.catalogue.clone(),
                    self.store.clone(),
                    engine.clone(),
                    recipe,
                );
                Ok(Driver {
                    config: self.config.clone(),
                    catalogue: self.catalogue.clone(),
                    store: self.store.clone(),
                    engine,
                    images,
                })
            })
            .await
    }

    /// What the engine has: processor cores, and memory in bytes.
    ///
    /// # Errors
    /// When no engine answers.
    pub async fn capacity(&self) -> Result<(u32, u64), Error> {
        let ask = || async {
            let facts = self.driver().await?.engine.facts().await?;
            Ok::<_, Error>((facts.ncpu, facts.memory_bytes))
        };
        self.capacity.get_or_try_init(ask).await.copied()
    }
}
