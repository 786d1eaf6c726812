//! Who is let in, through everything that stands before a handler.

use crate::world::{Answer, World};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt as _;
use runbay::config::Server;
use runbay::domain::access::{Credential, Permission, Principal, Role, Scope, Who};
use runbay::domain::audit::Actor;
use runbay::domain::ids::UserId;
use runbay::domain::secret::Secret;
use runbay::http::{Site, State, protect, router, routes, with_layers};
use runbay::service::access::{
    Access, AuditFilter, Client, Clock, TOKEN_DAYS, TokenOrder, UserOrder,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;

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
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
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

#[tokio::test]
async fn requests_for_other_hosts_get_nothing() {
    let desk = Desk::new();
    for host in [
        "evil.example",
        "evil.example:7000",
        "127.0.0.1",
        "127.0.0.1:9999",
        "localhost.evil.example:7000",
        "127.0.0.1:7000@evil.example",
        "",
    ] {
        for path in [
            "/api/v1/me",
            "/api/v1/session",
            "/nothing",
            "/hooks/x",
            "/livez",
        ] {
            for upgrade in ["", "websocket"] {
                let headers = [("host", host), OWNER, ("upgrade", upgrade)];
                let answer = desk.get(path, &headers).await;
                assert_eq!(answer.status, 421, "{host} {path}");
                assert!(answer.body.is_empty());
            }
        }
    }
    let twice = [("host", "127.0.0.1:7000"), ("host", "evil.example"), OWNER];
    assert_eq!(desk.get("/api/v1/me", &twice).await.status, 421);
    let other = desk.get("http://evil.example/api/v1/me", &[OWNER]).await;
    assert_eq!(other.status, 421);
    for host in ["127.0.0.1:7000", "LOCALHOST:7000", "[::1]:7000"] {
        desk.get("/api/v1/me", &[("host", host), OWNER])
            .await
            .ok(200);
    }
}

#[tokio::test]
async fn names_that_are_set_are_known_with_and_without_the_usual_port() {
    let desk = Desk::with(|server| {
        server.external_url = Some("https://runbay.example.org".parse().unwrap());
        server.allowed_hosts = vec!["other.example".to_owned().try_into().unwrap()];
    });
    for (host, status) in [
        ("runbay.example.org", 200),
        ("runbay.example.org:443", 200),
        ("runbay.example.org:80", 421),
        ("other.example", 200),
        ("other.example:7000", 200),
        ("127.0.0.1:7000", 200),
        ("example.org", 421),
    ] {
        let answer = desk.get("/api/v1/me", &[("host", host), OWNER]).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let desk = Desk::new();
    let to = ("POST", "/api/v1/session");
    let body = json!({ "name": "ada", "password": "x" }).to_string();
    let ours = "http://127.0.0.1:7000";
    for (site, origin, status) in [
        // Refused before the password is looked at, and whatever it is.
        ("cross-site", "http://evil.example", 403),
        ("same-site", "http://127.0.0.1:9999", 403),
        ("none", "", 403),
        ("", "http://evil.example", 403),
        ("", "http://127.0.0.1:9999", 403),
        ("", "https://127.0.0.1:7000", 403),
        ("", "null", 403),
        ("same-origin", "http://evil.example", 403),
        ("cross-site", ours, 403),
        ("same-origin", ours, 401),
        ("same-origin", "", 401),
        ("", ours, 401),
        ("", "http://localhost:7000", 401),
        ("", "", 401),
    ] {
        let headers = [
            ("content-type", "application/json"),
            ("sec-fetch-site", site),
            ("origin", origin),
        ];
        let answer = desk.ask(to, &headers, &body).await;
        assert_eq!(answer.status, status, "{site} {origin}");
        let channel = [
            ("upgrade", "websocket"),
            ("sec-fetch-site", site),
            ("origin", origin),
            OWNER,
        ];
        let answer = desk.get("/api/v1/me", &channel).await;
        assert_eq!(answer.status == 403, status == 403, "{site} {origin}");
    }
    // To look is harmless: the page that asks cannot read the answer.
    let headers = [("sec-fetch-site", "cross-site"), OWNER];
    let answer = desk.get("/api/v1/me", &headers).await;
    answer.ok(200);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let cookie = desk.sign_in("ada").await;
    let to = ("DELETE", "/api/v1/me/sessions");
    let alone = desk.ask(to, &[("cookie", &cookie)], "").await;
    assert_eq!(alone.status, 401);
    let channel = [("cookie", cookie.as_str()), ("upgrade", "websocket")];
    assert_eq!(desk.get("/api/v1/me", &channel).await.status, 401);
    desk.get("/api/v1/me", &[("cookie", &cookie)]).await.ok(200);
    desk.ask(to, &[("cookie", &cookie), OURS], "").await.ok(204);
}

#[tokio::test]
async fn bodies_that_forms_can_send_are_refused() {
    let desk = Desk::new();
    let body = r#"{"name":"ada","password":"x"}"#;
    for kind in [
        "text/plain",
        "text/plain;charset=utf-8",
        "Application/X-WWW-Form-Urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        for path in ["/api/v1/session", "/api/v1/users", "/api/tasks/1/schedule"] {
            let headers = [("content-type", kind), OURS];
            let answer = desk.ask(("POST", path), &headers, body).await;
            answer.problem(415);
        }
    }
    // `curl -u … -d '{…}'` at the routes people know: it calls its JSON a form.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let to = ("PUT", "/api/tasks/1/schedule");
    assert_eq!(desk.ask(to, &[form], body).await.status, 415);
    let browser = desk.ask(to, &[form, OWNER, OURS], body).await;
    assert_eq!(browser.status, 415);
    assert_ne!(desk.ask(to, &[form, OWNER], body).await.status, 415);
    let new = ("POST", "/api/v1/users");
    assert_eq!(desk.ask(new, &[form, OWNER], body).await.status, 415);
}

#[tokio::test]
async fn only_proxies_that_are_trusted_say_where_a_client_is() {
    let wrong = json!({ "name": "ada", "password": "x" }).to_string();
    let seen = async |desk: &Desk, forwarded: &[&str]| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(forwarded.iter().map(|said| ("x-forwarded-for", *said)));
        headers.push(("forwarded", "for=6.6.6.6"));
        headers.push(("x-real-ip", "6.6.6.6"));
        let answer = desk
            .ask(("POST", "/api/v1/session"), &headers, &wrong)
            .await;
        assert_eq!(answer.status, 401);
        let entries = desk.access.audit(&AuditFilter::default()).await.unwrap();
        entries[0].address.clone().unwrap()
    };
    let desk = Desk::new();
    assert_eq!(seen(&desk, &["6.6.6.6"]).await, "192.168.1.7");
    let desk = Desk::with(|server| {
        server.trusted_proxies = vec!["192.168.1.0/24".parse().unwrap()];
    });
    for (forwarded, client) in [
        (&["8.8.8.8"][..], "8.8.8.8"),
        (&["6.6.6.6, 8.8.8.8, 192.168.1.9"], "8.8.8.8"),
        (&["6.6.6.6", "8.8.8.8"], "8.8.8.8"),
        (&["6.6.6.6, what"], "192.168.1.7"),
        (&[], "192.168.1.7"),
        (&["::ffff:8.8.4.4"], "8.8.4.4"),
    ] {
        assert_eq!(seen(&desk, forwarded).await, client, "{forwarded:?}");
    }
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_harm() {
    let desk = Desk::new();
    // What is no part of the API is the page of the web interface, if that was
    // built; it holds nothing of anybody's.
    let page = ["no-store", "no-cache"];
    for (path, headers, kept) in [
        ("/api/v1/me", &[OWNER][..], &["no-store"][..]),
        ("/api/v1/me", &[], &["no-store"]),
        ("/nothing", &[], &page),
    ] {
        let answer = desk.get(path, headers).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("strict-transport-security"), "");
        assert!(kept.contains(&answer.header("cache-control")), "{path}");
    }
}

