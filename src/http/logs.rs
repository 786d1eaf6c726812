//! Logs of runs and builds: pages, searches, and the whole text.

use super::error::Problem;
use super::extract::{Caller, Json, Named, Path, Query};
use super::route::{Route, get};
use super::runs::{OneRun, find};
use super::tasks::OneTask;
use super::{State, download};
use crate::domain::access::{Permission, Principal};
use crate::domain::ids::TaskName;
use crate::domain::log::Stream;
use crate::service::logs::{self, Hits, PAGE_LINES, Page, SEARCH_HITS, Which, Whose};
use crate::service::{App, Place};
use axum::extract;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    use Permission::LogsRead;
    vec![
        get(
            "/api/v1/runs/{run}/log",
            LogsRead,
            "Read a page of a run's log",
            of_run,
        ),
        get(
            "/api/v1/runs/{run}/log/search",
            LogsRead,
            "Look for something in a run's log, from its end",
            search_run,
        ),
        get(
            "/api/v1/runs/{run}/log/raw",
            LogsRead,
            "Download a run's log as plain text, also in part (Range)",
            download::of_run,
        ),
        get(
            "/api/v1/tasks/{task}/build/log",
            LogsRead,
            "Read a page of the log of a task's last build",
            of_build,
        ),
        get(
            "/api/v1/tasks/{task}/build/log/search",
            LogsRead,
            "Look for something in the log of a task's last build, from its end",
            search_build,
        ),
        get(
            "/api/v1/tasks/{task}/build/log/raw",
            LogsRead,
            "Download the log of a task's last build as plain text",
            download::of_build,
        ),
    ]
}

/// Which lines of a log: `tail`, or `after`, or `before`, or `from` and `to`.
/// Without any of them, the last 500.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Lines {
    /// Which attempt of the run; without it, the newest.
    #[schemars(range(min = 1))]
    attempt: Option<u32>,
    /// So many lines from the end.
    #[schemars(range(min = 1, max = 5000))]
    tail: Option<u64>,
    /// The lines behind this number; 0 for the first.
    after: Option<u64>,
    /// The lines just before this number.
    #[schemars(range(min = 1))]
    before: Option<u64>,
    /// The lines from this number on.
    #[schemars(range(min = 1))]
    from: Option<u64>,
    /// The lines up to this number; with `from`.
    to: Option<u64>,
    /// How many lines at most, 500 if not said.
    #[schemars(range(min = 1, max = 5000))]
    limit: Option<u64>,
    /// Only lines of this stream.
    stream: Option<Stream>,
}

impl Lines {
    /// The lines that are meant, and how many.
    fn which(&self) -> Result<(Which, usize), Problem> {
        let given = [self.tail, self.after, self.before, self.from];
        let names = ["tail", "after", "before", "from"];
        let mut said = names
            .iter()
            .zip(given)
            .filter_map(|(name, n)| n.map(|_| name));
        if let (Some(first), Some(second)) = (said.next(), said.next()) {
            let message = format!("{first} and {second} say different things: choose one");
            return Err(wrong(second, message));
        }
        if self.to.is_some() && self.from.is_none() {
            return Err(wrong("to", "goes with from".to_owned()));
        }
        let usual = logs::USUAL_LINES as u64;
        let limit = count("limit", self.limit.unwrap_or(usual))?;
        Ok(match (self.tail, self.after, self.before, self.from) {
            (Some(tail), ..) => (Which::Tail, count("tail", tail)?),
            (_, Some(after), ..) => (Which::After(after), limit),
            (_, _, Some(before), _) => (Which::Before(least("before", before)?), limit),
            (.., Some(from)) => {
                let from = least("from", from)?;
                let to = self.to.unwrap_or(u64::MAX);
                let Some(span) = to.checked_sub(from) else {
                    return Err(wrong("to", format!("{to} is before from, {from}")));
                };
                let most = usize::try_from(span).unwrap_or(usize::MAX);
                let limit = if self.limit.is_none() && self.to.is_some() {
                    PAGE_LINES
                } else {
                    limit
                };
                (Which::After(from - 1), limit.min(most.saturating_add(1)))
            }
            _ => (Which::Tail, limit),
        })
    }
}

