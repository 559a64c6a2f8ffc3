//! The store: what a manifest may say, which policies govern, reloads, and sessions that outlive them.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod governs;
mod live;
mod refused;
mod schema;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use verdikt::store::{LoadOptions, Rejected, Snapshot, Store};

/// A time, in seconds since 1970.
const NOW: i64 = 1_790_000_000;

const USER: &str = "arn:aws:iam::111122223333:user/staff/alice";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials";

const ALLOW_ALL: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
const DENY_ALL: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}}"#;

/// One account with a role.
const ROLE: &str = r#"
[[account]]
id = "111122223333"

[[role]]
arn = "arn:aws:iam::111122223333:role/app/Auth"
unique_id = "AROAEXAMPLE"
trust = "trust.json"
policies = ["allow.json"]
tags = { team = "red" }

[[bucket]]
name = "data"
account = "111122223333"
"#;

/// A folder of a store, removed at the end.
struct Files(PathBuf);

impl Files {
    /// With the policies that most tests name.
    fn new(manifest: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("verdikt-store-{}-{number}", std::process::id()));
        let files = Self(folder);
        files
            .write("verdikt.toml", manifest)
            .write("allow.json", ALLOW_ALL)
            .write("deny.json", DENY_ALL)
            .write("trust.json", TRUST);
        files
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn open(&self) -> Result<Store, Rejected> {
        Store::open(&self.0, &LoadOptions::default(), NOW)
    }

    fn snapshot(&self) -> std::sync::Arc<Snapshot> {
        self.open().unwrap_or_else(|rejected| panic!("{}", told(&rejected).join("\n"))).current()
    }

    /// What is wrong, each problem as `file:line:column: code: message`, files without their folder.
    fn problems(&self) -> Vec<String> {
        told(&self.open().err().unwrap())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(rejected: &Rejected) -> Vec<String> {
    let problems = rejected.files.iter().flat_map(|file| {
        file.problems.iter().map(|problem| {
            let at = file.source.position(problem.span.start);
            let name = file.source.name().rsplit('/').next().unwrap();
            format!("{name}:{}:{}: {}: {}", at.line, at.column, problem.code, problem.message)
        })
    });
    problems.collect()
}
