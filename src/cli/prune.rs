//! `runbay prune`.

use super::backend::Backend;
use super::error::Error;
use super::keeping_args::PruneArgs;
use super::output::{errln, inert, outln, paint, print_json, print_table, table};
use crate::domain::size::Bytes;
use crate::service::prune::{Options, Plan, Swept};
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn prune(backend: &Backend, args: &PruneArgs) -> Result<ExitCode, Error> {
    let options = Options {
        keep_runs: args.keep_runs,
        older_than: args.older_than.map(|span| span.0),
    };
    let plan = backend.plan(options).await?;
    if !args.json {
        show(&plan, args.dry_run);
    }
    let swept = if args.dry_run {
        None
    } else {
        Some(backend.prune(options, &plan).await?)
    };
    if args.json {
        print_json(&json!({ "dry_run": args.dry_run, "plan": plan, "done": swept }));
    } else if let Some(swept) = &swept {
        say_end(&plan, swept);
    }
    let failed = swept.is_some_and(|swept| swept.stayed.iter().any(|stayed| !stayed.in_use));
    Ok(ExitCode::from(if failed { 69 } else { 0 }))
}

fn show(plan: &Plan, dry_run: bool) {
    if plan.remove.is_empty() {
        errln!("there is nothing to remove");
    } else {
        let mut rows = table(&[if dry_run { "would go" } else { "goes" }, "frees", "why"]);
        for item in &plan.remove {
            rows.add_row([inert(&item.what), size(item.bytes), inert(&item.reason)]);
        }
        print_table(&rows);
    }
    if dry_run && !plan.keep.is_empty() {
        outln!("");
        let mut rows = table(&["stays", "size", "why"]);
        for kept in &plan.keep {
            rows.add_row([inert(&kept.what), size(kept.bytes), inert(&kept.reason)]);
        }
        print_table(&rows);
    }
    for note in &plan.notes {
        errln!("{} {}", paint("note:", "36"), inert(note));
    }
    if dry_run && !plan.remove.is_empty() {
        errln!(
            "nothing was removed{}",
            match plan.bytes {
                0 => String::new(),
                bytes => format!("; without --dry-run this frees {}", amount(plan, bytes)),
            }
        );
    }
}

fn say_end(plan: &Plan, swept: &Swept) {
    for stayed in &swept.stayed {
        let style = if stayed.in_use { "33" } else { "31" };
        errln!(
            "{} {}: {}",
            paint("stays:", style),
            inert(&stayed.what),
            inert(&stayed.why)
        );
    }
    if swept.removed > 0 {
        errln!(
            "removed{}",
            match swept.bytes {
                0 => String::new(),
                bytes => format!("; freed {}", amount(plan, bytes)),
            }
        );
    }
}

/// Bytes, as exactly as they are known.
fn amount(plan: &Plan, bytes: u64) -> String {
    let up_to = if plan.exact { "" } else { "up to " };
    format!("{up_to}{}", Bytes(bytes))
}

fn size(bytes: u64) -> String {
    match bytes {
        0 => "–".to_owned(),
        bytes => Bytes(bytes).to_string(),
    }
}
