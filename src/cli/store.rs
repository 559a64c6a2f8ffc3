//! `verdikt store`: whether a store can be loaded, and what governs in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::decision_point::Settings;
use crate::evaluate::{Attachment, PolicySet};
use crate::policy::Document;
use crate::request::{Owner, Principal, RequestError};
use crate::store::{Counts, KnownKey, KnownValue, Snapshot, StoreError};
use crate::suite::documents::Located;
use crate::text::diagnostic::printable;
use crate::text::source::Positions;

use super::batch;
use super::clock::Now;
use super::error::{CliError, Exit};
use super::input::name_of;
use super::render::{self, Terminal};
use super::single::Format;
use super::stored::open;

/// Check a store, or show which policies govern in it
///
/// A store is a folder with a manifest, `verdikt.toml`, that states who and what there is and which policy files are
/// attached where. docs/store.md is its reference, docs/manifest.schema.json its schema for editors.
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    Check(CheckArgs),
    Show(ShowArgs),
}

/// Check a store: every problem of every file with its place and remedy
///
/// Ends with 4 if there is an error, and nothing of the store could be used.
#[derive(Debug, Args)]
struct CheckArgs {
    /// The folder of the store
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// End with 4 for warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// How problems are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Show which policies govern a principal and a resource, and what the store knows of them
#[derive(Debug, Args)]
struct ShowArgs {
    /// The folder of the store
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Who asks: the ARN of a user, role, role session, federated user or root
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// The resource, by its ARN
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What governs.
struct Shown {
    owner: Option<String>,
    set: PolicySet,
    known: Vec<(String, Value)>,
}

impl StoreArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        match &self.command {
            StoreCommand::Check(args) => args.run(terminal),
            StoreCommand::Show(args) => args.run(terminal),
        }
    }
}

impl CheckArgs {
    fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let opened = open(&self.folder, Settings::default(), Now::or_clock(None), terminal);
        let (files, snapshot) = match &opened {
            Ok(stored) => (stored.in_force.store().warnings(), Some(stored.in_force.store())),
            Err(CliError::StoreRejected(rejected)) => (rejected.files.as_slice(), None),
            Err(_) => return opened.map(|_| Exit::Clean),
        };
        match self.format {
            Format::Text => {
                let problems: String =
                    files.iter().map(|file| render::problems(&file.source, &file.problems)).collect();
                let verdict = match snapshot {
                    Some(snapshot) => format!("valid\n{}", summary(snapshot)),
                    None => "refused; nothing of it would be used\n".to_owned(),
                };
                terminal.print(&format!("{problems}{}: {verdict}", printable(&name_of(&self.folder))))?;
            }
            Format::Json => {
                for file in files {
                    let positions = Positions::new(file.source.text());
                    let place = |problem| Located { positions: &positions, problem };
                    let problems: Vec<_> = file.problems.iter().map(place).collect();
                    render::write(&batch::json_line(
                        &json!({"name": file.source.name(), "problems": problems}),
                    ))?;
                }
                render::write(&batch::json_line(&Verdict::of(snapshot)))?;
            }
        }
        Ok(Exit::findings(snapshot.is_none() || (self.deny_warnings && !files.is_empty())))
    }
}

/// The last line of `check` for programs.
#[derive(Serialize)]
struct Verdict {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Value>,
}

impl Verdict {
    fn of(snapshot: Option<&Snapshot>) -> Self {
        Self {
            valid: snapshot.is_some(),
            revision: snapshot.map(|snapshot| snapshot.revision().to_string()),
            counts: snapshot.map(|snapshot| counts(&snapshot.counts())),
        }
    }
}

