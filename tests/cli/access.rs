//! Users, tokens and the audit log from the command line, and how a service
//! lets the first person in.

use super::{Home, Said};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStderr, Command, Stdio};

const PASSWORD: &str = "four horses eat batteries";

fn add(home: &Home, args: &[&str]) -> Said {
    let args = [&["user", "add"], args, &["--password-file", "-"]].concat();
    home.say_with(&args, &format!("{PASSWORD}\n"))
}

#[test]
fn users_are_made_listed_and_changed() {
    let home = Home::new();
    assert_eq!(home.json(&["user", "ls", "--json"]), json!([]));
    assert_eq!(add(&home, &["ada", "--role", "admin"]).code, 0);
    assert_eq!(add(&home, &["bob", "--role", "viewer", "--logs"]).code, 0);
    let taken = add(&home, &["ada"]);
    assert_eq!(taken.code, 75, "{}", taken.err);
    let users = home.json(&["user", "ls", "--json"]);
    assert_eq!(
        (&users[0]["name"], &users[0]["role"]),
        (&json!("ada"), &json!("admin"))
    );
    assert!(home.good(&["user", "ls"]).contains("viewer with logs"));
    home.good(&["user", "role", "bob", "operator"]);
    home.good(&["user", "disable", "bob"]);
    let users = home.json(&["user", "ls", "--json"]);
    assert!(users[1]["disabled_at"].is_string() && users[1]["role"] == "operator");
    home.good(&["user", "enable", "bob"]);
    home.good(&["user", "rm", "bob"]);
    let last = home.say(&["user", "rm", "ada"]);
    assert_eq!(last.code, 75);
    assert!(last.err.contains("only admin"), "{}", last.err);
    assert_eq!(home.say(&["user", "rm", "bob"]).code, 66);
    assert_eq!(home.say(&["user", "add", "No Name"]).code, 2);
}

#[test]
fn passwords_come_from_a_file_or_a_terminal() {
    let home = Home::new();
    let none = home.say(&["user", "add", "ada"]);
    assert_eq!(none.code, 65);
    assert!(none.err.contains("--password-file"), "{}", none.err);
    home.write("weak", "Password1234!\n");
    let weak = home.say(&["user", "add", "ada", "--password-file", "weak"]);
    assert_eq!(weak.code, 65);
    assert!(weak.err.contains("many people"), "{}", weak.err);
    let nowhere = home.say(&["user", "add", "ada", "--password-file", "nowhere"]);
    assert!(nowhere.err.contains("nowhere"), "{}", nowhere.err);
    assert_eq!(add(&home, &["ada"]).code, 0);
    home.write("new", "seven goats read the newspaper\r\n");
    home.good(&["user", "passwd", "ada", "--password-file", "new"]);
    let unknown = home.say(&["user", "passwd", "eve", "--password-file", "new"]);
    assert_eq!(unknown.code, 66);
}

#[test]
fn tokens_are_shown_once_and_revoked() {
    let home = Home::new();
    let args = [
        "token",
        "create",
        "ci",
        "--scope",
        "runs:read,runs:trigger",
        "--task",
        "report",
    ];
    let text = home.good(&args);
    assert!(
        text.starts_with("runbay_") && text.trim().len() == 69,
        "{text}"
    );
    let tokens = home.json(&["token", "ls", "--json"]);
    let id = tokens[0]["id"].as_str().unwrap();
    assert!(text.contains(id));
    assert_eq!(tokens[0]["tasks"], json!(["report"]));
    assert_eq!(tokens[0]["owner"], Value::Null);
    assert!(!home.good(&["token", "ls"]).contains(text.trim()));
    let forever = ["token", "create", "x", "-s", "admin", "--forever", "--json"];
    let made = home.json(&forever);
    assert_eq!(made["token"]["expires_at"], Value::Null);
    home.good(&["token", "revoke", id]);
    assert_eq!(home.say(&["token", "revoke", id]).code, 66);
    let wrong = home.say(&["token", "create", "x", "--scope", "runs:reed"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("runs:read"), "{}", wrong.err);
}

#[test]
fn the_audit_log_is_shown_and_verified() {
    let home = Home::new();
    add(&home, &["ada", "--role", "admin"]);
    home.good(&["token", "create", "\u{202e}x", "--scope", "admin"]);
    let out = home.good(&["audit"]);
    assert!(
        out.contains("user.create") && out.contains("role admin"),
        "{out}"
    );
    assert!(!out.contains('\u{202e}') && !out.contains(PASSWORD));
    let entries = home.json(&["audit", "ls", "--json", "-n", "1"]);
    assert_eq!(entries[0]["action"], "token.create");
    let head = home.good(&["audit", "verify"]);
    assert!(head.starts_with("2:"), "{head}");
    add(&home, &["bob"]);
    home.good(&["audit", "verify", "--known", head.trim()]);
    let other = format!("1:{}", "0".repeat(64));
    let rewritten = home.say(&["audit", "verify", "--known", &other]);
    assert_eq!(rewritten.code, 65);
    assert!(
        rewritten.err.contains("not the one you know"),
        "{}",
        rewritten.err
    );
    assert_eq!(home.say(&["audit", "verify", "--known", "x"]).code, 2);
}

/// A service without an engine.
struct Served {
    child: Child,
    err: BufReader<ChildStderr>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Served {
    fn start(home: &Home, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("runbay"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RUNBAY_")) {
            command.env_remove(name);
        }
        let mut child = command
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .envs(variables.iter().copied())
            .current_dir(home.path())
            .args([&["serve", "--bind", "127.0.0.1:0"], args].concat())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, err }
    }

    /// The next line that it says with this in it.
    fn says(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.err.read_line(&mut line).unwrap() > 0, "it ended");
            if line.contains(part) {
                return line;
            }
        }
    }
}

