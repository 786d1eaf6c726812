//! What no request gets past: hosts, other sites, cookies alone, forms, proxies.

use super::*;
use runbay::service::access::AuditFilter;

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
