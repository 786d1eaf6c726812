//! A listing that remembers, held against one that reads everything.

use super::{Place, name_of};
use crate::catalogue::{Catalogue, Found};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lists until every task that can run is remembered.
fn settled(catalogue: &Catalogue) -> Vec<Found> {
    let begun = Instant::now();
    loop {
        let found = catalogue.listing().unwrap();
        let valid = found.iter().filter(|one| matches!(one, Found::Task(_)));
        if valid.count() == catalogue.recall.get().len() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "never settled");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn by_name(found: Vec<Found>) -> BTreeMap<String, Found> {
    let named = found.into_iter().map(|found| (name_of(&found), found));
    named.collect()
}

/// Writes as many bytes as were there, into the same inode, and puts the time
/// of the last change of the content back.
fn sly(place: &Place, path: &str, content: &str) {
    let path = place.path(path);
    let before = fs::metadata(&path).unwrap();
    assert_eq!(before.len(), content.len() as u64);
    fs::write(&path, content).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
}

const NESTED: &str = "entry = 'src/main.py'";
const BLOCK: &str = "# /// script\n# dependencies = ['rich']\n# ///\n";
const OTHER: &str = "# /// script\n# dependencies = ['anyio']\n# ///\n";

fn tasks(place: &Place) {
    for name in [
        "same", "toml", "gone", "old", "swap", "twin", "new-req", "venv",
    ] {
        place.put(&format!("tasks/{name}/main.py"), "print(1)");
    }
    place.put("tasks/toml/task.toml", "description = 'a'");
    place.put("tasks/block.py", BLOCK.replace("rich", "attrs"));
    place.put("tasks/nested/task.toml", NESTED);
    place.put("tasks/nested/src/main.py", BLOCK.replace("rich", "attrs"));
    place.put("tasks/ignored/task.toml", NESTED);
    place.put("tasks/ignored/src/main.py", "");
    place.put("tasks/deep/task.toml", "requirements = 'a/b/c.txt'");
    place.put("tasks/deep/main.py", "");
    place.put("tasks/deep/a/b/c.txt", "rich");
    for name in ["linked", "strayed"] {
        place.put(&format!("tasks/{name}/main.py"), "");
        place.put(&format!("tasks/{name}/real/deps.in"), "rich");
        let link = place.path(&format!("tasks/{name}/requirements.txt"));
        symlink("real/deps.in", link).unwrap();
    }
    place.put("elsewhere/deps.in", "rich");
    place.put("tasks/project/main.py", "");
    let project = "[project]\nname = 'p'\nversion = '1'\ndependencies = ['rich']\n";
    place.put("tasks/project/pyproject.toml", project);
    place.put("global_envs/common/requirements.txt", "rich");
    place.put("tasks/shared/main.py", "");
    place.put("tasks/shared/task.toml", "environment = 'shared:common'");
    place.put("images/data/template.toml", "");
    place.put("tasks/template/main.py", "");
    place.put("tasks/template/task.toml", "environment = 'data'");
}

fn change_all(place: &Place) {
    sly(place, "tasks/toml/task.toml", "description = 'b'");
    sly(place, "tasks/block.py", OTHER);
    sly(place, "tasks/nested/src/main.py", OTHER);
    place.put("tasks/ignored/src/.gitignore", "main.py");
    sly(place, "tasks/deep/a/b/c.txt", "cffi");
    sly(place, "tasks/linked/real/deps.in", "cffi");
    let link = place.path("tasks/strayed/requirements.txt");
    fs::remove_file(&link).unwrap();
    symlink("../../elsewhere/deps.in", link).unwrap();
    let project = "[project]\nname = 'p'\nversion = '1'\ndependencies = ['cffi']\n";
    sly(place, "tasks/project/pyproject.toml", project);
    sly(place, "global_envs/common/requirements.txt", "cffi");
    fs::remove_file(place.path("images/data/template.toml")).unwrap();
    fs::remove_dir_all(place.path("tasks/gone")).unwrap();
    fs::rename(place.path("tasks/old"), place.path("tasks/renamed")).unwrap();
    let swapped = place.put("swapped/task.toml", "description = 'swapped'");
    place.put("swapped/main.py", "");
    fs::remove_dir_all(place.path("tasks/swap")).unwrap();
    fs::rename(swapped.parent().unwrap(), place.path("tasks/swap")).unwrap();
    place.put("tasks/twin.py", "");
    place.put("tasks/new-req/requirements.txt", "rich");
    place.put("tasks/venv/.venv/pyvenv.cfg", "version = 3.11.2");
    place.put("tasks/venv/.venv/lib/module.py", "");
}

#[test]
fn a_listing_is_what_a_scan_would_find_whatever_changes() {
    let place = Place::new();
    tasks(&place);
    let catalogue = place.catalogue();
    let before = by_name(settled(&catalogue));
    change_all(&place);
    let after = catalogue.listing().unwrap();
    assert_eq!(after, place.catalogue().scan().unwrap());
    // Each change shows, and what did not change was not read again.
    let after = by_name(after);
    for (name, was) in &before {
        let is = after.get(name);
        match name.as_str() {
            "same" => {
                let (Found::Task(was), Some(Found::Task(is))) = (was, is) else {
                    panic!("{was:?} {is:?}");
                };
                assert!(Arc::ptr_eq(was, is));
            }
            "venv" => assert_eq!(is, Some(was)),
            name => assert_ne!(is, Some(was), "{name}"),
        }
    }
    assert!(after.contains_key("renamed"));
    let left = settled(&catalogue).len();
    assert!(
        catalogue.recall.get().len() < left,
        "what cannot run is read"
    );
}

#[test]
fn edits_within_one_tick_of_the_clock_are_seen() {
    let place = Place::new();
    place.put("tasks/busy/main.py", "");
    place.put("tasks/busy/task.toml", "description = '0000'");
    let catalogue = place.catalogue();
    settled(&catalogue);
    for number in 1..500 {
        sly(
            &place,
            "tasks/busy/task.toml",
            &format!("description = '{number:04}'"),
        );
        let found = catalogue.listing().unwrap();
        let Found::Task(task) = &found[0] else {
            panic!("{found:?}");
        };
        assert_eq!(
            task.manifest.description.as_deref(),
            Some(&*format!("{number:04}"))
        );
    }
}
