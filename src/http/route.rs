//! What a route is: a method, a path, who may ask for it, and a handler. A
//! route cannot be made without its [`Permission`], so none can be forgotten;
//! the router, the OpenAPI document and the tests read the same list.

use super::State;
use super::describe::{Described, Operation, Schemas};
use super::error::Problem;
use super::extract::Caller;
use crate::domain::access::{Denied, Permission};
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

/// One route of the service.
pub struct Route {
    /// The method it answers.
    pub method: Method,
    /// Its path, with parameters as axum writes them.
    pub path: &'static str,
    /// Who may ask for it.
    pub permission: Permission,
    /// A sentence for people, without a full stop.
    pub summary: &'static str,
    /// The module of its handler and the handler: `tasks` and `show`.
    pub name: (String, String),
    handler: MethodRouter<State>,
    describe: fn(&mut Operation, &mut Schemas),
}

impl Route {
    /// Lets a body be this large, bytes, instead of 1 MiB.
    #[must_use]
    pub fn with_body_up_to(mut self, bytes: u64) -> Self {
        let limit = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.handler = self.handler.layer(DefaultBodyLimit::max(limit));
        self
    }

    /// The handler, behind the check of its permission.
    pub(super) fn guarded(&self) -> MethodRouter<State> {
        let permission = self.permission;
        self.handler
            .clone()
            .layer(from_fn(move |request: Request, next: Next| {
                guard(permission, request, next)
            }))
    }

    /// What it takes and gives.
    pub(super) fn describe(&self, schemas: &mut Schemas) -> Operation {
        let mut operation = Operation::default();
        (self.describe)(&mut operation, schemas);
        operation
    }
}

/// What somebody was refused, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused(pub(super) Permission, pub(super) Denied);

/// Who asks was found out before, by the layer of authentication; whom it did
/// not let in cannot pass here.
async fn guard(permission: Permission, request: Request, next: Next) -> Response {
    if permission != Permission::Public {
        let Some(Caller(principal)) = request.extensions().get::<Caller>() else {
            return Problem::unauthorized().into_response();
        };
        if let Err(denied) = principal.may(permission) {
            let mut response = Problem::forbidden(denied).into_response();
            // For the layer of authentication, which notes it.
            response
                .extensions_mut()
                .insert(Refused(permission, denied));
            return response;
        }
    }
    next.run(request).await
}

macro_rules! verbs {
    ($($name:ident, $method:ident, $text:literal;)+) => { $(
        #[doc = concat!("A route for `", $text, "`.")]
        pub fn $name<H, T, D>(
            path: &'static str,
            permission: Permission,
            summary: &'static str,
            handler: H,
        ) -> Route
        where
            H: Handler<T, State> + Described<D>,
            T: 'static,
        {
            Route {
                method: Method::$method,
                path,
                permission,
                summary,
                name: name_of::<H>(),
                handler: on(MethodFilter::$method, handler),
                describe: <H as Described<D>>::describe,
            }
        }
    )+ };
}

verbs! {
    get, GET, "GET";
    post, POST, "POST";
    put, PUT, "PUT";
    patch, PATCH, "PATCH";
    delete, DELETE, "DELETE";
}

/// `runbay::http::tasks::show` → `tasks`, `show`.
fn name_of<H>() -> (String, String) {
    let mut parts = std::any::type_name::<H>().rsplit("::");
    let function = parts.next().unwrap_or_default().to_owned();
    (parts.next().unwrap_or_default().to_owned(), function)
}
