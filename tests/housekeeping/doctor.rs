//! `runbay doctor`: it finds what is there, and leaves nothing.

use crate::chaos::ChaosSocket;
use crate::home::{Child, Home, eventually, home};
use rustix::process::Signal;
use serde_json::Value;

fn label(home: &Home) -> [(String, String); 2] {
    [
        ("runbay.instance".to_owned(), home.store.instance().0),
        ("runbay.kind".to_owned(), "doctor".to_owned()),
    ]
}

/// What a trial put on the engine and is still there.
fn left(home: &Home) -> Vec<String> {
    home.wait(async {
        let containers = home.engine.containers(&label(home)).await.unwrap();
        let networks = home.engine.networks(&label(home)).await.unwrap();
        let containers = containers.into_iter().map(|c| c.name);
        containers
            .chain(networks.into_iter().map(|n| n.name))
            .collect()
    })
}

/// Level and finding of every check of this name.
fn found(report: &str, name: &str) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(report).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .filter(|check| check["name"] == name)
        .map(|check| (text(&check["level"]), text(&check["found"])))
        .collect()
}

#[test]
fn the_network_is_tried_out_and_nothing_is_left() {
    home(|home| {
        home.task("one", "print('hello')");
        let said = home.runbay(&["doctor", "--json"]);
        said.exits(0);
        let network = found(&said.out, "network");
        assert_eq!(network.len(), 3, "{said}");
        let neighbours = (
            "ok".to_owned(),
            "runs do not reach each other (tried)".to_owned(),
        );
        assert!(network.contains(&neighbours), "{network:?}");
        assert!(
            network[0].1.contains("services of this machine"),
            "{network:?}"
        );
        assert!(network[1].1.contains("169.254.169.254"), "{network:?}");
        assert_eq!(left(home), Vec::<String>::new());
        assert!(said.took.as_secs() < 10, "{:?}", said.took);
        for (name, expected) in [
            ("database", "sound"),
            ("tasks", "1 in "),
            ("engine", "API "),
        ] {
            let found = found(&said.out, name);
            assert!(found[0].1.contains(expected), "{found:?}");
        }
    });
}

/// Interrupted while the engine is at work for it: what that makes must go, too.
#[test]
fn interrupted_it_leaves_nothing_either() {
    home(|home| {
        for moment in ["POST /networks/create", "POST /containers/create", "/start"] {
            let engine = {
                let _in = home.enter();
                ChaosSocket::before(home.engine.address())
            };
            let mut command = home.command(&["doctor"]);
            command.env("RUNBAY_DOCKER_HOST", engine.address());
            let doctor = Child::spawn(command);
            eventually(moment, || engine.requests(moment) > 0);
            doctor.signal(Signal::INT);
            let said = doctor.end();
            assert!(said.out.contains("interrupted"), "{moment}: {said}");
            assert_eq!(left(home), Vec::<String>::new(), "{moment}: {said}");
        }
    });
}

#[test]
fn without_an_engine_all_the_rest_is_looked_at() {
    home(|home| {
        let mut command = home.command(&["doctor", "--json"]);
        command.env("RUNBAY_DOCKER_HOST", "unix:///nonexistent/docker.sock");
        let said = Child::spawn(command).end();
        said.exits(69);
        assert_eq!(found(&said.out, "engine")[0].0, "error");
        assert_eq!(found(&said.out, "database")[0].0, "ok");
        assert!(found(&said.out, "network").is_empty());
    });
}

#[test]
fn settings_that_are_wrong_are_a_finding() {
    home(|home| {
        home.settings("[limits]\nmemroy = \"1G\"\n");
        let said = home.runbay(&["doctor", "--json"]);
        said.exits(69);
        let settings = found(&said.out, "settings");
        assert!(settings[0].1.contains("memroy"), "{settings:?}");
        assert_eq!(found(&said.out, "engine")[0].0, "ok");
    });
}

