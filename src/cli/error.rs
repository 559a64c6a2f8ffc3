//! What can go wrong at the command line, and the exit codes.

use std::io;
use std::process::ExitCode;

use crate::compile::CompileError;
use crate::evaluate::PolicySetError;
use crate::policy::Rejected;
use crate::request::RequestError;
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Source;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Allowed, or nothing was found.
    Clean,
    /// The command failed.
    Failed,
    /// Wrong usage.
    Usage,
    /// Denied.
    Denied,
    /// Findings, or answers that are not as expected.
    Findings,
}

impl Exit {
    /// Findings, if there are any.
    pub(super) fn findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Clean }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Denied => 3,
            Exit::Findings => 4,
        })
    }
}

/// Why a command cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Wrong usage.
    #[error("{0}")]
    Usage(clap::Error),
    /// A file, folder or standard input cannot be read.
    #[error("cannot read `{name}`: {}", reason(.source))]
    Read {
        /// Its name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{name}`: {}", reason(.source))]
    Write {
        /// Its name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {}", reason(.0))]
    Output(io::Error),
    /// The request cannot be asked.
    #[error("{place}: {source}")]
    Request {
        /// Where it was given.
        place: String,
        /// What is wrong.
        source: RequestError,
    },
    /// An API call cannot be translated.
    #[error("{0}")]
    Call(#[from] super::call::CallError),
    /// Policies are refused; their problems are shown before this.
    #[error("{}", refused(.0))]
    Rejected(Vec<Rejected>),
    /// A store is refused; its problems are shown before this.
    #[error("the store is refused: mend what is shown above; nothing of it is used")]
    StoreRejected(crate::store::Rejected),
    /// A store cannot say what governs.
    #[error("the store `{folder}` refuses the request: {source}")]
    Store {
        /// Its folder.
        folder: String,
        /// Why.
        source: crate::store::StoreError,
    },
    /// Policies cannot be compiled together.
    #[error("the policies are refused: {0}")]
    Compile(#[from] CompileError),
    /// Policies cannot make a set.
    #[error("the policies are refused: {0}")]
    Set(#[from] PolicySetError),
    /// A folder without a policy.
    #[error("no policy file is below `{0}`: name another folder, or the files with `--include`")]
    NothingFound(String),
    /// A folder without a case file.
    #[error(
        "no case file is below `{0}`: write one, such as `policy.test.yaml`, or name files with `--include`"
    )]
    NoCaseFile(String),
    /// A policy of the library that cannot be written.
    #[error("cannot make `{name}`: {reason}")]
    New {
        /// The policy's name.
        name: String,
        /// Why.
        reason: String,
    },
    /// Nothing was run.
    #[error("no case matches `{0}`: `--filter` takes a part of `FILE: NAME`")]
    NoCase(String),
    /// A case file that cannot be read; the problem is shown before this.
    #[error("the case file `{}` is refused: mend what is shown above", .0.0.name())]
    CaseFile(Box<(Source, Diagnostic)>),
    /// A session file.
    #[cfg(feature = "cognito")]
    #[error("the session in `{name}` is refused: {source}")]
    Session {
        /// The file's name.
        name: String,
        /// Why.
        source: crate::cognito::SessionError,
    },
    /// The file of an identity pool, or what it names.
    #[cfg(feature = "cognito")]
    #[error("the identity pool in `{name}` cannot be used: {problem}")]
    Pool {
        /// The file's name.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The service.
    #[cfg(feature = "server")]
    #[error("the service: {0}")]
    Serve(crate::server::StartError),
    /// A file over its limit.
    #[error("`{name}` has more than {limit} bytes: split it")]
    TooLong {
        /// Its name.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// The canonical form would not say the same.
    #[error(
        "`{0}` is left as it is: its canonical form reads differently, which is a defect of verdikt; please report it"
    )]
    NotFaithful(String),
}

impl CliError {
    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}

fn refused(policies: &[Rejected]) -> String {
    match policies {
        [one] => format!("the policy `{}` is refused: mend what is shown above", one.source.name()),
        many => format!("{} policies are refused: mend what is shown above", many.len()),
    }
}

/// Why reading or writing failed, with what to do about it where that is known.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission; check the rights of the file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; name a file".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".to_owned(),
        _ => {
            // The system's text, in the form of the other messages.
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            let mut characters = text.chars();
            characters
                .next()
                .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
        }
    }
}
