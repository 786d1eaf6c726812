//! The master key: lost, another, changed, and provided by something else.

use super::*;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;

#[tokio::test]
async fn another_key_opens_nothing_and_changes_nothing() {
    let home = home();
    let app = open(&home);
    // Nothing needs a key yet, so none is made.
    verify(&app).await.unwrap();
    assert!(!app.config.key_file.exists());
    put(&app, "TOKEN", "value-1", &["one"]).await;
    let right = fs::read(&app.config.key_file).unwrap();
    let aside = home.path().join("aside.key");
    fs::rename(&app.config.key_file, &aside).unwrap();
    for (there, words) in [(false, "there is no file"), (true, "holds the master key")] {
        if there {
            crate::vault::KeyFile::at(app.config.key_file.clone())
                .make()
                .unwrap();
        }
        let before = fs::read(&app.config.key_file).ok();
        let other = open(&home);
        let error = verify(&other).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(matches!(error, Error::Key(_)));
        let new = Secret::new("value-2".to_owned());
        let refused = set(&other, &Actor::local(), (&name("TOKEN"), new), &[]).await;
        assert!(refused.is_err());
        assert!(rotate_master(&other, &Actor::local()).await.is_err());
        assert_eq!(fs::read(&app.config.key_file).ok(), before);
    }
    fs::write(&app.config.key_file, right).unwrap();
    let back = open(&home);
    verify(&back).await.unwrap();
    let value = value(&back, &name("TOKEN")).await.unwrap().unwrap();
    assert_eq!(value.reveal(), "value-1");
}

#[tokio::test]
async fn a_lost_key_is_left_behind_with_its_values_only() {
    let home = home();
    let app = open(&home);
    put(&app, "TOKEN", "value-1", &["one"]).await;
    fs::remove_file(&app.config.key_file).unwrap();
    let app = open(&home);
    assert!(check(&app).await.is_err());
    assert_eq!(forget(&app, &Actor::local()).await.unwrap(), 1);
    let view = show(&app, &name("TOKEN")).await.unwrap();
    assert_eq!(view.version, None);
    assert!(view.tasks[0].granted && view.tasks[0].named);
    assert!(submit(&app, "one").await.is_err());
    // Numbers of versions are never used twice.
    assert_eq!(put(&app, "TOKEN", "value-2", &[]).await.version, 2);
    let run = claimed(&app, "one").await;
    assert_eq!(held(&app, &run).await, pair("TOKEN", "value-2"));
}

#[tokio::test]
async fn a_service_follows_when_a_command_changes_the_key() {
    let home = home();
    let (service, command) = (open(&home), open(&home));
    put(&service, "TOKEN", "value-1", &["one"]).await;
    let before = check(&service).await.unwrap().key;
    let rotated = rotate_master(&command, &Actor::local()).await.unwrap();
    assert!(!rotated.old_key_left);
    let after = rotated.key;
    assert_ne!(before.as_ref(), Some(&after));
    assert_eq!(check(&service).await.unwrap().key, Some(after));
    put(&service, "OTHER", "value-2", &[]).await;
    let found = value(&command, &name("OTHER")).await.unwrap().unwrap();
    assert_eq!(found.reveal(), "value-2");
    // One key again, once it is over.
    let text = fs::read_to_string(&service.config.key_file).unwrap();
    assert_eq!(text.matches("runbay-key-1:").count(), 1);
}

#[tokio::test]
async fn a_change_of_the_key_cut_short_leaves_all_open() {
    let home = home();
    let app = open(&home);
    put(&app, "TOKEN", "value-1", &["one"]).await;
    let file = crate::vault::KeyFile::at(app.config.key_file.clone());
    let old = file.read().unwrap().unwrap();
    // Killed after the file was written and before the database was.
    file.replace(&old.renewed().unwrap()).unwrap();
    let half = file.read().unwrap().unwrap().id().clone();
    let app = open(&home);
    assert_eq!(check(&app).await.unwrap().problems.len(), 2);
    let value = value(&app, &name("TOKEN")).await.unwrap().unwrap();
    assert_eq!(value.reveal(), "value-1");
    // The next change goes to its end.
    let rotated = rotate_master(&app, &Actor::local()).await.unwrap();
    assert_eq!(rotated.key, half);
    assert!(super::value(&open(&home), &name("TOKEN")).await.is_ok());
    assert_eq!(file.read().unwrap().unwrap().led_by(old.id()).id(), &half);
}

/// Each would write its own new key over the other's.
#[tokio::test]
async fn changes_of_the_key_at_once_lose_none() {
    let home = home();
    put(&open(&home), "TOKEN", "value-1", &["one"]).await;
    let apps: Vec<App> = (0..4).map(|_| open(&home)).collect();
    let local = Actor::local();
    let changes = apps.iter().map(|app| rotate_master(app, &local));
    let mut keys: Vec<_> = futures::future::join_all(changes)
        .await
        .into_iter()
        .map(|done| done.unwrap().key)
        .collect();
    keys.dedup();
    assert_eq!(keys.len(), 4);
    let value = value(&open(&home), &name("TOKEN")).await.unwrap().unwrap();
    assert_eq!(value.reveal(), "value-1");
}

/// As of a file that is mounted to be read: next to it no file can be made.
#[tokio::test]
async fn a_key_that_something_else_provides_is_only_read() {
    let home = home();
    let path = home.path().join("elsewhere.key");
    let write = |text: &str| {
        let mut file = fs::OpenOptions::new();
        let file = file.append(true).create(true).mode(0o600).open(&path);
        file.unwrap().write_all(text.as_bytes()).unwrap();
    };
    let lines = || fs::read_to_string(&path).unwrap();
    write(&new_key().unwrap());
    let held = fs::File::open(&path).unwrap();
    let app = open_with(&home, format!("/proc/self/fd/{}", held.as_raw_fd()).into());
    put(&app, "TOKEN", "value-1", &["one"]).await;
    let before = lines();
    let refused = rotate_master(&app, &Actor::local()).await.unwrap_err();
    let told = crate::domain::report(&refused);
    assert!(told.contains("runbay secret make-key"), "{told}");
    assert_eq!(lines(), before);
    write(&new_key().unwrap());
    let both = lines();
    let rotated = rotate_master(&app, &Actor::local()).await.unwrap();
    assert!(rotated.old_key_left);
    assert_eq!(lines(), both);
    // The old key opens nothing any more, so its line may go.
    let old = before.lines().last().unwrap();
    fs::write(&path, both.replace(old, "")).unwrap();
    let app = open_with(&home, path);
    verify(&app).await.unwrap();
    assert_eq!(check(&app).await.unwrap().key, Some(rotated.key));
    let value = value(&app, &name("TOKEN")).await.unwrap().unwrap();
    assert_eq!(value.reveal(), "value-1");
}
