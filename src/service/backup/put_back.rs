//! Putting a backup in its place.

use super::settle::{Moves, PREFIX, Stage, merge, sweep};
use super::unpack::{Input, unpack};
use super::{About, DATABASE, write::folders};
use crate::config::{Config, FILE, Overrides};
use crate::service::Error;
use crate::service::hold::Hold;
use crate::store::Store;
use crate::threads::off_thread;
use chrono::Utc;
use serde::Serialize;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// What is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that is in it.
    All,
    /// The database and the kept code; what people wrote stays as it is.
    Database,
}

/// What was put back.
#[derive(Debug, Clone, Serialize)]
pub struct Back {
    /// What the backup says of itself.
    #[serde(flatten)]
    pub about: About,
    /// The home folder it is in now.
    pub home: PathBuf,
    /// Where the database that was there is now.
    pub before: Option<PathBuf>,
    /// Templates that are not put back, since those of `images_dir` came with the
    /// program.
    pub left: Vec<String>,
    /// Where the master key has to be, if it holds secrets and no key is there.
    pub key_missing: Option<PathBuf>,
}

/// Reads a whole backup and looks whether it is sound. Needs room for its database.
///
/// # Errors
/// When it is not.
pub async fn check(input: &Input) -> Result<About, Error> {
    let input = input.to_owned();
    off_thread(move || {
        let scratch = Stage::new(&std::env::temp_dir())?;
        let about = unpack(&input, scratch.path(), |name| name == DATABASE)?;
        Store::inspect_copy(&scratch.path().join(DATABASE))?;
        Ok(about)
    })
    .await
}

/// Puts a backup into a home folder, which nobody may serve meanwhile. All that is
/// in it is unpacked, looked at and brought next to its place before anything is
/// renamed, and the database goes last: an end on the way leaves what was there.
///
/// # Errors
/// When the backup is not sound, or the folder holds what it would have to
/// replace.
pub async fn put_back(input: &Input, home: &Path, which: Which) -> Result<Back, Error> {
    let (input, home) = (input.to_owned(), home.to_owned());
    off_thread(move || into(&input, &home, which)).await
}

fn into(input: &Input, home: &Path, which: Which) -> Result<Back, Error> {
    let failed = Error::io(format!("{} could not be made", home.display()));
    fs::create_dir_all(home).map_err(failed)?;
    let flags = Overrides {
        home: Some(home.to_owned()),
        ..Overrides::default()
    };
    let told = Config::load(&flags).map_err(|error| Error::Invalid(error.to_string()))?;
    let _begun = Begun::at(&told.data_dir)?;
    // Read once, for standard input does not come twice.
    let stage = Stage::new(&told.data_dir)?;
    let people: Vec<_> = folders(&told).iter().map(|(_, name)| *name).collect();
    let wanted = |name: &str| which == Which::All || !people.contains(&name);
    let about = unpack(input, stage.path(), wanted)?;
    // Settings say where everything else belongs.
    let settings = stage.path().join(FILE);
    let mine = home.join(FILE);
    let comes = which == Which::All && settings.is_file() && !mine.exists();
    let config = if comes {
        as_told_by(&settings, &flags)?
    } else {
        told.clone()
    };
    let _other = match config.data_dir == told.data_dir {
        true => None,
        false => Some(Begun::at(&config.data_dir)?),
    };
    let copied = Store::prepare_copy(&stage.path().join(DATABASE))?;
    let mut moves = Moves::default();
    let mut left = Vec::new();
    if which == Which::All {
        sweep(home);
        left = bring(&mut moves, stage.path(), &config)?;
    }
    if comes {
        moves.file(&settings, mine)?;
    }
    let database = Stage::new(&config.data_dir)?;
    let copy = database.path().join(DATABASE);
    let carried = super::settle::carry(&stage.path().join(DATABASE), &copy);
    carried.map_err(Error::io(format!("{} could not be made", copy.display())))?;
    for name in ["versions", "logs", "artifacts"] {
        merge(&stage.path().join(name), &config.data_dir.join(name))?;
    }
    let before = moves.settle(|| replace(&config.database(), &copy))?;
    let key_missing = copied.sealed && !config.key_file.exists();
    Ok(Back {
        about,
        home: config.home.clone(),
        before,
        left,
        key_missing: key_missing.then(|| config.key_file.clone()),
    })
}

