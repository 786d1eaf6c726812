//! Signing in and out, and what concerns only whoever asks.

use super::State;
use super::describe::{Operation, Output, Schemas};
use super::error::Problem;
use super::extract::{Caller, Json, Path};
use super::guard::Site;
use super::reply::Done;
use super::route::{Route, delete, get, post, put};
use crate::domain::access::{Credential, Permission, Principal, Role, Scope, Via};
use crate::domain::account::Session;
use crate::domain::ids::{SessionId, TaskName, UserName};
use crate::domain::secret::Secret;
use crate::service::access::{Access, Begun, Client, SESSION_ABSOLUTE};
use axum::extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{Account, Public, SignedIn};
    vec![
        post("/api/v1/session", Public, "Sign in", sign_in),
        post(
            "/api/v1/session/link",
            Public,
            "Sign in by the link that the service printed",
            open_link,
        ),
        post("/api/v1/setup", Public, "Make the first admin", set_up),
        delete("/api/v1/session", SignedIn, "Sign out", sign_out),
        post(
            "/api/v1/session/password",
            SignedIn,
            "Enter the password again, for what needs it",
            step_up,
        ),
        get(
            "/api/v1/me",
            SignedIn,
            "Tell who asks, and what they may do",
            me,
        ),
        put(
            "/api/v1/me/password",
            Account,
            "Change one's password, which ends all sessions and begins a new one",
            change_password,
        ),
        get("/api/v1/me/sessions", Account, "List one's sessions", list),
        delete(
            "/api/v1/me/sessions",
            Account,
            "End all one's sessions but this one",
            end_others,
        ),
        delete(
            "/api/v1/me/sessions/{session}",
            Account,
            "End one of one's sessions",
            end,
        ),
    ]
}

/// Who asks, and what they may do.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Me {
    /// Their name; `local` is the owner of the data folder.
    name: String,
    /// Their role.
    role: Role,
    /// How they proved who they are.
    via: Via,
    /// The scopes of their token, if they came with one.
    scopes: Option<BTreeSet<Scope>>,
    /// The only tasks their token is for, if not for all.
    tasks: Option<BTreeSet<TaskName>>,
    /// What they may do, `users` and the like also where the password is to be
    /// entered again first.
    permissions: Vec<Permission>,
    /// Whether the password was entered a short while ago, or need not be.
    stepped_up: bool,
}

impl Me {
    fn of(principal: &Principal) -> Self {
        let (scopes, tasks) = match &principal.credential {
            Credential::Token { scopes, tasks, .. } => (Some(scopes.clone()), tasks.clone()),
            _ => (None, None),
        };
        let stepped_up = !matches!(
            principal.credential,
            Credential::Session {
                stepped_up: false,
                ..
            }
        );
        let permissions = Permission::ALL.iter().copied();
        Self {
            name: principal.who.to_string(),
            role: principal.role,
            via: principal.via(),
            scopes,
            tasks,
            permissions: permissions.filter(|p| principal.could(*p)).collect(),
            stepped_up,
        }
    }
}

/// A session that begins, with its cookie.
pub(super) struct SignedIn {
    me: Me,
    cookie: String,
}

impl SignedIn {
    async fn new(access: &Access, begun: Begun, site: &Site) -> Result<Self, Problem> {
        let principal = access.session(&begun.key).await?;
        let seconds = SESSION_ABSOLUTE.num_seconds();
        Ok(Self {
            me: Me::of(&principal),
            cookie: site.cookie(Some(begun.key.reveal()), seconds),
        })
    }
}

impl IntoResponse for SignedIn {
    fn into_response(self) -> Response {
        with_cookie(Json(self.me).into_response(), &self.cookie)
    }
}

impl Output for SignedIn {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.answer::<Me>();
        let text = "Signed in; the cookie holds the session";
        operation.answers(StatusCode::OK, text, "application/json", &schema);
    }
}

