//! A task as an archive, for somewhere else.

use super::super::{App, Error};
use super::receive;
use crate::catalogue::{snapshot_of, write_tar};
use crate::domain::ids::TaskName;
use crate::threads::off_thread;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::Write;

/// The code of a task, be it valid or not, as a tar.gz of the files that would
/// go into an image: what [`super::upload()`] makes the same task of. Its size is
/// in bytes; the same code makes the same bytes.
///
/// # Errors
/// When there is no such task, it holds what no image can hold, or the disk is
/// full.
pub async fn pack(app: &App, task: &TaskName) -> Result<(File, u64), Error> {
    let path = app.catalogue.locate(task)?;
    let (out, name) = (receive(app)?, task.clone());
    off_thread(move || {
        let tree = snapshot_of(&path, name.as_str())?;
        let mut packed = GzEncoder::new(out, Compression::default());
        write_tar(&tree, "", 0, 0, &mut packed)?;
        let failed = || Error::io("the archive cannot be written");
        let mut file = packed.finish().map_err(failed())?;
        file.flush().map_err(failed())?;
        let bytes = file.metadata().map_err(failed())?.len();
        Ok((file, bytes))
    })
    .await
}
