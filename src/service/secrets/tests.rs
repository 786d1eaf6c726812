mod master;

use super::*;
use crate::config::{Config, Overrides};
use crate::domain::access::Principal;
use crate::domain::audit::Actor;
use crate::domain::ids::RunId;
use crate::domain::measure::Measurements;
use crate::domain::run::{Ended, Outcome, Run, RunState};
use crate::domain::secret::Secrets;
use crate::domain::variable::{Level, VariableName};
use crate::service::runs::{self, Again, Request, Submitted};
use crate::service::{Kind, variables};
use crate::store::Claim;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (task, manifest) in [
        (
            "one",
            "secrets = [\"TOKEN\"]\ntags = [\"t\"]\n[env]\nMODE = \"slow\"\n",
        ),
        ("two", "secrets = [\"TOKEN\", \"OTHER\"]\n"),
        ("none", ""),
    ] {
        let folder = home.path().join("tasks").join(task);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.py"), "").unwrap();
        fs::write(folder.join("task.toml"), manifest).unwrap();
    }
    home
}

fn config(home: &TempDir) -> Config {
    let flags = Overrides {
        home: Some(home.path().to_owned()),
        ..Overrides::default()
    };
    Config::load(&flags).unwrap()
}

fn open(home: &TempDir) -> App {
    App::open(config(home)).unwrap()
}

/// With the master key in this file.
fn open_with(home: &TempDir, key_file: PathBuf) -> App {
    let mut config = config(home);
    config.key_file = key_file;
    App::open(config).unwrap()
}

fn name(text: &str) -> SecretName {
    text.parse().unwrap()
}

fn task(text: &str) -> TaskName {
    text.parse().unwrap()
}

async fn put(app: &App, secret: &str, value: &str, tasks: &[&str]) -> SecretSet {
    let tasks: Vec<TaskName> = tasks.iter().map(|t| task(t)).collect();
    let value = Secret::new(value.to_owned());
    let actor = Actor::local();
    set(app, &actor, (&name(secret), value), &tasks)
        .await
        .unwrap()
}

async fn submit(app: &App, of: &str) -> Result<Run, Error> {
    match runs::submit(app, &Request::new(task(of))).await? {
        Submitted::Queued(run) | Submitted::Replayed(run) => Ok(run),
    }
}

async fn claimed(app: &App, of: &str) -> Run {
    let run = submit(app, of).await.unwrap();
    let claim = app.store.claim(run.id, None, Utc::now()).await.unwrap();
    assert_eq!(claim, Claim::Taken);
    app.store.run(run.id).await.unwrap()
}

async fn held(app: &App, run: &Run) -> Vec<(String, String)> {
    let given = give(app, run).await.unwrap().unwrap();
    given
        .iter()
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
        .collect()
}