fn wrong(name: &str, message: String) -> Problem {
    Problem::field(Place::Query, format!("/{name}"), message)
}

fn least(name: &str, number: u64) -> Result<u64, Problem> {
    match number {
        0 => Err(wrong(name, "lines count from 1".to_owned())),
        _ => Ok(number),
    }
}

fn count(name: &str, wanted: u64) -> Result<usize, Problem> {
    usize::try_from(wanted)
        .ok()
        .filter(|wanted| (1..=PAGE_LINES).contains(wanted))
        .ok_or_else(|| wrong(name, format!("{wanted} is not from 1 to {PAGE_LINES}")))
}

async fn of_run(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(lines): Query<Lines>,
) -> Result<Json<Page>, Problem> {
    let whose = run(&state.app, &caller, &of, lines.attempt).await?;
    page(&state.app, &whose, &lines).await
}

async fn of_build(
    extract::State(state): extract::State<State>,
    Named(OneTask { task }): Named<OneTask>,
    Query(lines): Query<Lines>,
) -> Result<Json<Page>, Problem> {
    let whose = build(task, lines.attempt)?;
    page(&state.app, &whose, &lines).await
}

async fn page(app: &App, whose: &Whose, lines: &Lines) -> Result<Json<Page>, Problem> {
    let (which, limit) = lines.which()?;
    let open = logs::open(app, whose).await?;
    Ok(Json(logs::page(open, which, lines.stream, limit).await?))
}

/// The log of a run, for somebody who may see the run.
pub(super) async fn run(
    app: &App,
    caller: &Principal,
    of: &OneRun,
    attempt: Option<u32>,
) -> Result<Whose, Problem> {
    if attempt == Some(0) {
        return Err(wrong("attempt", "attempts count from 1".to_owned()));
    }
    let run = find(app, caller, &of.run).await?;
    Ok(Whose::Run(run.id, attempt))
}

/// The log of a build.
fn build(task: TaskName, attempt: Option<u32>) -> Result<Whose, Problem> {
    match attempt {
        None => Ok(Whose::Build(task)),
        Some(_) => Err(wrong("attempt", "a build has no attempts".to_owned())),
    }
}

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// A text, or with `regex=true` an expression.
    #[schemars(length(min = 1, max = 1000))]
    q: String,
    /// Whether `q` is a regular expression, in the syntax of RE2: without
    /// look-around and back-references.
    #[serde(default)]
    regex: bool,
    /// Whether the case of letters does not matter.
    #[serde(default)]
    ignore_case: bool,
    /// Only in lines of this stream.
    stream: Option<Stream>,
    /// Only in lines before this number: `next` of the answer before.
    before: Option<u64>,
    /// Hits at most, 100 if not said.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<u64>,
    /// Which attempt of the run; without it, the newest.
    #[schemars(range(min = 1))]
    attempt: Option<u32>,
}

async fn search_run(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    Path(of): Path<OneRun>,
    Query(asked): Query<Search>,
) -> Result<Json<Hits>, Problem> {
    let whose = run(&state.app, &caller, &of, asked.attempt).await?;
    search(&state.app, &whose, asked).await
}

async fn search_build(
    extract::State(state): extract::State<State>,
    Named(OneTask { task }): Named<OneTask>,
    Query(asked): Query<Search>,
) -> Result<Json<Hits>, Problem> {
    let whose = build(task, asked.attempt)?;
    search(&state.app, &whose, asked).await
}

async fn search(app: &App, whose: &Whose, asked: Search) -> Result<Json<Hits>, Problem> {
    let limit = asked.limit.unwrap_or(100);
    let limit = usize::try_from(limit).ok();
    let limit = limit.filter(|limit| (1..=SEARCH_HITS).contains(limit));
    let search = logs::Search {
        wanted: asked.q,
        expression: asked.regex,
        any_case: asked.ignore_case,
        stream: asked.stream,
        before: asked.before,
        limit: limit
            .ok_or_else(|| wrong("limit", format!("this is not from 1 to {SEARCH_HITS}")))?,
    };
    let open = logs::open(app, whose).await?;
    Ok(Json(logs::search(open, search).await?))
}
