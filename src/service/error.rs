//! What kinds of failure there are, for doors that tell them apart: the
//! command line by exit codes, HTTP by status codes.

use super::Error;
use super::secrets::KeyError;
use crate::catalogue::CatalogueError;
use crate::engine::EngineError;
use crate::image::ImageError;
use crate::store::StoreError;
use crate::versions::VersionError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// There is no such thing.
    NotFound,
    /// What was asked for is not valid, or what is on disk is not.
    Invalid,
    /// It cannot be done in the present state.
    Conflict,
    /// Somebody else changed it meanwhile.
    Stale,
    /// More than is taken.
    TooLarge,
    /// Too much at once; later it may work.
    Full,
    /// What it needs does not answer; later it may work.
    Unavailable,
    /// A failure of ours.
    Internal,
}

/// In which part of a request a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The body.
    Body,
    /// The query.
    Query,
    /// The path.
    Path,
    /// The headers.
    Header,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Field {
    /// Where it is.
    #[serde(rename = "in")]
    pub place: Place,
    /// Its JSON pointer (RFC 6901) in that place; empty for the whole.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Field {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(place: Place, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place,
            pointer: pointer.into(),
            message: message.into(),
        }
    }

    /// A field of the body.
    #[must_use]
    pub fn body(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Place::Body, pointer, message)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.trim_start_matches('/') {
            "" => f.write_str(&self.message),
            name => write!(f, "{name}: {}", self.message),
        }
    }
}

/// Several fields, one a line.
pub(super) fn lines(fields: &[Field]) -> String {
    let lines: Vec<_> = fields.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) => Kind::NotFound,
            Self::Invalid(_) | Self::Fields(_) => Kind::Invalid,
            Self::Conflict(_) | Self::Unsafe(_) => Kind::Conflict,
            Self::Stale { .. } => Kind::Stale,
            Self::TooLarge(_) => Kind::TooLarge,
            Self::Full(_) | Self::TooOften { .. } => Kind::Full,
            Self::NoRoom(_) => Kind::Unavailable,
            Self::Catalogue(error) => of_catalogue(error),
            Self::Engine(error) => of_engine(error),
            Self::Key(error) => of_key(error),
            Self::Store(error) => of_store(error),
            Self::Image(error) => of_image(error),
            Self::Version(error) => of_version(error),
            Self::Log(_) | Self::Drive(_) | Self::Io { .. } => Kind::Internal,
        }
    }

    /// The fields of a request, or the places in files, that are wrong.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        match self {
            Self::Fields(fields) => fields.clone(),
            Self::Catalogue(CatalogueError::Invalid { problems }) => problems
                .iter()
                .map(|problem| Field::body("", problem.to_string()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn of_catalogue(error: &CatalogueError) -> Kind {
    match error {
        CatalogueError::NoTasks { .. }
        | CatalogueError::UnknownTask { .. }
        | CatalogueError::UnknownSchedule { .. }
        | CatalogueError::UnknownTemplate { .. } => Kind::NotFound,
        CatalogueError::Invalid { .. } | CatalogueError::Refused { .. } => Kind::Invalid,
        CatalogueError::TooLarge { .. } => Kind::TooLarge,
        CatalogueError::ChangedDuringRead { .. } => Kind::Conflict,
        CatalogueError::Io { source, .. } => match source.kind() {
            // People may make a folder read-only, or mount a single file into a
            // container; that is no failure of ours.
            std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::ReadOnlyFilesystem
            | std::io::ErrorKind::ResourceBusy => Kind::Conflict,
            _ => Kind::Internal,
        },
    }
}

fn of_engine(error: &EngineError) -> Kind {
    match error {
        EngineError::OutOfSpace { .. } => Kind::Unavailable,
        error if error.is_transient() => Kind::Unavailable,
        _ => Kind::Internal,
    }
}

fn of_key(error: &KeyError) -> Kind {
    match error {
        // Somebody has to put the file right; nothing here is broken.
        KeyError::Missing { .. } | KeyError::Wrong { .. } | KeyError::File(_) => Kind::Conflict,
        KeyError::Value { .. } | KeyError::Seal(_) => Kind::Internal,
    }
}

fn of_store(error: &StoreError) -> Kind {
    match error {
        StoreError::NotFound { .. } => Kind::NotFound,
        StoreError::Conflict(_) => Kind::Conflict,
        StoreError::Busy | StoreError::Full | StoreError::RolledBack | StoreError::Closed => {
            Kind::Unavailable
        }
        _ => Kind::Internal,
    }
}

fn of_image(error: &ImageError) -> Kind {
    match error {
        ImageError::Build(_) | ImageError::TimedOut(_) | ImageError::NoBase(_) => Kind::Invalid,
        ImageError::Cancelled => Kind::Conflict,
        ImageError::Index(_) => Kind::Unavailable,
        ImageError::Engine(error) => of_engine(error),
        ImageError::Store(error) => of_store(error),
        ImageError::Catalogue(error) => of_catalogue(error),
        ImageError::Version(error) => of_version(error),
        ImageError::Io { .. } => Kind::Internal,
    }
}

fn of_version(error: &VersionError) -> Kind {
    match error {
        VersionError::Unknown(_) => Kind::NotFound,
        VersionError::Changed(_) => Kind::Conflict,
        VersionError::Damaged(_) | VersionError::Io { .. } => Kind::Internal,
    }
}