#[tokio::test]
async fn programs_come_with_tokens_or_passwords() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    let token = desk.token(&[Scope::RunsRead], &[]).await;
    let mut changed = token.clone();
    changed.pop();
    for (said, who) in [
        (format!("Bearer {token}"), "local"),
        (format!("bearer {token}"), "local"),
        (basic("ada", PASSWORD), "ada"),
        (basic("anything", &token), "local"),
        (basic("", &token), "local"),
        ("Bearer the-owner".into(), "local"),
    ] {
        let me = desk.get("/api/v1/me", &[("authorization", &said)]).await;
        assert_eq!(me.ok(200)["name"], who, "{said}");
    }
    for said in [
        "Bearer the-owne".to_owned(),
        format!("Bearer {changed}"),
        "Bearer".into(),
        "Basic".into(),
        "Basic !!!".into(),
        format!("Basic {}", STANDARD.encode("no colon")),
        basic("ada", OTHER),
        basic("bob", PASSWORD),
        basic("ada", &changed),
        "Digest username=ada".into(),
    ] {
        let answer = desk.get("/api/v1/me", &[("authorization", &said)]).await;
        answer.problem(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        // Also where nobody need be known: what is said must be true.
        let headers = [
            ("authorization", said.as_str()),
            ("content-type", "application/json"),
        ];
        let public = desk.ask(("POST", "/api/v1/session"), &headers, "{}").await;
        assert_eq!(public.status, 401, "{said}");
    }
    let twice = [OWNER, ("authorization", "Bearer x")];
    assert_eq!(desk.get("/api/v1/me", &twice).await.status, 401);
    for name in ["token", "access_token", "api_key", "authorization"] {
        let path = format!("/api/v1/me?{name}={token}");
        assert_eq!(desk.get(&path, &[]).await.status, 401);
    }
}

