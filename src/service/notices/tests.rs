use super::*;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
    notices: Notices,
}

impl Place {
    fn new() -> Self {
        let notices = Notices::default();
        notices.0.lock().unwrap().full = Duration::MAX;
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            notices,
        };
        place.put("one/main.py", "1");
        place.put("one/lib/inner.py", "1");
        place.put("two.py", "1");
        assert_eq!(place.take(), Noticed::Anything);
        assert_eq!(place.take(), heard([]));
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

    fn take(&self) -> Noticed {
        self.notices.take(self.folder.path(), Asker::Events)
    }
}

fn heard<const N: usize>(names: [&str; N]) -> Noticed {
    Noticed::Entries {
        heard: names.map(OsString::from).into(),
        deaf: BTreeSet::new(),
    }
}

#[test]
fn whatever_happens_to_an_entry_is_heard_once_by_each() {
    let place = Place::new();
    let other = || place.notices.take(place.folder.path(), Asker::Schedules);
    assert_eq!(other(), Noticed::Anything);
    type Change = fn(&Place);
    let changes: [(&str, Change); 8] = [
        ("one", |place| place.put("one/main.py", "2")),
        ("one", |place| place.put("one/lib/inner.py", "2")),
        ("one", |place| place.put("one/new/deep/file.txt", "1")),
        ("one", |place| place.put("one/new/deep/file.txt", "2")),
        ("two.py", |place| place.put("two.py", "2")),
        ("three", |place| place.put("three/main.py", "1")),
        ("three", |place| place.put("three/main.py", "2")),
        ("one", |place| {
            fs::remove_dir_all(place.path("one")).unwrap();
        }),
    ];
    for (entry, change) in changes {
        change(&place);
        assert_eq!(place.take(), heard([entry]));
        assert_eq!(place.take(), heard([]));
    }
    assert_eq!(other(), heard(["one", "two.py", "three"]));
}

#[test]
fn what_is_renamed_goes_by_its_new_name() {
    let place = Place::new();
    fs::rename(place.path("one"), place.path("uno")).unwrap();
    assert_eq!(place.take(), heard(["one", "uno"]));
    place.put("uno/lib/inner.py", "2");
    assert_eq!(place.take(), heard(["uno"]));
}

#[test]
fn what_is_no_code_is_not_listened_to() {
    let place = Place::new();
    place.put("one/.venv/pyvenv.cfg", "");
    place.put("one/.git/index", "");
    assert_eq!(place.take(), heard(["one"]));
    place.put("one/.venv/lib/module.py", "");
    place.put("one/.git/index", "2");
    assert_eq!(place.take(), heard([]));
}

#[test]
fn a_folder_that_is_another_one_is_listened_to_anew() {
    let place = Place::new();
    let away = place.path("").with_extension("away");
    fs::rename(place.folder.path(), &away).unwrap();
    assert_eq!(place.take(), Noticed::Anything);
    fs::rename(&away, place.folder.path()).unwrap();
    place.notices.0.lock().unwrap().tried = None;
    assert_eq!(place.take(), Noticed::Anything);
    assert_eq!(place.take(), heard([]));
    place.put("one/lib/inner.py", "2");
    assert_eq!(place.take(), heard(["one"]));
}

#[test]
fn every_so_often_everything_is_looked_at() {
    let place = Place::new();
    place.notices.0.lock().unwrap().full = Duration::ZERO;
    assert_eq!(place.take(), Noticed::Anything);
    let ear = Notices::default();
    let nowhere = place.path("nowhere");
    assert_eq!(ear.take(&nowhere, Asker::Events), Noticed::Anything);
    assert_eq!(ear.take(&nowhere, Asker::Events), Noticed::Anything);
}
