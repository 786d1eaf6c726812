//! Users, tokens, and the log of who did what.

use super::State;
use super::error::Problem;
use super::extract::{Caller, Json, Path, Query};
use super::reply::{Created, Done};
use super::route::{Route, delete, get, patch, post, put};
use crate::domain::access::{Permission, Role, Scope};
use crate::domain::account::{ApiToken, User};
use crate::domain::audit::{Actor, Entry};
use crate::domain::ids::{Digest, TaskName, TokenId, UserName};
use crate::domain::secret::Secret;
use crate::service::Place;
use crate::service::access::{AuditFilter, Client, TOKEN_DAYS, TokenOrder, UserOrder};
use crate::service::page::{Limit, Page};
use axum::extract;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) fn routes() -> Vec<Route> {
    use Permission::{AccessRead, Account, Tokens, Users};
    vec![
        get("/api/v1/users", AccessRead, "List users", users),
        post("/api/v1/users", Users, "Make a user", add_user),
        get("/api/v1/users/{user}", AccessRead, "Show a user", user),
        patch(
            "/api/v1/users/{user}",
            Users,
            "Change what a user may do, or let them in no longer",
            change_user,
        ),
        delete(
            "/api/v1/users/{user}",
            Users,
            "Remove a user with their sessions and tokens",
            remove_user,
        ),
        put(
            "/api/v1/users/{user}/password",
            Users,
            "Set the password of a user, which ends their sessions",
            set_password,
        ),
        get("/api/v1/tokens", Account, "List one's tokens", tokens),
        post("/api/v1/tokens", Tokens, "Make a token", add_token),
        delete(
            "/api/v1/tokens/{token}",
            Account,
            "Revoke one of one's tokens",
            revoke,
        ),
        get(
            "/api/v1/all-tokens",
            AccessRead,
            "List everybody's tokens",
            all_tokens,
        ),
        delete(
            "/api/v1/all-tokens/{token}",
            Users,
            "Revoke anybody's token",
            revoke_any,
        ),
        get(
            "/api/v1/audit",
            AccessRead,
            "List what was done, newest first",
            audit,
        ),
        get(
            "/api/v1/audit/verify",
            AccessRead,
            "Read the whole audit log and find what was changed in it",
            verify,
        ),
    ]
}

/// The user in the path.
#[derive(Deserialize, JsonSchema)]
struct OfUser {
    user: UserName,
}

async fn users(extract::State(state): extract::State<State>) -> Result<Json<Vec<User>>, Problem> {
    Ok(Json(state.app.access.users().await?))
}

async fn user(
    extract::State(state): extract::State<State>,
    Path(of): Path<OfUser>,
) -> Result<Json<User>, Problem> {
    Ok(Json(state.app.access.user(&of.user).await?))
}

/// A user to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// The name.
    name: UserName,
    /// What they may do at most.
    role: Role,
    /// Whether a viewer may read logs; others may anyway.
    #[serde(default)]
    reads_logs: bool,
    /// The password: 12 characters at least.
    password: String,
}

async fn add_user(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Json(asked): Json<NewUser>,
) -> Result<Created<User>, Problem> {
    let order = UserOrder {
        name: asked.name,
        role: asked.role,
        reads_logs: asked.reads_logs,
        password: Secret::new(asked.password),
    };
    let actor = Actor::of(&caller, client.address);
    let user = state.app.access.add_user(actor, order).await?;
    Ok(Created(format!("/api/v1/users/{}", user.name), user))
}

/// What shall be different about a user.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Change {
    /// What they may do at most.
    role: Option<Role>,
    /// Whether a viewer may read logs.
    reads_logs: Option<bool>,
    /// Whether they are let in no longer.
    disabled: Option<bool>,
}

async fn change_user(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfUser>,
    Json(asked): Json<Change>,
) -> Result<Json<User>, Problem> {
    let (access, name) = (&state.app.access, &of.user);
    let actor = Actor::of(&caller, client.address);
    let mut user = access.user(name).await?;
    if asked.role.is_some() || asked.reads_logs.is_some() {
        let role = asked.role.unwrap_or(user.role);
        let set = (role, asked.reads_logs);
        user = access.set_role(actor.clone(), name, set).await?;
    }
    if let Some(disabled) = asked.disabled {
        user = access.set_disabled(actor, name, disabled).await?;
    }
    Ok(Json(user))
}

async fn remove_user(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfUser>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    state.app.access.remove_user(actor, &of.user).await?;
    Ok(Done)
}

/// A password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The password: 12 characters at least.
    password: String,
}

