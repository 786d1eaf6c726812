//! Hooks against real receivers on loopback, with a clock of our own.

use super::*;
use crate::config::{Config, Overrides};
use crate::domain::ids::{RunId, TaskName};
use crate::domain::limits::Limits;
use crate::domain::measure::Measurements;
use crate::domain::retry::Overlap;
use crate::domain::run::{Ended, Outcome, Run};
use crate::domain::secret::Secret;
use crate::store::Rules;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

mod receivers;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// HMAC-SHA256 by its definition (RFC 2104), so that no code of the signer takes
/// part in the verdict.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(at, k)| *at ^= k);
        block
    };
    let inner = Sha256::digest([&pad(0x36), text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

/// A verifier as the specification tells receivers to write one.
fn verified(secret: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let head = |name: &str| headers[name].to_str().unwrap();
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let signed = format!("{}.{}.", head("webhook-id"), head("webhook-timestamp"));
    let expected = STANDARD.encode(hmac(&key, &[signed.as_bytes(), body].concat()));
    head("webhook-signature")
        .split(' ')
        .any(|given| given == format!("v1,{expected}"))
}

#[test]
fn the_verifier_knows_the_published_vector() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        (
            "webhook-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    assert!(verified(KEY, &headers, br#"{"test": 2432232314}"#));
    assert!(!verified(KEY, &headers, br#"{"test": 2432232315}"#));
}

/// What came in.
#[derive(Debug, Clone)]
struct Heard {
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn id(&self) -> String {
        self.headers["webhook-id"].to_str().unwrap().to_owned()
    }
}

type Says = Arc<dyn Fn(&Heard) -> Response + Send + Sync>;

/// A header of an answer that never comes.
const HANGS: &str = "x-hangs";

/// Somebody who listens at a port of this machine.
#[derive(Clone)]
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    says: Arc<Mutex<Says>>,
}

impl Receiver {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ok: Says = Arc::new(|_| StatusCode::OK.into_response());
        let receiver = Self {
            url: format!("http://{}/in", listener.local_addr().unwrap()),
            heard: Arc::default(),
            says: Arc::new(Mutex::new(ok)),
        };
        let kept = receiver.clone();
        let take = async move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let heard = Heard {
                uri,
                headers,
                body: body.to_vec(),
            };
            let says = kept.says.lock().unwrap().clone();
            let response = says(&heard);
            kept.heard.lock().unwrap().push(heard);
            if response.headers().contains_key(HANGS) {
                return std::future::pending().await;
            }
            response
        };
        let router = axum::Router::new().fallback(take);
        tokio::spawn(async { axum::serve(listener, router).await });
        receiver
    }

    fn says(&self, says: impl Fn(&Heard) -> Response + Send + Sync + 'static) {
        *self.says.lock().unwrap() = Arc::new(says);
    }

    fn answers(&self, status: u16) {
        self.says(move |_| StatusCode::from_u16(status).unwrap().into_response());
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

struct World {
    _home: TempDir,
    app: App,
    hearing: Hearing,
    now: DateTime<Utc>,
}

fn world_with(settings: &str) -> World {
    let home = tempfile::tempdir().unwrap();
    for task in ["one", "two"] {
        let folder = home.path().join("tasks").join(task);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("main.py"), "").unwrap();
    }
    std::fs::write(home.path().join("tasks/two/task.toml"), "tags = ['night']").unwrap();
    std::fs::write(home.path().join("runbay.toml"), settings).unwrap();
    let flags = Overrides {
        home: Some(home.path().to_owned()),
        ..Overrides::default()
    };
    World {
        app: App::open(Config::load(&flags).unwrap()).unwrap(),
        _home: home,
        hearing: Hearing::default(),
        now: Utc::now(),
    }
}

fn world() -> World {
    world_with(
        "[notify]\nallow = ['127.0.0.0/8']\n[server]\nexternal_url = 'https://runbay.example'",
    )
}

impl World {
    async fn hook(&self, name: &str, spec: HookSpec) {
        put(&self.app, &Actor::local(), &name.parse().unwrap(), spec)
            .await
            .unwrap();
    }

    async fn at(&self, name: &str) -> Hook {
        show(&self.app, &name.parse().unwrap()).await.unwrap()
    }

    async fn secret(&self, name: &str, value: &str) {
        let set = (&name.parse().unwrap(), Secret::new(value.to_owned()));
        secrets::set(&self.app, &Actor::local(), set, &[])
            .await
            .unwrap();
    }

    /// A run of a task that ends so.
    async fn ends(&self, task: &str, outcome: Outcome, reason: &str) -> RunId {
        let task: TaskName = task.parse().unwrap();
        let run = Run::new(task, BTreeMap::new(), Limits::default(), Utc::now());
        let rules = Rules {
            claim: false,
            overlap: Overlap::Allow,
            key: None,
            queue_limit: u32::MAX,
            task_limit: u32::MAX,
            slot: None,
            given: Vec::new(),
            payload: None,
        };
        self.app.store.admit(&run, &rules).await.unwrap();
        let ended = Ended {
            exit_code: (outcome == Outcome::Failed).then_some(3),
            ..Ended::because(outcome, reason)
        };
        let measured = Measurements::default();
        let store = &self.app.store;
        assert!(
            store
                .finish(run.id, &ended, &measured, &[], Utc::now())
                .await
                .unwrap()
        );
        run.id
    }

    async fn listen(&mut self) {
        while listen_once(&self.app, &mut self.hearing).await.unwrap() {}
    }

    /// Sends whatever is due at the present of this world.
    async fn send(&mut self) {
        self.now = self.now.max(Utc::now());
        while send_due(&self.app, self.now).await.unwrap() {}
    }

    async fn later(&mut self, by: TimeDelta) {
        self.now = self.now.max(Utc::now()) + by;
        while send_due(&self.app, self.now).await.unwrap() {}
    }

    async fn log(&self, name: &str) -> Vec<Delivery> {
        let query = DeliveriesQuery {
            limit: Limit(500),
            ..DeliveriesQuery::default()
        };
        deliveries(&self.app, &name.parse().unwrap(), query)
            .await
            .unwrap()
            .items
    }
}

fn to(receiver: &Receiver) -> HookSpec {
    HookSpec {
        url: Some(receiver.url.clone()),
        ..HookSpec::new(HookKind::Standard)
    }
}

#[tokio::test]
async fn a_failure_and_its_recovery_are_told_signed_and_once() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    world.secret("SIGNING", KEY).await;
    let spec = HookSpec {
        secret: Some("SIGNING".parse().unwrap()),
        ..to(&receiver)
    };
    world
        .ends("one", Outcome::Failed, "before there was a hook")
        .await;
    world.hook("ops", spec).await;
    let run = world.ends("one", Outcome::Failed, "exit code 3").await;
    for outcome in [
        Outcome::Failed,
        Outcome::Cancelled,
        Outcome::Succeeded,
        Outcome::Succeeded,
    ] {
        world.ends("one", outcome, "").await;
    }
    world.listen().await;
    world.listen().await;
    world.send().await;
    world.send().await;
    let heard = receiver.heard();
    let types: Vec<String> = heard.iter().map(|h| h.json()["type"].to_string()).collect();
    assert_eq!(types, [r#""run.failed""#, r#""run.recovered""#]);
    assert!(
        heard
            .iter()
            .all(|heard| verified(KEY, &heard.headers, &heard.body))
    );
    let data = &heard[0].json()["data"];
    assert_eq!(data["run"], json!(run));
    assert_eq!(data["exit_code"], 3);
    assert_eq!(data["url"], format!("https://runbay.example/runs/{run}"));
    assert_eq!(heard[1].json()["data"]["failures"], 2);
    let log = world.log("ops").await;
    assert_eq!(log.len(), 2);
    assert!(
        log.iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered)
    );
}

#[tokio::test]
async fn no_secret_leaves_by_a_hook() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    let canary = "c4nary-of-a-hook-7f3a";
    world.secret("TOKEN", canary).await;
    world.hook("ops", to(&receiver)).await;
    world
        .ends("one", Outcome::Failed, &format!("said \"{canary}\""))
        .await;
    world.listen().await;
    world.send().await;
    let heard = receiver.heard();
    assert_eq!(heard[0].json()["data"]["reason"], "said \"***\"");
    let told = serde_json::to_string(&world.log("ops").await).unwrap();
    assert!(!told.contains(canary), "{told}");
}

#[tokio::test]
async fn filters_hold_and_secrets_in_use_stay() {
    let (mut world, receiver) = (world(), Receiver::new().await);
    world.secret("URL", &receiver.url).await;
    let spec = HookSpec {
        url: None,
        url_secret: Some("URL".parse().unwrap()),
        tags: ["night".to_owned()].into(),
        events: [HookEvent::RunFinished, HookEvent::DiskLow].into(),
        outcomes: vec![Outcome::TimedOut],
        ..to(&receiver)
    };
    world.hook("night", spec).await;
    world.ends("one", Outcome::TimedOut, "").await;
    world.ends("two", Outcome::Succeeded, "").await;
    world.ends("two", Outcome::TimedOut, "").await;
    world
        .app
        .store
        .tell("system.disk_low", json!({ "reason": "full" }))
        .await
        .unwrap();
    world.listen().await;
    world.send().await;
    let heard = receiver.heard();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].json()["data"]["task"], "two");
    let shown = world.at("night").await;
    assert!(!serde_json::to_string(&shown).unwrap().contains("127.0.0.1"));
    let name = "URL".parse().unwrap();
    let used = secrets::show(&world.app, &name).await.unwrap();
    assert_eq!(used.hooks, ["night".parse().unwrap()]);
    let kept = secrets::remove(&world.app, &Actor::local(), &name)
        .await
        .unwrap_err();
    assert!(kept.to_string().contains("the hook night uses"), "{kept}");
}

