//! Traces: a real receiver of OTLP is sent what the service did.

use crate::home::home;
use crate::served::Served;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use runbay::domain::run::{Run, RunState};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

type Heard = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// Takes whatever is posted to `/v1/traces`.
fn collector(listener: TcpListener) -> Heard {
    let heard = Heard::default();
    let hears = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            assert_eq!(line.trim_end(), "POST /v1/traces HTTP/1.1");
            while line.trim_end() != "" {
                line.clear();
                stream.read_line(&mut line).unwrap();
                let header = line.to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let said = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
            hears.lock().unwrap().push(said);
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    heard
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|one| one.key == key)?;
    match &found.value {
        Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }) => Some(text.clone()),
        Some(AnyValue {
            value: Some(Value::IntValue(number)),
        }) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

fn of_run<'a>(spans: &'a [Span], run: &Run) -> &'a Span {
    let id = Some(run.id.to_string());
    let mut of = |span: &&Span| span.name == "run" && text(&span.attributes, "id") == id;
    spans
        .iter()
        .find(&mut of)
        .unwrap_or_else(|| panic!("no span of {id:?}"))
}

/// Who sent it is told with it.
fn assert_sent_by_us(heard: &[ExportTraceServiceRequest]) {
    for sent in heard.iter().flat_map(|one| &one.resource_spans) {
        let attributes = &sent.resource.as_ref().unwrap().attributes;
        let said = |key| text(attributes, key).unwrap();
        assert_eq!(said("service.name"), "runbay");
        assert_eq!(said("service.version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(said("deployment.environment.name"), "test");
    }
}

/// The span of a run says what became of it, and has those of all its phases.
fn assert_whole(spans: &[Span], run: &Run, [task, outcome, code]: [&str; 3]) {
    let span = of_run(spans, run);
    let said = |key| text(&span.attributes, key).unwrap();
    assert_eq!(said("task"), task);
    assert_eq!(said("attempt"), "1");
    assert_eq!(said("outcome"), outcome);
    assert_eq!(said("exit_code"), code);
    let status = span.status.as_ref().map(|status| status.code());
    let failed = status == Some(StatusCode::Error);
    assert_eq!(failed, outcome == "failed", "{span:?}");
    let mut phases: Vec<_> = spans
        .iter()
        .filter(|one| one.parent_span_id == span.span_id)
        .inspect(|one| assert_eq!(one.trace_id, span.trace_id))
        .collect();
    phases.sort_by_key(|one| one.start_time_unix_nano);
    let names: Vec<_> = phases.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["image", "create", "start", "script", "collect"]);
    let follows = |two: &[&Span]| two[0].end_time_unix_nano <= two[1].start_time_unix_nano;
    assert!(phases.windows(2).all(follows));
}

#[test]
fn runs_and_requests_are_sent_as_spans() {
    home(|home| {
        home.task("fine", "print('fine')");
        home.task("broken", "raise SystemExit(3)");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = format!("http://{}", listener.local_addr().unwrap());
        let heard = collector(listener);
        let served = Served::start_with(home, |command| {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", to);
            command.env(
                "OTEL_RESOURCE_ATTRIBUTES",
                "deployment.environment.name=test",
            );
        });
        let [fine, broken] = ["fine", "broken"].map(|task| {
            let run = served
                .ask("POST", &format!("/api/v1/tasks/{task}/runs"), None)
                .run();
            served.until(&run, |run| run.state == RunState::Finished)
        });
        // What was not sent by then is sent at the end.
        served.stop().exits(0);

        let heard = heard.lock().unwrap();
        assert_sent_by_us(&heard);
        let spans: Vec<Span> = heard
            .iter()
            .flat_map(|one| &one.resource_spans)
            .flat_map(|one| one.scope_spans.iter().flat_map(|scope| scope.spans.clone()))
            .collect();
        assert_whole(&spans, &fine, ["fine", "succeeded", "0"]);
        assert_whole(&spans, &broken, ["broken", "failed", "3"]);
        let asked = spans.iter().any(|span| {
            span.name == "request"
                && text(&span.attributes, "path").as_deref() == Some("/api/v1/tasks/fine/runs")
                && text(&span.attributes, "status").as_deref() == Some("202")
        });
        assert!(asked, "{spans:?}");
    });
}

#[test]
fn a_collector_that_is_not_there_is_told_and_hurts_nothing() {
    home(|home| {
        home.task("fine", "print('fine')");
        let gone = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let served = Served::start_with(home, |command| {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{gone}"));
        });
        let run = served.ask("POST", "/api/v1/tasks/fine/runs", None).run();
        served.until(&run, |run| run.state == RunState::Finished);
        let said = served.stop();
        said.exits(0).tells("HTTP export failed");
    });
}

#[test]
fn variables_that_ask_for_what_cannot_be_are_told() {
    home(|home| {
        let serve = |set: &[(&str, &str)]| {
            let mut command = home.command(&["serve", "--bind", "127.0.0.1:0"]);
            command.envs(set.iter().copied());
            crate::home::Child::spawn(command).end()
        };
        let there = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        let said = serve(&[there, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
        said.exits(65)
            .tells("OTEL_EXPORTER_OTLP_PROTOCOL: “grpc” is not spoken here, only http/protobuf");
        let said = serve(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "not an address")]);
        said.exits(65).tells("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    });
}
