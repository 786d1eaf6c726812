//! What is asked of every request before anybody asks who sent it: that it is
//! meant for us, and that no page of another site is behind it.
//!
//! Other sites can make a browser send requests here, with its cookies; by a
//! name that they point at this address they can even read the answers. Neither
//! needs a password, so neither is stopped by one. And what proxies say about a
//! client counts only from proxies we know.

use super::describe::Input;
use super::error::Problem;
use crate::config::Server;
use crate::domain::net::{AddressRange, Authority, Origin};
use crate::service::access::Client;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What a page of ours may do: nothing but load its own parts and talk to us.
/// Text from scripts is shown as text; were it ever taken for a page, this would
/// keep it from doing anything.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers of every answer that has none of the kind of its own.
static HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Types that a page of another site can send without asking (the “simple” ones
/// of the Fetch standard), so none of our routes takes them.
const SIMPLE_TYPES: &[&str] = &[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
];

/// The address of the service, as the outside knows it.
#[derive(Debug, Clone)]
pub struct Site(Arc<Known>);

#[derive(Debug)]
struct Known {
    /// What `Host` may say.
    hosts: BTreeSet<Authority>,
    /// What `Origin` may say.
    origins: BTreeSet<String>,
    proxies: Vec<AddressRange>,
    /// Whether browsers come by https.
    secure: bool,
    cookie: String,
}

impl Site {
    /// The site of a service with these settings that listens here.
    #[must_use]
    pub fn new(server: &Server, bound: SocketAddr) -> Self {
        let port = bound.port();
        let external = server.external_url.as_ref();
        let mut origins = vec![Origin::new(false, authority("localhost", port))];
        for address in ["127.0.0.1", "[::1]"] {
            origins.push(Origin::new(false, authority(address, port)));
        }
        if !bound.ip().is_unspecified() {
            let plain = bound.to_string().parse();
            origins.extend(plain.map(|plain| Origin::new(false, plain)));
        }
        origins.extend(external.cloned());
        for host in &server.allowed_hosts {
            let secure = external.is_some_and(|url| url.secure);
            let outer = external.map_or(port, Origin::port);
            match host.0.port {
                Some(_) => origins.push(Origin::new(secure, host.0.clone())),
                None => {
                    origins.push(Origin::new(secure, authority(&host.0.host, outer)));
                    origins.push(Origin::new(false, authority(&host.0.host, port)));
                }
            }
        }
        let mut hosts = BTreeSet::new();
        for origin in &origins {
            // The scheme's own port may be said or not.
            hosts.insert(origin.authority.clone());
            hosts.insert(authority(&origin.authority.host, origin.port()));
        }
        let secure = external.is_some_and(|url| url.secure);
        Self(Arc::new(Known {
            hosts,
            origins: origins.iter().map(ToString::to_string).collect(),
            proxies: server.trusted_proxies.clone(),
            secure,
            // Cookies of one host are shared by its ports, so several services
            // of one machine need several names. `__Host-` makes browsers hold
            // it to https and to this very host.
            cookie: match secure {
                true => "__Host-runbay".to_owned(),
                false => format!("runbay-{port}"),
            },
        }))
    }

    /// The name of the cookie that holds the key of a session.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        &self.0.cookie
    }

    /// The header that sets the cookie, or without a key takes it away.
    #[must_use]
    pub fn cookie(&self, key: Option<&str>, seconds: i64) -> String {
        let (name, secure) = (&self.0.cookie, self.0.secure);
        let value = key.unwrap_or_default();
        let age = if key.is_some() { seconds } else { 0 };
        let secure = if secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
    }

    /// Whether a request is meant for us.
    fn is_meant(&self, request: &Request) -> bool {
        let mut said = request.headers().get_all(header::HOST).iter();
        let host = said.next().and_then(|host| host.to_str().ok());
        if said.next().is_some() {
            return false;
        }
        // HTTP/2, and HTTP/1 to a proxy, say it in the address.
        let address = request
            .uri()
            .authority()
            .map(|authority| authority.as_str());
        let both = [host, address];
        let mut all = both.iter().flatten().peekable();
        all.peek().is_some()
            && all.all(|host| {
                let host: Result<Authority, _> = host.parse();
                host.is_ok_and(|host| self.0.hosts.contains(&host))
            })
    }

    /// Where the client is: the peer, or if that is a proxy we trust, what it
    /// says. Of several proxies in a row, the last one that is not ours.
    fn address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut address = peer?.to_canonical();
        let ours = |address: IpAddr| self.0.proxies.iter().any(|range| range.contains(address));
        let said = headers.get_all("x-forwarded-for").iter();
        let said: Vec<&str> = said
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .map(str::trim)
            .collect();
        for hop in said.iter().rev() {
            if !ours(address) {
                break;
            }
            match hop.parse::<IpAddr>() {
                Ok(hop) => address = hop.to_canonical(),
                Err(_) => break,
            }
        }
        Some(address)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Site {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        // Without the guard there is only a router, which is at no address.
        Ok(found.unwrap_or_else(|| {
            let server = Server::default();
            Self::new(&server, server.bind)
        }))
    }
}

