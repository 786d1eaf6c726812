//! Notices that tasks come, change and go, whoever changes their files.
//!
//! Where the kernel says that something happened ([`super::notices`]), that task
//! is looked at whole. Where it says nothing, every look sees which tasks there
//! are and whether their folder or manifest changed: two `stat`s a task. A script
//! that is written in place changes neither, so some tasks are looked at whole
//! each time, in turn, and those that Runbay itself just changed at once.

use super::notices::{Asker, DEPTH, ENTRIES, Noticed, is_apart, is_venv};
use super::{App, Error};
use crate::catalogue::MANIFEST_FILE;
use crate::domain::ids::TaskName;
use crate::threads::off_thread;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How many tasks are looked at whole each time.
const WHOLE: usize = 40;

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Created,
    Changed,
    Deleted,
}

impl What {
    fn kind(self) -> &'static str {
        match self {
            Self::Created => "task.created",
            Self::Changed => "task.changed",
            Self::Deleted => "task.deleted",
        }
    }
}

/// What the tasks looked like.
#[derive(Debug, Default)]
pub struct Watch {
    tasks: Option<BTreeMap<TaskName, Look>>,
    /// The last task that was looked at whole in its turn.
    turn: Option<TaskName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    outside: u64,
    whole: u64,
}

impl Watch {
    /// Looks once, and tells what is new. The first look tells nothing.
    ///
    /// # Errors
    /// When it cannot be told.
    pub async fn look(&mut self, app: &App) -> Result<(), Error> {
        let touched = app.live.touched();
        let (folder, live) = (app.config.tasks_dir.clone(), app.live.clone());
        let mut watch = std::mem::take(self);
        let (watch, news) = off_thread(move || {
            let news = match live.notices.take(&folder, Asker::Events) {
                Noticed::Anything => watch.news(&folder, &touched),
                Noticed::Entries { heard, deaf } => {
                    let entries = heard.iter().chain(&deaf).filter_map(|name| name.to_str());
                    let named = entries.map(|name| name.strip_suffix(".py").unwrap_or(name));
                    let tasks = named.filter_map(|name| name.parse().ok());
                    watch.news_of(&folder, touched.into_iter().chain(tasks).collect())
                }
            };
            (watch, news)
        })
        .await;
        *self = watch;
        for (task, what) in news {
            let payload = json!({ "task": task });
            app.store.tell(what.kind(), payload).await?;
        }
        Ok(())
    }

    fn news(&mut self, folder: &Path, touched: &BTreeSet<TaskName>) -> Vec<(TaskName, What)> {
        // A folder that cannot be listed for a moment has not lost its tasks.
        let Some(paths) = paths(folder) else {
            return Vec::new();
        };
        let first = self.tasks.is_none();
        let known = self.tasks.take().unwrap_or_default();
        let turn = self.next_turn(&paths);
        let mut news = Vec::new();
        let mut now = BTreeMap::new();
        for (name, path) in &paths {
            let outside = outside(path);
            let before = known.get(name);
            let look_whole = before.is_none_or(|before| before.outside != outside)
                || turn.contains(name)
                || touched.contains(name);
            let whole = match before {
                Some(before) if !look_whole => before.whole,
                _ => whole(path),
            };
            match before {
                None if !first => news.push((name.clone(), What::Created)),
                Some(before) if before.whole != whole => news.push((name.clone(), What::Changed)),
                _ => {}
            }
            now.insert(name.clone(), Look { outside, whole });
        }
        let gone = known.into_keys().filter(|name| !paths.contains_key(name));
        news.extend(gone.map(|name| (name, What::Deleted)));
        self.tasks = Some(now);
        news
    }

    /// News of these tasks alone.
    fn news_of(&mut self, folder: &Path, tasks: BTreeSet<TaskName>) -> Vec<(TaskName, What)> {
        let Some(known) = self.tasks.as_mut().filter(|_| folder.is_dir()) else {
            return self.news(folder, &tasks);
        };
        let mut news = Vec::new();
        for name in tasks {
            let look = place(folder, &name).map(|path| Look {
                outside: outside(&path),
                whole: whole(&path),
            });
            let before = match look {
                Some(look) => known.insert(name.clone(), look),
                None => known.remove(&name),
            };
            news.extend(match (before, look) {
                (None, Some(_)) => Some((name, What::Created)),
                (Some(_), None) => Some((name, What::Deleted)),
                (Some(before), Some(now)) if before.whole != now.whole => {
                    Some((name, What::Changed))
                }
                _ => None,
            });
        }
        news
    }