#[tokio::test]
async fn what_is_not_public_must_be_listed() {
    let (world, receiver) = (world_with(""), Receiver::new().await);
    let refused = async |spec: HookSpec| {
        let name = "ops".parse().unwrap();
        put(&world.app, &Actor::local(), &name, spec)
            .await
            .unwrap_err()
            .to_string()
    };
    let told = refused(to(&receiver)).await;
    assert!(told.contains("notify.allow"), "{told}");
    let mut spec = to(&receiver);
    spec.url = Some("https://169.254.169.254/latest/meta-data".into());
    assert!(
        refused(spec.clone())
            .await
            .contains("not of the public network")
    );
    // A name that leads inside is found out when it is sent to.
    spec.url = Some("https://localhost/".into());
    world.hook("ops", spec).await;
    let tried = test(&world.app, &Actor::local(), &"ops".parse().unwrap())
        .await
        .unwrap();
    assert!(tried.problem.unwrap().contains("not of the public network"));
    // So is an address that only a secret holds.
    world.secret("URL", &receiver.url).await;
    let spec = HookSpec {
        url: None,
        url_secret: Some("URL".parse().unwrap()),
        ..to(&receiver)
    };
    world.hook("hidden", spec).await;
    let tried = test(&world.app, &Actor::local(), &"hidden".parse().unwrap())
        .await
        .unwrap();
    assert!(!tried.taken && !tried.problem.unwrap().contains("127.0.0.1"));
    assert!(receiver.heard().is_empty());
}