#[tokio::test]
async fn a_session_from_its_begin_to_its_end() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    let body = json!({ "name": "ada", "password": PASSWORD });
    let answer = desk.send(("POST", "/api/v1/session"), "", body).await;
    assert_eq!(answer.ok(200)["name"], "ada");
    let set = answer.header("set-cookie");
    assert!(set.starts_with("runbay-7000="), "{set}");
    for part in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/",
        "; Max-Age=604800",
    ] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"));
    let cookie = cookie(&answer);
    let me = desk.get("/api/v1/me", &[("cookie", &cookie)]).await.ok(200);
    assert_eq!(
        (&me["role"], &me["via"]),
        (&json!("operator"), &json!("session"))
    );
    let may: Vec<&str> = me["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_str().unwrap())
        .collect();
    assert!(may.contains(&"runs_trigger") && !may.contains(&"tasks_write"));
    let listed = desk
        .get("/api/v1/me/sessions", &[("cookie", &cookie)])
        .await
        .ok(200);
    assert_eq!(listed[0]["this"], true);
    // Two of one name: another page has put one of them there.
    let twice = format!("{cookie}; {cookie}");
    assert_eq!(
        desk.get("/api/v1/me", &[("cookie", &twice)]).await.status,
        401
    );
    let mixed = format!("a=b; {cookie}; c");
    desk.get("/api/v1/me", &[("cookie", &mixed)]).await.ok(200);

    let out = desk
        .send(("DELETE", "/api/v1/session"), &cookie, json!({}))
        .await;
    out.ok(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        desk.get("/api/v1/me", &[("cookie", &cookie)]).await.status,
        401
    );
    // A cookie that is good no longer keeps nobody from signing in.
    let body = json!({ "name": "ada", "password": PASSWORD });
    desk.send(("POST", "/api/v1/session"), &cookie, body)
        .await
        .ok(200);
}

#[tokio::test]
async fn behind_https_the_cookie_never_leaves_it() {
    let desk = Desk::with(|server| {
        server.external_url = Some("https://runbay.example.org".parse().unwrap());
    });
    desk.user("ada", Role::Operator).await;
    let headers = [
        ("host", "runbay.example.org"),
        ("origin", "https://runbay.example.org"),
        ("content-type", "application/json"),
    ];
    let body = json!({ "name": "ada", "password": PASSWORD }).to_string();
    let answer = desk.ask(("POST", "/api/v1/session"), &headers, &body).await;
    answer.ok(200);
    let set = answer.header("set-cookie");
    assert!(
        set.starts_with("__Host-runbay=") && set.contains("; Secure"),
        "{set}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
}

#[tokio::test]
async fn who_guesses_is_told_to_wait() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let guess = async |password: &str| {
        let body = json!({ "name": "ada", "password": password });
        desk.send(("POST", "/api/v1/session"), "", body).await
    };
    for _ in 0..5 {
        guess(OTHER).await.problem(401);
    }
    let answer = guess(PASSWORD).await;
    answer.problem(429);
    assert_eq!(answer.header("retry-after"), "1");
    *desk.now.lock().unwrap() += TimeDelta::seconds(1);
    guess(PASSWORD).await.ok(200);
}

