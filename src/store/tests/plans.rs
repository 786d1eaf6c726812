//! The schema itself, and that no list ever reads more than it shows.

use super::*;
use crate::domain::access::{Role, Via};
use crate::domain::audit::Verdict;
use crate::domain::environment::Policy;
use crate::domain::hook::{DeliveryState, HookEvent};
use crate::domain::image::ImageKind;
use crate::domain::schedule::{Cause, Decision};
use crate::store::filter::list;

async fn column(store: &Store, sql: &'static str) -> Vec<String> {
    let rows = store.read(move |db| {
        let mut find = db.prepare(sql)?;
        Ok(find
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?)
    });
    rows.await.unwrap()
}

#[tokio::test]
async fn the_schema() {
    let (_folder, store) = scratch();
    let sql = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL \
        AND name NOT LIKE 'refinery_%' AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name";
    insta::assert_snapshot!(column(&store, sql).await.join("\n\n"));
}

#[tokio::test]
async fn the_words_of_the_schema_are_those_of_the_domain() {
    fn words<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(T::to_string).collect()
    }
    let expected = [
        ("trigger", words(Trigger::ALL)),
        ("state", words(RunState::ALL)),
        ("outcome", words(Outcome::ALL)),
        ("intent", words(Outcome::ALL)),
        ("on_disconnect", words(OnDisconnect::ALL)),
        ("policy", words(Policy::ALL)),
        ("kind", words(ImageKind::ALL)),
        ("role", words(Role::ALL)),
        ("via", words(Via::ALL)),
        ("verdict", words(Verdict::ALL)),
        (
            "door",
            Door::ALL.iter().map(|door| door.as_str().into()).collect(),
        ),
        ("decision", words(Decision::ALL)),
        ("level", words(&variables::LEVELS)),
        ("cause", words(Cause::ALL)),
        ("event", words(HookEvent::ALL)),
        ("delivery", words(DeliveryState::ALL)),
    ];
    let (_folder, store) = scratch();
    let tables = column(&store, "SELECT sql FROM sqlite_schema WHERE type = 'table'").await;
    let check = regex::Regex::new(r#"CHECK \("?(\w+)"? IN \(('[^)]*)\)\)"#).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for found in tables.iter().flat_map(|sql| check.captures_iter(sql)) {
        let known = expected.iter().find(|(column, _)| *column == &found[1]);
        let (column, words) =
            known.unwrap_or_else(|| panic!("nothing to compare {} with", &found[1]));
        let written: Vec<&str> = found[2]
            .split(", ")
            .map(|word| word.trim_matches('\''))
            .collect();
        assert_eq!(&written, words, "{column}");
        seen.insert(*column);
    }
    assert_eq!(
        seen.len(),
        expected.len(),
        "every word has its CHECK: {seen:?}"
    );
}

/// Ten thousand finished runs of ten tasks, and two live ones.
async fn crowd(store: &Store) {
    let template = store.run(saved(store, "live").await.id).await.unwrap();
    let filled = store.write(move |db| {
        let mut copy = db.prepare(
            "INSERT INTO runs (id, task, \"trigger\", state, outcome, params, args, limits, created_at, finished_at, on_disconnect, priority, retries, pinned)
             SELECT ?2, ?3, \"trigger\", 'finished', ?4, params, args, limits, created_at, created_at, on_disconnect, priority, retries, ?5 FROM runs WHERE id = ?1",
        )?;
        for n in 0..10_000 {
            let outcome = if n % 1000 == 7 { Outcome::Lost } else { Outcome::Succeeded };
            copy.execute(params![template.id, RunId::new(), format!("task{}", n % 10), outcome, n % 37 == 0])?;
        }
        Ok(())
    });
    filled.await.unwrap();
    saved(store, "live").await;
}

fn filters() -> Vec<RunFilter> {
    let mut all = Vec::new();
    for task in [None, Some("task7".parse().unwrap())] {
        for states in [
            vec![],
            vec![RunState::Queued],
            vec![RunState::Running, RunState::Finished],
        ] {
            for outcomes in [
                vec![],
                vec![Outcome::Lost],
                vec![Outcome::Succeeded, Outcome::Lost],
            ] {
                for before in [None, Some(RunId::new())] {
                    for pinned in [None, Some(true)] {
                        all.push(RunFilter {
                            task: task.clone(),
                            states: states.clone(),
                            outcomes: outcomes.clone(),
                            pinned,
                            limit: Some(50),
                            before,
                            ..RunFilter::default()
                        });
                    }
                }
            }
        }
    }
    all
}

#[tokio::test]
async fn no_list_scans_a_table() {
    let (_folder, store) = scratch();
    crowd(&store).await;
    for filter in filters() {
        let Some((sql, values)) = list(&filter) else {
            continue;
        };
        let plan = store.read(move |db| {
            let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let values: Vec<&dyn rusqlite::ToSql> = values.iter().map(|v| &**v as _).collect();
            let lines = explain.query_map(&*values, |row| row.get::<_, String>("detail"))?;
            Ok(lines.collect::<Result<Vec<_>, _>>()?)
        });
        for line in plan.await.unwrap() {
            let walk = line == "SCAN runs USING INDEX sqlite_autoindex_runs_1";
            let unfiltered =
                filter.task.is_none() && filter.states.is_empty() && filter.outcomes.is_empty();
            let pins = line == "SCAN runs USING INDEX runs_pinned" && filter.pinned.is_some();
            let scan = line.starts_with("SCAN runs") && !pins;
            assert!(!scan || (walk && unfiltered), "{filter:?}\n{line}");
        }
    }
    let plan = store.read(|db| {
        let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {}", runs::FIND))?;
        let values = rusqlite::named_params! {":text": "1234", ":tail": "4321"};
        let lines = explain.query_map(values, |row| row.get::<_, String>("detail"))?;
        Ok(lines.collect::<Result<Vec<_>, _>>()?)
    });
    for line in plan.await.unwrap() {
        assert!(!line.starts_with("SCAN runs"), "{line}");
    }
}

#[tokio::test]
async fn lists_are_right_among_ten_thousand_runs() {
    let (_folder, store) = scratch();
    crowd(&store).await;
    let everything = RunFilter {
        limit: Some(u32::MAX),
        ..RunFilter::default()
    };
    let all = store.runs(&everything).await.unwrap();
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    for filter in filters() {
        let asked = |run: &&Run| {
            filter.task.as_ref().is_none_or(|task| *task == run.task)
                && (filter.states.is_empty() || filter.states.contains(&run.state))
                && (filter.outcomes.is_empty()
                    || run
                        .outcome
                        .is_some_and(|outcome| filter.outcomes.contains(&outcome)))
                && filter.pinned.is_none_or(|pinned| run.pinned == pinned)
                && filter.before.is_none_or(|before| run.id < before)
        };
        let expected: Vec<&Run> = all.iter().filter(asked).take(50).collect();
        let found = store.runs(&filter).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
    assert_eq!(store.active_runs().await.unwrap().len(), 2);
    let last = store.last_run(None).await.unwrap().unwrap();
    assert_eq!(last.id, all[0].id);
    assert!(
        store
            .last_run(Some(&"nobody".parse().unwrap()))
            .await
            .unwrap()
            .is_none()
    );
}
