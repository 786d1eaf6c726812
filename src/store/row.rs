//! How our words are written in columns.
//!
//! Times are whole microseconds since 1970, not text: they sort, compare and
//! subtract as they are, every writer has the same precision, and eight bytes
//! hold one. A time is therefore cut to microseconds when it is stored.

use crate::domain::access::{Role, Via};
use crate::domain::audit::Verdict;
use crate::domain::environment::Policy;
use crate::domain::hook::{DeliveryState, HookEvent, HookName};
use crate::domain::ids::{
    ContainerId, Digest, ImageId, RunId, SessionId, TaskName, TokenId, UserId, UserName,
};
use crate::domain::image::ImageKind;
use crate::domain::manifest::PythonVersion;
use crate::domain::run::{OnDisconnect, Outcome, RunState, Trigger};
use crate::domain::schedule::{Cause, Decision};
use crate::domain::secret::{KeyId, SecretName};
use crate::domain::trigger::TriggerName;
use crate::domain::variable::VariableName;
use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Written<'a> = rusqlite::Result<ToSqlOutput<'a>>;

/// Columns that hold a word of the domain as its text.
macro_rules! text_columns {
    ($($type:ty),+ $(,)?) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> Written<'_> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let word = value.as_str()?.parse::<Self>();
                word.map_err(|error| FromSqlError::Other(error.into()))
            }
        }
    )+};
}

/// Columns that hold an id of somebody else's making, which we never judge.
macro_rules! opaque_columns {
    ($($type:ident),+ $(,)?) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> Written<'_> {
                Ok(self.0.as_str().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Ok(Self(value.as_str()?.to_owned()))
            }
        }
    )+};
}

text_columns!(
    RunId,
    TaskName,
    RunState,
    Outcome,
    Trigger,
    OnDisconnect,
    ImageKind,
    Policy,
    PythonVersion,
    Decision,
    Cause,
    Role,
    Via,
    Verdict,
    UserName,
    SessionId,
    TokenId,
    SecretName,
    VariableName,
    HookName,
    HookEvent,
    DeliveryState,
    TriggerName,
);
opaque_columns!(Digest, ImageId, ContainerId, KeyId);

impl ToSql for UserId {
    fn to_sql(&self) -> Written<'_> {
        Ok(self.0.into())
    }
}

/// A time column.
pub(super) struct Time(pub(super) DateTime<Utc>);

impl ToSql for Time {
    fn to_sql(&self) -> Written<'_> {
        Ok(self.0.timestamp_micros().into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        let time = DateTime::from_timestamp_micros(micros);
        time.map(Self).ok_or(FromSqlError::OutOfRange(micros))
    }
}

/// A JSON column.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> Written<'_> {
        let text = serde_json::to_string(&self.0)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// A count or size column; SQLite has no unsigned numbers. What does not fit is
/// kept as the greatest that does: no real size comes near.
pub(super) struct Count(pub(super) u64);

impl ToSql for Count {
    fn to_sql(&self) -> Written<'_> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}
