//! `verdikt new`: a policy of the library, written into a folder of the author's.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::suite::library::{EXAMPLES, Example, Placeholder};
use crate::suite::test::TestFile;
use crate::suite::test::run::{Options, run};

use super::error::{CliError, Exit};
use super::input::name_of;
use super::render::{self, Terminal};

/// Write a policy to start from, with its cases, into a folder
///
/// The names in it are replaced by those that options give. What is written passes its own cases.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Which policy; `--list` tells the names
    #[arg(value_name = "NAME", required_unless_present = "list")]
    name: Option<String>,
    /// List the policies, each with the names that can be filled in
    #[arg(long, conflicts_with_all = ["name", "Values", "dir"])]
    list: bool,
    /// The folder to write, which must not exist [default: NAME]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    values: Values,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Names")]
struct Values {
    /// The account, twelve digits
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The bucket
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// The DynamoDB table
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// The id of the identity pool
    #[arg(long, value_name = "ID")]
    pool: Option<String>,
    /// The id of the organization
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
}

impl NewArgs {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Exit, CliError> {
        if self.list {
            render::write(list().as_bytes())?;
            return Ok(Exit::Clean);
        }
        let name = self.name.as_deref().unwrap_or_default();
        let failed = |reason: String| CliError::New { name: name.to_owned(), reason };
        let example = Example::find(name)
            .ok_or_else(|| failed("no policy has this name; `verdikt new --list` tells them".to_owned()))?;
        let files = example.filled(&self.values.given()).map_err(|error| failed(error.to_string()))?;
        let folder = self.dir.clone().unwrap_or_else(|| PathBuf::from(example.name));
        if folder.exists() {
            return Err(failed(format!("`{}` exists; name another folder with `--dir`", name_of(&folder))));
        }
        let beside = beside(&folder);
        let made = write(&beside, &files).and_then(|()| tried(&beside)).map_err(failed).and_then(|()| {
            fs::rename(&beside, &folder).map_err(|source| CliError::Write { name: name_of(&folder), source })
        });
        if made.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        made?;
        let folder = name_of(&folder);
        terminal.print(&format!("{folder}: written; run its cases with `verdikt test {folder}`\n"))?;
        Ok(Exit::Clean)
    }
}

impl Values {
    fn given(&self) -> Vec<(Placeholder, &str)> {
        let value = |one: Placeholder| match one {
            Placeholder::Account => &self.account,
            Placeholder::Bucket => &self.bucket,
            Placeholder::Table => &self.table,
            Placeholder::Pool => &self.pool,
            Placeholder::Organization => &self.organization,
        };
        Placeholder::ALL.into_iter().filter_map(|one| Some((one, value(one).as_deref()?))).collect()
    }
}

fn list() -> String {
    let line = |example: &Example| {
        let mut names: Vec<String> =
            example.placeholders().iter().map(|(one, _)| format!("--{}", one.name())).collect();
        names.dedup();
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        format!("{}: {}, {}{names}\n", example.name, example.kind.title(), example.summary)
    };
    EXAMPLES.iter().map(line).collect()
}

/// A folder beside the one to be made, which is filled before it gets its name.
fn beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), String> {
    let told = |error: std::io::Error| format!("cannot write `{}`: {error}", name_of(folder));
    fs::create_dir_all(folder).map_err(told)?;
    files.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)).map_err(told)
}

/// Whether what was written passes its own cases.
fn tried(folder: &Path) -> Result<(), String> {
    let files = ["policy.test.yaml", "calls.test.yaml"].map(|name| folder.join(name));
    for path in files.iter().filter(|path| path.exists()) {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let file =
            TestFile::parse_with_calls(path, text, super::translate).map_err(|error| error.to_string())?;
        let result = run(file, &Options::default());
        if let Some((check, _)) = result.checks().find(|(_, one)| !one.passed()) {
            return Err(format!(
                "with these names its case `{}` fails: the names are too alike; choose others",
                check.name
            ));
        }
    }
    Ok(())
}