#[tokio::test]
async fn what_is_dear_needs_the_password_again() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let cookie = desk.sign_in("ada").await;
    let add = async |name: &str| {
        let body = json!({ "name": name, "role": "viewer", "password": OTHER });
        desk.send(("POST", "/api/v1/users"), &cookie, body).await
    };
    let made = add("bob").await;
    assert_eq!(made.header("location"), "/api/v1/users/bob");
    made.ok(201);
    *desk.now.lock().unwrap() += TimeDelta::minutes(10);
    let refused = add("eve").await.problem(403);
    assert!(refused["type"].as_str().unwrap().ends_with("#step_up"));
    // To look is free.
    desk.get("/api/v1/users", &[("cookie", &cookie)])
        .await
        .ok(200);
    let step = async |password: &str| {
        let to = ("POST", "/api/v1/session/password");
        desk.send(to, &cookie, json!({ "password": password }))
            .await
    };
    step(OTHER).await.problem(401);
    step(PASSWORD).await.ok(204);
    add("eve").await.ok(201);
    let log = desk.access.audit(&AuditFilter::default()).await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "access.refused"));
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let desk = Desk::new();
    let key = desk.access.new_setup_key().await.unwrap();
    let set_up = async |key: &str, password: &str| {
        let body = json!({ "key": key, "name": "ada", "password": password });
        desk.send(("POST", "/api/v1/setup"), "", body).await
    };
    set_up("guess", PASSWORD).await.problem(401);
    assert_eq!(
        set_up(key.reveal(), "short").await.pointer(422),
        "/password"
    );
    let answer = set_up(key.reveal(), PASSWORD).await;
    assert_eq!(answer.ok(200)["role"], "admin");
    let cookie = cookie(&answer);
    desk.get("/api/v1/users", &[("cookie", &cookie)])
        .await
        .ok(200);
    set_up(key.reveal(), PASSWORD).await.problem(410);
}

#[tokio::test]
async fn a_link_opens_once() {
    let desk = Desk::new();
    let key = desk.access.new_link_key().await.unwrap();
    let open = async |key: &str| {
        let to = ("POST", "/api/v1/session/link");
        desk.send(to, "", json!({ "key": key })).await
    };
    open("guess").await.problem(401);
    let answer = open(key.reveal()).await;
    assert_eq!(answer.ok(200)["name"], "local");
    let cookie = cookie(&answer);
    let body = json!({ "name": "ada", "role": "admin", "password": PASSWORD });
    desk.send(("POST", "/api/v1/users"), &cookie, body)
        .await
        .ok(201);
    open(key.reveal()).await.problem(410);
}

#[tokio::test]
async fn users_over_the_api() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    desk.user("bob", Role::Viewer).await;
    let cookie = desk.sign_in("ada").await;
    let bobs = desk.sign_in("bob").await;
    let send = async |to, body| desk.send(to, &cookie, body).await;
    let patched = send(
        ("PATCH", "/api/v1/users/bob"),
        json!({ "role": "operator" }),
    )
    .await;
    assert_eq!(patched.ok(200)["role"], "operator");
    let wrong = send(("PATCH", "/api/v1/users/bob"), json!({ "rol": "admin" })).await;
    assert!(
        wrong.problem(422)["detail"]
            .as_str()
            .unwrap()
            .contains("`role`")
    );
    let wrong = send(
        ("PATCH", "/api/v1/users/bob"),
        json!({ "role": "operater" }),
    )
    .await;
    assert_eq!(wrong.pointer(422), "/role");
    send(("PATCH", "/api/v1/users/ada"), json!({ "role": "viewer" }))
        .await
        .problem(409);
    send(("PATCH", "/api/v1/users/nobody"), json!({}))
        .await
        .problem(404);
    send(("PATCH", "/api/v1/users/No%20Name"), json!({}))
        .await
        .problem(422);
    let again = json!({ "name": "bob", "role": "viewer", "password": OTHER });
    send(("POST", "/api/v1/users"), again).await.problem(409);
    let weak = json!({ "name": "eve", "role": "viewer", "password": "123456789012" });
    assert_eq!(
        send(("POST", "/api/v1/users"), weak).await.pointer(422),
        "/password"
    );
    send(
        ("PUT", "/api/v1/users/bob/password"),
        json!({ "password": OTHER }),
    )
    .await
    .ok(204);
    assert_eq!(
        desk.get("/api/v1/me", &[("cookie", &bobs)]).await.status,
        401
    );
    send(("DELETE", "/api/v1/users/bob"), json!({}))
        .await
        .ok(204);
}

