//! Who may do what.

use super::*;
use runbay::domain::access::{Credential, Permission, Who};
use runbay::domain::ids::UserId;
use runbay::http::routes;

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
