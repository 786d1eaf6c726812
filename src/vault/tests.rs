use super::*;
use crate::domain::secret::Secret;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn file(folder: &tempfile::TempDir) -> KeyFile {
    KeyFile::at(folder.path().join("keys/runbay.key"))
}

fn bound(to: &str) -> Bound {
    Bound::to(&["instance", to])
}

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    assert!(file.read().unwrap().is_none());
    let ring = file.make().unwrap();
    // Whoever comes second takes what is there.
    assert_eq!(file.make().unwrap().id(), ring.id());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(mode(file.path().parent().unwrap()), 0o700);
    let left: Vec<_> = fs::read_dir(file.path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "runbay.key" && name != ".gitignore")
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn many_who_make_a_key_at_once_have_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let makers: Vec<_> = (0..8)
        .map(|_| {
            let file = file(&folder);
            std::thread::spawn(move || file.make().unwrap().id().clone())
        })
        .collect();
    let ids: Vec<_> = makers
        .into_iter()
        .map(|made| made.join().unwrap())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_key_file_that_is_none_says_so_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    file.make().unwrap();
    for (text, line) in [
        ("", 1),
        ("# only this\n# and this\n", 2),
        ("\nrunbay-key-1:short\n", 2),
        ("runbay-key-1:!!!\n", 1),
        ("something else\n", 1),
    ] {
        fs::write(file.path(), text).unwrap();
        match file.read() {
            Err(KeyFileError::Malformed { line: found, .. }) => assert_eq!(found, line, "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
        assert!(file.make().is_err());
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    }
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        file.read(),
        Err(KeyFileError::Open { mode: 0o644, .. })
    ));
}

#[test]
fn a_renewed_ring_opens_what_was_and_rewraps_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    let old = file.make().unwrap();
    let sealed = old.seal(&bound("a"), &Secret::new("word".into())).unwrap();
    let ring = old.renewed().unwrap();
    file.replace(&ring).unwrap();
    // What is newer stands further down, and seals unless another is said to.
    let ring = file.read().unwrap().unwrap();
    assert_ne!(ring.id(), old.id());
    assert!(ring.newest().is_none());
    assert_eq!(ring.led_by(old.id()).newest().unwrap().id(), ring.id());
    assert_eq!(ring.led_by(old.id()).id(), old.id());
    assert_eq!(ring.open(&bound("a"), &sealed).unwrap().reveal(), "word");
    let again = ring.rewrap(&bound("a"), &sealed).unwrap();
    file.replace(&ring.alone()).unwrap();
    let alone = file.read().unwrap().unwrap();
    assert_eq!(alone.open(&bound("a"), &again).unwrap().reveal(), "word");
    assert_eq!(
        alone.open(&bound("a"), &sealed),
        Err(CannotOpen::OtherKey(old.id().clone()))
    );
}

#[test]
fn a_key_for_elsewhere_is_one_that_a_file_may_hold() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    let old = file.make().unwrap();
    let mut text = fs::read_to_string(file.path()).unwrap();
    text.push_str(&new_text().unwrap());
    fs::write(file.path(), text).unwrap();
    let ring = file.read().unwrap().unwrap();
    assert_ne!(ring.id(), old.id());
    assert_eq!(ring.led_by(old.id()).alone().id(), old.id());
}

proptest! {
    #[test]
    fn only_what_was_sealed_where_it_was_opens(
        value in "\\PC{1,60}", at in 0usize..400, flip in 1u8..=255,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let ring = file(&folder).make().unwrap();
        let sealed = ring.seal(&bound("a"), &Secret::new(value.clone())).unwrap();
        let opened = ring.open(&bound("a"), &sealed);
        prop_assert_eq!(opened.as_ref().map(Secret::reveal), Ok(value.as_str()));
        prop_assert!(ring.open(&bound("b"), &sealed).is_err());
        let mut bad = sealed.clone();
        let place = at % (bad.wrapped.len() + bad.sealed.len());
        match bad.wrapped.len() {
            wrapped if place < wrapped => bad.wrapped[place] ^= flip,
            wrapped => bad.sealed[place - wrapped] ^= flip,
        }
        prop_assert_eq!(ring.open(&bound("a"), &bad), Err(CannotOpen::Damaged));
        let whole = memchr::memmem::find(&sealed.sealed, value.as_bytes());
        prop_assert!(value.len() < 4 || whole.is_none());
    }
}