#[tokio::test]
async fn tokens_over_the_api() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let cookie = desk.sign_in("ada").await;
    let send = async |to, body| desk.send(to, &cookie, body).await;
    let body = json!({ "name": "ci", "scopes": ["runs:read", "runs:trigger"] });
    let made = send(("POST", "/api/v1/tokens"), body).await.ok(201);
    let text = format!("Bearer {}", made["secret"].as_str().unwrap());
    assert!(made["expires_at"].is_string() && made["owner"] == "ada");
    let me = desk
        .get("/api/v1/me", &[("authorization", &text)])
        .await
        .ok(200);
    assert_eq!(me["scopes"], json!(["runs:read", "runs:trigger"]));
    for (bad, pointer) in [
        (json!({ "name": "ci", "scopes": [] }), "/scopes"),
        (json!({ "name": "", "scopes": ["admin"] }), "/name"),
        (
            json!({ "name": "ci", "scopes": ["admin"], "expires_in_days": 0 }),
            "/expires_in_days",
        ),
        (
            json!({ "name": "ci", "scopes": ["runs:reed"] }),
            "/scopes/0",
        ),
    ] {
        assert_eq!(
            send(("POST", "/api/v1/tokens"), bad).await.pointer(422),
            pointer
        );
    }
    let listed = desk.get("/api/v1/tokens", &[("cookie", &cookie)]).await;
    assert!(!String::from_utf8_lossy(&listed.body).contains("hash"));
    let path = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
    send(("DELETE", &path), json!({})).await.ok(204);
    send(("DELETE", &path), json!({})).await.problem(404);
    assert_eq!(
        desk.get("/api/v1/me", &[("authorization", &text)])
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_password_is_changed_over_the_api() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let cookie = desk.sign_in("ada").await;
    let send = async |to, body| desk.send(to, &cookie, body).await;
    let change = json!({ "present": PASSWORD, "new": OTHER });
    let changed = send(("PUT", "/api/v1/me/password"), change).await;
    changed.ok(200);
    assert_eq!(
        desk.get("/api/v1/me", &[("cookie", &cookie)]).await.status,
        401
    );
    let fresh = crate::access::cookie(&changed);
    desk.get("/api/v1/me", &[("cookie", &fresh)]).await.ok(200);
}

#[tokio::test]
async fn the_audit_log_is_listed_in_parts_and_read_whole() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    for n in 0..5 {
        desk.user(&format!("user{n}"), Role::Viewer).await;
    }
    let first = desk.get("/api/v1/audit?limit=4", &[OWNER]).await.ok(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 4);
    assert_eq!(first["items"][0]["object"], "user4");
    let next = format!(
        "/api/v1/audit?limit=4&cursor={}",
        first["next"].as_str().unwrap()
    );
    let second = desk.get(&next, &[OWNER]).await.ok(200);
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert_eq!(second["next"], Value::Null);
    let none = desk.get("/api/v1/audit?actor=eve", &[OWNER]).await.ok(200);
    assert_eq!(none["items"], json!([]));
    for bad in ["limit=0", "limit=501", "limit=x", "cursor=x", "actr=x"] {
        desk.get(&format!("/api/v1/audit?{bad}"), &[OWNER])
            .await
            .problem(422);
    }
    let sound = desk.get("/api/v1/audit/verify", &[OWNER]).await.ok(200);
    assert_eq!(
        (&sound["sound"], &sound["broken"]),
        (&json!(6), &Value::Null)
    );
    let head = sound["head"].as_str().unwrap();
    let known = format!("/api/v1/audit/verify?seq=6&hash={head}");
    assert_eq!(
        desk.get(&known, &[OWNER]).await.ok(200)["broken"],
        Value::Null
    );
    let other = format!("/api/v1/audit/verify?seq=5&hash={head}");
    assert_eq!(desk.get(&other, &[OWNER]).await.ok(200)["broken"], 5);
    desk.get("/api/v1/audit/verify?seq=5", &[OWNER])
        .await
        .problem(422);
}

/// Only these may be asked for by anybody, so that a route that forgets to say
/// who it is for is seen here.
const PUBLIC: &[&str] = &[
    "POST /api/v1/session",
    "POST /api/v1/session/link",
    "POST /api/v1/setup",
    "POST /api/v1/triggers/{trigger}/fire",
];

