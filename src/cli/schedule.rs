//! `runbay schedule`. It works on the manifests and the database of this
//! folder, where a service that runs notices within a second; or asks a service
//! elsewhere.

use super::args::Global;
use super::error::Error;
use super::output::{
    ago, errln, inert, outln, paint, print_heading, print_json, print_table, table,
};
use super::plans::Plans;
use super::schedule_args::{MissedArgs, NextArgs, ScheduleCommand, SetArgs, Which, WhichOrAll};
use crate::domain::counted;
use crate::domain::ids::TaskName;
use crate::domain::schedule::{Decision, LedgerEntry, Schedule};
use crate::domain::suggest::ranked;
use crate::service;
use crate::service::schedules::{LedgerFilter, Preview, ScheduleView};
use crate::time::Occurrence;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn schedule(global: &Global, command: ScheduleCommand) -> Result<ExitCode, Error> {
    let plans = &Plans::find(global).await?;
    match command {
        ScheduleCommand::Ls { task, json } => ls(plans, task.as_ref(), json).await?,
        ScheduleCommand::Next(args) => next(plans, &args).await?,
        ScheduleCommand::Set(args) => set(plans, *args).await?,
        ScheduleCommand::Rm(which) => {
            let key = key_of(plans, &which.task, which.key).await?;
            plans.remove(&which.task, &key).await?;
            errln!(
                "{} is not scheduled by “{}” any more",
                which.task,
                inert(&key)
            );
        }
        ScheduleCommand::Pause(which) => rest(plans, which, true).await?,
        ScheduleCommand::Resume(which) => rest(plans, which, false).await?,
        ScheduleCommand::Missed(args) => missed(plans, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The key a person means; the only one there is when none is said.
async fn key_of(plans: &Plans, task: &TaskName, key: Option<String>) -> Result<String, Error> {
    let all = plans.list(Some(task)).await?;
    let keys = || all.iter().map(|one| one.key.as_str());
    if let Some(key) = key {
        // A rule may be written in another form than its shortest.
        let canonical = crate::time::Rule::parse(&key).map(|(rule, _)| rule.to_string());
        let meant = |known: &&str| **known == key || canonical.as_deref() == Ok(*known);
        if let Some(known) = keys()
            .find(|known| *known == key)
            .or_else(|| keys().find(meant))
        {
            return Ok(known.to_owned());
        }
        let hint = match (ranked(&key, keys()).first(), all.len()) {
            (_, 0) => "it has no schedules".to_owned(),
            (Some(near), _) => format!("did you mean “{near}”?"),
            (None, _) => format!("it has {}", keys().collect::<Vec<_>>().join(", ")),
        };
        let key = key.escape_debug();
        let text = format!("{task} has no schedule “{key}”: {hint}");
        return Err(service::Error::NotFound(text).into());
    }
    match &all[..] {
        [one] => Ok(one.key.clone()),
        [] => Err(service::Error::NotFound(format!("{task} has no schedules")).into()),
        _ => {
            let keys: Vec<String> = keys().map(|key| format!("“{key}”")).collect();
            let keys = keys.join(", ");
            Err(Error::invalid(format!(
                "{task} has several schedules; say which: {keys}"
            )))
        }
    }
}

async fn ls(plans: &Plans, task: Option<&TaskName>, json: bool) -> Result<(), Error> {
    let all = plans.list(task).await?;
    let paused = plans.all_paused().await?;
    if json {
        print_json(&json!({ "paused_at": paused, "schedules": all }));
        return Ok(());
    }
    if all.is_empty() {
        errln!("nothing is scheduled yet; `runbay schedule set <task> \"06:00\"` begins");
        return Ok(());
    }
    let mut rows = table(&["task", "schedule", "when", "next", "", "last"]);
    for one in &all {
        let next = one.next.as_ref();
        rows.add_row([
            one.task.to_string(),
            inert(&one.key),
            inert(one.description.as_deref().unwrap_or("?")),
            next.map_or_else(|| "–".to_owned(), shown),
            standing(one, paused.is_some()),
            one.last.as_ref().map(became).unwrap_or_default(),
        ]);
    }
    print_table(&rows);
    for one in all
        .iter()
        .filter_map(|one| Some((one, one.problem.as_ref()?)))
    {
        errln!(
            "{} {}: {}",
            paint("problem:", "31"),
            one.0.task,
            inert(one.1)
        );
    }
    Ok(())
}

fn standing(of: &ScheduleView, all_paused: bool) -> String {
    match &of.next {
        _ if of.paused_at.is_some() => paint("paused", "33"),
        _ if all_paused => paint("all paused", "33"),
        _ if of.schedule.enabled == Some(false) => paint("disabled", "2"),
        Some(next) => until(next.at),
        None => paint("over", "2"),
    }
}

/// A slot by the clock of its zone.
fn shown(of: &Occurrence) -> String {
    of.local.format("%a %Y-%m-%d %H:%M:%S %:z").to_string()
}

/// How far off a moment is.
fn until(at: DateTime<Utc>) -> String {
    let left = (at - Utc::now()).to_std().unwrap_or_default().as_secs();
    match left {
        0 => "now".to_owned(),
        1..=119 => format!("in {left} s"),
        120..=7199 => format!("in {} min", left / 60),
        7200..=172_799 => format!("in {} h", left / 3600),
        _ => format!("in {} d", left / 86_400),
    }
}

/// What became of a slot, with its colour.
fn became(line: &LedgerEntry) -> String {
    let cause = line.cause.map(|cause| cause.as_str().replace('_', " "));
    let times = if line.count > 1 {
        format!(" × {}", line.count)
    } else {
        String::new()
    };
    let what = match line.decision {
        Decision::Ran => paint("ran", "32"),
        Decision::Skipped => paint("skipped", "33"),
        Decision::Missed => paint("missed", "31"),
    };
    let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
    format!("{what}{times}{cause} {}", ago(line.last))
}

async fn next(plans: &Plans, args: &NextArgs) -> Result<(), Error> {
    if let Some(when) = &args.when {
        let rule = Schedule {
            timezone: args.timezone.clone(),
            ..Schedule::new(when)
        };
        let preview = plans.preview(&rule, args.number).await?;
        if args.json {
            print_json(&preview);
        } else {
            outln!("{}", preview.description);
            print_preview(&preview);
        }
        return Ok(());
    }
    let key = match (&args.task, &args.key) {
        (Some(task), Some(key)) => Some(key_of(plans, task, Some(key.clone())).await?),
        _ => None,
    };
    let all = plans.list(args.task.as_ref()).await?;
    let chosen = all
        .iter()
        .filter(|one| key.as_ref().is_none_or(|key| one.key == *key));
    let mut previews = Vec::new();
    for one in chosen {
        let preview = plans.preview(&one.schedule, args.number).await?;
        previews.push((one, preview));
    }
    if args.json {
        let each = previews.iter().map(
            |(one, preview)| json!({ "task": one.task, "schedule": one.key, "preview": preview }),
        );
        print_json(&each.collect::<Vec<_>>());
        return Ok(());
    }
    if previews.is_empty() {
        errln!("nothing is scheduled");
    }
    for (one, preview) in &previews {
        print_heading(&format!("{} {}", one.task, inert(&one.key)));
        outln!("{}", inert(&preview.description));
        print_preview(preview);
    }
    Ok(())
}

fn print_preview(preview: &Preview) {
    for slot in &preview.next {
        let note = slot
            .note
            .as_ref()
            .map(|note| paint(&format!("  {note}"), "33"));
        outln!(
            "  {}  {}{}",
            shown(slot),
            until(slot.at),
            note.unwrap_or_default()
        );
    }
    if preview.next.is_empty() {
        outln!("  never again");
    }
    for note in &preview.notes {
        errln!("{} {}", paint("note:", "36"), inert(note));
    }
}

async fn set(plans: &Plans, args: SetArgs) -> Result<(), Error> {
    let schedules = &plans.written(&args.task).await?;
    let rule = crate::time::Rule::parse(&args.when).ok();
    let wanted = args.replace.clone().or_else(|| args.name.clone());
    let wanted = wanted.or_else(|| rule.map(|(rule, _)| rule.to_string()));
    let old = schedules
        .iter()
        .find(|one| crate::catalogue::schedule_key(one).ok() == wanted);
    if let (None, Some(key)) = (old, &args.replace) {
        key_of(plans, &args.task, Some(key.clone())).await?;
    }
    let instead_of = old.and(wanted);
    let before = old.cloned().unwrap_or_else(|| Schedule::new(""));
    let params = args
        .params
        .into_iter()
        .map(|(name, value)| (name, value.into()));
    let schedule = Schedule {
        name: args.name.or(before.name),
        when: args.when,
        timezone: args.timezone.or(before.timezone),
        overlap: args.overlap.or(before.overlap),
        catch_up: args.catch_up.or(before.catch_up),
        catch_up_window: args.catch_up_window.or(before.catch_up_window),
        catch_up_max: args.catch_up_max.or(before.catch_up_max),
        jitter: args.jitter.or(before.jitter),
        start: args.start.or(before.start),
        end: args.end.or(before.end),
        exclude: if args.exclude.is_empty() {
            before.exclude
        } else {
            args.exclude
        },
        params: before.params.into_iter().chain(params).collect(),
        enabled: None,
    };
    let key = plans
        .set(&args.task, instead_of.as_deref(), &schedule)
        .await?;
    let preview = plans.preview(&schedule, 3).await?;
    if args.json {
        print_json(&json!({ "task": args.task, "schedule": key, "preview": preview }));
    } else {
        outln!(
            "{} {}: {}",
            args.task,
            inert(&key),
            inert(&preview.description)
        );
        print_preview(&preview);
    }
    Ok(())
}

async fn rest(plans: &Plans, which: WhichOrAll, pause: bool) -> Result<(), Error> {
    let state = if pause { "paused" } else { "going on" };
    let Some(task) = which.task else {
        let changed = plans.pause_all(pause).await?;
        let already = if changed { "" } else { "already " };
        errln!("all schedules are {already}{state}");
        return Ok(());
    };
    let which = Which {
        task,
        key: which.key,
    };
    let key = key_of(plans, &which.task, which.key).await?;
    let changed = plans.pause((&which.task, &key), pause).await?;
    let already = if changed { "" } else { "already " };
    errln!("“{}” of {} is {already}{state}", inert(&key), which.task);
    if !pause && plans.all_paused().await?.is_some() {
        errln!("all schedules are paused, though: `runbay schedule resume --all`");
    }
    Ok(())
}

async fn missed(plans: &Plans, args: MissedArgs) -> Result<(), Error> {
    let key = match (&args.task, args.key) {
        (Some(task), Some(key)) => Some(key_of(plans, task, Some(key)).await?),
        (Some(task), None) if args.run.is_some() => Some(key_of(plans, task, None).await?),
        _ => None,
    };
    if let (Some(task), Some(key), Some(n)) = (&args.task, &key, args.run) {
        let runs = plans.make_up((task, key), n).await?;
        if args.json {
            print_json(&runs);
        } else {
            for run in &runs {
                let slot = run.scheduled_at.unwrap_or(run.created_at);
                outln!(
                    "{}  for {}",
                    run.id.short(),
                    slot.format("%Y-%m-%d %H:%M:%S UTC")
                );
            }
            let made = counted(runs.len(), "run");
            errln!("{made} queued; `runbay serve` runs what is queued");
        }
        return Ok(());
    }
    let decisions = if args.all {
        vec![]
    } else {
        vec![Decision::Missed, Decision::Skipped]
    };
    let filter = LedgerFilter {
        task: args.task,
        schedule: key,
        decisions,
        limit: Some(args.limit),
        ..LedgerFilter::default()
    };
    let lines = plans.ledger(&filter).await?;
    if args.json {
        print_json(&lines);
        return Ok(());
    }
    if lines.is_empty() {
        errln!("no slot was missed or skipped");
        return Ok(());
    }
    let mut rows = table(&["slot", "to", "task", "schedule", "", "late", "why"]);
    for line in &lines {
        rows.add_row(row(line));
    }
    print_table(&rows);
    Ok(())
}

fn row(line: &LedgerEntry) -> [String; 7] {
    let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let why = match (line.run, line.cause) {
        (Some(run), _) => run.short(),
        (None, cause) => {
            let cause = cause.map(|cause| cause.as_str().replace('_', " "));
            let detail = line
                .detail
                .as_ref()
                .map(|detail| format!(": {}", inert(detail)));
            format!(
                "{}{}",
                cause.unwrap_or_default(),
                detail.unwrap_or_default()
            )
        }
    };
    let several = line.count > 1;
    [
        time(line.slot),
        if several {
            time(line.last)
        } else {
            String::new()
        },
        line.task.to_string(),
        inert(&line.schedule),
        match several {
            true => format!("{} × {}", line.decision, line.count),
            false => line.decision.to_string(),
        },
        line.late_ms
            .map(|late| format!("{late} ms"))
            .unwrap_or_default(),
        why,
    ]
}