async fn set_password(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfUser>,
    Json(asked): Json<NewPassword>,
) -> Result<Done, Problem> {
    let actor = Actor::of(&caller, client.address);
    let password = Secret::new(asked.password);
    let access = &state.app.access;
    access.set_password(actor, &of.user, &password).await?;
    Ok(Done)
}

async fn tokens(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
) -> Result<Json<Vec<ApiToken>>, Problem> {
    Ok(Json(state.app.access.tokens(&caller, false).await?))
}

async fn all_tokens(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
) -> Result<Json<Vec<ApiToken>>, Problem> {
    Ok(Json(state.app.access.tokens(&caller, true).await?))
}

/// A token to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for: 1 to 100 characters.
    name: String,
    /// What it may do at most.
    scopes: BTreeSet<Scope>,
    /// The only tasks it is for; for all, if left out.
    #[serde(default)]
    tasks: Option<BTreeSet<TaskName>>,
    /// For how many days, 3650 at most; null for ever.
    #[serde(default = "days")]
    expires_in_days: Option<u32>,
}

fn days() -> Option<u32> {
    Some(TOKEN_DAYS)
}

/// A token that was just made.
#[derive(Serialize, JsonSchema)]
struct MadeToken {
    /// What it is.
    #[serde(flatten)]
    token: ApiToken,
    /// The token itself, shown this once.
    secret: String,
}

async fn add_token(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Json(asked): Json<NewToken>,
) -> Result<Created<MadeToken>, Problem> {
    let order = TokenOrder {
        name: asked.name,
        scopes: asked.scopes,
        tasks: asked.tasks,
        days: asked.expires_in_days,
    };
    let minted = state.app.access.mint(&caller, order, &client).await?;
    let made = MadeToken {
        secret: minted.text.reveal().to_owned(),
        token: minted.token,
    };
    Ok(Created(format!("/api/v1/tokens/{}", made.token.id), made))
}

/// The token in the path.
#[derive(Deserialize, JsonSchema)]
struct OfToken {
    token: TokenId,
}

async fn revoke(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfToken>,
) -> Result<Done, Problem> {
    let which = (&of.token, false);
    state.app.access.revoke(&caller, which, &client).await?;
    Ok(Done)
}

async fn revoke_any(
    extract::State(state): extract::State<State>,
    Caller(caller): Caller,
    client: Client,
    Path(of): Path<OfToken>,
) -> Result<Done, Problem> {
    let which = (&of.token, true);
    state.app.access.revoke(&caller, which, &client).await?;
    Ok(Done)
}

/// Which part of the log.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Part {
    /// What `next` said before.
    cursor: Option<u32>,
    /// Only acts of this name.
    actor: Option<String>,
    /// At most so many.
    limit: Limit,
}

async fn audit(
    extract::State(state): extract::State<State>,
    Query(part): Query<Part>,
) -> Result<Json<Page<Entry>>, Problem> {
    let filter = AuditFilter {
        before: part.cursor.map(i64::from),
        actor: part.actor,
        limit: Some(part.limit.0 + 1),
    };
    let items = state.app.access.audit(&filter).await?;
    let cursor = |entry: &Entry| entry.seq.to_string();
    Ok(Json(Page::cut(items, part.limit, cursor)))
}

/// An entry that was seen before.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Kept {
    /// Its place, with `hash`.
    seq: Option<u32>,
    /// Its digest, with `seq`.
    hash: Option<String>,
}

/// What reading the whole log found.
#[derive(Serialize, JsonSchema)]
struct Verified {
    /// How many entries are sound, from the first.
    sound: i64,
    /// The digest of the last sound entry. Keep it elsewhere: whoever owns this
    /// machine can write the whole log anew, but not to this digest.
    head: Option<Digest>,
    /// The place of the first entry that is not sound.
    broken: Option<i64>,
    /// What is wrong with it.
    fault: Option<String>,
}

async fn verify(
    extract::State(state): extract::State<State>,
    Query(kept): Query<Kept>,
) -> Result<Json<Verified>, Problem> {
    let hash = kept.hash.map(Digest);
    let known = match (kept.seq, &hash) {
        (Some(seq), Some(hash)) => Some((seq.into(), hash)),
        (None, None) => None,
        _ => {
            let message = "seq and hash are given together";
            return Err(Problem::field(Place::Query, "/seq", message));
        }
    };
    let found = state.app.access.verify_audit(known).await?;
    let (broken, fault) = found.broken.unzip();
    Ok(Json(Verified {
        sound: found.sound,
        head: found.head,
        broken,
        fault,
    }))
}
