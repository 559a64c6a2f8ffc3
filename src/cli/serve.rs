//! `verdikt serve`: the decide service.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderName;
use clap::{Args, ValueEnum};

use crate::server::{
    Config, ForwardAuth, Listen, LogMode, LogSettings, LogTarget, Notice, Notices, Proxy, Running,
    StartError, TlsFiles,
};

use super::error::{CliError, Exit};
use super::render::Terminal;

/// Decide over HTTP, by the policies of a store
///
/// Answers until it is told to stop (SIGTERM, SIGINT), and finishes what it accepted. Files are read again when they
/// change, and on SIGHUP; what is refused leaves the last good ones in force. docs/serve.md tells what may be asked,
/// docs/deploy.md how to run it.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The folder of the store
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Where to listen: an IP address and a port, or `unix:PATH`; repeatable [default: 127.0.0.1:8180]
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<Listen>,
    /// The URL that callers know the service by, for the metadata of `AuthZEN` [default: the one that they ask]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Read all that is named, say whether the service could start with it, and end
    #[arg(long)]
    check_config: bool,
    /// How often files are looked at for changes, in seconds; 0: never
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    watch: u64,
    /// The file that keeps the identities of identity pools [default: none, they end with the process]
    #[arg(long, value_name = "FILE")]
    identities: Option<PathBuf>,
    /// A candidate store, which decides beside: differences are logged and counted, and change nothing
    #[arg(long, value_name = "DIR")]
    shadow: Option<PathBuf>,
    #[command(flatten)]
    callers: CallerArgs,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    calls: CallArgs,
    #[command(flatten)]
    proxies: ProxyArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Who may call.
#[derive(Debug, Args)]
#[command(next_help_heading = "Callers")]
struct CallerArgs {
    /// The file of the tokens that callers must bear, in TOML [default: none, every caller may ask everything]
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Listen on a network without asking who calls: whoever reaches the address may ask everything
    #[arg(long, conflicts_with = "tokens")]
    allow_unauthenticated_network: bool,
    /// The certificate of TCP listeners, and those that lead to its root, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

/// The decision log.
#[derive(Debug, Args)]
#[command(next_help_heading = "Decision log")]
struct LogArgs {
    /// The file that decisions are appended to, a line of JSON each; `-` is standard output [default: none]
    #[arg(long, value_name = "FILE")]
    decision_log: Option<PathBuf>,
    /// Which decisions
    #[arg(long, value_enum, default_value_t = Logged::All, requires = "decision_log")]
    log_decisions: Logged,
    /// One of how many, with `--log-decisions sampled`
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..), requires = "decision_log")]
    log_sample: u32,
    /// A context key whose value is not logged; repeatable. Texts with tokens in them never are
    #[arg(long, value_name = "KEY", requires = "decision_log")]
    log_mask: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Logged {
    /// Every one
    All,
    /// One of so many
    Sampled,
    /// Those that are not allowed
    Denies,
}

/// What API calls do not tell.
#[derive(Debug, Args)]
#[command(next_help_heading = "API calls that are asked about")]
struct CallArgs {
    /// The host of an object store of your own, such as storage.example.com; repeatable [default: AWS's endpoints]
    #[arg(long, value_name = "HOST")]
    s3_host: Vec<String>,
    /// The Region of tables that are named without ARN
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The account of tables that are named without ARN [default: the caller's]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

/// Proxies that ask whether requests may pass.
#[derive(Debug, Args)]
#[command(next_help_heading = "Forward authentication")]
struct ProxyArgs {
    /// The kind of proxy that asks at /forward-auth; repeatable [default: none, nothing is answered there]
    #[arg(long, value_enum, value_name = "PROXY")]
    forward_auth: Vec<ProxyKind>,
    /// The identity pool of the logins [default: the store's, if it has one alone]
    #[arg(long, value_name = "ID", requires = "forward_auth")]
    forward_auth_pool: Option<String>,
    /// Let requests without a login be a guest's; all of them are one guest's
    #[arg(long, requires = "forward_auth")]
    forward_auth_guests: bool,
    /// The ARN of an Application Load Balancer whose `x-amzn-oidc-data` is a login; repeatable [default: none]
    #[arg(long, value_name = "ARN", requires_all = ["forward_auth", "alb_keys"])]
    alb: Vec<String>,
    /// The folder of its keys: each a file in PEM, named by its id
    #[arg(long, value_name = "DIR", requires = "alb")]
    alb_keys: Option<PathBuf>,
    /// The header in which the proxy tells the client's address (aws:SourceIp) [default: none]
    #[arg(long, value_name = "HEADER", requires = "forward_auth")]
    forward_auth_source_ip: Option<HeaderName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProxyKind {
    /// nginx, configured as in docs/deploy.md: X-Original-Method, -URI, -Host, -Proto
    Nginx,
    /// Traefik, Caddy: X-Forwarded-Method, -Uri, -Host, -Proto
    Forwarded,
    /// Envoy, by its filter of external authorization over HTTP
    Envoy,
}

/// What the service bears.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Connections at a time; further ones wait
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = most())]
    max_connections: u32,
    /// Requests at a time; further ones are answered 503
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = most())]
    max_in_flight: u32,
    /// Sessions that are held at a time
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = most())]
    max_sessions: u32,
    /// Guests whose identities are kept
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = most())]
    max_guests: u32,
    /// Seconds for the head of a request, to take an answer, and between two requests of a connection
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    head_timeout: u64,
    /// Seconds for the body of a request
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    body_timeout: u64,
    /// Seconds for what was accepted, when the service stops
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    shutdown_timeout: u64,
}