#[test]
fn the_list_of_what_is_public_is_closed() {
    let routes = routes();
    let public = routes.iter().filter(|r| r.permission == Permission::Public);
    let mut public: Vec<_> = public.map(|r| format!("{} {}", r.method, r.path)).collect();
    // Whether the process lives is for probes, which have no token.
    public.retain(|route| !["GET /livez", "GET /readyz"].contains(&route.as_str()));
    public.sort();
    assert_eq!(public, PUBLIC);
}

/// Every role at every route, with its password and with a token that has no
/// scope: the table says who is refused, and nobody else is.
#[tokio::test]
async fn every_role_at_every_route() {
    let desk = Desk::new();
    for role in Role::ALL {
        desk.user(role.as_str(), *role).await;
    }
    for route in routes() {
        // These end what the others come with.
        if route.path.starts_with("/api/v1/session") || route.path == "/api/v1/setup" {
            continue;
        }
        // Who fires proves it by what is sent, and no role counts.
        if route.path.ends_with("/fire") {
            continue;
        }
        let part = |part: &str| match part {
            "{session}" | "{token}" => "0123456789ab".to_owned(),
            part if part.starts_with('{') => "nothing".to_owned(),
            part => part.to_owned(),
        };
        let path: Vec<String> = route.path.split('/').map(part).collect();
        let to = (route.method.as_str(), path.join("/"));
        let to = (to.0, to.1.as_str());
        for role in Role::ALL {
            let principal = Principal {
                who: Who::User(UserId(1), "x".parse().unwrap()),
                role: *role,
                reads_logs: false,
                credential: Credential::Password,
            };
            let may = principal.may(route.permission).is_ok();
            let said = basic(role.as_str(), PASSWORD);
            let headers = [
                ("authorization", said.as_str()),
                ("content-type", "application/json"),
            ];
            let answer = desk.ask(to, &headers, "{}").await;
            let case = format!("{role} {to:?}: {}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.status == 403, !may, "{case}");
            assert!(answer.status != 401 && answer.status != 500, "{case}");
        }
        let narrow = match route.permission.needs().and_then(|needs| needs.scope) {
            Some(Scope::Admin) => Scope::RunsRead,
            Some(_) => Scope::Admin,
            None => continue,
        };
        let said = format!("Bearer {}", desk.token(&[narrow], &[]).await);
        let headers = [("authorization", said.as_str())];
        assert_eq!(desk.ask(to, &headers, "").await.status, 403, "{to:?}");
    }
}

#[tokio::test]
async fn a_token_for_one_task_finds_no_other() {
    let desk = Desk::new();
    desk.world.task("report");
    desk.world.task("payroll");
    let token = desk.token(&[Scope::RunsTrigger], &["report"]).await;
    let said = format!("Bearer {token}");
    let start = async |task: &str| {
        let path = format!("/api/v1/tasks/{task}/runs");
        let headers = [("authorization", said.as_str())];
        desk.ask(("POST", &path), &headers, "").await
    };
    start("report").await.ok(202);
    let hidden = start("payroll").await.problem(404);
    let nothing = start("other").await.problem(404);
    let told = |problem: &Value, name| problem["detail"].as_str().unwrap().replace(name, "…");
    assert_eq!(told(&hidden, "payroll"), told(&nothing, "other"));
}

#[tokio::test]
async fn no_answer_holds_a_password_or_its_hash() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let wrong = json!({ "name": OTHER, "password": PASSWORD });
    desk.send(("POST", "/api/v1/session"), "", wrong)
        .await
        .problem(401);
    let typo = json!({ "name": "ada", "pasword": PASSWORD });
    let told = desk.send(("POST", "/api/v1/session"), "", typo).await;
    told.problem(422);
    let number = json!({ "name": "ada", "password": [PASSWORD] });
    let told_again = desk.send(("POST", "/api/v1/session"), "", number).await;
    let mut bodies = vec![told.body, told_again.body];
    let token = desk.token(&[Scope::Admin], &[]).await;
    for path in ["users", "users/ada", "all-tokens", "audit", "me"] {
        let answer = desk.get(&format!("/api/v1/{path}"), &[OWNER]).await;
        assert_eq!(answer.status, 200, "{path}");
        bodies.push(answer.body);
    }
    for body in bodies {
        let text = String::from_utf8(body).unwrap();
        for secret in [PASSWORD, OTHER, "argon2", &token[21..]] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