/// The settings, were these the ones of the home folder.
fn as_told_by(settings: &Path, flags: &Overrides) -> Result<Config, Error> {
    let failed = Error::io(format!("{} cannot be read", settings.display()));
    let text = fs::read_to_string(settings).map_err(failed)?;
    Config::load_with(flags, Some(text)).map_err(|error| {
        Error::Invalid(format!(
            "the {FILE} of the backup does not do here: {}; put one that does into {} before, and it is left out",
            crate::domain::report(&error),
            flags.home.as_deref().unwrap_or(Path::new(".")).display()
        ))
    })
}

/// Brings what people wrote next to its place; the templates that are left out.
fn bring(moves: &mut Moves, from: &Path, config: &Config) -> Result<Vec<String>, Error> {
    let mut left = Vec::new();
    let mut wanted = Vec::new();
    for (folder, name) in folders(config) {
        sweep(folder);
        // Those of a container are of its image, and newer with a newer one.
        if folder == config.images_dir && !folder.starts_with(&config.home) && !empty(folder)? {
            left = lacking(&from.join(name), folder)?;
        } else if empty(folder)? {
            wanted.push((folder, name));
        } else {
            return Err(Error::Conflict(format!(
                "{} holds files, and nothing is overwritten: move them away, or leave {name} as it is and put back the database alone (--database)",
                folder.display()
            )));
        }
    }
    for (folder, name) in wanted {
        moves.folder(&from.join(name), folder)?;
    }
    Ok(left)
}

/// What is in one folder and not in another, sorted.
fn lacking(from: &Path, there: &Path) -> Result<Vec<String>, Error> {
    let names = |folder: &Path| -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    let failed = || Error::io(format!("{} cannot be read", there.display()));
    let (mut names, known) = (
        names(from).map_err(failed())?,
        names(there).map_err(failed())?,
    );
    names.retain(|name| !known.contains(name));
    names.sort();
    Ok(names)
}

/// Whether a folder holds nothing, or is not there.
fn empty(folder: &Path) -> Result<bool, Error> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::io(format!("{} cannot be read", folder.display()))(
            error,
        )),
        Ok(mut entries) => Ok(entries.all(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        })),
    }
}

/// A data folder that is held. One that was made for it is gone with it, unless it
/// has a database then.
struct Begun {
    folder: PathBuf,
    made: bool,
    #[expect(dead_code, reason = "what counts is that it is there")]
    hold: Hold,
}

impl Begun {
    fn at(folder: &Path) -> Result<Self, Error> {
        let failed = Error::io(format!("{} could not be made", folder.display()));
        let made = !folder.is_dir();
        if made {
            let new = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            new.map_err(failed)?;
        }
        let hold = Hold::take(folder)?;
        sweep(folder);
        Ok(Self {
            folder: folder.to_owned(),
            made,
            hold,
        })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.made && !self.folder.join(DATABASE).exists() {
            drop(fs::remove_file(self.folder.join("service.lock")));
            drop(fs::remove_dir(&self.folder));
        }
    }
}

/// Puts the database in its place. What was there has another name before.
fn replace(database: &Path, copy: &Path) -> Result<Option<PathBuf>, Error> {
    let failed = || Error::io(format!("{} could not be put back", database.display()));
    let aside = format!("db.before-{}", Utc::now().format("%Y%m%d-%H%M%S"));
    let mut journals = Vec::new();
    let mut before = None;
    for end in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        let old = PathBuf::from(name);
        let new = database.with_extension(format!("{aside}{end}"));
        // A second name, so that there is a database at every moment.
        match fs::hard_link(&old, &new) {
            Ok(()) if end.is_empty() => before = Some(new),
            Ok(()) => journals.push(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed()(error)),
        }
    }
    // Its journal goes with it: to the new file it would mean nonsense.
    for journal in journals {
        fs::remove_file(journal).map_err(failed())?;
    }
    fs::rename(copy, database).map_err(failed())?;
    Ok(before)
}
