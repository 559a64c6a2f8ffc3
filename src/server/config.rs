//! What the service is told when it starts.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::cognito::GUESTS;
use crate::text::arn::Arn;

use super::forward_auth::ForwardAuth;
use super::log::LogSettings;

/// How the service is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the store.
    pub store: PathBuf,
    /// Where it listens.
    pub listen: Vec<Listen>,
    /// The URL that callers know the service by, without a slash at its end.
    pub public_url: Option<String>,
    /// The file of the tokens that callers must bear; `None`: every caller may ask everything.
    pub tokens: Option<PathBuf>,
    /// Listens on a network without asking who calls.
    pub unauthenticated_network: bool,
    /// The certificate of TCP listeners and its key; `None`: they speak in the clear.
    pub tls: Option<TlsFiles>,
    /// The decision log.
    pub log: Option<LogSettings>,
    /// A candidate store, which decides beside: differences are logged and counted, and change nothing.
    pub shadow: Option<PathBuf>,
    /// The file that keeps identities of identity pools; in memory without it.
    pub identities: Option<PathBuf>,
    /// Hosts of an object store of one's own, in API calls that are asked about; AWS's endpoints without any.
    pub s3_hosts: Vec<String>,
    /// The Region of tables that API calls name without ARN.
    pub region: Option<String>,
    /// Their account.
    pub account: Option<String>,
    /// The proxies that ask whether requests may pass.
    pub forward_auth: ForwardAuth,
    /// How often the files are looked at for changes; `None`: never.
    pub watch: Option<Duration>,
    /// What it bears.
    pub limits: ServerLimits,
}

/// Files of TLS, in PEM. They are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its root.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// TCP.
    Tcp(SocketAddr),
    /// A Unix socket, by its path.
    Unix(PathBuf),
}

/// What the service bears.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Requests at a time; further ones are answered 503.
    pub in_flight: usize,
    /// Sessions that are held at a time.
    pub sessions: usize,
    /// Guests whose identities are kept.
    pub guests: usize,
    /// How long a connection may take for the head of its next request, and to take the answer of the last.
    pub head_time: Duration,
    /// How long a request may take to bring its body.
    pub body_time: Duration,
    /// How long what was accepted may take after the service is told to stop.
    pub shutdown_time: Duration,
    /// Bytes of all headers together.
    pub head_bytes: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            in_flight: 512,
            sessions: 100_000,
            guests: GUESTS,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
            shutdown_time: Duration::from_secs(30),
            head_bytes: 32 * 1024,
        }
    }
}

/// Why the service cannot start with what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nowhere to listen.
    #[error("nowhere to listen: name an address with `--listen`")]
    NoListener,
    /// A network without authentication.
    #[error(
        "`{0}` can be reached from other machines, and no caller would be asked who it is: name a file of tokens with \
         `--tokens`, or say `--allow-unauthenticated-network` if whoever reaches the address may ask everything"
    )]
    Unauthenticated(SocketAddr),
    /// Not a URL that others could use.
    #[error(
        "`{0}` is not the URL of a service: write `https://HOST` (`http` on this machine alone), with a path if it has one, without query and fragment"
    )]
    PublicUrl(String),
    /// Load balancers without their keys.
    #[error("load balancers are named, and no folder of their keys: name it with `--alb-keys`")]
    BalancerKeys,
    /// Not the ARN of one.
    #[error(
        "`{0}` is not the ARN of an Application Load Balancer: `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID`"
    )]
    Balancer(String),
    /// Not a host.
    #[error(
        "`{0}` is not the host of an object store: name it alone, such as `storage.example.com`, without scheme, port and path"
    )]
    Host(String),
    /// Not a Region.
    #[error("`{0}` is not a Region: write it such as `eu-central-1`")]
    Region(String),
    /// Not an account.
    #[error("`{0}` is not an account: it has 12 digits")]
    Account(String),
    /// Not in the store.
    #[error("the store has no identity pool `{0}`, which `--forward-auth-pool` names")]
    UnknownPool(String),
}

impl Config {
    /// A service of a store on `127.0.0.1:8180`.
    pub fn new(store: PathBuf) -> Self {
        Self {
            store,
            listen: vec![Listen::default()],
            public_url: None,
            tokens: None,
            unauthenticated_network: false,
            tls: None,
            log: None,
            shadow: None,
            identities: None,
            s3_hosts: Vec::new(),
            region: None,
            account: None,
            forward_auth: ForwardAuth::default(),
            watch: Some(Duration::from_secs(1)),
            limits: ServerLimits::default(),
        }
    }

    /// Whether it may start so.
    ///
    /// # Errors
    /// It listens nowhere, or on a network without asking who calls; or something is not what it should be by its text.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.listen.is_empty() {
            return Err(ConfigError::NoListener);
        }
        if let Some(url) = self.public_url.as_ref().filter(|url| !is_base(url)) {
            return Err(ConfigError::PublicUrl(url.clone()));
        }
        if !self.forward_auth.balancers.is_empty() && self.forward_auth.balancer_keys.is_none() {
            return Err(ConfigError::BalancerKeys);
        }
        self.check_names()?;
        let is_open = self.tokens.is_none() && !self.unauthenticated_network;
        match self.listen.iter().find_map(Listen::network).filter(|_| is_open) {
            Some(address) => Err(ConfigError::Unauthenticated(address)),
            None => Ok(()),
        }
    }

    fn check_names(&self) -> Result<(), ConfigError> {
        let unless = |holds: fn(&str) -> bool, error: fn(String) -> ConfigError| {
            move |text: &String| if holds(text) { Ok(()) } else { Err(error(text.clone())) }
        };
        self.forward_auth.balancers.iter().try_for_each(unless(is_balancer, ConfigError::Balancer))?;
        self.s3_hosts.iter().try_for_each(unless(is_host, ConfigError::Host))?;
        self.region.iter().try_for_each(unless(is_region, ConfigError::Region))?;
        self.account.iter().try_for_each(unless(is_account, ConfigError::Account))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let is_named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_named)
}

/// Whether a text is a name or an address as it stands in a URL, without port.
fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !text.is_empty() && !text.starts_with('.') && !text.ends_with('.') && text.bytes().all(is_named)
}

fn is_balancer(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        arn.service() == "elasticloadbalancing"
            && is_region(arn.region())
            && is_account(arn.account())
            && arn.resource().starts_with("loadbalancer/app/")
    })
}

/// Whether a URL can have paths put behind it.
fn is_base(url: &str) -> bool {
    let is_plain = !url.contains(['?', '#', '@', ' ']) && !url.ends_with('/');
    let uri = url.parse::<axum::http::Uri>().ok().filter(|_| is_plain);
    uri.is_some_and(|uri| match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => is_loopback(host),
        _ => false,
    })
}

/// Whether a host of a URL is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

impl Listen {
    /// The address, if other machines can reach it.
    fn network(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) if !address.ip().to_canonical().is_loopback() => Some(*address),
            Self::Tcp(_) | Self::Unix(_) => None,
        }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp(SocketAddr::from(([127, 0, 0, 1], 8180)))
    }
}

impl FromStr for Listen {
    type Err = String;

    /// `ADDRESS:PORT`, or `unix:PATH`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() {
                Err("no path after `unix:`".to_owned())
            } else {
                Ok(Self::Unix(path.into()))
            };
        }
        let address = text.parse().map(Self::Tcp);
        address.map_err(|_| "neither `ADDRESS:PORT` with an IP address nor `unix:PATH`".to_owned())
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
