//! `runbay image`: by a service if there is one, else by this process.

use super::backend::Backend;
use super::error::Error;
use super::keeping_args::ImageCommand;
use super::output::{ago, errln, inert, print_json, print_table, table};
use crate::domain::audit::Actor;
use crate::domain::size::Bytes;
use crate::service::images::{self, ImageItem};
use std::process::ExitCode;

pub(super) async fn image(backend: &Backend, command: ImageCommand) -> Result<ExitCode, Error> {
    match command {
        ImageCommand::Ls { json } => list(backend, json).await?,
        ImageCommand::Pin { image } => pin(backend, &image, true).await?,
        ImageCommand::Unpin { image } => pin(backend, &image, false).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(backend: &Backend, json: bool) -> Result<(), Error> {
    let all = backend.images().await?;
    if json {
        print_json(&all);
        return Ok(());
    }
    let mut rows = table(&["image", "what", "of", "size", "made", ""]);
    for image in &all {
        let tasks: Vec<_> = image.tasks.iter().map(ToString::to_string).collect();
        let of = match (&image.environment, tasks.is_empty()) {
            (Some(environment), true) => environment.short().to_owned(),
            _ => tasks.join(" "),
        };
        rows.add_row([
            image.id.short().to_owned(),
            image.kind.to_string(),
            inert(&of),
            Bytes(image.bytes).to_string(),
            ago(image.created_at),
            if image.pinned { "pinned" } else { "" }.to_owned(),
        ]);
    }
    print_table(&rows);
    Ok(())
}

async fn pin(backend: &Backend, image: &str, pinned: bool) -> Result<(), Error> {
    let image = backend.pin_image(image, pinned).await?;
    let (what, id) = (image.kind, image.id.short());
    match pinned {
        true => errln!("{what} image {id} stays until it is unpinned"),
        false => errln!("{what} image {id} may go when nobody needs it"),
    }
    Ok(())
}

impl Backend {
    async fn images(&self) -> Result<Vec<ImageItem>, Error> {
        match self {
            Self::There(client) => Ok(client.images().await?),
            Self::Here(app) => Ok(images::list(app).await?),
        }
    }

    async fn pin_image(&self, image: &str, pinned: bool) -> Result<ImageItem, Error> {
        match self {
            Self::There(client) => Ok(client.pin_image(image, pinned).await?),
            Self::Here(app) => Ok(images::pin(app, Actor::local(), image, pinned).await?),
        }
    }
}
