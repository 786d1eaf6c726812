//! What each form says, and what it does not let through.

use super::*;

fn message(event: HookEvent, data: Value) -> Message {
    Message {
        id: "msg_1".into(),
        event,
        at: DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
        data,
    }
}

fn failed() -> Message {
    let data = json!({
        "task": "nightly", "run": "0198c0ffee007000800000000000beef", "outcome": "failed",
        "exit_code": 3, "failures": 10, "reason": "<b> & “quotes” @everyone",
        "url": "https://runbay.example/runs/0198",
    });
    message(HookEvent::RunFailed, data)
}

fn sent(kind: HookKind, message: &Message) -> Outgoing {
    let form = Form {
        kind,
        template: None,
        secret: None,
    };
    let url = "https://example.org/hook/".parse().unwrap();
    outgoing(message, form, url, message.at).unwrap()
}

#[test]
fn every_form_says_what_happened_and_where_to_look() {
    for kind in HookKind::ALL {
        let out = sent(*kind, &failed());
        let body = String::from_utf8(out.body).unwrap();
        assert!(body.contains("nightly"), "{kind}: {body}");
        let link = format!("{body}{:?}", out.headers);
        assert!(
            link.contains("https://runbay.example/runs/0198"),
            "{kind}: {link}"
        );
    }
    let slack = sent(HookKind::Slack, &failed()).body;
    let slack: Value = serde_json::from_slice(&slack).unwrap();
    let text = slack["text"].as_str().unwrap();
    assert!(
        text.contains("exit code 3") && text.contains("10 times"),
        "{text}"
    );
    assert!(text.contains("&lt;b&gt; &amp;"), "{text}");
    let standard = sent(HookKind::Standard, &failed()).body;
    let standard: Value = serde_json::from_slice(&standard).unwrap();
    assert_eq!(standard["type"], "run.failed");
    assert_eq!(standard["timestamp"], "2026-05-28T20:26:40.000Z");
    assert_eq!(standard["data"]["reason"], failed().data["reason"]);
}

#[test]
fn pings_tell_start_success_and_the_exit_status() {
    let rid = "rid=0198c0ff-ee00-7000-8000-00000000beef";
    let run = failed().data["run"].clone();
    for (event, data, path) in [
        (HookEvent::RunStarted, json!({ "run": run }), "/hook/start"),
        (
            HookEvent::RunFinished,
            json!({ "run": run, "outcome": "succeeded" }),
            "/hook/",
        ),
        (HookEvent::RunFailed, failed().data, "/hook/3"),
        (
            HookEvent::RunFinished,
            json!({ "run": run, "outcome": "timed_out" }),
            "/hook/fail",
        ),
        (
            HookEvent::RunFinished,
            json!({ "run": run, "outcome": "failed", "exit_code": -9 }),
            "/hook/fail",
        ),
        (
            HookEvent::RunFinished,
            json!({ "run": run, "outcome": "cancelled" }),
            "/hook/log",
        ),
    ] {
        let out = sent(HookKind::Healthchecks, &message(event, data));
        assert_eq!((out.url.path(), out.url.query()), (path, Some(rid)));
    }
}

#[test]
fn templates_are_bounded_and_say_what_is_wrong() {
    let message = failed();
    let good = r#"{"text": {{ title | tojson }}, "task": "{{ data.task }}"}"#;
    let read: Value = serde_json::from_str(&render(good, &message).unwrap()).unwrap();
    assert_eq!(read["task"], "nightly");
    for wrong in [
        "{{ data.tsak }}",
        "{{",
        "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}",
        "{% include 'x' %}",
    ] {
        assert!(render(wrong, &message).is_err(), "{wrong}");
    }
}
