//! A service of the photo app's store, or of a copy of it that a test may change.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use verdikt::server::{Config, Listen, Notices, Running};

use super::client::Client;

pub(super) const USER: &str = "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials";
/// A token that is good for everything, of [`tokens`].
pub(super) const TOKEN: &str = "a-token-for-tests-alone";

/// A service that runs until it is dropped.
pub(super) struct World {
    pub(super) running: Running,
    pub(super) address: SocketAddr,
}

/// A folder that is removed when it is dropped.
pub(super) struct Folder(PathBuf);

impl World {
    pub(super) fn start() -> Self {
        Self::with(|_| {})
    }

    /// With other settings than the default ones.
    pub(super) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(photo_app());
        config.listen = vec!["127.0.0.1:0".parse().unwrap()];
        config.watch = Some(Duration::from_millis(20));
        change(&mut config);
        Self::of(&config, Notices::none())
    }

    /// With settings of its own, and somebody who is told.
    pub(super) fn of(config: &Config, notices: Notices) -> Self {
        let running = Running::start(config, notices).unwrap();
        let Listen::Tcp(address) = running.addresses()[0] else { panic!("no TCP address") };
        Self { running, address }
    }

    /// The value of a metric's line.
    pub(super) fn metric(&self, line: &str) -> f64 {
        let answer = self.client().get("/metrics");
        let text = answer.text();
        let found = text.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
        found.map_or(0.0, |value| value.parse().unwrap())
    }

    pub(super) fn client(&self) -> Client {
        Client::connect(self.address)
    }
}

pub(super) fn photo_app() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app")
}

/// A request as JSON, of the photo app's user alice.
pub(super) fn request(action: &str, resource: &str) -> String {
    format!(
        r#"{{"principal": "{USER}", "action": "{action}", "resource": "{resource}", "context":
            {{"cognito-identity.amazonaws.com:sub": "us-east-1:alice", "aws:SecureTransport": true}}}}"#
    )
}

/// A request that is allowed.
pub(super) fn allowed() -> String {
    request("s3:GetObject", "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg")
}

/// A request that is not.
pub(super) fn denied() -> String {
    request("s3:GetObject", "arn:aws:s3:::photo-app/private/us-east-1:bob/cat.jpg")
}

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("verdikt-server-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A file in it.
    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A copy of the photo app's store.
pub(super) fn copied(folder: &Folder) -> PathBuf {
    let store = folder.path().join("store");
    copy(&photo_app(), &store);
    store
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A file put into its place whole.
pub(super) fn replace(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// Waits until something holds; tells what did not within a minute.
pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A file of tokens: [`TOKEN`] with every scope, and one that is good for metrics alone.
pub(super) fn tokens(folder: &Folder) -> PathBuf {
    let text = format!(
        r#"
        [[token]]
        name = "all"
        token = "{TOKEN}"
        scopes = ["native", "explain", "session", "authzen", "forward-auth", "iam", "metrics"]
        [[token]]
        name = "metrics"
        token = "a-token-of-the-scraper"
        scopes = ["metrics"]
        "#
    );
    folder.file("tokens.toml", &text)
}