impl Input for Site {}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

impl Input for Client {}

fn authority(host: &str, port: u16) -> Authority {
    Authority {
        host: host.to_owned(),
        port: Some(port),
    }
}

/// What is known about the page behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// A page of ours.
    OurPage,
    /// Nothing is said: it is no browser, or only looks. Cookies count for
    /// looking alone.
    NotSaid,
}

/// Whether a request can change something, or opens a channel, which begins as
/// a GET and is guarded by nothing of the browser's own.
pub(super) fn is_effective(method: &Method, headers: &HeaderMap) -> bool {
    !method.is_safe() || headers.contains_key(header::UPGRADE)
}

/// The layer: refuses, or passes on with [`Client`], [`Behind`] and [`Site`]
/// known.
pub(super) async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    if !site.is_meant(&request) {
        // Nothing more, for whoever asks may be able to read it.
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let secure = site.0.secure;
    let mut response = match admit(&site, &mut request) {
        Ok(()) => next.run(request).await,
        Err(problem) => (*problem).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn admit(site: &Site, request: &mut Request) -> Result<(), Box<Problem>> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let address = site.address(peer, request.headers());
    let agent = request.headers().get(header::USER_AGENT);
    let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    // So that nothing behind us believes what anybody can write.
    let headers = request.headers_mut();
    for name in [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ] {
        headers.remove(name);
    }
    let behind = behind(site, request)?;
    let extensions = request.extensions_mut();
    extensions.insert(Client { address, agent });
    extensions.insert(behind);
    extensions.insert(site.clone());
    check_type(request, behind)
}

/// Which page is behind what can change something. Browsers say so, in one of
/// two headers that no page can set.
fn behind(site: &Site, request: &Request) -> Result<Behind, Box<Problem>> {
    let headers = request.headers();
    if !is_effective(request.method(), headers) {
        return Ok(Behind::NotSaid);
    }
    let text = |name: HeaderName| {
        let value = headers.get(name);
        value.map(|value| value.to_str().unwrap_or("?").to_owned())
    };
    let ours = match (text(SEC_FETCH_SITE), text(header::ORIGIN)) {
        (None, None) => return Ok(Behind::NotSaid),
        (Some(said), None) => said == "same-origin",
        (said, Some(origin)) => {
            said.is_none_or(|said| said == "same-origin") && site.0.origins.contains(&origin)
        }
    };
    if ours {
        return Ok(Behind::OurPage);
    }
    let detail = "this comes from a page of another site, or of another port of this machine";
    Err(Box::new(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign_page",
        detail,
    )))
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses bodies of types that other sites can send without asking. The routes
/// under `/api/tasks`, which people know from elsewhere, are called by `curl -d`,
/// which says that its JSON is a form; from what is no browser and proves itself
/// by a header, that is taken for JSON.
fn check_type(request: &mut Request, behind: Behind) -> Result<(), Box<Problem>> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let headers = request.headers_mut();
    let empty = headers
        .get(header::CONTENT_LENGTH)
        .is_some_and(|len| len == "0");
    let given = headers.get(header::CONTENT_TYPE);
    let given = given
        .and_then(|given| given.to_str().ok())
        .unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    let given = given.to_ascii_lowercase();
    if method.is_safe() || empty || !SIMPLE_TYPES.contains(&given.as_str()) {
        return Ok(());
    }
    let known = path.starts_with("/api/tasks/") && behind == Behind::NotSaid;
    if known && headers.contains_key(header::AUTHORIZATION) && given.ends_with("urlencoded") {
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        return Ok(());
    }
    let detail = format!("this takes no {given}: send Content-Type: application/json");
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Err(Box::new(Problem::new(status, "media_type", detail)))
}
