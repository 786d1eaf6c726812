//! How somebody gets in: a password, a token, a link, the first of all.

use super::*;
use chrono::TimeDelta;
use runbay::service::access::AuditFilter;

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
