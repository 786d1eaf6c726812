//! The file: new, old, newer, foreign, damaged, full, shared, and after a kill.

use super::*;
use futures::FutureExt as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Any connection of the test's own to a database, past the store.
fn shell(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

#[tokio::test]
async fn a_new_file_is_private_and_keeps_who_it_is() {
    let (folder, store) = scratch();
    let path = folder.path().join("data/runbay.db");
    saved(&store, "t").await;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for name in ["runbay.db", "runbay.db-wal", "runbay.db-shm"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    let id = store.instance();
    assert_eq!((id.0.len(), id.short().len()), (32, 8));
    drop(store);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(Store::open(&path).unwrap().instance(), id);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(Store::open(&path).unwrap().check().await.unwrap(), [""; 0]);
}

/// A command has one thread: what takes long must leave it to those who would
/// stop waiting.
#[test]
fn long_looks_are_not_on_the_thread_of_whoever_waits() {
    let (folder, store) = scratch();
    let copy = folder.path().join("copy");
    let command = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    command.block_on(async {
        saved(&store, "t").await;
        // Whoever goes to the only other thread there may be has to wait.
        let (free, hold) = std::sync::mpsc::channel::<()>();
        let held = tokio::task::spawn_blocking(move || hold.recv());
        let mut check = Box::pin(store.check());
        let mut quick = Box::pin(store.quick_check());
        let mut copying = Box::pin(store.copy_to(&copy));
        assert!((&mut check).now_or_never().is_none());
        assert!((&mut quick).now_or_never().is_none());
        assert!((&mut copying).now_or_never().is_none());
        drop(free);
        assert!(held.await.unwrap().is_err());
        assert_eq!(check.await.unwrap(), [""; 0]);
        quick.await.unwrap();
        assert_eq!(copying.await.unwrap().runs, 1);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_reads_while_it_writes() {
    let (_folder, store) = scratch();
    let run = saved(&store, "t").await;
    let (begun, writing) = tokio::sync::oneshot::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let writes = store.clone();
    let slow = tokio::spawn(async move {
        let change = move |_: &Connection| {
            begun.send(()).unwrap();
            ended.recv().unwrap();
            Ok(())
        };
        writes.write(change).await
    });
    writing.await.unwrap();
    let looks = (0..8).map(|_| store.run(run.id));
    for look in futures::future::join_all(looks).await {
        assert_eq!(look.unwrap(), run);
    }
    end.send(()).unwrap();
    slow.await.unwrap().unwrap();
}

#[test]
fn the_schema_number_is_that_of_the_newest_migration() {
    let newest = std::fs::read_dir("migrations").unwrap().map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name[1..]
            .split_once("__")
            .unwrap()
            .0
            .parse::<i64>()
            .unwrap()
    });
    assert_eq!(newest.max(), Some(SCHEMA));
}

#[test]
fn files_we_must_not_touch_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);

    shell(&path("other"))
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    let other = Store::open(&path("other")).unwrap_err();
    assert!(matches!(other, StoreError::Foreign(_)), "{other:?}");

    drop(Store::open(&path("newer")).unwrap());
    shell(&path("newer"))
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    let newer = Store::open(&path("newer")).unwrap_err();
    assert!(
        matches!(newer, StoreError::TooNew { found: 99, .. }),
        "{newer:?}"
    );
    assert!(newer.to_string().contains("newer"), "{newer}");

    std::fs::write(
        path("text"),
        "not a database at all, but long enough to look".repeat(99),
    )
    .unwrap();
    let text = Store::open(&path("text")).unwrap_err();
    assert!(matches!(text, StoreError::Corrupt { .. }), "{text:?}");

    std::fs::create_dir(path("folder")).unwrap();
    let dir = Store::open(&path("folder")).unwrap_err();
    assert!(matches!(dir, StoreError::File { .. }), "{dir:?}");
    let below = Store::open(&path("text").join("runbay.db")).unwrap_err();
    assert!(below.to_string().contains("text"), "{below}");
}

#[test]
fn many_who_open_a_new_file_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/runbay.db");
    let ids: Vec<_> = std::thread::scope(|scope| {
        let open = || scope.spawn(|| Store::open(&path).unwrap().instance());
        let all: Vec<_> = (0..8).map(|_| open()).collect();
        all.into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[tokio::test]
async fn a_migration_cut_short_is_taken_up_again() {
    let (folder, store) = scratch();
    let path = folder.path().join("data/runbay.db");
    let run = saved(&store, "t").await;
    drop(store);
    // As if the process had died just after the migration itself.
    shell(&path)
        .execute_batch("PRAGMA user_version = 0; PRAGMA application_id = 0")
        .unwrap();
    assert_eq!(Store::open(&path).unwrap().run(run.id).await.unwrap(), run);
}

#[tokio::test]
async fn a_file_of_every_earlier_schema_is_brought_up_to_date_and_kept_as_it_was() {
    for schema in 1..SCHEMA {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runbay.db");
        open::as_of(&path, schema.try_into().unwrap());
        let id = RunId::new();
        shell(&path)
            .execute(
                "INSERT INTO runs (id, task, \"trigger\", state, outcome, params, args, limits, \
                 created_at, started_at, finished_at, on_disconnect, priority, retries) \
                 VALUES (?1, 'one', 'manual', 'finished', 'succeeded', '{}', '[]', ?2, 1, 2, 3, 'cancel', 0, ?3)",
                rusqlite::params![
                    id.to_string(),
                    serde_json::to_string(&Limits::default()).unwrap(),
                    serde_json::to_string(&crate::domain::retry::Retries::default()).unwrap(),
                ],
            )
            .unwrap();
        let store = Store::open(&path).unwrap();
        let run = store.run(id).await.unwrap();
        assert_eq!(
            (run.task.as_str(), run.outcome),
            ("one", Some(Outcome::Succeeded))
        );
        assert!(!run.pinned && store.pin_run(id, true).await.unwrap());
        assert!(store.run(id).await.unwrap().pinned, "schema {schema}");
        assert_eq!(store.instance().short(), "01234567", "schema {schema}");
        assert_eq!(store.check().await.unwrap(), [""; 0], "schema {schema}");
        saved(&store, "two").await;
        let kept = open::former(&path, schema);
        assert_eq!(mode(&kept), 0o600);
        let number = shell(&kept).query_row("PRAGMA user_version", [], |row| row.get(0));
        assert_eq!(number, Ok(schema));
    }
}

#[tokio::test]
async fn damage_is_found_and_told() {
    let (folder, store) = scratch();
    let path = folder.path().join("data/runbay.db");
    for _ in 0..50 {
        saved(&store, "t").await;
    }
    drop(store);
    let db = shell(&path);
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_task'";
    let page: u64 = db
        .query_row(page, [], |row| row.get(0))
        .map(|n: i64| n as u64)
        .unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(db);
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start((page - 1) * 4096)).unwrap();
    file.write_all(&[0xA5; 4096]).unwrap();
    drop(file);
    let store = Store::open(&path).unwrap();
    let found = store.check().await;
    assert!(
        matches!(&found, Ok(lines) if !lines.is_empty())
            || matches!(found, Err(StoreError::Corrupt { .. })),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_word_we_do_not_know_is_damage() {
    let (folder, store) = scratch();
    let run = saved(&store, "t").await;
    let sql = "PRAGMA ignore_check_constraints = ON; UPDATE runs SET state = 'dancing'";
    shell(&folder.path().join("data/runbay.db"))
        .execute_batch(sql)
        .unwrap();
    let error = store.run(run.id).await.unwrap_err();
    assert!(error.to_string().contains("dancing"), "{error}");
}

#[tokio::test]
async fn a_full_disk_loses_only_what_did_not_fit() {
    let (_folder, store) = scratch();
    let run = saved(&store, "t").await;
    let pages = |count: &'static str| {
        store.write(move |db| {
            let set = format!("PRAGMA max_page_count = {count}");
            Ok(db.query_row(&set, [], |_| Ok(()))?)
        })
    };
    // Less than there are: SQLite takes it as “no more than now”.
    pages("1").await.unwrap();
    let mut big = new_run("t");
    big.args = vec!["x".repeat(1 << 20)];
    let error = store.insert_run(&big).await.unwrap_err();
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(store.advance(run.id, RunState::Building).await.unwrap());
    pages("1000000").await.unwrap();
    store.insert_run(&big).await.unwrap();
    assert_eq!(store.active_runs().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_locked_file_is_waited_for() {
    let (folder, store) = scratch();
    let other = shell(&folder.path().join("data/runbay.db"));
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = tokio::spawn({
        let store = store.clone();
        async move { saved(&store, "t").await }
    });
    // Readers do not wait for writers.
    assert_eq!(store.active_runs().await.unwrap(), []);
    assert!(!writing.is_finished());
    other.execute_batch("COMMIT").unwrap();
    let run = writing.await.unwrap();
    assert_eq!(store.run(run.id).await.unwrap(), run);
}

#[tokio::test]
#[ignore = "the other process of the test below, which kills it"]
async fn child_that_saves_runs_for_ever() {
    let path = std::env::var("RUNBAY_TESTS_DATABASE").unwrap();
    let store = Store::open(Path::new(&path)).unwrap();
    loop {
        let saves = (0..8).map(|_| saved(&store, "killed"));
        for run in futures::future::join_all(saves).await {
            println!("saved {}", run.id);
        }
    }
}

#[tokio::test]
async fn what_was_saved_survives_a_kill() {
    let (folder, store) = scratch();
    let path = folder.path().join("data/runbay.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--nocapture", "child_that_saves_runs_for_ever"])
        .env("RUNBAY_TESTS_DATABASE", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    let mut ours = Vec::new();
    for line in lines {
        // The line after a kill may be cut off; until then every line counts.
        let line = line.unwrap();
        if let Some(id) = line
            .strip_prefix("saved ")
            .and_then(|id| id.parse::<RunId>().ok())
        {
            told.push(id);
        }
        if told.len() == 40 {
            child.kill().unwrap();
        } else if told.len() < 40 && told.len().is_multiple_of(10) {
            // Two processes write the same file meanwhile.
            ours.push(saved(&store, "ours").await.id);
        }
    }
    child.wait().unwrap();
    assert!(told.len() >= 40);
    drop(store);
    let store = Store::open(&path).unwrap();
    for id in told.iter().chain(&ours) {
        store.run(*id).await.unwrap();
    }
    assert_eq!(store.check().await.unwrap(), [""; 0]);
    let events = store.events(0, u32::MAX).await.unwrap();
    assert_eq!(events.len(), store.active_runs().await.unwrap().len());
}

#[tokio::test]
async fn opening_what_is_there_is_quick() {
    let (folder, store) = scratch();
    let path = folder.path().join("data/runbay.db");
    for _ in 0..100 {
        saved(&store, "t").await;
    }
    // Against making a new one, best of a few: what else the machine does is
    // not ours to test.
    let best = |path: &dyn Fn(u32) -> PathBuf| {
        let open = |n| {
            let path = path(n);
            let begun = std::time::Instant::now();
            drop(Store::open(&path).unwrap());
            begun.elapsed()
        };
        (0..10).map(open).min().unwrap()
    };
    let new = best(&|n| folder.path().join(format!("new{n}/runbay.db")));
    let known = best(&|_| path.clone());
    assert!(known * 2 < new, "{known:?} against {new:?}");
}

#[tokio::test]
async fn changes_that_sqlite_took_back_are_not_called_saved() {
    let (folder, store) = scratch();
    let other = shell(&folder.path().join("data/runbay.db"));
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Both wait for the lock, so they share a transaction, which the second ends
    // as SQLite does when it runs out of disk or memory.
    let (good, bad, ()) = tokio::join!(
        store.write(|db| Ok(db.execute("INSERT INTO tasks (name) VALUES ('good')", [])?)),
        store.write(|db| Ok(db.execute_batch("ROLLBACK")?)),
        async { other.execute_batch("COMMIT").unwrap() },
    );
    assert!(matches!(good, Err(StoreError::RolledBack)), "{good:?}");
    assert!(bad.is_err());
    assert!(!dump(&store).await.contains("good"));
    store.task_number(&"next".parse().unwrap()).await.unwrap();
}
