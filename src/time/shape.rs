//! The shapes of a rule that programs send: a type and its settings, instead of
//! one text.

use super::fault::{Fault, shown};
use super::rule::{Rule, weekday};
use crate::domain::suggest::nearest;
use chrono::{DateTime, Timelike as _, Utc};
use serde_json::{Map, Value, json};

/// What each type takes; the ones that must be given come first.
const TYPES: [(&str, usize, &[&str]); 6] = [
    ("manual", 0, &[]),
    ("hourly", 0, &["minute"]),
    ("daily", 1, &["hour", "minute"]),
    ("weekly", 2, &["day_of_week", "hour", "minute"]),
    ("monthly", 2, &["day", "hour", "minute"]),
    ("custom", 1, &["cron_expression"]),
];

/// The rule that a type and its settings mean: `hourly {minute}`, `daily {hour,
/// minute}`, `weekly {day_of_week, hour, minute}`, `monthly {day, hour, minute}`,
/// `custom {cron_expression}`; none for `manual`. The settings are an object, or
/// the text of one. Minutes that are not said are 0; those of `hourly` are the
/// minute of `now`, so that it keeps the minute at which it was set. Days of the
/// week are names, or numbers from 0 for Sunday.
///
/// # Errors
/// Names the setting that is wrong.
pub fn from_config(
    kind: &str,
    config: &Value,
    now: DateTime<Utc>,
) -> Result<Option<String>, Fault> {
    let (kind, needed, keys) = known_type(kind)?;
    let config = settings(config)?;
    for key in config.keys() {
        // Some call the day of a month by its full name.
        let known = keys.contains(&key.as_str()) || *kind == "monthly" && key == "day_of_month";
        if !known {
            let message = format!("{kind} has no setting {}", shown(key));
            return Err(Fault::meant(
                "schedule_config",
                message,
                nearest(key, keys.iter().copied()),
            ));
        }
    }
    let day = if config.contains_key("day") {
        "day"
    } else {
        "day_of_month"
    };
    for key in &keys[..*needed] {
        let key = if *key == "day" { day } else { key };
        if !config.contains_key(key) {
            let key = if key == "day_of_month" { "day" } else { key };
            return Err(wrong(format!("{kind} needs `{key}`")));
        }
    }
    let number = |key: &str, max| match config.get(key) {
        None | Some(Value::Null) => Ok(0),
        Some(value) => whole(key, value, 0, max),
    };
    let at = || Ok::<_, Fault>(format!("{} {}", number("minute", 59)?, number("hour", 23)?));
    let text = match *kind {
        "manual" => return Ok(None),
        "hourly" if config.get("minute").is_none_or(Value::is_null) => {
            format!("{} * * * *", now.minute())
        }
        "hourly" => format!("{} * * * *", number("minute", 59)?),
        "daily" => format!("{} * * *", at()?),
        "weekly" => format!("{} * * {}", at()?, day_of_week(&config["day_of_week"])?),
        "monthly" => format!("{} {} * *", at()?, whole("day", &config[day], 1, 31)?),
        _ => match &config["cron_expression"] {
            Value::String(text) => text.clone(),
            _ => return Err(wrong("cron_expression must be a text".into())),
        },
    };
    Rule::parse(&text).map_err(|fault| Fault {
        key: "schedule_config",
        ..fault
    })?;
    Ok(Some(text))
}

/// The type and the settings that a rule could have been made of: the reverse of
/// [`from_config`]. What has no shape of its own is `custom`.
#[must_use]
pub fn to_config(when: &str) -> (&'static str, Value) {
    let fields: Vec<&str> = when.split_whitespace().collect();
    let number = |text: &str| text.parse::<u64>().ok();
    let shape = match fields[..] {
        [minute, "*", "*", "*", "*"] => {
            number(minute).map(|minute| ("hourly", json!({ "minute": minute })))
        }
        [minute, hour, "*", "*", "*"] => number(minute)
            .zip(number(hour))
            .map(|(minute, hour)| ("daily", json!({ "hour": hour, "minute": minute }))),
        [minute, hour, "*", "*", day] => {
            number(minute)
                .zip(number(hour))
                .zip(number(day))
                .map(|((minute, hour), day)| {
                    let config = json!({ "day_of_week": day, "hour": hour, "minute": minute });
                    ("weekly", config)
                })
        }
        [minute, hour, day, "*", "*"] => {
            number(minute)
                .zip(number(hour))
                .zip(number(day))
                .map(|((minute, hour), day)| {
                    (
                        "monthly",
                        json!({ "day": day, "hour": hour, "minute": minute }),
                    )
                })
        }
        _ => None,
    };
    shape.unwrap_or_else(|| ("custom", json!({ "cron_expression": when })))
}

/// The type of this name: its name, how many of its settings must be given, and
/// all of them.
fn known_type(
    kind: &str,
) -> Result<&'static (&'static str, usize, &'static [&'static str]), Fault> {
    let names = || TYPES.iter().map(|(name, ..)| *name);
    let found = TYPES
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(kind));
    found.ok_or_else(|| {
        let message = format!("{} is not a type of schedule", shown(kind));
        match nearest(kind, names()) {
            Some(near) => Fault::meant("schedule_type", message, Some(near)),
            None => Fault::hinted(
                "schedule_type",
                message,
                "write manual, hourly, daily, weekly, monthly or custom",
            ),
        }
    })
}

fn wrong(message: String) -> Fault {
    Fault::new("schedule_config", message)
}

/// The settings as an object, also where they are the text of one.
fn settings(config: &Value) -> Result<Map<String, Value>, Fault> {
    let example = "such as {\"hour\": 14, \"minute\": 30}";
    match config {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map.clone()),
        Value::String(text) if text.trim().is_empty() => Ok(Map::new()),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(Value::Null) => Ok(Map::new()),
            _ => {
                let message = format!("{} is not a JSON object", shown(text));
                Err(Fault::hinted("schedule_config", message, example))
            }
        },
        _ => Err(Fault::hinted(
            "schedule_config",
            "must be an object",
            example,
        )),
    }
}

/// A whole number, or the text of one.
fn whole(key: &str, value: &Value, min: u64, max: u64) -> Result<u64, Fault> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    };
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| {
            let shown = shown(&value.to_string());
            wrong(format!(
                "{key}: {shown} is not a whole number from {min} to {max}"
            ))
        })
}

fn day_of_week(value: &Value) -> Result<u64, Fault> {
    match value {
        Value::String(name) if weekday(name.trim()).is_some() => {
            Ok(weekday(name.trim()).unwrap_or_default().into())
        }
        Value::String(name) if name.contains(|c: char| c.is_ascii_alphabetic()) => {
            let message = format!("day_of_week: {} is not a day of the week", shown(name));
            Err(Fault::hinted(
                "schedule_config",
                message,
                "write `mon`, `monday` or a number from 0 for Sunday",
            ))
        }
        value => whole("day_of_week", value, 0, 7).map(|day| day % 7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_shape_comes_back_as_it_was() {
        for (kind, config) in [
            ("hourly", json!({ "minute": 7 })),
            ("daily", json!({ "hour": 14, "minute": 30 })),
            (
                "weekly",
                json!({ "day_of_week": 3, "hour": 14, "minute": 0 }),
            ),
            ("monthly", json!({ "day": 31, "hour": 0, "minute": 1 })),
            ("custom", json!({ "cron_expression": "*/5 * * * MON-FRI" })),
        ] {
            let when = from_config(kind, &config, Utc::now()).unwrap().unwrap();
            assert_eq!(to_config(&when), (kind, config));
        }
        assert_eq!(to_config("06:00").0, "custom");
    }
}
