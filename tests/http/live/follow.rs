//! Whoever follows a run gets each line once, in order, whatever happens: to
//! them, to the driver, to the attempt.

use super::stage::{Script, Stage};
use futures::StreamExt;
use proptest::prelude::*;
use runbay::service::follow::{self, Item, follow};
use std::pin::pin;

/// What happens while somebody follows.
#[derive(Debug, Clone)]
enum Act {
    /// The script prints so many lines, of so many characters.
    Print(usize, usize),
    /// It draws an unfinished line.
    Draw(usize),
    /// The driver dies, and another one goes on.
    Die,
    /// It fails, and is tried again.
    Again,
    /// The viewers get their turn.
    Pause,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (1usize..600, 0usize..200).prop_map(|(lines, width)| Act::Print(lines, width)),
        2 => (1usize..50).prop_map(Act::Draw),
        1 => Just(Act::Die),
        1 => Just(Act::Again),
        3 => Just(Act::Pause),
    ];
    proptest::collection::vec(act, 1..14)
}

/// What was printed: attempt, number, text.
type Lines = Vec<(u32, u64, String)>;

async fn perform(stage: &Stage, acts: Vec<Act>) -> Lines {
    let mut printed = Lines::new();
    let (mut attempt, mut number, mut open) = (1, 0, String::new());
    let mut script: Script = stage.begin(1).await;
    for act in acts {
        match act {
            Act::Print(lines, width) => {
                let mut text = String::new();
                for n in 0..lines {
                    number += 1;
                    let line = format!("{attempt}.{number} {}", "é".repeat((width + n) % 211));
                    text.push_str(&format!("{line}\n"));
                    let whole = format!("{}{line}", std::mem::take(&mut open));
                    printed.push((attempt, number, whole));
                }
                script.print(&text);
            }
            Act::Draw(width) => {
                let text = "#".repeat(width);
                script.print(&text);
                open.push_str(&text);
            }
            // What was not yet a line is lost to the next driver of this play.
            Act::Die => {
                open.clear();
                let id = script.die();
                tokio::task::yield_now().await;
                script = stage.resume(id);
            }
            Act::Again => {
                if !open.is_empty() {
                    number += 1;
                    printed.push((attempt, number, std::mem::take(&mut open)));
                }
                script.finish();
                (attempt, number) = (attempt + 1, 0);
                script = stage.begin(attempt).await;
            }
            Act::Pause => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    }
    if !open.is_empty() {
        printed.push((attempt, number + 1, open));
    }
    stage.end(script).await;
    printed
}

/// Follows to the end, going away after so many items each time and coming back
/// to where it was.
async fn view(stage: &Stage, stays: Vec<usize>) -> Lines {
    let mut seen = Lines::new();
    let mut stays = stays.into_iter().chain(std::iter::repeat(usize::MAX));
    loop {
        let from = seen.last().map(|(attempt, line, _)| follow::From {
            attempt: Some(*attempt),
            after: *line,
            tail: None,
        });
        let items = follow(&stage.app, stage.run, from.unwrap_or_default());
        let mut items = pin!(items.take(stays.next().unwrap()));
        while let Some(item) = items.next().await {
            match item.unwrap() {
                Item::Lines(chunk) => {
                    let lines = chunk.lines.iter();
                    seen.extend(lines.map(|l| (chunk.attempt, l.number, l.text.clone())));
                }
                Item::Partial { .. } | Item::Step { .. } => {}
                Item::Gap(gap) => panic!("{gap:?}"),
                Item::End(end) => {
                    assert_eq!(end.run, stage.run);
                    return seen;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn each_line_comes_once_and_in_order(
        acts in acts(),
        stays in proptest::collection::vec(proptest::collection::vec(1usize..6, 0..12), 1..4),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (printed, seen) = runtime.block_on(async {
            let stage = Stage::new().await;
            let views = stays.into_iter().map(|stays| view(&stage, stays));
            let (printed, seen) = tokio::join!(
                perform(&stage, acts),
                tokio::time::timeout(super::stage::PATIENCE, futures::future::join_all(views)),
            );
            (printed, seen.expect("all viewers come to the end"))
        });
        for seen in seen {
            prop_assert_eq!(&seen, &printed);
        }
    }
}

#[tokio::test]
async fn lines_that_a_crash_undid_are_told_as_a_gap() {
    let stage = Stage::new().await;
    let mut script = stage.begin(1).await;
    script.print("one\ntwo\n");
    let from = follow::From {
        attempt: Some(1),
        after: 5,
        tail: None,
    };
    let mut items = pin!(follow(&stage.app, stage.run, from));
    let Some(Ok(Item::Gap(gap))) = items.next().await else {
        panic!("no gap");
    };
    assert_eq!((gap.attempt, gap.from, gap.to), (1, 3, Some(5)));
    script.print("three\n");
    let Some(Ok(Item::Lines(chunk))) = items.next().await else {
        panic!("no lines");
    };
    assert_eq!(chunk.lines[0].number, 3);
    stage.end(script).await;
    assert!(matches!(items.next().await, Some(Ok(Item::End(_)))));
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_log_that_was_removed_is_told_as_a_gap() {
    let stage = Stage::new().await;
    let mut script = stage.begin(1).await;
    script.print("one\n");
    stage.end(script).await;
    let id = runbay::domain::ids::AttemptId {
        run: stage.run,
        number: 1,
    };
    std::fs::remove_file(runbay::logs::path_of(&stage.app.config.data_dir, id)).unwrap();
    let items = follow(&stage.app, stage.run, follow::From::default());
    let items: Vec<_> = items.collect().await;
    assert!(matches!(&items[0], Ok(Item::Gap(gap)) if gap.to.is_none()));
    assert!(matches!(&items[1], Ok(Item::End(_))));
    assert_eq!(items.len(), 2);
}

#[tokio::test]
async fn who_comes_before_the_run_begins_waits_for_it() {
    let stage = Stage::new().await;
    let (seen, ()) = tokio::join!(view(&stage, Vec::new()), async {
        let mut script = stage.begin(1).await;
        script.print("hello\n");
        stage.end(script).await;
    });
    assert_eq!(seen, [(1, 1, "hello".to_owned())]);
    let none = follow::From {
        attempt: Some(7),
        ..follow::From::default()
    };
    let items: Vec<_> = follow(&stage.app, stage.run, none).collect().await;
    assert!(items[0].is_err() && items.len() == 1);
}
