//! A service with a home of its own, and requests to it.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::{Extension, Router};
use http_body_util::BodyExt;
use runbay::config::{Config, Overrides, Server};
use runbay::domain::access::Principal;
use runbay::http::extract::Caller;
use runbay::http::{Site, State, router, with_layers};
use runbay::service::App;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tower::ServiceExt;

/// A service. Its engine is a socket that is not there.
pub(crate) struct World {
    home: TempDir,
    pub(crate) app: App,
    router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// What a router answers.
    pub(crate) async fn of(router: &Router, request: Request<Body>) -> Self {
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The body, if the status is as expected.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        match self.body.is_empty() {
            true => Value::Null,
            false => self.json(),
        }
    }

    /// The body as it is, of a success.
    #[track_caller]
    pub(crate) fn ok_bytes(&self) -> &[u8] {
        assert!(self.status.is_success(), "{self:?}");
        &self.body
    }

    /// The problem, if it is one with this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        let body = self.ok(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }

    /// The pointer of the first field that is wrong.
    #[track_caller]
    pub(crate) fn pointer(&self, status: u16) -> String {
        let problem = self.problem(status);
        let found = problem["errors"][0]["pointer"].as_str();
        found.unwrap_or_else(|| panic!("{problem}")).to_owned()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::asked_by(Some(Principal::local()))
    }

    /// As [`World::new`], with this in its `runbay.toml`.
    pub(crate) fn with_settings(settings: &str) -> Self {
        Self::made(Some(Principal::local()), settings)
    }

    pub(crate) fn asked_by(caller: Option<Principal>) -> Self {
        Self::made(caller, "")
    }

    fn made(caller: Option<Principal>, settings: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("runbay.toml"), settings).unwrap();
        fs::create_dir(home.path().join("tasks")).unwrap();
        let flags = Overrides {
            home: Some(home.path().to_owned()),
            docker_host: Some(format!("unix://{}/no.sock", home.path().display())),
            ..Overrides::default()
        };
        let app = App::open(Config::load(&flags).unwrap()).unwrap();
        let mut inner = router(State { app: app.clone() });
        let site = Site::new(&Server::default(), "127.0.0.1:7000".parse().unwrap());
        inner = inner.layer(Extension(site));
        if let Some(caller) = caller {
            inner = inner.layer(from_fn(move |mut request: Request<Body>, next: Next| {
                request.extensions_mut().insert(Caller(caller.clone()));
                next.run(request)
            }));
        }
        let router = with_layers(inner);
        Self { home, app, router }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A task with a script that does nothing.
    pub(crate) fn task(&self, name: &str) {
        self.write(&format!("tasks/{name}/main.py"), "print(1)\n");
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(&self.router, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        let body = Body::from(body.to_string());
        let method = method.parse().unwrap();
        self.ask(method, path, &headers, body).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }
}

/// All that is below a folder: paths, and the content of files.
pub(crate) fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    fn collect(root: &Path, dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let shown = path.strip_prefix(root).unwrap().display().to_string();
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_dir() {
                found.push((format!("{shown}/"), Vec::new()));
                collect(root, &path, found);
            } else if kind.is_file() {
                found.push((shown, fs::read(&path).unwrap()));
            } else {
                found.push((format!("{shown} (not a file)"), Vec::new()));
            }
        }
    }
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found.sort();
    found
}
