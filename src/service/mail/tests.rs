//! Mail to a real server on loopback: one that takes it, and some that do not.

use crate::config::{Config, Overrides};
use crate::domain::audit::Actor;
use crate::domain::hook::{Daily, DeliveryState, HookKind, HookSpec, time_of_day};
use crate::domain::secret::Secret;
use crate::service::hooks::{self, DeliveriesQuery, Hearing, Trial};
use crate::service::{App, report, secrets};
use chrono::{TimeDelta, Utc};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As it should be.
    Kind,
    /// Takes nobody's mail.
    Rejects,
    /// Has no time now.
    Busy,
    /// Closes where the mail should end.
    Drops,
    /// Says something else than SMTP.
    Lies,
    /// Refuses the password.
    Suspicious,
}

/// What a server was told.
#[derive(Debug, Clone, Default)]
struct Sink {
    port: u16,
    letters: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<String>>>,
}

/// An authority of this process alone, and a server that it vouches for: no key of
/// anybody lies in a file.
struct Authority {
    ca: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    fn get() -> &'static Self {
        static MADE: OnceLock<Authority> = OnceLock::new();
        MADE.get_or_init(|| {
            let mut ca = CertificateParams::default();
            ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
            let key = KeyPair::generate().unwrap();
            let server = CertificateParams::new(["localhost".to_owned()]).unwrap();
            let server = server.signed_by(&key, &ca).unwrap();
            drop(rustls::crypto::ring::default_provider().install_default());
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            let config = ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(vec![server.der().clone()], key);
            Self {
                ca: ca.pem(),
                server: Arc::new(config.unwrap()),
            }
        })
    }
}

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::from(Authority::get().server.clone())
}

impl Sink {
    async fn new(manner: Manner, tls: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            ..Self::default()
        };
        let kept = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move { kept.serve(stream, manner, tls).await });
            }
        });
        sink
    }

    async fn serve(&self, stream: TcpStream, manner: Manner, tls: &str) {
        match tls {
            "implicit" => {
                if let Ok(stream) = acceptor().accept(stream).await {
                    self.talk(stream, manner, (true, true)).await;
                }
            }
            _ => {
                let again = self.talk(stream, manner, (tls == "none", true)).await;
                let Some(stream) = again else { return };
                if let Ok(stream) = acceptor().accept(stream).await {
                    self.talk(stream, manner, (true, false)).await;
                }
            }
        }
    }

    /// One conversation; gives the stream back where TLS should begin.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        manner: Manner,
        (secure, greets): (bool, bool),
    ) -> Option<S> {
        let mut stream = BufReader::new(stream);
        if manner == Manner::Lies {
            let lie = b"HTTP/1.1 200 OK\r\n250 \xff\xfe ok\r\n";
            drop(stream.write_all(lie).await);
            return None;
        }
        // After STARTTLS nobody greets again.
        if greets && stream.write_all(b"220 sink ESMTP\r\n").await.is_err() {
            return None;
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            self.said.lock().unwrap().push(line.clone());
            let word = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            let answer = match (word.as_str(), manner) {
                ("EHLO", _) if secure => "250-sink\r\n250 AUTH PLAIN\r\n",
                ("EHLO", _) => "250-sink\r\n250 STARTTLS\r\n",
                ("STARTTLS", _) => {
                    stream.write_all(b"220 go\r\n").await.ok()?;
                    return Some(stream.into_inner());
                }
                ("AUTH", Manner::Suspicious) => "535 5.7.8 no\r\n",
                ("AUTH", _) => "235 2.7.0 yes\r\n",
                ("RCPT", Manner::Rejects) => "550 5.1.1 no such user\r\n",
                ("MAIL", Manner::Busy) => "451 4.3.0 later\r\n",
                ("DATA", _) => {
                    stream.write_all(b"354 go\r\n").await.ok()?;
                    let letter = letter(&mut stream).await?;
                    if manner == Manner::Drops {
                        return None;
                    }
                    self.letters.lock().unwrap().push(letter);
                    "250 2.0.0 kept\r\n"
                }
                ("QUIT", _) => "221 bye\r\n",
                _ => "250 ok\r\n",
            };
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

async fn letter<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(&line);
    }
}

struct World {
    home: TempDir,
    app: App,
}

async fn world(sink: &Sink, tls: &str) -> World {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("tasks/nightly")).unwrap();
    std::fs::write(home.path().join("tasks/nightly/main.py"), "").unwrap();
    let ca = home.path().join("ca.pem");
    std::fs::write(&ca, &Authority::get().ca).unwrap();
    let account = match tls {
        "none" => "",
        _ => "username = 'ann'\npassword = 'SMTP_PASSWORD'",
    };
    let settings = format!(
        "extra_ca = '{}'\n[mail]\nhost = 'localhost'\nport = {}\ntls = '{tls}'\nfrom = 'Runbay <runbay@example.org>'\n{account}",
        ca.display(),
        sink.port,
    );
    std::fs::write(home.path().join("runbay.toml"), settings).unwrap();
    let flags = Overrides {
        home: Some(home.path().to_owned()),
        ..Overrides::default()
    };
    let app = App::open(Config::load(&flags).unwrap()).unwrap();
    let password = Secret::new("a-password-of-mail".to_owned());
    let set = (&"SMTP_PASSWORD".parse().unwrap(), password);
    secrets::set(&app, &Actor::local(), set, &[]).await.unwrap();
    World { home, app }
}

impl World {
    async fn hook(&self, spec: HookSpec) {
        let name = "people".parse().unwrap();
        hooks::put(&self.app, &Actor::local(), &name, spec)
            .await
            .unwrap();
    }

