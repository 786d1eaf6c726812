//! How long packages take to install.

use super::reference::docker;
use super::sample::{Limit, Pair, Row, quiet};
use super::start::SPEAK;
use super::world::{World, ms, time};
use anyhow::Context;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

const PACKAGES: &str = "pandas\nmatplotlib\nrequests\n";

/// An environment built from nothing, against the usual Dockerfile; then one
/// with a package more, against the first. Ours is timed to the first line of a
/// run, which the Dockerfile has yet to make possible.
pub(crate) fn cold_and_shared(_: &World) -> anyhow::Result<Vec<Row>> {
    // An instance without environments or downloads: only its base is there.
    let fresh = World::new()?;
    let measured = measure(&fresh);
    let swept = fresh.sweep();
    let rows = measured?;
    swept?;
    Ok(rows)
}

fn measure(world: &World) -> anyhow::Result<Vec<Row>> {
    world.write("bare/main.py", SPEAK)?;
    world.write("first/main.py", SPEAK)?;
    world.write("first/requirements.txt", PACKAGES)?;
    world.write("second/main.py", SPEAK)?;
    world.write("second/requirements.txt", &format!("{PACKAGES}rich\n"))?;
    world.prepare("bare")?;
    let short: String = world.instance()?.chars().take(8).collect();
    world.remove_volume(&format!("runbay-{short}-cache"))?;
    quiet();
    let cold = ms(time(world.runbay(&["run", "first"]))?.first_line) / 1e3;
    quiet();
    let shared = ms(time(world.runbay(&["run", "second"]))?.first_line) / 1e3;
    quiet();
    let usual = dockerfile(world)?;
    let row = |measure: &str, limit, ours, reference| Row {
        measure: measure.to_owned(),
        unit: "s",
        limit: Limit::AtMost(limit),
        pairs: vec![Pair { ours, reference }],
    };
    Ok(vec![
        row(
            "environment: pandas matplotlib requests, vs docker build",
            1.0,
            cold,
            usual,
        ),
        row(
            "environment: the same and rich, vs the first",
            0.3,
            shared,
            cold,
        ),
    ])
}

/// Seconds of `docker build` with pip, as most people write it.
fn dockerfile(world: &World) -> anyhow::Result<f64> {
    let folder = world.home().join("usual");
    fs::create_dir(&folder)?;
    fs::write(folder.join("requirements.txt"), PACKAGES)?;
    let mut text = "FROM runbay/python:3.11\nCOPY requirements.txt /\n".to_owned();
    // Behind a proxy that re-signs TLS, pip would trust nobody.
    if let Some(bundle) = std::env::var_os("SSL_CERT_FILE") {
        fs::copy(Path::new(&bundle), folder.join("ca.crt")).context("SSL_CERT_FILE")?;
        text.push_str("COPY ca.crt /\nENV PIP_CERT=/ca.crt\n");
    }
    if let Ok(index) = std::env::var("RUNBAY_BUILD_INDEX_URL") {
        writeln!(text, "ENV PIP_INDEX_URL={index}")?;
    }
    text.push_str("RUN python3 -m venv /v && /v/bin/pip install -r requirements.txt\n");
    fs::write(folder.join("Dockerfile"), text)?;
    let tag = format!("runbay-bench-{}", std::process::id());
    let mut build = Command::new("docker");
    build.args(["build", "--no-cache", "--force-rm", "--tag", &tag]);
    let timed = time({
        build.arg(&folder);
        build
    })?;
    docker(&["image", "rm", &tag])?;
    Ok(timed.end.as_secs_f64())
}
