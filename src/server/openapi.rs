//! The `OpenAPI` document, made of the table of routes and the types of their bodies.

use axum::body::Bytes;
use axum::http::header;
use axum::response::Response;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::refusal::{ErrorBody, mime};
use super::route::{Methods, Route, Scope};

/// The schema of a body.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What the document says of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// A sentence.
    pub(super) summary: &'static str,
    /// The body that it takes; `None`: none, or one that the contract's own specification describes.
    pub(super) request: Option<SchemaOf>,
    /// The parameters of its query, as members of an object.
    pub(super) query: Option<SchemaOf>,
    /// The types of that body.
    pub(super) request_types: &'static [&'static str],
    /// The body that it answers with.
    pub(super) answer: Option<SchemaOf>,
    /// Its type.
    pub(super) answer_type: &'static str,
    /// Whether refusals are told as `{"error": {"code", "message"}}`.
    pub(super) tells_errors: bool,
}

/// The document, written once.
#[derive(Clone, Debug)]
pub(super) struct Document(Bytes);

impl About {
    /// JSON in, JSON out.
    pub(super) const JSON: Self = Self {
        summary: "",
        request: None,
        query: None,
        request_types: &["application/json"],
        answer: None,
        answer_type: "application/json",
        tells_errors: true,
    };

    /// A route whose bodies are not described here.
    pub(super) const fn plain(summary: &'static str) -> Self {
        Self { summary, ..Self::JSON }
    }
}

/// Of several members one has a value, neither absent nor null.
pub(super) fn one_of(names: &[&str]) -> Value {
    json!({"oneOf": names.iter().map(|name| given(name)).collect::<Vec<_>>()})
}

/// A member has a value.
pub(super) fn given(name: &str) -> Value {
    json!({"required": [name], "properties": {name: {"not": {"type": "null"}}}})
}

/// A member is absent, or null.
pub(super) fn absent(name: &str) -> Value {
    json!({"properties": {name: {"type": "null"}}})
}

/// The schema of a type.
pub(super) fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Document {
    pub(super) fn answer(&self) -> Response {
        let mut response = Response::new(self.0.clone().into());
        response.headers_mut().insert(header::CONTENT_TYPE, mime::JSON);
        response
    }
}

/// The document of a table of routes, of a service that demands tokens or does not.
pub(super) fn document(table: &[Route], demands_tokens: bool) -> Document {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in table {
        let path = route.path.replace("{*", "{");
        for method in methods(route.methods) {
            let operation = operation(route, &path, method, demands_tokens, &mut generator);
            if let Some(methods) = paths.entry(&path).or_insert_with(|| json!({})).as_object_mut() {
                methods.insert((*method).to_owned(), operation);
            }
        }
    }
    let text = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "verdikt",
            "description": "Decides IAM-style JSON policies.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "own": {"type": "apiKey", "in": "header", "name": "Verdikt-Token"},
                "session": {"type": "apiKey", "in": "header", "name": "X-Amz-Security-Token"},
            },
        },
    });
    Document(text.to_string().into())
}

fn methods(methods: Methods) -> &'static [&'static str] {
    match methods {
        Methods::Get => &["get"],
        Methods::Post => &["post"],
        Methods::Delete => &["delete"],
        Methods::Any => &["get", "put", "post", "delete", "options", "head", "patch", "trace"],
    }
}

fn operation(
    route: &Route,
    path: &str,
    method: &str,
    demands_tokens: bool,
    generator: &mut SchemaGenerator,
) -> Value {
    let about = &route.about;
    let mut operation = Map::new();
    operation.insert("summary".to_owned(), about.summary.into());
    operation.insert("operationId".to_owned(), operation_id(route, path, method).into());
    operation.insert("tags".to_owned(), json!([route.contract.name]));
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if let Some(query) = about.query {
        let schema = query(generator);
        parameters.push(
            json!({"name": "parameters", "in": "query", "style": "form", "explode": true, "schema": schema}),
        );
    }
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(scope) = route.scope.filter(|_| demands_tokens) {
        operation.insert("security".to_owned(), security(scope));
    }
    if let Some(schema) = about.request {
        let schema = schema(generator);
        let content = about.request_types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema})));
        let content: Map<String, Value> = content.collect();
        operation.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation.insert("responses".to_owned(), responses(about, generator));
    operation.into()
}

/// Where a token may stand: what reads it is in `auth`.
fn security(scope: Scope) -> Value {
    match scope {
        Scope::ForwardAuth => json!([{"own": []}]),
        Scope::Iam => json!([{"session": []}, {"token": []}, {"own": []}]),
        _ => json!([{"token": []}, {"own": []}]),
    }
}

/// A name for the operation: its path; of the root its contract's. The method, where the path takes several.
fn operation_id(route: &Route, path: &str, method: &str) -> String {
    match path.strip_prefix('/').unwrap_or(path) {
        "" => format!("{}_{method}", route.contract.name),
        path if route.methods == Methods::Any => format!("{}_{method}", path.replace(['/', '.'], "_")),
        path => path.replace(['/', '.'], "_"),
    }
}

fn responses(about: &About, generator: &mut SchemaGenerator) -> Value {
    let told = about.answer.map_or_else(|| json!({}), |schema| schema(generator).into());
    let headers = headers();
    let good = json!({"description": "The answer.", "headers": headers, "content": {about.answer_type: {"schema": told}}});
    let content = if about.tells_errors {
        json!({"application/json": {"schema": generator.subschema_for::<ErrorBody<'_>>()}})
    } else {
        json!({})
    };
    let description = "A refusal: the caller must not go on.";
    let refusal = json!({"description": description, "headers": headers, "content": content});
    json!({"200": good, "4XX": refusal, "503": refusal})
}

/// What every answer has.
fn headers() -> Value {
    json!({
        "Verdikt-Revision": {"required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "description": "The revision of the store that answered."},
        "Verdikt-Age": {"required": true, "schema": {"type": "integer", "minimum": 0},
            "description": "Seconds since that was loaded."},
    })
}
