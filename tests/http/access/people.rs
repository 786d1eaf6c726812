//! Users, tokens and the audit log.

use super::*;

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
