//! Who asks: a session by its cookie, a token, or a name and password. Whether
//! they may is asked later, by the route.

use super::error::Problem;
use super::extract::{Caller, Recheck};
use super::guard::{self, Behind, Site, is_effective};
use super::route::Refused;
use crate::domain::access::Principal;
use crate::domain::ids::Digest;
use crate::domain::secret::Secret;
use crate::domain::token;
use crate::service::access::{Access, AccessError, Client};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// What authentication works with.
#[derive(Debug, Clone)]
struct Gate {
    access: Access,
    /// The digest of the token by which commands on this machine are let in as
    /// the owner of the data folder.
    owner: Option<Digest>,
}

/// Puts what guards the service around its router: first what is asked of every
/// request, then who sent it. `owner` is a token that makes whoever sends it the
/// owner of the data folder.
pub fn protect(router: Router, access: Access, site: Site, owner: Option<&str>) -> Router {
    let gate = Gate {
        access,
        owner: owner.map(|token| Digest::of(token.as_bytes())),
    };
    router
        .layer(from_fn_with_state(gate, authenticate))
        .layer(from_fn_with_state(site, guard::guard))
}

async fn authenticate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let effective = is_effective(&parts.method, &parts.headers);
    let client = parts.extensions.get::<Client>().cloned();
    let client = client.unwrap_or_default();
    let found = match gate.who(&parts, &client, effective).await {
        Ok(found) => found,
        Err(problem) => return (*problem).into_response(),
    };
    if let Some(principal) = found.clone() {
        // Only what is read can go on for long after it was let in.
        if parts.method == Method::GET {
            let again = gate.clone().again(parts.clone(), client.clone(), effective);
            parts.extensions.insert(again);
        }
        parts.extensions.insert(Caller(principal));
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let refused = response.extensions_mut().remove::<Refused>();
    if let (true, Some(who), Some(Refused(permission, denied))) = (effective, found, refused) {
        let noted = gate
            .access
            .note_refusal(&who, client.address, (permission, denied));
        if let Err(error) = noted.await {
            tracing::error!(%error, "a refusal could not be noted");
        }
    }
    response
}

impl Gate {
    /// Asks again who sent this, as often as somebody wants to know.
    fn again(self, parts: Parts, client: Client, effective: bool) -> Recheck {
        let kept = Arc::new((self, parts, client));
        Recheck(Arc::new(move || {
            let kept = kept.clone();
            Box::pin(async move {
                let (gate, parts, client) = &*kept;
                match gate.who(parts, client, effective).await {
                    Ok(found) => Some(found),
                    // A failure of ours says nothing about them.
                    Err(problem) if problem.status >= 500 => None,
                    Err(_) => Some(None),
                }
            })
        }))
    }

    /// Who sent this; nobody, if it does not say. What it says must be true:
    /// nobody is let in as nobody after a token that is not good.
    async fn who(
        &self,
        parts: &Parts,
        client: &Client,
        effective: bool,
    ) -> Result<Option<Principal>, Box<Problem>> {
        let headers = &parts.headers;
        let mut said = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(said_first) = said.next() {
            let text = said_first.to_str().ok().filter(|_| said.next().is_none());
            let text = text.ok_or_else(|| unreadable("Authorization cannot be read"))?;
            return self.by_header(text, client).await.map(Some);
        }
        let site = parts.extensions.get::<Site>();
        let Some(key) = site.and_then(|site| cookie(headers, site.cookie_name())) else {
            return Ok(None);
        };
        // A browser that says nothing about the page behind this may be made to
        // send the cookie by any page.
        let behind = parts.extensions.get::<Behind>();
        if effective && behind != Some(&Behind::OurPage) {
            return Ok(None);
        }
        match self.access.session(&key).await {
            Ok(principal) => Ok(Some(principal)),
            // A cookie comes by itself; who signs in anew brings the old one.
            Err(AccessError::Unknown(_)) => Ok(None),
            Err(error) => Err(Box::new(error.into())),
        }
    }

    async fn by_header(&self, text: &str, client: &Client) -> Result<Principal, Box<Problem>> {
        let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
        let value = value.trim();
        let found = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => self.by_token(value).await,
            "basic" => {
                let (name, password) = basic(value).ok_or_else(|| {
                    unreadable("this is not Basic authentication: base64 of name:password")
                })?;
                // Tools that know no other way send a token as the password.
                if password.reveal().starts_with(token::PREFIX) {
                    self.by_token(password.reveal()).await
                } else {
                    self.access.basic(&name, &password, client).await
                }
            }
            _ => return Err(unreadable("Authorization is Bearer or Basic here")),
        };
        found.map_err(|error| Box::new(error.into()))
    }

    async fn by_token(&self, text: &str) -> Result<Principal, AccessError> {
        let digest = Digest::of(text.as_bytes());
        let owner = self.owner.as_ref();
        if owner.is_some_and(|owner| token::same(owner, &digest)) {
            return Ok(Principal::local());
        }
        self.access.token(text).await
    }
}

fn unreadable(text: &str) -> Box<Problem> {
    Box::new(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", text))
}

fn basic(value: &str) -> Option<(String, Secret)> {
    let bytes = STANDARD.decode(value).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), Secret::new(password.to_owned())))
}

/// The value of a cookie; none if it comes twice, since then one of the two was
/// put there by another page.
fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let lines = headers.get_all(header::COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = found.next()?;
    let one = found.next().is_none() && !value.is_empty();
    one.then(|| Secret::new(value.to_owned()))
}
