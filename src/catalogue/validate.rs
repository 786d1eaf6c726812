//! Parameters: the one check that every value passes, whichever door it comes
//! through, and the check of what a task declares.

use crate::domain::params::{Param, ParamError, ParamKind, Params};
use crate::domain::suggest::nearest;
use chrono::NaiveDate;
use regex::{Regex, RegexBuilder};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// What a compiled pattern may weigh, bytes; more is an attempt to exhaust
/// memory.
const PATTERN_BYTES: usize = 1 << 20;

/// Something wrong with a declared parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The parameter.
    pub name: String,
    /// Its key that is wrong.
    pub key: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Checks the values given for a run and adds the defaults. A value may be a
/// JSON value or a text (`-p count=3`); a text becomes what the declared type
/// says.
///
/// # Errors
/// Everything that is wrong, one entry a parameter.
pub fn check_params<V: Clone + Into<Value>>(
    declared: &BTreeMap<String, Param>,
    given: &BTreeMap<String, V>,
) -> Result<Params, Vec<ParamError>> {
    let mut params = Params::new();
    let mut errors = Vec::new();
    for (name, param) in declared {
        let checked = match given.get(name) {
            Some(value) => check_value(param, &value.clone().into()).map(Some),
            None => absent(param),
        };
        match checked {
            Ok(Some(value)) => {
                params.insert(name.clone(), value);
            }
            Ok(None) => {}
            Err(message) => errors.push(error(name, message)),
        }
    }
    for name in given.keys().filter(|name| !declared.contains_key(*name)) {
        errors.push(error(name, unknown(name, declared)));
    }
    if errors.is_empty() {
        Ok(params)
    } else {
        Err(errors)
    }
}

fn error(name: &str, message: String) -> ParamError {
    ParamError {
        name: name.to_owned(),
        message,
    }
}

fn absent(param: &Param) -> Result<Option<Value>, String> {
    match &param.default {
        Some(default) => check_value(param, default).map(Some),
        None if param.required => Err(format!("give a value: {}", wanted(param.kind))),
        None => Ok(None),
    }
}

fn unknown(name: &str, declared: &BTreeMap<String, Param>) -> String {
    let names = declared.keys().map(String::as_str);
    match nearest(name, names) {
        Some(near) => format!("the task has no such parameter: did you mean `{near}`?"),
        None if declared.is_empty() => "the task takes no parameters".to_owned(),
        None => {
            let names: Vec<_> = declared.keys().map(String::as_str).collect();
            format!("the task has no such parameter, only {}", names.join(", "))
        }
    }
}

/// One value as its declared type, within its declared bounds.
fn check_value(param: &Param, value: &Value) -> Result<Value, String> {
    let typed = convert(param, value)?;
    bounds(param, &typed)?;
    if let (Some(pattern), Value::String(text)) = (&param.pattern, &typed)
        && !compile(pattern)?.is_match(text)
    {
        return Err(format!(
            "“{}” does not match {pattern}",
            text.escape_debug()
        ));
    }
    Ok(typed)
}

fn wanted(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Text => "a text",
        ParamKind::Int => "a whole number",
        ParamKind::Float => "a number",
        ParamKind::Bool => "true or false",
        ParamKind::Choice => "one of its choices",
        ParamKind::Date => "a day such as 2026-01-31",
        ParamKind::File => "the path of a file",
    }
}

fn convert(param: &Param, value: &Value) -> Result<Value, String> {
    let kind = param.kind;
    let wrong = || format!("{} is not {}", shown(value), wanted(kind));
    if let Value::String(text) = value {
        return convert_text(param, text);
    }
    match (kind, value) {
        (ParamKind::Int, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (ParamKind::Float, Value::Number(number)) => float(number.as_f64()).ok_or_else(wrong),
        (ParamKind::Bool, Value::Bool(_)) => Ok(value.clone()),
        _ => Err(wrong()),
    }
}

fn convert_text(param: &Param, text: &str) -> Result<Value, String> {
    let wrong = || format!("“{}” is not {}", text.escape_debug(), wanted(param.kind));
    let trimmed = text.trim();
    match param.kind {
        // A NUL cannot pass through an environment variable or a path.
        ParamKind::Text | ParamKind::File if text.contains('\0') => Err(wrong()),
        ParamKind::File if text.is_empty() => Err(wrong()),
        ParamKind::Text | ParamKind::File => Ok(text.into()),
        ParamKind::Int => trimmed.parse::<i64>().map(Value::from).map_err(|_| wrong()),
        ParamKind::Float => float(trimmed.parse().ok()).ok_or_else(wrong),
        ParamKind::Bool => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true.into()),
            "false" | "no" | "off" | "0" => Ok(false.into()),
            _ => Err(wrong()),
        },
        ParamKind::Date => day(trimmed)
            .map(|day| day.to_string().into())
            .ok_or_else(wrong),
        ParamKind::Choice if param.choices.iter().any(|choice| choice == text) => Ok(text.into()),
        ParamKind::Choice => {
            let choices = param.choices.join(", ");
            Err(format!("“{}” is none of {choices}", text.escape_debug()))
        }
    }
}

fn float(number: Option<f64>) -> Option<Value> {
    number.and_then(Number::from_f64).map(Value::Number)
}

