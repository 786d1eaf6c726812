//! Values that must not be shown, their names, and how they are kept.

use super::ids::TaskName;
use super::variable::{BadVariableName, VariableName};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroize as _;

/// The most bytes of a value: the folder of a run that holds all of them is 1 MiB.
pub const MOST_BYTES: usize = 64 * 1024;
/// A value with fewer bytes would blank half of every log, so it is not masked.
pub const LEAST_MASKED: usize = 6;

/// A secret value. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one place that hands it over.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Why no script can be given this value; none if one can. The text holds
    /// nothing of it.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        match self.0.as_str() {
            "" => Some("the value is empty"),
            text if text.contains('\0') => {
                Some("the value holds a NUL character, which no variable can")
            }
            text if text.len() > MOST_BYTES => Some("the value is larger than 64 KiB"),
            _ => None,
        }
    }

    /// Whether logs are searched for this value.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.0.trim().len() >= LEAST_MASKED
    }
}

/// Memory that is given back, or written to a core file, holds it no longer.
impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secrets given to one run, by name.
pub type Secrets = BTreeMap<String, Secret>;

/// The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
/// a variable.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[A-Z][A-Z0-9_]{0,63}$"))]
pub struct SecretName(String);

/// Why a text is not the name of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSecretName {
    /// It has other letters, or too many.
    #[error(
        "“{}” is not the name of a secret: use 1 to 64 of A-Z, 0-9 and “_”, beginning with a letter", .0.escape_debug()
    )]
    Letters(String),
    /// A variable of this name steers Python or Runbay.
    #[error(transparent)]
    Reserved(#[from] BadVariableName),
}

impl SecretName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SecretName {
    type Error = BadSecretName;

    fn try_from(text: String) -> Result<Self, BadSecretName> {
        let fits = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            return Err(BadSecretName::Letters(text));
        }
        text.parse::<VariableName>()?;
        Ok(Self(text))
    }
}

impl FromStr for SecretName {
    type Err = BadSecretName;

    fn from_str(text: &str) -> Result<Self, BadSecretName> {
        Self::try_from(text.to_owned())
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A secret as a manifest asks for it: a name alone is a file, a table may ask
/// for a variable as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The secret.
    pub name: String,
    /// The variable that holds its value, if one is wanted.
    pub env: Option<String>,
}

/// The table form.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UseTable {
    name: String,
    env: String,
}

impl Serialize for SecretUse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.env {
            None => serializer.serialize_str(&self.name),
            Some(env) => UseTable {
                name: self.name.clone(),
                env: env.clone(),
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SecretUse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = SecretUse;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the name of a secret, or { name = \"…\", env = \"…\" } to have it as a variable too",
                )
            }

            fn visit_str<E>(self, name: &str) -> Result<SecretUse, E> {
                Ok(SecretUse {
                    name: name.to_owned(),
                    env: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretUse, A::Error> {
                let table = UseTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(SecretUse {
                    name: table.name,
                    env: Some(table.env),
                })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for SecretUse {
    fn schema_name() -> Cow<'static, str> {
        "SecretUse".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of a secret, which is given as a file; with `env` also as the variable of that name.",
            "anyOf": [
                { "type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$" },
                UseTable::json_schema(generator),
            ],
        })
    }
}

/// What names a master key without telling anything of it: 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A value that only the master key opens: sealed with a key of its own, which
/// is sealed with the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The master key.
    pub key: KeyId,
    /// The key of this value alone, sealed with the master key.
    pub wrapped: Vec<u8>,
    /// The value, sealed with its own key.
    pub sealed: Vec<u8>,
}

/// Why a task cannot have a secret that its manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// There is none of this name, or it has no value.
    NotSet,
    /// There is one, and the task may not have it.
    NotGranted,
}

/// A secret that a task names and cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The secret.
    pub name: String,
    /// Why not.
    pub why: Lack,
}

impl Lacking {
    /// What is to be done about it, for people.
    #[must_use]
    pub fn advice(&self, task: &TaskName) -> String {
        let name = self.name.escape_debug();
        match self.why {
            Lack::NotSet => format!(
                "there is no secret {name}: `runbay secret set {name} --grant {task}` makes it"
            ),
            Lack::NotGranted => format!(
                "{task} may not have the secret {name}: `runbay secret grant {name} {task}` lets it"
            ),
        }
    }
}
