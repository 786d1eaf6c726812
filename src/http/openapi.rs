//! The OpenAPI 3.1 document, made from the list of routes and the types of
//! their handlers.

use super::describe::Schemas;
use super::route::Route;
use super::{error, routes};
use crate::domain::access::Permission;
use serde_json::{Map, Value, json};

/// The document of the whole API.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for route in routes() {
        let path = path_of(&route);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation(&route, &mut schemas);
    }
    let responses = error::responses(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Runbay",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
            "description": "Runs Python scripts, each run in a fresh, hardened, throwaway container.",
        },
        "paths": paths,
        "components": {
            "responses": responses,
            "schemas": schemas.into_components(),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "password": { "type": "http", "scheme": "basic" },
            },
        },
        "security": [{ "token": [] }, { "password": [] }],
    })
}

/// The path as OpenAPI writes it: `{*path}` is one parameter like others.
fn path_of(route: &Route) -> String {
    route.path.replace("{*", "{")
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut described = route.describe(schemas);
    error::describe(&mut described);
    let (module, function) = &route.name;
    let responses: Map<String, Value> = described
        .responses
        .into_iter()
        .map(|(status, answer)| (status.to_string(), answer))
        .collect();
    let mut operation = json!({
        "operationId": format!("{module}_{function}"),
        "tags": [module],
        "summary": route.summary,
        "x-permission": route.permission,
        "responses": responses,
    });
    if !described.parameters.is_empty() {
        operation["parameters"] = described.parameters.into();
    }
    if let Some((types, schema)) = described.body {
        let content: Map<String, Value> = types
            .into_iter()
            .map(|media| (media.to_owned(), json!({ "schema": schema })))
            .collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if route.permission == Permission::Public {
        operation["security"] = json!([]);
    }
    operation
}
