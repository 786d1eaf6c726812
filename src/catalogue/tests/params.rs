use crate::catalogue::{check_params, validate_declarations};
use crate::domain::params::{Param, ParamKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn declared(toml: &str) -> BTreeMap<String, Param> {
    let declared = toml::from_str(toml).unwrap();
    assert_eq!(validate_declarations(&declared), []);
    declared
}

fn one(kind: &str, more: &str) -> BTreeMap<String, Param> {
    declared(&format!("[x]\ntype = '{kind}'\n{more}"))
}

fn check(declared: &BTreeMap<String, Param>, value: Value) -> Result<Value, String> {
    let given = BTreeMap::from([("x".to_owned(), value)]);
    match check_params(declared, &given) {
        Ok(params) => Ok(params["x"].clone()),
        Err(errors) => Err(errors[0].to_string()),
    }
}

#[test]
fn texts_and_values_become_the_declared_type() {
    for (kind, more, given, becomes) in [
        ("text", "", json!(" a b "), json!(" a b ")),
        ("int", "", json!("-7"), json!(-7)),
        ("int", "", json!(7), json!(7)),
        ("float", "", json!("1e3"), json!(1000.0)),
        ("float", "", json!(2), json!(2.0)),
        ("bool", "", json!("Yes"), json!(true)),
        ("bool", "", json!(false), json!(false)),
        ("choice", "choices = ['a', 'b']", json!("b"), json!("b")),
        ("date", "", json!("2024-02-29"), json!("2024-02-29")),
        ("file", "", json!("/data/x.csv"), json!("/data/x.csv")),
        ("text", "pattern = 'a|ab'", json!("ab"), json!("ab")),
        ("int", "min = 1\nmax = 3", json!(3), json!(3)),
    ] {
        assert_eq!(check(&one(kind, more), given), Ok(becomes), "{kind}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    for (kind, more, given, said) in [
        (
            "int",
            "",
            json!("7.5"),
            "parameter x: “7.5” is not a whole number",
        ),
        ("int", "", json!(7.5), "7.5 is not a whole number"),
        ("int", "", json!(u64::MAX), "is not a whole number"),
        ("int", "", json!(true), "true is not a whole number"),
        ("float", "", json!("nan"), "“nan” is not a number"),
        ("float", "", json!("inf"), "“inf” is not a number"),
        ("text", "", json!(5), "5 is not a text"),
        ("text", "", json!("a\0"), "is not a text"),
        ("text", "", json!(null), "null is not a text"),
        ("bool", "", json!("maybe"), "is not true or false"),
        (
            "choice",
            "choices = ['a', 'b']",
            json!("c"),
            "“c” is none of a, b",
        ),
        (
            "date",
            "",
            json!("2023-02-29"),
            "is not a day such as 2026-01-31",
        ),
        ("date", "", json!("2023-2-9"), "is not a day"),
        (
            "date",
            "min = '2024-01-01'",
            json!("2023-12-31"),
            "it must be at least 2024-01-01",
        ),
        (
            "text",
            "max = 3",
            json!("äöüß"),
            "its length must be at most 3",
        ),
        (
            "text",
            "pattern = 'a'",
            json!("xa"),
            "“xa” does not match a",
        ),
        ("text", "pattern = 'a'", json!("a\n"), "does not match a"),
        ("text", "pattern = 'a|b'", json!("ax"), "does not match"),
        ("int", "min = 1", json!(0), "it must be at least 1"),
        ("file", "", json!(""), "is not the path of a file"),
        ("int", "", json!([1]), "a list is not a whole number"),
    ] {
        let fault = check(&one(kind, more), given.clone()).unwrap_err();
        assert!(fault.contains(said), "{kind} {given}: {fault}");
    }
}

#[test]
fn defaults_are_added_and_all_faults_told() {
    let declared = declared("[a]\ntype='int'\ndefault='3'\n[b]\nrequired=true\n[c]\n");
    let given = BTreeMap::from([("b".to_owned(), "x".to_owned())]);
    let params = check_params(&declared, &given).unwrap();
    assert_eq!(json!(params), json!({"a": 3, "b": "x"}));
    let given = BTreeMap::from([("a".to_owned(), json!("z")), ("bb".to_owned(), json!(1))]);
    let errors: Vec<_> = check_params(&declared, &given)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        errors,
        [
            "parameter a: “z” is not a whole number",
            "parameter b: give a value: a text",
            "parameter bb: the task has no such parameter, only a, b, c",
        ]
    );
    let none = BTreeMap::new();
    let errors = check_params(&none, &given).unwrap_err();
    assert_eq!(errors[0].message, "the task takes no parameters");
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn kind() -> impl Strategy<Value = ParamKind> {
    use ParamKind::{Bool, Choice, Date, File, Float, Int, Text};
    proptest::sample::select(vec![Text, Int, Float, Bool, Choice, Date, File])
}

fn param() -> impl Strategy<Value = Param> {
    let bound = || proptest::option::of(anything());
    let pattern = proptest::option::of("[a-c().|*\\[]{0,6}");
    let choices = proptest::collection::vec("[a-c]{1,2}", 0..3);
    (kind(), bound(), bound(), bound(), pattern, choices).prop_map(
        |(kind, default, min, max, pattern, choices)| Param {
            kind,
            default,
            required: false,
            min,
            max,
            pattern,
            choices,
            help: None,
        },
    )
}

proptest! {
    /// What was accepted once is accepted again and stays the same: a rerun
    /// passes its values through the same door.
    #[test]
    fn an_accepted_value_is_a_fixed_point(param in param(), value in anything()) {
        let declared = BTreeMap::from([("x".to_owned(), param)]);
        let given = BTreeMap::from([("x".to_owned(), value)]);
        if let Ok(params) = check_params(&declared, &given) {
            prop_assert_eq!(check_params(&declared, &params), Ok(params));
        }
    }

    /// A declaration without faults has a default that a run may use.
    #[test]
    fn a_valid_declaration_can_be_run(param in param()) {
        let declared = BTreeMap::from([("x".to_owned(), param)]);
        if validate_declarations(&declared).is_empty() {
            let given = BTreeMap::<String, Value>::new();
            prop_assert!(check_params(&declared, &given).is_ok());
        }
    }
}
