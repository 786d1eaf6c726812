//! The command line and a service that is elsewhere, or is none of ours.

use crate::cli::{TALKS, json};
use crate::home::{Child, Home, Said, home};
use crate::served::Served;
use runbay::domain::run::Trigger;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

/// `runbay` without a folder, with these variables.
fn abroad(variables: &[(&str, &str)], args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_runbay"));
    let folder = tempfile::tempdir().unwrap();
    command.current_dir(folder.path()).args(args);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RUNBAY_")) {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    Child::spawn(command).end()
}

fn token(home: &Home, scopes: &[&str]) -> String {
    let mut args = vec!["token", "create", "test"];
    for scope in scopes {
        args.extend(["--scope", scope]);
    }
    home.runbay(&args).exits(0).out.trim().to_owned()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one service is asked in many ways")]
fn a_service_elsewhere_is_asked_with_a_token() {
    home(|home| {
        home.task("talks", TALKS);
        let served = Served::start(home);
        let all = [
            "runs:read",
            "runs:trigger",
            "runs:cancel",
            "logs:read",
            "tasks:read",
        ];
        let token_ = token(home, &all);
        let url = served.url().to_owned();
        let url = &*url;
        let file = home.write("token", format!("{token_}\n"));
        let with = [("RUNBAY_URL", url), ("RUNBAY_TOKEN", &*token_)];
        let said = abroad(&with, &["run", "talks"]);
        said.exits(3).prints("out").tells("err");
        let run = home.last("talks").unwrap();
        assert_eq!(run.trigger, Trigger::Api);
        assert!(
            run.by.as_ref().is_some_and(|by| by.starts_with("token:")),
            "{run:?}"
        );
        let by_file = [("RUNBAY_TOKEN_FILE", file.to_str().unwrap())];
        let listed = abroad(&by_file, &["--url", url, "ls", "--json"]);
        assert_eq!(json(&listed)["tasks"][0]["name"], "talks");
        abroad(&with, &["logs", "talks"]).exits(0).prints("out");
        abroad(&with, &["check"]).exits(0);
        let reads = token(home, &["runs:read"]);
        for (variables, args, code, told) in [
            (vec![("RUNBAY_URL", url)], "ps", 77, "RUNBAY_TOKEN"),
            (
                vec![("RUNBAY_URL", url), ("RUNBAY_TOKEN", "runbay_nonsense")],
                "ps",
                77,
                "does not know the token",
            ),
            (
                vec![("RUNBAY_URL", url), ("RUNBAY_TOKEN", &*reads)],
                "ls",
                77,
                "tasks:read",
            ),
            (
                vec![("RUNBAY_URL", url), ("RUNBAY_TOKEN", "two words")],
                "ls",
                65,
                "token",
            ),
            (
                vec![
                    ("RUNBAY_URL", url),
                    ("RUNBAY_TOKEN", "a"),
                    ("RUNBAY_TOKEN_FILE", "b"),
                ],
                "ls",
                65,
                "both set",
            ),
            (
                vec![("RUNBAY_URL", url), ("RUNBAY_TOKEN_FILE", "/nowhere")],
                "ls",
                74,
                "/nowhere",
            ),
            (vec![("RUNBAY_URL", "nonsense")], "ls", 65, "nonsense"),
        ] {
            abroad(&variables, &[args]).exits(code).tells(told);
        }
        served.stop().exits(0);
        let gone = abroad(&with, &["ps"]);
        gone.exits(69)
            .tells("no service answers at")
            .tells("runbay serve");
    });
}

/// A server that gives everybody this answer.
fn answers(answer: &'static str) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut read = [0; 4096];
        let _ = stream.read(&mut read).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (url, thread)
}

#[test]
fn what_is_no_service_of_ours_is_told() {
    for (answer, code, told) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            76,
            "another program",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://else.example/\r\nContent-Length: 0\r\n\r\n",
            76,
            "https://else.example/",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>hi</html>",
            76,
            "use the same version",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{\"items\":[{}],\"next\":1}\n",
            76,
            "use the same version",
        ),
        (
            "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n",
            76,
            "allowed_hosts",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[",
            69,
            "did not answer to the end",
        ),
        ("SSH-2.0-OpenSSH\r\n", 69, "did not answer"),
    ] {
        let (url, thread) = answers(answer);
        let said = abroad(&[("RUNBAY_URL", &url)], &["ps"]);
        said.exits(code).tells(told).tells(&url);
        thread.join().unwrap();
    }
}