async fn end(app: &App, run: RunId) {
    let ended = Ended::because(Outcome::Succeeded, "over");
    let nothing = Measurements::default();
    let done = app.store.finish(run, &ended, &nothing, &[], Utc::now());
    assert!(done.await.unwrap());
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[tokio::test]
async fn nothing_is_given_without_a_grant() {
    let home = home();
    let app = open(&home);
    let refused = submit(&app, "one").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
    assert!(
        refused.to_string().contains("runbay secret set TOKEN"),
        "{refused}"
    );
    put(&app, "TOKEN", "value-1", &["two"]).await;
    let refused = submit(&app, "one").await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("runbay secret grant TOKEN one"),
        "{refused}"
    );
    // All that is lacking is told at once, with its place.
    let lacks = submit(&app, "two").await.unwrap_err().fields();
    let places: Vec<_> = lacks.iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(places, ["/secrets/OTHER"]);
    assert!(
        grant(&app, &Actor::local(), &name("TOKEN"), &task("one"))
            .await
            .unwrap()
    );
    assert!(
        !grant(&app, &Actor::local(), &name("TOKEN"), &task("one"))
            .await
            .unwrap()
    );
    let run = claimed(&app, "one").await;
    assert_eq!(held(&app, &run).await, pair("TOKEN", "value-1"));
    let unknown = grant(&app, &Actor::local(), &name("TOKEM"), &task("one")).await;
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("did you mean TOKEN")
    );
    let unknown = grant(&app, &Actor::local(), &name("TOKEN"), &task("onee")).await;
    assert_eq!(unknown.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_run_keeps_what_it_was_given_to_its_end() {
    let home = home();
    let app = open(&home);
    put(&app, "TOKEN", "value-1", &["one"]).await;
    let run = claimed(&app, "one").await;
    assert_eq!(held(&app, &run).await, pair("TOKEN", "value-1"));
    assert_eq!(put(&app, "TOKEN", "value-2", &[]).await.version, 2);
    revoke(&app, &Actor::local(), &name("TOKEN"), &task("one"))
        .await
        .unwrap();
    // Another process that takes it over, after a change of the master key.
    rotate_master(&app, &Actor::local()).await.unwrap();
    let other = open(&home);
    assert_eq!(held(&other, &run).await, pair("TOKEN", "value-1"));
    let refused = remove(&app, &Actor::local(), &name("TOKEN"))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains(&run.id.short()), "{refused}");
    let kept = |app: App| async move { app.store.secret_values().await.unwrap().len() };
    assert_eq!(kept(app.clone()).await, 2);
    end(&app, run.id).await;
    // Nobody needs the old value any more, so it is gone.
    assert_eq!(kept(app.clone()).await, 1);
    let limit = crate::service::page::Limit(10);
    let told = runs(&app, &name("TOKEN"), (None, limit))
        .await
        .unwrap()
        .items;
    assert_eq!((told[0].run, told[0].version), (run.id, 1));
    assert_eq!(told[0].outcome, Some(Outcome::Succeeded));
    remove(&app, &Actor::local(), &name("TOKEN")).await.unwrap();
    assert!(list(&app).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_of_a_request_is_for_its_run_alone_and_gone_with_it() {
    let home = home();
    let app = open(&home);
    let mut request = Request::new(task("one"));
    let given = Secret::new("from-a-request".to_owned());
    request.secrets = Secrets::from([("TOKEN".to_owned(), given.clone())]);
    let Submitted::Queued(run) = runs::submit(&app, &request).await.unwrap() else {
        panic!("no run was made");
    };
    let other = open(&home);
    assert_eq!(held(&other, &run).await, pair("TOKEN", "from-a-request"));
    // Sealed, and bound to this run.
    let row = app.store.given(run.id).await.unwrap().remove(0);
    let sealed = row.value.unwrap();
    let elsewhere = ["run", &RunId::new().to_string(), "TOKEN"];
    assert!(
        keys::open(&app, "TOKEN", &elsewhere, &sealed)
            .await
            .is_err()
    );
    app.store.claim(run.id, None, Utc::now()).await.unwrap();
    end(&app, run.id).await;
    assert_eq!(app.store.given(run.id).await.unwrap()[0].value, None);
    // Again means to say it again.
    let mut again = Again {
        of: run.id,
        same_image: false,
        on_disconnect: crate::domain::run::OnDisconnect::Cancel,
        by: None,
        secrets: Secrets::new(),
    };
    assert_eq!(
        runs::resubmit(&app, &again).await.unwrap_err().kind(),
        Kind::Invalid
    );
    again.secrets = Secrets::from([("TOKEN".to_owned(), given)]);
    assert!(runs::resubmit(&app, &again).await.is_ok());
    for (name, value) in [("OTHER", "x"), ("TOKEN", ""), ("TOKEN", "a\0b")] {
        let mut wrong = Request::new(task("one"));
        wrong.secrets = Secrets::from([(name.to_owned(), Secret::new(value.to_owned()))]);
        let fields = runs::submit(&app, &wrong).await.unwrap_err().fields();
        assert_eq!(fields[0].pointer, format!("/secrets/{name}"));
    }
}

#[tokio::test]
async fn a_run_that_lost_its_grant_while_it_waited_is_told_why() {
    let home = home();
    let app = open(&home);
    put(&app, "TOKEN", "value-1", &["one"]).await;
    let run = claimed(&app, "one").await;
    revoke(&app, &Actor::local(), &name("TOKEN"), &task("one"))
        .await
        .unwrap();
    let why = give(&app, &run).await.unwrap().unwrap_err();
    assert!(why.contains("may not have the secret TOKEN"), "{why}");
    assert!(app.store.given(run.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_short_or_wrong_is_told() {
    let home = home();
    let app = open(&home);
    let warned = put(&app, "TOKEN", "abc", &["one"]).await.warning.unwrap();
    assert!(warned.contains("too short"), "{warned}");
    assert!(
        put(&app, "TOKEN", "abcdef", &["one"])
            .await
            .warning
            .is_none()
    );
    let found = check(&app).await.unwrap();
    // “two” names both, and one of them is not there at all.
    assert_eq!(found.problems.len(), 2, "{found:?}");
    assert_eq!(found.secrets, 1);
    for bad in ["", "a\0b", &"x".repeat(65 * 1024)] {
        let bad = Secret::new((*bad).to_owned());
        let refused = set(&app, &Actor::local(), (&name("TOKEN"), bad), &[]).await;
        assert_eq!(refused.unwrap_err().fields()[0].pointer, "/value");
    }
    assert_eq!(show(&app, &name("TOKEN")).await.unwrap().version, Some(2));
}

#[tokio::test]
async fn every_act_is_noted_and_none_tells_a_value() {
    let home = home();
    let app = open(&home);
    let actor = Actor::local();
    put(&app, "TOKEN", "c4nary-in-the-audit", &["one"]).await;
    revoke(&app, &actor, &name("TOKEN"), &task("one"))
        .await
        .unwrap();
    rotate_master(&app, &actor).await.unwrap();
    remove(&app, &actor, &name("TOKEN")).await.unwrap();
    let all = crate::store::AuditFilter::default();
    let entries = app.store.audit_entries(&all).await.unwrap();
    let acts: Vec<_> = entries.iter().rev().map(|e| e.action.as_str()).collect();
    assert_eq!(
        acts,
        [
            "secret.set",
            "secret.grant",
            "secret.revoke",
            "secret.rotate_key",
            "secret.remove"
        ]
    );
    assert!(!format!("{entries:?}").contains("c4nary"));
    assert_eq!(app.store.verify_audit().await.unwrap().broken, None);
}

#[tokio::test]
async fn the_masker_of_all_hides_every_value() {
    let home = home();
    let app = open(&home);
    assert!(masker(&app).await.unwrap().is_none());
    put(&app, "TOKEN", "first-value", &[]).await;
    put(&app, "OTHER", "second-value", &[]).await;
    let masker = masker(&app).await.unwrap().unwrap();
    assert_eq!(masker.mask("first-value, second-value."), "***, ***.");
}

#[tokio::test]
async fn variables_are_told_with_where_they_are_from() {
    let home = home();
    let app = open(&home);
    let actor = Actor::local();
    let put = |name: &str, level: Level, value: &str| {
        let (name, value) = (name.parse().unwrap(), value.to_owned());
        let (app, actor) = (app.clone(), actor.clone());
        async move { variables::set(&app, &actor, (name, level), value).await }
    };
    put("MODE", Level::Global, "fast").await.unwrap();
    put("MODE", Level::Task(task("two")), "own").await.unwrap();
    put("REGION", Level::Global, "eu").await.unwrap();
    put("REGION", Level::Tag("t".into()), "us").await.unwrap();
    assert!(put("X", Level::Task(task("gone")), "").await.is_err());
    assert!(put("X", Level::Global, "a\0").await.is_err());
    let shown = |of: &str| {
        let (app, of) = (app.clone(), task(of));
        async move {
            let all = variables::of_task(&app, &of).await.unwrap();
            let line = |v: &crate::domain::variable::Resolved| {
                format!(
                    "{}={} ({}, over {})",
                    v.name,
                    v.won.value,
                    v.won.origin,
                    v.hidden.len()
                )
            };
            all.iter().map(line).collect::<Vec<_>>()
        }
    };
    assert_eq!(
        shown("one").await,
        ["MODE=slow (task.toml, over 1)", "REGION=us (tag t, over 1)"]
    );
    assert_eq!(
        shown("two").await,
        ["MODE=own (task two, over 1)", "REGION=eu (global, over 0)"]
    );
    let mode: VariableName = "MODE".parse().unwrap();
    let level = Level::Task(task("two"));
    variables::remove(&app, &actor, (mode.clone(), level.clone()))
        .await
        .unwrap();
    let gone = variables::remove(&app, &actor, (mode, level)).await;
    assert_eq!(gone.unwrap_err().kind(), Kind::NotFound);
    let all = variables::list(&app, &Principal::local()).await.unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(submit(&app, "none").await.unwrap().state, RunState::Queued);
}

/// A grant is for a task, not for whatever bears its name later.
#[tokio::test]
async fn grants_follow_a_task_and_end_with_it() {
    let home = home();
    let app = open(&home);
    put(&app, "TOKEN", "value-1", &["one", "two"]).await;
    let mine = Level::Task(task("one"));
    let set = ("OWN".parse().unwrap(), mine);
    let actor = Actor::local();
    let own = variables::set(&app, &actor, set, "1".to_owned());
    own.await.unwrap();
    crate::service::tasks::rename(&app, &task("one"), &task("uno"))
        .await
        .unwrap();
    let granted = |app: App| async move {
        let all = show(&app, &name("TOKEN")).await.unwrap().tasks;
        let all = all.into_iter().filter(|of| of.granted);
        all.map(|of| of.task.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(granted(app.clone()).await, ["two", "uno"]);
    assert!(submit(&app, "uno").await.is_ok());
    let of = variables::of_task(&app, &task("uno")).await.unwrap();
    assert!(of.iter().any(|variable| variable.name == "OWN"), "{of:?}");
    crate::service::tasks::delete(&app, &task("two"), false)
        .await
        .unwrap();
    assert_eq!(granted(app.clone()).await, ["uno"]);
}