    /// Whose turn it is.
    fn next_turn(&mut self, paths: &BTreeMap<TaskName, PathBuf>) -> BTreeSet<TaskName> {
        let last = self.turn.take();
        let behind = |name: &&TaskName| last.as_ref().is_none_or(|last| *name > last);
        let (later, before): (Vec<_>, Vec<_>) = paths.keys().partition(behind);
        let turn: Vec<TaskName> = later
            .into_iter()
            .chain(before)
            .take(WHOLE)
            .cloned()
            .collect();
        self.turn = turn.last().cloned();
        turn.into_iter().collect()
    }
}

/// The folders and scripts of tasks, by name.
fn paths(folder: &Path) -> Option<BTreeMap<TaskName, PathBuf>> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let named = entries.filter_map(|entry| {
        let file = entry.file_name();
        let file = file.to_str()?;
        let name = match entry.file_type().ok()?.is_dir() {
            true => file,
            false => file.strip_suffix(".py")?,
        };
        Some((name.parse().ok()?, entry.path()))
    });
    Some(named.collect())
}

/// The folder or script of one task, as [`paths`] would find it.
fn place(folder: &Path, name: &TaskName) -> Option<PathBuf> {
    let own = folder.join(name.as_str());
    if own.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Some(own);
    }
    let script = folder.join(format!("{name}.py"));
    let found = script.symlink_metadata().ok()?;
    (!found.is_dir()).then_some(script)
}

/// What a look from outside sees: the folder or file itself, and the manifest.
fn outside(path: &Path) -> u64 {
    let mut hash = DefaultHasher::new();
    for path in [path, &path.join(MANIFEST_FILE)] {
        if let Ok(found) = path.symlink_metadata() {
            (found.ino(), found.size()).hash(&mut hash);
            (found.mtime(), found.mtime_nsec()).hash(&mut hash);
        }
    }
    hash.finish()
}

/// What a look at all of its files sees.
fn whole(path: &Path) -> u64 {
    let mut hash = DefaultHasher::new();
    mark(path, &mut hash);
    let mut left = ENTRIES;
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.take(left).map(|entry| entry.path()).collect();
        left -= paths.len();
        paths.sort();
        for path in paths {
            if is_apart(&path) {
                continue;
            }
            path.file_name().hash(&mut hash);
            mark(&path, &mut hash);
            let folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
            if folder && depth < DEPTH && !is_venv(&path) {
                folders.push((path, depth + 1));
            }
        }
    }
    hash.finish()
}

