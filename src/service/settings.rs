//! Settings, and the change of those that may be changed while the service runs.
//! They are written where people write them, in `runbay.toml`, and count from the
//! next thing that asks for them.

use super::tasks::Guard;
use super::{App, Error, Field};
use crate::catalogue::edit::edit_toml;
use crate::config::{Config, ConfigError, FILE, Setting};
use crate::domain::audit::{Actor, Note};
use crate::domain::ids::Digest;
use crate::threads::off_thread;
use chrono::Utc;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use toml_edit::Table;

/// All settings as they count now, and the digest of `runbay.toml`; a file that is
/// not there is as good as an empty one.
///
/// # Errors
/// When the file cannot be read.
pub async fn show(app: &App) -> Result<(Vec<Setting>, Digest), Error> {
    Ok((app.settings().settings.clone(), digest(app).await?))
}

/// What a setting becomes; with nothing, it is as if it was never set.
pub type Changes = BTreeMap<String, Value>;

/// Changes settings in `runbay.toml`, all of them or none, whose other lines stay
/// as they are.
///
/// # Errors
/// A setting that may not be changed so, when the file is not as `guard` says, or
/// it cannot be written.
pub async fn change(
    app: &App,
    by: Actor,
    changes: Changes,
    guard: Guard,
) -> Result<(Vec<Setting>, Digest), Error> {
    let _lock = app.edits.lock().await;
    hold(&guard, &digest(app).await?)?;
    let values = read(&app.settings(), &changes)?;
    let (config, keys) = (
        app.config.clone(),
        changes.keys().cloned().collect::<Vec<_>>(),
    );
    let path = config.home.join(FILE);
    let changed = off_thread(move || {
        let mut changed = None;
        let check = |text: &str| -> Result<(), Error> {
            let read = config.with_file(text).map_err(|why| blame(&why, &keys))?;
            changed = Some(read);
            Ok(())
        };
        edit_toml(&path, |table| apply(table, values), check)?;
        Ok::<_, Error>(changed)
    });
    if let Some(changed) = changed.await? {
        app.tune(changed);
    }
    for (key, value) in &changes {
        let said = match value {
            Value::Null => "back to its default".to_owned(),
            value => format!("to {value}"),
        };
        let note = Note::done(by.clone(), "settings.change").on(key);
        app.store.audit(note.saying(said), Utc::now()).await?;
    }
    app.live.wake();
    show(app).await
}

/// The digest of the file.
async fn digest(app: &App) -> Result<Digest, Error> {
    let path = app.config.home.join(FILE);
    let bytes = match tokio::fs::read(&path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read.map_err(Error::io(format!("cannot read {}", path.display())))?,
    };
    Ok(Digest::of(&bytes))
}

fn hold(guard: &Guard, now: &Digest) -> Result<(), Error> {
    match guard {
        Guard::Same(seen) if seen != now => Err(Error::Stale {
            path: FILE.to_owned(),
            etag: Some(now.0.clone()),
            // It may hold the password of an index.
            content: None,
        }),
        Guard::New => Err(Error::Invalid(
            "settings are changed, not made: leave out If-None-Match".to_owned(),
        )),
        Guard::Any | Guard::Same(_) => Ok(()),
    }
}

type Values = Vec<(String, Option<toml_edit::Value>)>;

/// The changes as TOML, each seen to do by itself.
fn read(now: &Config, changes: &Changes) -> Result<Values, Error> {
    let mut values = Values::new();
    let mut faults = Vec::new();
    for (key, value) in changes {
        let wanted = match value {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some((*flag).into())),
            Value::String(text) => Ok(Some(text.as_str().into())),
            Value::Number(number) => {
                let whole = number.as_i64().map(toml_edit::Value::from);
                let any = whole.or_else(|| number.as_f64().map(toml_edit::Value::from));
                any.map(Some).ok_or("is no number that can be written")
            }
            Value::Array(_) | Value::Object(_) => {
                Err("must be a text, a number, true or false, or null for its default")
            }
        };
        let fits = wanted.map_err(str::to_owned).and_then(|wanted| {
            let alone = wanted.as_ref().map(plain);
            now.may_change(key, alone.as_ref()).map(|()| wanted)
        });
        match fits {
            Ok(wanted) => values.push((key.clone(), wanted)),
            Err(why) => faults.push(Field::body(pointer(key), why)),
        }
    }
    match faults.is_empty() {
        true => Ok(values),
        false => Err(Error::Fields(faults)),
    }
}

fn plain(value: &toml_edit::Value) -> toml::Value {
    match value {
        toml_edit::Value::Boolean(flag) => (*flag.value()).into(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        other => other.as_str().unwrap_or_default().into(),
    }
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The field that a fault of the whole file is about, if it is one of these.
fn blame(why: &ConfigError, keys: &[String]) -> Error {
    let (at, message) = match why {
        ConfigError::Setting { name, message } => (name.as_str(), message.as_str()),
        ConfigError::File { message, .. } => message.split_once(": ").unwrap_or(("", message)),
        ConfigError::NoHome { .. } | ConfigError::Read { .. } => ("", ""),
    };
    match keys.iter().find(|key| *key == at) {
        Some(key) => Error::Fields(vec![Field::body(pointer(key), message)]),
        None => Error::Invalid(crate::domain::report(why)),
    }
}

fn apply(root: &mut Table, values: Values) {
    for (key, value) in values {
        let (name, key) = key.split_once('.').unwrap_or(("", &key));
        let mut made = toml_edit::Item::Table(Table::new());
        let item = match (name, &value) {
            ("", _) => None,
            (_, Some(_)) => Some(root.entry(name).or_insert(made)),
            // Nothing is made in order to remove something from it.
            (_, None) => Some(root.get_mut(name).unwrap_or(&mut made)),
        };
        let Some(table) = item.and_then(toml_edit::Item::as_table_like_mut) else {
            continue;
        };
        match value {
            Some(value) => drop(table.insert(key, toml_edit::Item::Value(value))),
            None => drop(table.remove(key)),
        }
    }
}

impl App {
    /// The settings as they count now; [`App::config`] has those of the start.
    #[must_use]
    pub fn settings(&self) -> Arc<Config> {
        let now = self
            .tuned
            .read()
            .unwrap_or_else(|poison| poison.into_inner());
        now.clone()
    }

    fn tune(&self, config: Config) {
        let now = self.tuned.write();
        *now.unwrap_or_else(|poison| poison.into_inner()) = Arc::new(config);
    }
}
