//! Input that is made to hurt: too much of it, too deep, too long. Every limit is met just under it, at it and just over
//! it; no error repeats what it was given; memory stays a multiple of the input.

mod echo;
mod limits;
mod memory;
mod vectors;

use verdikt::request::{RequestBuilder, RequestError};
use verdikt::{Document, Kind, Limits, Owner, Principal, Request};

const RESOURCE: &str = "arn:aws:s3:::bucket/key";

/// A policy of the current version.
fn policy(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

/// A statement with this in place of one of its elements.
fn statement(element: &str, value: &str) -> String {
    let elements = [("Effect", r#""Allow""#), ("Action", r#""s3:GetObject""#), ("Resource", r#""*""#)];
    let negated = format!("Not{}", element.trim_start_matches("Not"));
    let others = elements
        .iter()
        .filter(|(name, _)| *name != element && !(negated == element && negated.ends_with(name)));
    let others: Vec<_> = others.map(|(name, value)| format!(r#""{name}": {value}"#)).collect();
    format!(r#"{{"{element}": {value}, {}}}"#, others.join(", "))
}

/// The codes of the errors of a policy; none if it is accepted.
fn refused(kind: Kind, json: &str, limits: &Limits) -> Vec<&'static str> {
    let problems = Document::parse(kind, "hostile", json, limits).err().map(|rejected| rejected.problems);
    let errors = problems.into_iter().flatten();
    errors
        .filter(|problem| problem.severity == verdikt::text::diagnostic::Severity::Error)
        .map(|problem| problem.code)
        .collect()
}

fn user() -> Principal {
    Principal::parse("arn:aws:iam::111122223333:user/u").unwrap()
}

/// Builds a request with what is added to it; the code of its error.
fn build(add: impl for<'a> FnOnce(RequestBuilder<'a>) -> RequestBuilder<'a>) -> Result<(), &'static str> {
    let user = user();
    let builder = Request::builder(&user, "s3:GetObject", RESOURCE, Owner::Account("111122223333"));
    add(builder).build().map(|_| ()).map_err(|error: RequestError| error.code())
}
