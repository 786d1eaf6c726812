//! `runbay show` of a run.

use super::env::package_lines;
use super::output::{
    inert, moment, outln, paint, print_fields, print_heading, print_table, span, status, table,
    took,
};
use super::show::{limits, plain};
use crate::domain::measure::Measurements;
use crate::domain::run::Run;
use crate::domain::size::Bytes;
use crate::service::changes::Change;
use crate::service::inspect::{RunDetail, Since};
use serde_json::Value;
use std::time::Duration;

pub(super) fn print_run(detail: &RunDetail) {
    let run = &detail.run;
    outln!(
        "{} of {}  {}",
        paint(&format!("run {}", run.id.short()), "1"),
        run.task,
        status(run)
    );
    print_fields(&fields(run));
    if let Some(attempt) = detail.attempts.last() {
        print_measurements(&attempt.measurements);
    }
    if let Some(result) = &run.result {
        print_heading("Result");
        let text = serde_json::to_string_pretty(result).unwrap_or_default();
        for line in text.lines() {
            outln!("{}", inert(line));
        }
    }
    if let Some(sent) = &detail.sent {
        let more = if sent.cut {
            ", of which this is the beginning"
        } else {
            ""
        };
        print_heading("Sent with it");
        outln!("{} of {}{more}", Bytes(sent.bytes), sent.content_type);
        for line in sent.preview.lines() {
            outln!("{}", inert(line));
        }
    }
    print_artifacts(detail);
    if let Some(since) = &detail.since_last_good {
        print_since(since);
    }
}

fn fields(run: &Run) -> Vec<(&'static str, String)> {
    let mut fields = vec![("id", run.id.to_string())];
    if let Some(reason) = &run.reason {
        let lines: Vec<_> = reason.lines().map(inert).collect();
        fields.push(("reason", lines.join("\n")));
    }
    fields.push(("asked", moment(run.created_at)));
    fields.push(("took", took(run)));
    fields.push((
        "trigger",
        match run.rerun_of {
            Some(earlier) => format!("{} of {}", run.trigger, earlier.short()),
            None if run.trial => format!("{} (code that was not saved)", run.trigger),
            None => run.trigger.to_string(),
        },
    ));
    let params = run.params.iter();
    let params: Vec<_> = params
        .map(|(name, value)| inert(&format!("{name} = {}", plain(value))))
        .collect();
    let args: Vec<_> = run.args.iter().map(|arg| inert(arg)).collect();
    for (name, text) in [("params", params.join("\n")), ("arguments", args.join(" "))] {
        if !text.is_empty() {
            fields.push((name, text));
        }
    }
    if run.pinned {
        let kept = "pinned: with its log, files and code, until `runbay unpin`";
        fields.push(("kept", kept.to_owned()));
    }
    fields.push(("limits", limits(&run.limits)));
    let digests = [
        ("code", &run.version),
        ("environment", &run.environment),
        ("lock", &run.lock),
    ];
    for (name, digest) in digests {
        if let Some(digest) = digest {
            fields.push((name, digest.short().to_owned()));
        }
    }
    if let Some(image) = &run.image {
        let pinned = match run.pinned_image {
            Some(_) => " (that of the earlier run)",
            None => "",
        };
        fields.push(("image", format!("{}{pinned}", image.short())));
    }
    fields
}

fn print_measurements(measured: &Measurements) {
    let time = |ms: f64| span(Duration::from_secs_f64(ms.max(0.0) / 1e3));
    let phases: Vec<_> = [
        ("queue", measured.queue_ms),
        ("build", measured.build_ms),
        ("create", measured.create_ms),
        ("start", measured.start_ms),
        ("run", measured.run_ms),
        ("teardown", measured.teardown_ms),
        ("first line after", measured.first_line_ms),
    ]
    .into_iter()
    .filter_map(|(name, ms)| Some((name, time(ms?))))
    .collect();
    if !phases.is_empty() {
        print_heading("Phases");
        print_fields(&phases);
    }
    let bytes = |n: Option<u64>| n.map(|n| Bytes(n).to_string());
    let network = measured.network_rx_bytes.zip(measured.network_tx_bytes);
    let used: Vec<_> = [
        ("peak memory", bytes(measured.peak_memory_bytes)),
        ("processor", measured.cpu_ms.map(time)),
        (
            "network",
            network.map(|(rx, tx)| format!("{} in, {} out", Bytes(rx), Bytes(tx))),
        ),
        ("output", bytes(measured.output_bytes)),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, text?)))
    .collect();
    if !used.is_empty() {
        print_heading("Used");
        print_fields(&used);
    }
}

fn print_artifacts(detail: &RunDetail) {
    if detail.artifacts.is_empty() {
        return;
    }
    print_heading(&format!("Files, in {}", detail.artifact_dir.display()));
    let mut rows = table(&["file", "size"]);
    for artifact in &detail.artifacts {
        rows.add_row([inert(&artifact.path), Bytes(artifact.bytes).to_string()]);
    }
    print_table(&rows);
}

fn print_since(since: &Since) {
    print_heading(&format!(
        "Since the last good run, {} of {}",
        since.run.short(),
        moment(since.created_at)
    ));
    if since.changes.is_empty() {
        outln!("{}", paint("nothing that Runbay knows of changed", "2"));
        return;
    }
    let fields: Vec<_> = since.changes.iter().map(change).collect();
    print_fields(&fields);
}

fn change(change: &Change) -> (&'static str, String) {
    let arrow = |from: &str, to: &str| format!("{} → {}", inert(from), inert(to));
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), plain);
    match change {
        Change::Code { from, to } => ("code", arrow(from.short(), to.short())),
        Change::Python { from, to } => ("python", arrow(&from.to_string(), &to.to_string())),
        Change::Packages(diff) => ("packages", package_lines(diff).join("\n")),
        Change::Hashes { from, to } => (
            "packages",
            format!(
                "the same versions with other hashes: lock {}",
                arrow(from.short(), to.short())
            ),
        ),
        Change::Base { from, to } => (
            "base",
            format!("made anew: image {}", arrow(from.short(), to.short())),
        ),
        Change::Parameter { name, from, to } => (
            "parameter",
            format!("{}: {}", inert(name), arrow(&value(from), &value(to))),
        ),
        Change::Arguments { from, to } => ("arguments", arrow(&from.join(" "), &to.join(" "))),
        Change::Limit { name, from, to } => ("limit", format!("{name}: {}", arrow(from, to))),
        Change::Duration { from_ms, to_ms } => {
            let time = |ms: &f64| span(Duration::from_secs_f64(ms.max(0.0) / 1e3));
            ("duration", arrow(&time(from_ms), &time(to_ms)))
        }
    }
}