    async fn test(&self) -> Trial {
        let name = "people".parse().unwrap();
        Box::pin(hooks::test(&self.app, &Actor::local(), &name))
            .await
            .unwrap()
    }
}

fn people() -> HookSpec {
    HookSpec {
        to: vec!["ann@example.org".into(), "bob@example.org".into()],
        ..HookSpec::new(HookKind::Email)
    }
}

#[tokio::test]
async fn mail_goes_by_each_way_of_encryption() {
    for tls in ["implicit", "starttls", "none"] {
        let sink = Sink::new(Manner::Kind, tls).await;
        let world = world(&sink, tls).await;
        world.hook(people()).await;
        let tried = world.test().await;
        assert!(tried.taken, "{tls}: {tried:?}");
        let [letter] = &sink.letters()[..] else {
            panic!("{tls}")
        };
        assert!(letter.contains("Subject: a test of Runbay\r\n"), "{letter}");
        assert!(letter.contains("multipart/alternative"), "{letter}");
        let said = sink.said.lock().unwrap().join("\n");
        for to in ["ann", "bob"] {
            assert!(
                said.contains(&format!("RCPT TO:<{to}@example.org>")),
                "{said}"
            );
        }
        // The password is said only where nobody listens.
        let before = said.split("STARTTLS").next().unwrap();
        assert_eq!(before.contains("AUTH"), tls == "implicit", "{said}");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let sink = Sink::new(Manner::Kind, "implicit").await;
    let world = world(&sink, "implicit").await;
    world.hook(people()).await;
    let path = world.home.path().join("runbay.toml");
    let settings = std::fs::read_to_string(&path).unwrap();
    let without: Vec<&str> = settings
        .lines()
        .filter(|line| !line.starts_with("extra_ca"))
        .collect();
    std::fs::write(&path, without.join("\n")).unwrap();
    let flags = Overrides {
        home: Some(world.home.path().to_owned()),
        ..Overrides::default()
    };
    let app = App::open(Config::load(&flags).unwrap()).unwrap();
    let name = "people".parse().unwrap();
    let tried = Box::pin(hooks::test(&app, &Actor::local(), &name))
        .await
        .unwrap();
    assert!(!tried.taken && sink.letters().is_empty(), "{tried:?}");
}

#[tokio::test]
async fn servers_that_reject_drop_or_lie_are_told_of() {
    for (manner, words, status) in [
        (Manner::Rejects, "no such user", Some(550)),
        (Manner::Busy, "later", Some(451)),
        (Manner::Suspicious, "5.7.8", Some(535)),
        (Manner::Drops, "does not take it", None),
        (Manner::Lies, "does not take it", None),
    ] {
        let sink = Sink::new(manner, "implicit").await;
        let world = world(&sink, "implicit").await;
        world.hook(people()).await;
        let tried = world.test().await;
        let problem = tried.problem.unwrap_or_default();
        assert!(problem.contains(words), "{manner:?}: {problem}");
        assert_eq!(tried.status, status, "{manner:?}");
        assert!(!problem.contains("a-password-of-mail"), "{problem}");
        assert!(sink.letters().is_empty());
    }
}

#[tokio::test]
async fn a_report_is_announced_once_and_mailed() {
    let sink = Sink::new(Manner::Kind, "none").await;
    let world = world(&sink, "none").await;
    let at = time_of_day("07:00").unwrap();
    let timezone = Some("Europe/Berlin".to_owned());
    let spec = HookSpec {
        events: Default::default(),
        daily: Some(Daily { at, timezone }),
        ..people()
    };
    world.hook(spec).await;
    // Nothing is due that was due before there was a hook.
    report::announce(&world.app, Utc::now()).await.unwrap();
    let mut now = Utc::now();
    let mut hearing = Hearing::default();
    while sink.letters().len() < 2 && now < Utc::now() + TimeDelta::days(4) {
        now += TimeDelta::hours(1);
        for _ in 0..2 {
            report::announce(&world.app, now).await.unwrap();
        }
        hooks::listen_once(&world.app, &mut hearing).await.unwrap();
        while hooks::send_due(&world.app, now).await.unwrap() {}
    }
    let name = "people".parse().unwrap();
    let log = hooks::deliveries(&world.app, &name, DeliveriesQuery::default())
        .await
        .unwrap();
    assert_eq!(log.items.len(), 2, "one a day");
    assert!(
        log.items
            .iter()
            .all(|one| one.state == DeliveryState::Delivered)
    );
    assert_eq!(log.items[0].at - log.items[1].at, TimeDelta::days(1));
    let letter = sink.letters().remove(0);
    assert!(letter.contains("Subject: Runbay: nothing ran"), "{letter}");
}

#[tokio::test]
async fn addresses_and_zones_are_checked_where_they_are_named() {
    let sink = Sink::default();
    let world = world(&sink, "none").await;
    let mut spec = people();
    spec.to
        .push("eve@example.org\r\nBcc: all@example.org".into());
    spec.daily = Some(Daily {
        at: time_of_day("07:00").unwrap(),
        timezone: Some("Europe/Berlinn".into()),
    });
    let name = "people".parse().unwrap();
    let wrong = hooks::put(&world.app, &Actor::local(), &name, spec)
        .await
        .unwrap_err();
    let fields: Vec<String> = wrong
        .fields()
        .into_iter()
        .map(|field| field.pointer)
        .collect();
    assert_eq!(fields, ["/to/2", "/daily/timezone"]);
}