/// A day of four-digit year, as ISO 8601 writes it.
fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (day.to_string() == text).then_some(day)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// What `min` and `max` are compared with: the value itself, or the length of
/// a text.
#[derive(PartialEq, PartialOrd)]
enum Measure {
    Whole(i64),
    Real(f64),
    Day(NaiveDate),
}

fn measure(kind: ParamKind, value: &Value) -> Option<Measure> {
    match kind {
        ParamKind::Int => value.as_i64().map(Measure::Whole),
        ParamKind::Float => value.as_f64().map(Measure::Real),
        ParamKind::Date => day(value.as_str()?).map(Measure::Day),
        ParamKind::Text => i64::try_from(value.as_str()?.chars().count())
            .ok()
            .map(Measure::Whole),
        ParamKind::Bool | ParamKind::Choice | ParamKind::File => None,
    }
}

fn bound(kind: ParamKind, bound: &Value) -> Option<Measure> {
    match kind {
        ParamKind::Text => bound.as_i64().filter(|n| *n >= 0).map(Measure::Whole),
        kind => measure(kind, bound),
    }
}

fn bounds(param: &Param, value: &Value) -> Result<(), String> {
    let what = match param.kind {
        ParamKind::Text => "its length",
        _ => "it",
    };
    let Some(size) = measure(param.kind, value) else {
        return Ok(());
    };
    let of = |limit: &Option<Value>| limit.as_ref().and_then(|limit| bound(param.kind, limit));
    if let (Some(min), Some(written)) = (of(&param.min), &param.min)
        && size < min
    {
        return Err(format!("{what} must be at least {}", unquoted(written)));
    }
    if let (Some(max), Some(written)) = (of(&param.max), &param.max)
        && size > max
    {
        return Err(format!("{what} must be at most {}", unquoted(written)));
    }
    Ok(())
}

fn unquoted(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The pattern, for the whole of a value.
fn compile(pattern: &str) -> Result<Regex, String> {
    let fault = |fault: regex::Error| match fault {
        regex::Error::CompiledTooBig(_) => "`pattern` is too large".to_owned(),
        _ => format!("`pattern` is not a regular expression: {pattern}"),
    };
    let build = |text: &str| {
        RegexBuilder::new(text)
            .size_limit(PATTERN_BYTES)
            .build()
            .map_err(fault)
    };
    // Alone first: `a)(b` is only whole between the brackets we add.
    build(pattern)?;
    build(&format!("^(?:{pattern})$")).or_else(|_| build(&format!("^(?:{pattern}\n)$")))
}

/// Checks what a task declares: types of defaults and bounds, choices,
/// patterns.
#[must_use]
pub fn validate_declarations(declared: &BTreeMap<String, Param>) -> Vec<Declaration> {
    let mut found = Vec::new();
    for (name, param) in declared {
        let mut note = |key: &'static str, message: String| {
            found.push(Declaration {
                name: name.clone(),
                key,
                message,
            });
        };
        let before = declared_kind(param, &mut note);
        // A default is measured only against bounds that make sense.
        if before == 0
            && let Some(default) = &param.default
            && let Err(message) = check_value(param, default)
        {
            note("default", format!("`default`: {message}"));
        }
    }
    found
}

/// Notes all but a wrong default, and says how many faults there were.
fn declared_kind(param: &Param, note: &mut impl FnMut(&'static str, String)) -> usize {
    let mut count = 0;
    let mut fault = |key, message: String| {
        count += 1;
        note(key, message);
    };
    let kind = param.kind;
    match (kind, &param.choices[..]) {
        (ParamKind::Choice, []) => fault("type", "a choice needs `choices`".into()),
        (ParamKind::Choice, choices) => {
            if (1..choices.len()).any(|at| choices[..at].contains(&choices[at])) {
                fault("choices", "`choices` names one twice".into());
            }
        }
        (_, []) => {}
        _ => fault("choices", "only a choice has `choices`".into()),
    }
    for (key, limit) in [("min", &param.min), ("max", &param.max)] {
        let Some(limit) = limit else { continue };
        match kind {
            ParamKind::Bool | ParamKind::Choice | ParamKind::File => {
                fault(key, format!("`{key}` has no meaning for this type"));
            }
            ParamKind::Text if bound(kind, limit).is_none() => {
                fault(key, format!("`{key}` must be a length in characters"));
            }
            _ if bound(kind, limit).is_none() => {
                fault(key, format!("`{key}` must be {}", wanted(kind)));
            }
            _ => {}
        }
    }
    let of = |limit: &Option<Value>| limit.as_ref().and_then(|limit| bound(kind, limit));
    if let (Some(min), Some(max)) = (of(&param.min), of(&param.max))
        && min > max
    {
        fault("max", "`max` is less than `min`".into());
    }
    if let Some(pattern) = &param.pattern {
        if kind != ParamKind::Text {
            fault("pattern", "only a text has a `pattern`".into());
        } else if let Err(message) = compile(pattern) {
            fault("pattern", message);
        }
    }
    if param.default.is_some() && param.required {
        let message = "`required` has no meaning beside `default`: remove one of them";
        fault("required", message.into());
    }
    if param.default.is_some() && kind == ParamKind::File {
        fault("default", "a file cannot have a default".into());
    }
    count
}
