//! What is on the wire, and what never gets there.

use super::*;
use crate::deliver::body::{Form, Message, outgoing};
use crate::domain::hook::{HookEvent, HookKind};
use crate::domain::secret::Secret;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

#[test]
fn pauses_are_read_and_bounded() {
    let now = DateTime::parse_from_rfc3339("2026-01-31T10:00:00Z")
        .unwrap()
        .to_utc();
    let read = |text: &str| pause(text, now).map(|pause| pause.as_secs());
    assert_eq!(read("120"), Some(120));
    assert_eq!(read("999999999"), Some(3600));
    assert_eq!(read("Sat, 31 Jan 2026 10:00:30 GMT"), Some(30));
    for nothing in ["", "-1", "soon", "Sat, 31 Jan 2026 09:00:00 GMT", "1e9"] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
}

/// All that our requests say of themselves.
const HEADERS: [&str; 11] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-priority",
    "x-tags",
];

/// Reads requests as they are on the wire: the first line, and the headers.
fn wire() -> (Url, mpsc::Receiver<(String, Vec<String>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/in", listener.local_addr().unwrap());
    let (tell, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let mut lines = Vec::new();
            let mut length = 0;
            loop {
                let mut line = Vec::new();
                let read = stream.read_until(b'\n', &mut line).unwrap_or(0);
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if read == 0 || line.is_empty() {
                    break;
                }
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().unwrap_or(0);
                }
                lines.push(line);
            }
            let mut body = vec![0; length];
            drop(stream.read_exact(&mut body));
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            drop(stream.get_mut().write_all(answer));
            if !lines.is_empty() && tell.send((lines.remove(0), lines)).is_err() {
                return;
            }
        }
    });
    (url.parse().unwrap(), heard)
}

fn name_of(line: &str) -> String {
    line.split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// What people and scripts could put into a name.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\r",
        "X-Evil: 1",
        "Host: evil",
        ": ",
        "\0",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "%0d%0a",
        "\r\n\r\nPOST / HTTP/1.1",
        "a",
        "ü",
        "\t",
        " ",
    ]);
    prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    /// Whatever the names and facts of a message hold, only our own headers are on
    /// the wire, in one request; or nothing is, and the message is to blame.
    #[test]
    fn no_name_becomes_a_header(
        texts in prop::collection::vec(hostile(), 6),
        kind in prop::sample::select(HookKind::ALL),
        event in prop::sample::select(HookEvent::ALL),
        with_secret: bool,
    ) {
        let (url, heard) = wire();
        let message = Message {
            id: "msg_1".into(),
            event,
            at: Utc::now(),
            data: json!({
                "task": texts[0], "tags": [texts[1]], "run": texts[2], "outcome": texts[3],
                "reason": texts[4], "hook": texts[5], "exit_code": 3,
                // Made by us of an address of ours and a name that was checked.
                "url": "https://runbay.example/tasks/one",
            }),
        };
        // Signing needs a key; elsewhere a secret is whatever somebody typed.
        let secret = match kind {
            HookKind::Ntfy => texts[5].clone(),
            _ => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
        };
        let secret = Secret::new(secret);
        let form = Form { kind, template: None, secret: with_secret.then_some(&secret) };
        let sent = outgoing(&message, form, url, Utc::now()).unwrap();
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(Poster::default().post(&guard, None, sent));
        if answer.problem.is_some() {
            prop_assert_eq!(answer.fault, Fault::Message, "{:?}", answer);
            prop_assert!(heard.try_recv().is_err());
            return Ok(());
        }
        let (first, headers) = heard.recv().unwrap();
        prop_assert!(first.starts_with("POST /in"), "{}", first);
        let mut names: Vec<String> = headers.iter().map(|line| name_of(line)).collect();
        names.retain(|name| name != "x-click");
        prop_assert!(names.iter().all(|name| HEADERS.contains(&name.as_str())), "{:?}", headers);
        let once: BTreeSet<&String> = names.iter().collect();
        prop_assert_eq!(once.len(), names.len(), "{:?}", headers);
        prop_assert!(heard.try_recv().is_err(), "one request");
    }
}