/// What changes with a file. Of a folder only who it is: its entries are looked
/// at by themselves, and files that nobody counts come and go in it.
fn mark(path: &Path, hash: &mut DefaultHasher) {
    if let Ok(found) = path.symlink_metadata() {
        found.ino().hash(hash);
        found.mode().hash(hash);
        if !found.is_dir() {
            (found.mtime(), found.mtime_nsec(), found.size()).hash(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    struct Place {
        folder: TempDir,
        watch: Watch,
    }

    impl Place {
        fn new() -> Self {
            let mut place = Self {
                folder: tempfile::tempdir().unwrap(),
                watch: Watch::default(),
            };
            place.put("one/main.py", "print(1)");
            place.put("one/lib/inner.py", "X = 1");
            place.put("two.py", "print(2)");
            assert_eq!(place.news(), [], "the first look tells nothing");
            place
        }

        fn path(&self, file: &str) -> PathBuf {
            self.folder.path().join(file)
        }

        fn put(&self, file: &str, text: &str) {
            let path = self.path(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn news(&mut self) -> Vec<(String, What)> {
            let news = self.watch.news(self.folder.path(), &BTreeSet::new());
            let named = news
                .into_iter()
                .map(|(name, what)| (name.to_string(), what));
            named.collect()
        }
    }

    fn one(name: &str, what: What) -> [(String, What); 1] {
        [(name.to_owned(), what)]
    }

    #[test]
    fn whatever_changes_in_a_task_is_noticed_once() {
        let mut place = Place::new();
        type Change = fn(&Place);
        let changes: [(&str, Change); 6] = [
            ("one", |place| place.put("one/main.py", "print(3)")),
            ("one", |place| place.put("one/lib/inner.py", "X = 2")),
            ("one", |place| place.put("one/task.toml", "tags = []")),
            ("one", |place| place.put("one/lib/new.txt", "")),
            ("one", |place| {
                fs::remove_file(place.path("one/lib/new.txt")).unwrap();
            }),
            ("two", |place| place.put("two.py", "print(4)")),
        ];
        for (task, change) in changes {
            change(&place);
            assert_eq!(place.news(), one(task, What::Changed));
            assert_eq!(place.news(), []);
        }
    }

    #[test]
    fn of_those_that_are_named_the_news_are_the_same() {
        let mut place = Place::new();
        place.put("one/lib/inner.py", "X = 2");
        place.put("three/main.py", "");
        fs::remove_file(place.path("two.py")).unwrap();
        let names = ["one", "two", "three", "none"].map(|name| name.parse().unwrap());
        let all = BTreeSet::from(names);
        let mut news = place.watch.news_of(place.folder.path(), all.clone());
        news.sort_by_key(|(name, _)| name.clone());
        let told = ["one", "three", "two"].map(|name| name.parse().unwrap());
        let told = told
            .into_iter()
            .zip([What::Changed, What::Created, What::Deleted]);
        assert_eq!(news, told.collect::<Vec<_>>());
        assert_eq!(place.watch.news_of(place.folder.path(), all), []);
        assert_eq!(place.news(), [], "nor has a look at everything any");
    }

    #[test]
    fn tasks_that_come_and_go_are_noticed() {
        let mut place = Place::new();
        place.put("new/main.py", "");
        assert_eq!(place.news(), one("new", What::Created));
        fs::rename(place.path("new"), place.path("newer")).unwrap();
        let mut news = place.news();
        news.sort_by_key(|(name, _)| name.clone());
        let renamed = [("new", What::Deleted), ("newer", What::Created)];
        assert_eq!(news, renamed.map(|(name, what)| (name.to_owned(), what)));
        fs::remove_file(place.path("two.py")).unwrap();
        assert_eq!(place.news(), one("two", What::Deleted));
        let away = place.folder.path().with_extension("gone");
        let folder = place.folder.path().to_owned();
        fs::rename(&folder, &away).unwrap();
        assert_eq!(
            place.news(),
            [],
            "a folder that is not there now is no news"
        );
        fs::rename(&away, &folder).unwrap();
        assert_eq!(place.news(), []);
    }

    #[test]
    fn what_is_no_code_is_no_change() {
        let mut place = Place::new();
        place.put("one/__pycache__/main.pyc", "x");
        place.put("one/.git/index", "x");
        place.put("one/env/pyvenv.cfg", "");
        place.news();
        place.put("one/__pycache__/main.pyc", "y");
        place.put("one/.git/index", "yy");
        place.put("one/env/lib/module.py", "");
        place.put("not a task.txt", "");
        assert_eq!(place.news(), []);
    }

    #[test]
    fn of_many_tasks_each_has_its_turn() {
        let mut place = Place::new();
        let count = WHOLE * 3;
        for number in 0..count {
            place.put(&format!("many-{number}/main.py"), "1");
        }
        assert_eq!(place.news().len(), count);
        for number in 0..count {
            place.put(&format!("many-{number}/main.py"), "2");
        }
        let looks = count.div_ceil(WHOLE) + 1;
        let told: usize = (0..looks).map(|_| place.news().len()).sum();
        assert_eq!(told, count);
        place.put("many-7/main.py", "3");
        let touched = BTreeSet::from(["many-7".parse().unwrap()]);
        let news = place.watch.news(place.folder.path(), &touched);
        assert_eq!(news.len(), 1, "at once, since it is known to have changed");
    }
}
