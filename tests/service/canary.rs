//! One secret through everything that keeps or tells: a run that prints it in every
//! shape, fails with it, and is told of by a hook and a letter; backups by hand and
//! by night. Then every byte that is kept is searched for it, in each shape.

use crate::home::{Home, eventually, home};
use crate::served::{Served, until};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;
use runbay::config::{Config, Overrides};
use runbay::domain::run::{Outcome, Run, RunState};
use runbay::service::{App, backup};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// With signs that JSON, XML, URLs, shells and the two alphabets of base64 write
/// otherwise.
const CANARY: &str = "c4nary<of>'all' \"things\" & more/than+one ~? 7f3a91";
/// It leaves no files: those are kept as they are, which README says.
const SCRIPT: &str = r#"
import base64, html, json, os, shlex, signal, sys, urllib.parse
token = os.environ['TOKEN']
assert open('/run/secrets/TOKEN').read() == token
raw = token.encode()
print('raw', token)
for ahead in (b'', b'u', b'us'):
    print('base64', base64.b64encode(ahead + raw).decode(), base64.urlsafe_b64encode(ahead + raw).decode())
print('hex', raw.hex(), raw.hex().upper())
print('json', json.dumps({'t': token}), 'repr', repr(token))
print('url', urllib.parse.quote(token), urllib.parse.quote_plus(token), urllib.parse.quote(token, safe=''))
print('html', html.escape(token), 'shell', shlex.quote(token))
print('error', token, file=sys.stderr)
os.write(1, b'split ' + raw[:9])
os.write(1, raw[9:] + b' end\n')
def fails(*_):
    raise RuntimeError('the door did not open for ' + token)
signal.signal(signal.SIGUSR1, fails)
print('ready', flush=True)
while True:
    signal.pause()
"#;

type Shapes = [(String, Vec<u8>)];

/// The canary as it would be found, by the name of its shape.
fn shapes() -> Vec<(String, Vec<u8>)> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    let json = json!(CANARY).to_string();
    let mut all = vec![
        ("raw", CANARY.to_owned()),
        ("json", json[1..json.len() - 1].to_owned()),
        ("hex", hex.clone()),
        ("HEX", hex.to_ascii_uppercase()),
        ("url", percent.clone()),
        ("url with %20", percent.replace('+', "%20")),
        ("its beginning", CANARY[..9].to_owned()),
        ("its end", CANARY[CANARY.len() - 9..].to_owned()),
    ];
    for ahead in ["", "u", "us"] {
        for engine in [STANDARD, URL_SAFE] {
            let text = engine.encode(format!("{ahead}{CANARY}"));
            // The letters at the ends are also of what is beside it.
            all.push(("base64", text[4..text.len() - 4].to_owned()));
        }
    }
    let bytes = |(name, text): (&str, String)| (name.to_owned(), text.into_bytes());
    all.into_iter().map(bytes).collect()
}

/// Which shapes some bytes hold, also where parts of them are compressed.
fn found(bytes: &[u8], shapes: &Shapes) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        let held = shapes
            .iter()
            .filter(|(_, shape)| memmem::find(bytes, shape).is_some());
        held.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let mut all = holds(bytes);
    // A frame of zstd begins so wherever it is: a file, or a value in the database.
    for at in memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut plain = Vec::new();
        if let Ok(mut decoder) = zstd::Decoder::new(&bytes[at..]) {
            // What follows the frame is not one, and what came before that counts.
            drop(decoder.read_to_end(&mut plain));
        }
        all.extend(
            holds(&plain)
                .into_iter()
                .map(|name| format!("{name}, compressed")),
        );
    }
    all
}

/// The files below a folder that hold it; and how many there are, compressed ones
/// too.
fn search(folder: &Path, shapes: &Shapes, all: &mut (Vec<String>, usize)) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            search(&path, shapes, all);
        } else if kind.is_file() {
            all.1 += 1;
            let held = found(&fs::read(&path).unwrap(), shapes);
            if !held.is_empty() {
                all.0.push(format!("{}: {held:?}", path.display()));
            }
        }
    }
}

/// Takes whatever comes, over HTTP or as mail, and keeps all of it.
fn listens(answer: fn(&mut BufReader<TcpStream>) -> Vec<u8>) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = heard.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let said = answer(&mut BufReader::new(stream));
            kept.lock().unwrap().extend(said);
        }
    });
    (port, heard)
}