/// The end of a session, which takes its cookie away.
pub(super) struct SignedOut(String);

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        with_cookie(Done.into_response(), &self.0)
    }
}

impl Output for SignedOut {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Done::describe(operation, schemas);
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// A name and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The name.
    name: String,
    /// The password.
    password: String,
}

async fn sign_in(
    extract::State(state): extract::State<State>,
    site: Site,
    client: Client,
    Json(asked): Json<Credentials>,
) -> Result<SignedIn, Problem> {
    let access = &state.app.access;
    let password = Secret::new(asked.password);
    let begun = access.sign_in(&asked.name, &password, &client).await?;
    SignedIn::new(access, begun, &site).await
}

/// What a link holds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// What follows `#link=`.
    key: String,
}

async fn open_link(
    extract::State(state): extract::State<State>,
    site: Site,
    client: Client,
    Json(asked): Json<Link>,
) -> Result<SignedIn, Problem> {
    let access = &state.app.access;
    let begun = access.open_link(&Secret::new(asked.key), &client).await?;
    SignedIn::new(access, begun, &site).await
}

/// The first admin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Setup {
    /// The setup key that the service printed.
    key: String,
    /// The name.
    name: UserName,
    /// The password: 12 characters at least.
    password: String,
}

async fn set_up(
    extract::State(state): extract::State<State>,
    site: Site,
    client: Client,
    Json(asked): Json<Setup>,
) -> Result<SignedIn, Problem> {
    let access = &state.app.access;
    let (key, password) = (Secret::new(asked.key), Secret::new(asked.password));
    let admin = (&asked.name, &password);
    let begun = access.set_up(&key, admin, &client).await?;
    SignedIn::new(access, begun, &site).await
}

async fn sign_out(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    site: Site,
    client: Client,
) -> Result<SignedOut, Problem> {
    state.app.access.sign_out(&caller, &client).await?;
    Ok(SignedOut(site.cookie(None, 0)))
}

/// The password of whoever asks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Password {
    /// The password.
    password: String,
}

async fn step_up(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Json(asked): Json<Password>,
) -> Result<Done, Problem> {
    let password = Secret::new(asked.password);
    let access = &state.app.access;
    access.step_up(&caller, &password, &client).await?;
    Ok(Done)
}

async fn me(Caller(caller): Caller) -> Result<Json<Me>, Problem> {
    Ok(Json(Me::of(&caller)))
}

/// The old password and the new one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The present password.
    present: String,
    /// The new one: 12 characters at least.
    new: String,
}

async fn change_password(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    site: Site,
    client: Client,
    Json(asked): Json<NewPassword>,
) -> Result<SignedIn, Problem> {
    let access = &state.app.access;
    let (present, new) = (Secret::new(asked.present), Secret::new(asked.new));
    let changed = access.change_password(&caller, (&present, &new), &client);
    SignedIn::new(access, changed.await?, &site).await
}

/// A session of whoever asks.
#[derive(Debug, Serialize, JsonSchema)]
struct Own {
    /// The session.
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that asks.
    this: bool,
}

async fn list(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
) -> Result<Json<Vec<Own>>, Problem> {
    let sessions = state.app.access.sessions(&caller).await?;
    let this = |session: &Session| match &caller.credential {
        Credential::Session { id, .. } => *id == session.id,
        _ => false,
    };
    let own = |session: Session| Own {
        this: this(&session),
        session,
    };
    Ok(Json(sessions.into_iter().map(own).collect()))
}

async fn end_others(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
) -> Result<Done, Problem> {
    let access = &state.app.access;
    access.end_other_sessions(&caller, &client).await?;
    Ok(Done)
}

/// The session in the path.
#[derive(Deserialize, JsonSchema)]
struct OfSession {
    session: SessionId,
}

async fn end(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfSession>,
) -> Result<Done, Problem> {
    let access = &state.app.access;
    access.end_session(&caller, &of.session, &client).await?;
    Ok(Done)
}