#[test]
fn what_is_open_to_others_is_told() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    home(|home| {
        home.task("one", "print('hello')");
        home.task("other", "print('hello')");
        home.task_file("other", "task.toml", "nonsense = 1");
        let open = |path, mode| set_permissions(path, Permissions::from_mode(mode)).unwrap();
        open(home.data(), 0o755);
        open(home.path().join("tasks/one"), 0o777);
        let said = home.runbay(&["doctor"]);
        said.exits(0);
        for text in [
            "others may look into",
            "chmod 700",
            "every user of this machine may write",
            "1 that cannot run: other",
        ] {
            assert!(said.out.contains(text), "{text}: {said}");
        }
    });
}

#[test]
fn what_the_service_may_not_read_or_change_is_told() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    home(|home| {
        for name in ["closed", "fixed", "mine"] {
            home.task(name, "print('hello')");
        }
        home.write("tasks/.deleted-0123/main.py", "print('gone')");
        let set = |name: &str, mode| {
            let path = home.path().join("tasks").join(name);
            set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        set("closed", 0);
        set("fixed", 0o555);
        let said = Child::spawn(home.unprivileged(&["doctor", "--json"])).end();
        set("closed", 0o755);
        set("fixed", 0o755);
        let owners = found(&said.exits(69).out, "owners");
        let told = |at: usize, level: &str, name: &str| {
            assert_eq!(owners[at].0, level, "{owners:?}");
            assert!(owners[at].1.contains(name), "{owners:?}");
        };
        told(0, "error", "tasks/closed (user ");
        told(1, "warning", "tasks/fixed (user ");
        told(2, "warning", "tasks/.deleted-0123 (user ");
        assert_eq!(owners.len(), 3, "{owners:?}");
    });
}

#[test]
fn the_master_key_and_the_backups_are_looked_at() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    home(|home| {
        let mut set = home.command(&["secret", "set", "TOKEN", "--file"]);
        set.arg(home.write("value", "s3cret-value"));
        Child::spawn(set).end().exits(0);
        let said = home.runbay(&["doctor", "--json"]);
        assert_eq!(found(&said.out, "master key")[0].0, "ok", "{said}");
        assert!(
            found(&said.out, "backups")[0].1.contains("none yet"),
            "{said}"
        );
        let key = home.path().join("keys/runbay.key");
        set_permissions(key, Permissions::from_mode(0o644)).unwrap();
        home.write("data/backups/runbay-20250101T030000Z.backup", "");
        let said = home.runbay(&["doctor", "--json"]);
        said.exits(69);
        assert_eq!(found(&said.out, "master key")[0].0, "error", "{said}");
        assert_eq!(found(&said.out, "backups")[0].0, "warning", "{said}");
    });
}

/// A mail server that greets, and says yes to all; how it is left is no matter.
fn greeter() -> u16 {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        stream.write_all(b"220 mail.example.org\r\n").unwrap();
        for _ in lines.map_while(Result::ok) {
            if stream.write_all(b"250 fine\r\n").is_err() {
                break;
            }
        }
    });
    port
}

#[test]
fn the_mail_server_and_hooks_are_tried_without_sending_anything() {
    home(|home| {
        let mail = |port: u16, tls: &str| {
            home.settings(&format!(
                "[limits]\nnetwork = \"none\"\n[notify]\nallow = [\"127.0.0.0/8\"]\n[mail]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nfrom = \"runbay@example.org\"\n"
            ));
            let said = home.runbay(&["doctor", "--json"]);
            said.exits(0);
            (found(&said.out, "mail"), found(&said.out, "hooks"))
        };
        let (taken, none) = mail(greeter(), "none");
        assert_eq!(taken[0].0, "ok", "{taken:?}");
        assert_eq!(none, [], "there are no hooks");
        let (plain, _) = mail(greeter(), "starttls");
        assert_eq!(plain[0].0, "warning", "{plain:?}");
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = gone.local_addr().unwrap().port();
        drop(gone);
        let url = format!("http://127.0.0.1:{port}/");
        home.runbay(&["hook", "add", "team", "--to", &url]).exits(0);
        let (refused, hooks) = mail(port, "none");
        assert!(refused[0].1.contains("refused"), "{refused:?}");
        assert_eq!(hooks[0].0, "ok", "nothing was to be told: {hooks:?}");
    });
}
