//! Logs as plain text.

use super::Open;
use crate::logs::{Extent, LogError, Plain};
use crate::service::Error;
use crate::threads::off_thread;

/// A log as plain text, for downloads.
#[derive(Debug)]
pub struct Text {
    /// What tells it from others, for the name of a file.
    pub name: String,
    /// How much of the log there is. It does not change when the log grows.
    pub extent: Extent,
    plain: Plain,
}

impl Text {
    /// The text of a log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn of(open: Open) -> Result<Self, Error> {
        off_thread(move || {
            let extent = open.reader.extent()?;
            let plain = Plain::new(open.reader)?;
            Ok(Self {
                name: open.name,
                extent,
                plain,
            })
        })
        .await
    }

    /// Its length, bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.plain.len()
    }

    /// The next piece of the text from byte `from` on and up to `end`; empty
    /// when nothing is left.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&mut self, from: u64, end: u64) -> Result<Vec<u8>, Error> {
        let mut plain = self.plain.clone();
        let (plain, text) = off_thread(move || {
            let text = plain.read(from, end)?;
            Ok::<_, LogError>((plain, text))
        })
        .await?;
        self.plain = plain;
        Ok(text)
    }
}