fn most() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

impl ServeArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let config = self.config();
        if self.check_config {
            Running::check(&config).map_err(refused)?;
            terminal.print("the service could start so\n")?;
            return Ok(Exit::Clean);
        }
        let running = Running::start(&config, notices(terminal)).map_err(refused)?;
        let signals =
            |source| CliError::Serve(StartError::System { what: "wait for signals".to_owned(), source });
        let listening = || {
            for address in running.addresses() {
                terminal.note(&format!("listening on {address}"));
            }
        };
        running.wait(listening).map_err(signals)?;
        terminal.note("stopping");
        Ok(if running.stop() { Exit::Clean } else { Exit::Failed })
    }

    fn config(&self) -> Config {
        let Self { callers, log, calls, limits, .. } = self;
        let mut config = Config::new(self.store.clone());
        if !self.listen.is_empty() {
            config.listen.clone_from(&self.listen);
        }
        config.public_url.clone_from(&self.public_url);
        config.tokens.clone_from(&callers.tokens);
        config.unauthenticated_network = callers.allow_unauthenticated_network;
        let tls = callers.tls_certificate.clone().zip(callers.tls_key.clone());
        config.tls = tls.map(|(certificate, key)| TlsFiles { certificate, key });
        config.log = log.settings();
        config.shadow.clone_from(&self.shadow);
        config.identities.clone_from(&self.identities);
        config.s3_hosts.clone_from(&calls.s3_host);
        config.region.clone_from(&calls.region);
        config.account.clone_from(&calls.account);
        config.forward_auth = self.proxies.settings();
        config.watch = (self.watch > 0).then(|| Duration::from_secs(self.watch));
        config.limits.connections = limits.max_connections as usize;
        config.limits.in_flight = limits.max_in_flight as usize;
        config.limits.sessions = limits.max_sessions as usize;
        config.limits.guests = limits.max_guests as usize;
        config.limits.head_time = Duration::from_secs(limits.head_timeout);
        config.limits.body_time = Duration::from_secs(limits.body_timeout);
        config.limits.shutdown_time = Duration::from_secs(limits.shutdown_timeout);
        config
    }
}

impl ProxyArgs {
    fn settings(&self) -> ForwardAuth {
        let proxies = self.forward_auth.iter().map(|kind| match kind {
            ProxyKind::Nginx => Proxy::Nginx,
            ProxyKind::Forwarded => Proxy::Forwarded,
            ProxyKind::Envoy => Proxy::Envoy,
        });
        ForwardAuth {
            proxies: proxies.collect(),
            pool: self.forward_auth_pool.clone(),
            guests: self.forward_auth_guests,
            balancers: self.alb.clone(),
            balancer_keys: self.alb_keys.clone(),
            source_ip: self.forward_auth_source_ip.clone(),
        }
    }
}

impl LogArgs {
    fn settings(&self) -> Option<LogSettings> {
        let path = self.decision_log.clone()?;
        let target = if path.as_os_str() == "-" { LogTarget::Stdout } else { LogTarget::File(path) };
        let mode = match self.log_decisions {
            Logged::All => LogMode::Full,
            Logged::Sampled => LogMode::Sampled(self.log_sample),
            Logged::Denies => LogMode::Denies,
        };
        Some(LogSettings { target, mode, masked: self.log_mask.clone() })
    }
}

/// What happens while the service runs, as the terminal tells it.
fn notices(terminal: Terminal) -> Notices {
    Notices::to(move |notice| match notice {
        Notice::Reloaded => terminal.note("read again: what changed is in force"),
        Notice::StoreRefused(rejected) => {
            terminal.fail(&CliError::StoreRejected(rejected));
        }
        Notice::CandidateRefused(rejected) => {
            terminal.note("the candidate store is refused: its last good one decides beside");
            terminal.fail(&CliError::StoreRejected(rejected));
        }
        Notice::TokensRefused(error) => {
            terminal.fail(&CliError::Serve(error.into()));
        }
        Notice::CertificateRefused(error) => {
            terminal.fail(&CliError::Serve(error.into()));
        }
        Notice::LogNotReopened(source) => {
            let what = "open the decision log again".to_owned();
            terminal.fail(&CliError::Serve(StartError::System { what, source }));
        }
    })
}

fn refused(error: StartError) -> CliError {
    match error {
        StartError::Store(rejected) => CliError::StoreRejected(rejected),
        other => CliError::Serve(other),
    }
}
