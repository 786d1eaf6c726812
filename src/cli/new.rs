//! `runbay new`.

use super::args::NewArgs;
use super::output::{errln, outln, paint};
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::service::Error;
use crate::service::create::{NewTask, create};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn new(config: &Config, args: NewArgs) -> Result<ExitCode, Error> {
    let catalogue = Catalogue::new(
        config.tasks_dir.clone(),
        config.global_envs_dir.clone(),
        config.images_dir.clone(),
    );
    let new = NewTask {
        name: args.name,
        start: args.template,
        environment: args.environment,
    };
    let path = create(config, &catalogue, &new)?;
    outln!("{}", shown(&path).display());
    let name = &new.name;
    errln!("{}", paint("Next:", "1"));
    for (command, means) in [
        (format!("runbay check {name}"), "look for mistakes"),
        (format!("runbay run {name}"), "build its image and run it"),
        (format!("runbay show {name}"), "see what is known of it"),
    ] {
        errln!("  {command:40}{}", paint(means, "2"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Below the present folder, a path is told from there.
fn shown(path: &Path) -> &Path {
    match std::env::current_dir() {
        Ok(here) => path.strip_prefix(here).unwrap_or(path),
        Err(_) => path,
    }
}
