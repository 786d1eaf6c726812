//! Who is let in, through everything that stands before a handler.

mod doors;
mod people;
mod roles;
mod sessions;

use crate::world::{Answer, World};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use runbay::config::Server;
use runbay::domain::access::{Principal, Role, Scope};
use runbay::domain::audit::Actor;
use runbay::domain::secret::Secret;
use runbay::http::{Site, State, protect, router, with_layers};
use runbay::service::access::{Access, Client, Clock, TOKEN_DAYS, TokenOrder, UserOrder};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

const PASSWORD: &str = "four horses eat batteries";
const OTHER: &str = "seven goats read the newspaper";
/// What makes a page one of ours.
const OURS: (&str, &str) = ("origin", "http://127.0.0.1:7000");

/// A service behind its guards, with a clock of the test's.
struct Desk {
    world: World,
    access: Access,
    router: Router,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Server)) -> Self {
        let world = World::new();
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let now = Arc::new(Mutex::new(start));
        let told = now.clone();
        let clock = Clock::of(move || *told.lock().unwrap());
        let mut app = world.app.clone();
        app.access = Access::new(app.store.clone(), clock).unwrap();
        let mut server = Server::default();
        set(&mut server);
        let site = Site::new(&server, "127.0.0.1:7000".parse().unwrap());
        let access = app.access.clone();
        let inner = router(State { app });
        let guarded = protect(inner, access.clone(), site, Some("the-owner"));
        Self {
            world,
            access,
            router: with_layers(guarded),
            now,
        }
    }

    async fn user(&self, name: &str, role: Role) {
        let order = UserOrder {
            name: name.parse().unwrap(),
            role,
            reads_logs: false,
            password: Secret::new(PASSWORD.into()),
        };
        self.access.add_user(Actor::local(), order).await.unwrap();
    }

    async fn token(&self, scopes: &[Scope], tasks: &[&str]) -> String {
        let tasks: std::collections::BTreeSet<_> =
            tasks.iter().map(|task| task.parse().unwrap()).collect();
        let order = TokenOrder {
            name: "test".into(),
            scopes: scopes.iter().copied().collect(),
            tasks: (!tasks.is_empty()).then_some(tasks),
            days: Some(TOKEN_DAYS),
        };
        let client = Client::default();
        let minted = self.access.mint(&Principal::local(), order, &client).await;
        minted.unwrap().text.reveal().to_owned()
    }

    /// A request to `127.0.0.1:7000`, unless the headers say where.
    async fn ask(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "127.0.0.1:7000");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let peer: SocketAddr = "192.168.1.7:40000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        Answer::of(&self.router, request).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(("GET", path), headers, "").await
    }

    /// A JSON request of a page of ours.
    async fn send(&self, to: (&str, &str), cookie: &str, body: Value) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            OURS,
            ("cookie", cookie),
        ];
        self.ask(to, &headers, &body.to_string()).await
    }

    /// Signs in; returns the cookie to send.
    async fn sign_in(&self, name: &str) -> String {
        let body = json!({ "name": name, "password": PASSWORD });
        let answer = self.send(("POST", "/api/v1/session"), "", body).await;
        answer.ok(200);
        cookie(&answer)
    }
}

/// The cookie that an answer sets, as it is sent back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

const OWNER: (&str, &str) = ("authorization", "Bearer the-owner");