fn http(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let (mut all, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) < 3 {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        all.push_str(&line);
    }
    let mut body = vec![0; length];
    drop(stream.read_exact(&mut body));
    // A receiver may say what it was told: that is kept as well.
    let echo = [
        b"HTTP/1.1 422 No\r\nConnection: close\r\n\r\nnot taken: ",
        CANARY.as_bytes(),
    ];
    drop(stream.get_mut().write_all(&echo.concat()));
    [all.into_bytes(), body].concat()
}

fn smtp(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let (mut all, mut letter) = (Vec::new(), false);
    drop(stream.get_mut().write_all(b"220 sink\r\n"));
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return all;
        }
        all.extend(line.as_bytes());
        let answer = match line.trim_end() {
            "." => {
                letter = false;
                "250 kept\r\n"
            }
            _ if letter => continue,
            "DATA" => {
                letter = true;
                "354 go\r\n"
            }
            "QUIT" => {
                drop(stream.get_mut().write_all(b"221 bye\r\n"));
                return all;
            }
            _ => "250 ok\r\n",
        };
        drop(stream.get_mut().write_all(answer.as_bytes()));
    }
}

/// A letter as people read it: its parts may be quoted or in base64.
fn read_letter(letter: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(letter).replace("=\r\n", "");
    let packed: String = text
        .lines()
        .filter(|line| !line.contains([' ', ':']))
        .collect();
    let plain = STANDARD
        .decode(packed.trim_end_matches('.'))
        .unwrap_or_default();
    [text.into_bytes(), plain].concat()
}

/// The detector finds what is there, or all that follows would prove nothing.
fn the_search_finds(home: &Home, shapes: &Shapes) {
    let folder = tempfile::tempdir_in(home.path()).unwrap();
    for (at, (_, shape)) in shapes.iter().enumerate() {
        let text = [b"some words, then ", &shape[..], b", and more"].concat();
        fs::write(folder.path().join(format!("plain-{at}")), &text).unwrap();
        let packed = zstd::encode_all(&text[..], 3).unwrap();
        let packed = [&[0; 100], &packed[..], &[1; 100]].concat();
        fs::write(folder.path().join(format!("packed-{at}")), packed).unwrap();
    }
    let mut all = (Vec::new(), 0);
    search(folder.path(), shapes, &mut all);
    assert_eq!(
        (all.0.len(), all.1),
        (shapes.len() * 2, shapes.len() * 2),
        "{all:?}"
    );
}

fn prepare(home: &Home, hook: u16, mail: u16) {
    home.settings(&format!(
        "[limits]\nnetwork = \"none\"\n[notify]\nallow = ['127.0.0.1']\n[mail]\nhost = '127.0.0.1'\nport = {mail}\ntls = 'none'\nfrom = 'Runbay <runbay@example.org>'\n"
    ));
    home.task("opens", SCRIPT);
    let manifest = "secrets = [{ name = 'TOKEN', env = 'TOKEN' }]";
    home.task_file("opens", "task.toml", manifest);
    let value = home.write("value", CANARY).display().to_string();
    let set = [
        "secret", "set", "TOKEN", "--grant", "opens", "--file", &value,
    ];
    home.runbay(&set).exits(0);
    fs::remove_file(&value).unwrap();
    let url = format!("http://127.0.0.1:{hook}/in");
    home.runbay(&["hook", "add", "ops", "--to", &url]).exits(0);
    let people = [
        "hook",
        "add",
        "people",
        "--kind",
        "email",
        "--to",
        "ann@example.org",
    ];
    home.runbay(&people).exits(0);
}

/// What the engine tells of a run that goes on.
fn the_engine_tells_nothing(home: &Home, run: &Run, (since, shapes): (i64, &Shapes)) {
    let container = home.attempt(run).unwrap().container_id.unwrap();
    let image = run.image.clone().unwrap();
    let now = chrono::Utc::now().timestamp();
    for path in [
        format!("/containers/{container}/json"),
        format!("/containers/{container}/top?ps_args=-eo%20pid,args"),
        format!("/images/{image}/json"),
        format!("/images/{image}/history"),
        format!("/events?since={since}&until={now}"),
    ] {
        let (status, body) = home.docker("GET", &path);
        assert_eq!(status, 200, "{path}: {body}");
        assert_eq!(found(body.as_bytes(), shapes), [""; 0], "{path}: {body}");
    }
    let woken = home.docker("POST", &format!("/containers/{container}/kill?signal=USR1"));
    assert_eq!(woken.0, 204, "{woken:?}");
}