/// Asks a service on this machine: the status and the rest of the answer.
fn ask(host: &str, request: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

fn post(host: &str, path: &str, body: &Value) -> (u16, String) {
    let headers = "Content-Type: application/json\r\n";
    ask(host, &format!("POST {path}"), headers, &body.to_string())
}

/// The host of an address that a line tells, and what follows `mark`.
fn told(line: &str, mark: &str) -> (String, String) {
    let rest = line.split_once("http://").unwrap().1;
    let (host, key) = rest.split_once(mark).unwrap();
    let key = key.split_whitespace().next().unwrap();
    (host.to_owned(), key.to_owned())
}

#[test]
fn a_service_prints_a_link_that_signs_in_once() {
    let home = Home::new();
    let mut served = Served::start(&home, &[], &[]);
    let (host, key) = told(&served.says("/#link="), "/#link=");
    let (status, _) = ask(&host, "GET /api/v1/me", "", "");
    assert_eq!(status, 401);
    let open = |key: &str| post(&host, "/api/v1/session/link", &json!({ "key": key }));
    let (status, answer) = open(&key);
    assert_eq!(status, 200, "{answer}");
    let cookie = answer.split("set-cookie: ").nth(1).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let (status, me) = ask(
        &host,
        "GET /api/v1/me",
        &format!("Cookie: {cookie}\r\n"),
        "",
    );
    assert!(status == 200 && me.contains("\"local\""), "{me}");
    assert_eq!(open(&key).0, 410);
    let (_, another) = told(&home.good(&["user", "link"]), "/#link=");
    assert_eq!(open(&another).0, 200);
    drop(served);
    assert_eq!(home.say(&["user", "link"]).code, 75);
}

#[test]
fn a_service_for_others_wants_to_be_told_so() {
    let home = Home::new();
    let refused = |args: &[&str], remedy: &str| {
        let said = home.say(&[&["serve"], args].concat());
        assert_eq!(said.code, 78, "{}", said.err);
        assert!(said.err.contains(remedy), "{}", said.err);
    };
    refused(&["--bind", "0.0.0.0:0"], "--expose");
    refused(&["--bind", "0.0.0.0:0", "--expose"], "external_url");
    home.write(
        "runbay.toml",
        "[server]\nexpose = true\nexternal_url = \"http://192.168.1.5:7000\"\n",
    );
    refused(&["--bind", "127.0.0.1:0"], "insecure_http");
    assert!(!home.path().join("data/setup.key").exists());
}

#[test]
fn a_service_for_others_begins_with_a_setup_key() {
    let home = Home::new();
    let url = [("RUNBAY_SERVER_EXTERNAL_URL", "https://runbay.example.org")];
    let mut served = Served::start(&home, &["--expose"], &url);
    let line = served.says("/#setup=");
    assert!(
        line.contains("https://runbay.example.org/#setup="),
        "{line}"
    );
    let file = home.path().join("data/setup.key");
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = std::fs::read_to_string(&file).unwrap();
    assert!(line.contains(key.trim()));
    served.says("user add");
    let door = std::fs::read_to_string(home.path().join("data/server.json")).unwrap();
    let door: Value = serde_json::from_str(&door).unwrap();
    let host = door["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let set_up = |name: &str| {
        let body = json!({ "key": key.trim(), "name": name, "password": PASSWORD });
        post(host, "/api/v1/setup", &body)
    };
    let (status, answer) = set_up("ada");
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("__Host-runbay="), "{answer}");
    assert_eq!(set_up("eve").0, 410);
    drop(served);
    let mut again = Served::start(&home, &["--expose"], &url);
    let line = again.says("open");
    assert!(!line.contains('#'), "{line}");
    assert!(!file.exists());
}