impl ShowArgs {
    fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        let principal = self.principal.as_deref().map(Principal::parse).transpose();
        let place = "the principal is refused".to_owned();
        let principal = principal.map_err(|source: RequestError| CliError::Request { place, source })?;
        let stored = open(&self.folder, Settings::default(), Now::or_clock(None), terminal)?;
        let snapshot = stored.in_force.store();
        let refuse = |source| CliError::Store { folder: name_of(&self.folder), source };
        let shown = self.shown(snapshot, principal).map_err(refuse)?;
        match self.format {
            Format::Text => terminal.print(&self.text(snapshot, shown.as_ref()))?,
            Format::Json => render::write(&batch::json_line(&self.json(snapshot, shown.as_ref())))?,
        };
        Ok(Exit::Clean)
    }

    /// What governs; nothing if neither a principal nor a resource is named.
    fn shown(&self, snapshot: &Snapshot, principal: Option<Principal>) -> Result<Option<Shown>, StoreError> {
        if principal.is_none() && self.resource.is_none() {
            return Ok(None);
        }
        let has_principal = principal.is_some();
        let principal = match principal {
            Some(principal) => snapshot.principal(&principal)?,
            None => Principal::parse("anonymous")?,
        };
        let resource = self.resource.as_deref().unwrap_or("*");
        let governing = snapshot.governing(&principal, resource)?;
        let owner = match (&self.resource, governing.owner()) {
            (None, _) | (_, Owner::Nobody) => None,
            (_, Owner::Account(account)) => Some(account.to_owned()),
            (_, Owner::Unknown) => Some("unknown".to_owned()),
        };
        // The action that a role's trust policy governs; elsewhere it makes no difference.
        let set = governing.policies("sts:AssumeRole")?;
        let is_asked = |key: &KnownKey<'_>| has_principal || !is_of_principal(&key.name);
        let known = governing.known(&principal).into_iter().filter(is_asked);
        let known = known.filter(|key| key.value != KnownValue::Absent).map(told).collect();
        Ok(Some(Shown { owner, set, known }))
    }

    fn text(&self, snapshot: &Snapshot, shown: Option<&Shown>) -> String {
        let mut out = format!("{}\n{}", printable(&name_of(&self.folder)), summary(snapshot));
        let Some(shown) = shown else { return out };
        let asked = [("principal", &self.principal), ("resource", &self.resource)];
        for (what, text) in asked.into_iter().filter_map(|(what, text)| Some((what, text.as_ref()?))) {
            let _ = writeln!(out, "\n{what} {}", printable(text));
        }
        if let Some(owner) = &shown.owner {
            let _ = writeln!(out, "owner {owner}");
        }
        out += "\npolicies that govern\n";
        for (layer, level, files) in attached(&shown.set, &self.folder) {
            let level = level.map_or_else(String::new, |level| format!(", level {level}"));
            let files =
                if files.is_empty() { "nothing, which allows nothing".to_owned() } else { files.join(", ") };
            let _ = writeln!(out, "  {layer}{level}: {}", printable(&files));
        }
        out += "\ncontext keys that the store supplies\n";
        for (name, value) in &shown.known {
            let _ = writeln!(
                out,
                "  {} = {}",
                printable(name),
                printable(value.as_str().unwrap_or(&value.to_string()))
            );
        }
        out
    }

    fn json(&self, snapshot: &Snapshot, shown: Option<&Shown>) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
        put("revision", json!(snapshot.revision().to_string()));
        put("counts", counts(&snapshot.counts()));
        if let Some(shown) = shown {
            let policies = attached(&shown.set, &self.folder).into_iter().zip(shown.set.attachments());
            let policies = policies.map(
                |((_, _, files), one)| json!({"layer": one.layer.as_str(), "level": one.level, "files": files}),
            );
            put("principal", json!(self.principal));
            put("resource", json!(self.resource));
            put("owner", json!(shown.owner));
            put("policies", policies.collect());
            put("context", shown.known.iter().cloned().collect::<Map<_, _>>().into());
        }
        out.into()
    }
}

/// Whether a key tells of the principal, or of how the request comes.
fn is_of_principal(name: &str) -> bool {
    !name.starts_with("aws:Resource") && !name.starts_with("iam:Resource")
}

fn told(key: KnownKey<'_>) -> (String, Value) {
    let value = match key.value {
        KnownValue::One(value) => json!(value),
        KnownValue::Many(value) => json!([value]),
        KnownValue::Absent => Value::Null,
    };
    (key.name.into_owned(), value)
}

/// Each attachment: its layer, its level where there are several, and its files below the folder.
fn attached(set: &PolicySet, folder: &Path) -> Vec<(&'static str, Option<u32>, Vec<String>)> {
    let beginning = format!("{}/", name_of(folder).trim_end_matches('/'));
    let files = |one: &Attachment| {
        let names = one.policy.documents().iter().map(Document::name);
        names.map(|name| name.strip_prefix(&beginning).unwrap_or(name).to_owned()).collect()
    };
    let levels = |layer| set.layer(layer).is_some_and(|levels| levels.len() > 1);
    let told = |one: &Attachment| (one.layer.title(), levels(one.layer).then_some(one.level), files(one));
    set.attachments().iter().map(told).collect()
}

fn counts(counts: &Counts) -> Value {
    json!({
        "accounts": counts.accounts,
        "identities": counts.identities,
        "resources": counts.resources,
        "vpc_endpoints": counts.vpc_endpoints,
        "identity_pools": counts.identity_pools,
        "attachments": counts.attachments,
    })
}

fn summary(snapshot: &Snapshot) -> String {
    let all = snapshot.counts();
    format!(
        "  revision {}\n  accounts {}, roles and users {}, resources {}, VPC endpoints {}, identity pools {}\n  \
         attachments {}\n",
        snapshot.revision(),
        all.accounts,
        all.identities,
        all.resources,
        all.vpc_endpoints,
        all.identity_pools,
        all.attachments
    )
}