/// What the service answers once all is told.
fn the_service_tells_nothing(served: &Served, run: &Run, shapes: &Shapes) {
    let log = || {
        let path = "/api/v1/hooks/ops/deliveries";
        served.ask("GET", path, None).json(200)
    };
    let tried = || log()["items"][0]["tries"] != json!(0);
    eventually("the try is noted", tried);
    let delivery = log()["items"][0]["id"].as_str().unwrap().to_owned();
    let delivery = format!("/api/v1/hooks/ops/deliveries/{delivery}");
    for path in [
        &format!("/api/v1/runs/{}", run.id),
        &format!("/api/v1/runs/{}/log", run.id),
        &delivery,
        "/api/v1/hooks/people/deliveries",
        "/api/v1/report",
        "/api/v1/audit",
        "/api/v1/settings",
        "/api/v1/secrets",
    ] {
        let answer = served.ask("GET", path, None);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let held = found(answer.body.as_bytes(), shapes);
        assert_eq!(held, [""; 0], "{path}: {answer:?}");
    }
    let tries = served.ask("GET", &delivery, None).body;
    assert!(
        tries.contains("not taken: ***"),
        "it was said back: {tries}"
    );
}

/// Backups: by hand, and as the service makes one each night. Where the first is.
fn back_up(home: &Home) -> String {
    let file = home.path().join("all.backup").display().to_string();
    home.runbay(&["backup", &file, "--logs"]).exits(0);
    let flags = Overrides {
        home: Some(home.path().to_owned()),
        ..Overrides::default()
    };
    home.wait(async {
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        let made = backup::make(&app).await.unwrap();
        assert!(made.file.unwrap().starts_with(home.data()));
    });
    file
}

#[test]
fn a_secret_is_nowhere_after_all_that_can_keep_it() {
    home(|home| {
        let shapes = shapes();
        the_search_finds(home, &shapes);
        let ((hook, told), (mail, letters)) = (listens(http), listens(smtp));
        prepare(home, hook, mail);
        let served = Served::start(home);
        let since = chrono::Utc::now().timestamp() - 1;
        let run = served.launch("opens");
        home.until_printed("opens", "ready");
        let going = until(home, &run, |run| run.state == RunState::Running);
        the_engine_tells_nothing(home, &going, (since, &shapes));
        let run = until(home, &run, |run| run.state == RunState::Finished);
        assert_eq!(run.outcome, Some(Outcome::Failed), "{run:?}");
        eventually("a hook is told", || !told.lock().unwrap().is_empty());
        eventually("a letter comes", || !letters.lock().unwrap().is_empty());
        the_service_tells_nothing(&served, &run, &shapes);
        let said = served.stop().to_string();
        assert_eq!(found(said.as_bytes(), &shapes), [""; 0], "{said}");
        let file = back_up(home);

        let told = told.lock().unwrap().clone();
        let letter = read_letter(&letters.lock().unwrap());
        assert!(memmem::find(&told, run.id.to_string().as_bytes()).is_some());
        assert!(
            memmem::find(&letter, b"raw ***").is_some(),
            "its last lines"
        );
        for (what, bytes) in [("hook", &told), ("letter", &letter)] {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(found(bytes, &shapes), [""; 0], "{what}: {text}");
        }
        let mut all = (Vec::new(), 0);
        search(home.path(), &shapes, &mut all);
        assert_eq!(all.0, [""; 0]);
        assert!(all.1 > 10, "all of a home was looked at: {}", all.1);
        // It was written, masked: in the log, which is also in the backup.
        let log = fs::read_to_string(home.data().join(format!("logs/{}-1.log", run.id)));
        assert!(log.unwrap_or_default().contains("raw ***"));
        let backup = zstd::decode_all(fs::File::open(&file).unwrap()).unwrap();
        assert!(memmem::find(&backup, b"raw ***").is_some());
    });
}
