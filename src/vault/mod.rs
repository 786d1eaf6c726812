//! Seals values so that whoever has the data folder, or a backup of it, cannot
//! read them: what opens them is a master key in a file elsewhere.
//!
//! Each value is sealed with a key of its own, and that key with the master key
//! (XChaCha20-Poly1305 both times, 24 random bytes as the nonce). What it is
//! bound to (the database, the row, the version) is authenticated with it, so
//! that rows cannot be swapped. A new master key therefore means to seal the
//! small keys anew, never the values.
//!
//! This module knows one file and no database; which key a database belongs to
//! is the job of [`crate::service::secrets`].

mod file;
mod ring;
#[cfg(test)]
mod tests;

pub use file::{KeyFile, KeyFileError, new_text};
pub use ring::{CannotOpen, Ring};

/// What a sealed value belongs to. Opened as another one it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound(String);

impl Bound {
    /// The parts that name it, such as a database, a kind and a number.
    #[must_use]
    pub fn to(parts: &[&str]) -> Self {
        // A JSON array of texts has one spelling, so two lists never look alike.
        Self(serde_json::json!(parts).to_string())
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
