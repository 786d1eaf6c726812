//! Parts of long lists, and the questions that ask for them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Page<T> {
    /// What is in this part.
    pub items: Vec<T>,
    /// Given as `cursor`, it asks for the next part; none at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` things, made from one more if there is one.
    pub fn cut(mut items: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> String) -> Self {
        let more = items.len() > limit.0 as usize;
        items.truncate(limit.0 as usize);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }
}

/// How many things a part of a list holds at most: 1 to 500, or 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Limit(pub u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u32> for Limit {
    type Error = String;

    fn try_from(count: u32) -> Result<Self, String> {
        match count {
            1..=500 => Ok(Self(count)),
            _ => Err(format!("{count} is not from 1 to 500")),
        }
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 50 })
    }
}

/// Several words in one text, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<T>(pub Vec<T>);

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words
            .map(|word| word.parse().map_err(D::Error::custom))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Words<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Words_of_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_there_is_no_more() {
        let page = |count: u32| Page::cut((0..count).collect(), Limit(2), u32::to_string);
        assert_eq!(page(2).next, None);
        assert_eq!(page(3).next.as_deref(), Some("1"));
        assert_eq!(page(3).items, [0, 1]);
        assert_eq!(page(0).next, None);
    }
}
