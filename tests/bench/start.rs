//! How soon a script speaks.

use super::instant::InstantEngine;
use super::reference::Reference;
use super::sample::{Limit, Pair, Row, pairs, quiet};
use super::world::{World, ms, time};
use runbay::domain::image::ImageKind;
use std::cell::RefCell;
use std::process::Command;

/// A script that does nothing but speak.
pub(crate) const SPEAK: &str = "print('hello', flush=True)\n";

/// What may go by outside the engine's calls, milliseconds.
const OVERHEAD_MS: f64 = 10.0;

/// From the request to the first line, and until the prompt is back, image
/// there: `runbay run` against `docker run --rm`.
pub(crate) fn warm(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("noop/main.py", SPEAK)?;
    let image = world.prepare("noop")?;
    let reference = Reference::new(world, &[])?;
    let ends = RefCell::new([Vec::new(), Vec::new()]);
    let take = |side: usize, command: Command| {
        let timed = time(command)?;
        ends.borrow_mut()[side].push(ms(timed.end));
        Ok(ms(timed.first_line))
    };
    let first = pairs(
        25,
        || take(0, world.runbay(&["run", "noop"])),
        || take(1, reference.command(&["run", "--rm"], &image)),
    )?;
    let [ours, theirs] = ends.into_inner();
    // The first pair is the warm-up.
    let ends = ours.into_iter().zip(theirs).skip(1);
    let ends = ends.map(|(ours, reference)| Pair { ours, reference });
    let row = |measure: &str, pairs| Row {
        measure: measure.to_owned(),
        unit: "ms",
        limit: Limit::AtMost(1.0),
        pairs,
    };
    Ok(vec![
        row("start: first line, vs docker run --rm", first),
        row("start: prompt back, vs docker run --rm", ends.collect()),
    ])
}

/// The same after an edit of one line of twenty files, against no edit.
pub(crate) fn edited(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("twenty/main.py", SPEAK)?;
    for number in 1..20 {
        world.write(&format!("twenty/part_{number}.py"), "NUMBER = 0\n")?;
    }
    world.prepare("twenty")?;
    let environments = || {
        world.with_store(async |store| {
            let images = store.images().await?;
            let kind = |kind| images.iter().filter(|image| image.kind == kind).count();
            Ok::<_, anyhow::Error>((kind(ImageKind::Environment), kind(ImageKind::Task)))
        })?
    };
    let before = environments()?;
    let mut edits = 0;
    let pairs = pairs(
        15,
        || {
            edits += 1;
            world.write("twenty/part_7.py", &format!("NUMBER = {edits}\n"))?;
            Ok(ms(time(world.runbay(&["run", "twenty"]))?.first_line))
        },
        || Ok(ms(time(world.runbay(&["run", "twenty"]))?.first_line)),
    )?;
    let after = environments()?;
    anyhow::ensure!(
        after.0 == before.0,
        "an edit of the code installed packages"
    );
    anyhow::ensure!(
        after.1 == before.1 + edits,
        "an edit made no image, or several"
    );
    Ok(vec![Row {
        measure: "edit: first line after an edit, vs unedited".to_owned(),
        unit: "ms",
        limit: Limit::AtMost(1.5),
        pairs,
    }])
}

/// What we take ourselves: the first line from an engine that answers at once,
/// against the same calls made by somebody who does nothing else, and what may
/// go by outside of them.
pub(crate) fn overhead(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("noop/main.py", SPEAK)?;
    world.prepare("noop")?;
    let engine = InstantEngine::start(&world.instance()?)?;
    let mut pairs = Vec::new();
    for round in 0..26 {
        quiet();
        let mut command = world.runbay(&["run", "noop"]);
        command.env("DOCKER_HOST", engine.address());
        let ours = ms(time(command)?.first_line);
        quiet();
        let calls = ms(engine.calls()?);
        if round > 0 {
            pairs.push(Pair {
                ours,
                reference: OVERHEAD_MS + calls,
            });
        }
    }
    // What that engine calls its network is no network of the real one.
    drop(std::fs::remove_file(world.home().join("data/network")));
    Ok(vec![Row {
        measure: "overhead: first line from an instant engine, vs its calls + 10 ms".to_owned(),
        unit: "ms",
        limit: Limit::AtMost(1.0),
        pairs,
    }])
}
