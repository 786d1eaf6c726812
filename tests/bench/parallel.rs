//! How many runs a machine gets through.

use super::reference::Reference;
use super::sample::{Limit, Row, pairs};
use super::start::SPEAK;
use super::world::{World, time};
use std::process::Command;
use std::time::Instant;

/// Loops at once, and runs of each.
const LOOPS: usize = 8;
const RUNS: usize = 5;

/// Eight loops of runs side by side, against as many of `docker run --rm`.
pub(crate) fn eight(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("noop/main.py", SPEAK)?;
    let image = world.prepare("noop")?;
    let reference = Reference::new(world, &[])?;
    let pairs = pairs(
        9,
        || rate(&|| world.runbay(&["run", "-q", "noop"])),
        || rate(&|| reference.command(&["run", "--rm"], &image)),
    )?;
    Ok(vec![Row {
        measure: "parallel: runs a second, 8 at once, vs docker run --rm".to_owned(),
        unit: "/s",
        limit: Limit::AtLeast(1.0),
        pairs,
    }])
}

fn rate(make: &(dyn Fn() -> Command + Sync)) -> anyhow::Result<f64> {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let loops: Vec<_> = (0..LOOPS)
            .map(|_| scope.spawn(|| (0..RUNS).try_for_each(|_| time(make()).map(drop))))
            .collect();
        loops.into_iter().try_for_each(|one| match one.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok((LOOPS * RUNS) as f64 / begun.elapsed().as_secs_f64())
}
