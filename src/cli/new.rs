//! `runbay new`.

use super::args::{Global, NewArgs};
use super::backend::{config, named};
use super::error::Error;
use super::output::{errln, outln, paint};
use crate::catalogue::Catalogue;
use crate::service::create::{NewTask, create};
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn new(global: &Global, args: NewArgs) -> Result<ExitCode, Error> {
    let new = NewTask {
        name: args.name,
        start: args.template,
        environment: args.environment,
    };
    let path = match named(global)? {
        Some(client) => client.create(&new).await?.path,
        None => {
            let config = config(&global.overrides())?;
            let catalogue = Catalogue::new(
                config.tasks_dir.clone(),
                config.global_envs_dir.clone(),
                config.images_dir.clone(),
            );
            create(&config, &catalogue, &new)?
        }
    };
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
