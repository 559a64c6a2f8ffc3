//! A service of the photo app's store, or of a copy of it that a test may change.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
        change(&mut config);
        let running = Running::start(&config, Notices::none()).unwrap();
        let Listen::Tcp(address) = running.addresses()[0] else { panic!("no TCP address") };
        Self { running, address }
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
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
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
