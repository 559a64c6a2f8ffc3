//! Floor 7: the command line. One file a subcommand; `render` alone knows colours, `input` alone opens files, `error`
//! says what can go wrong and with which exit code.

mod as_session;
mod attached;
mod batch;
mod call;
mod check;
mod clock;
mod completions;
mod decide;
mod discover;
mod error;
mod explain;
mod fmt;
mod input;
mod kind;
mod man;
mod new;
mod pieces;
mod pipeline;
mod progress;
mod question;
mod render;
mod request;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "cognito")]
mod session;
mod single;
mod store;
mod stored;
mod test;
mod threads;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use call::translate;
use error::{CliError, Exit};
use render::Terminal;

const EXIT_CODES: &str = "\
Exit codes:
  0  allowed, or nothing was found
  1  the command failed: a file cannot be read, a policy or the request is refused
  2  wrong usage
  3  denied
  4  findings: errors in policies, answers that are not as expected, cases that fail, files that are not formatted";

const EXAMPLES: &str = "\
Examples:
  Decide one request by one policy, and say why:
    verdikt decide --identity role.json --principal arn:aws:iam::111122223333:user/alice \\
        --action s3:GetObject --resource arn:aws:s3:::app-data/a.txt --resource-account 111122223333

  Check every policy of a folder, then run the cases that say what the policies must decide:
    verdikt check policies/ --exclude request.json
    verdikt test policies/ --coverage";

/// Decides IAM-style JSON policies, and says why.
#[derive(Debug, Parser)]
#[command(name = "verdikt", version, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours; `auto`: on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    /// Write neither notes nor progress to standard error; errors are told all the same
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = EXIT_CODES)]
    Decide(Box<decide::DecideArgs>),
    #[command(after_help = EXIT_CODES)]
    Explain(Box<explain::ExplainArgs>),
    #[command(after_help = EXIT_CODES)]
    Check(check::CheckArgs),
    #[command(after_help = EXIT_CODES)]
    Fmt(fmt::FmtArgs),
    #[command(after_help = EXIT_CODES)]
    Test(Box<test::TestArgs>),
    #[command(after_help = EXIT_CODES)]
    Store(store::StoreArgs),
    #[command(after_help = EXIT_CODES)]
    New(new::NewArgs),
    #[command(after_help = EXIT_CODES)]
    Request(Box<request::RequestCommand>),
    #[cfg(feature = "cognito")]
    #[command(after_help = EXIT_CODES)]
    Session(Box<session::SessionArgs>),
    #[cfg(feature = "server")]
    #[command(after_help = EXIT_CODES)]
    Serve(Box<serve::ServeArgs>),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the program with its arguments, the program's name first. The exit codes are those that `--help` tells.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut definition = Cli::command().color(asked_color(&arguments));
    let matches = definition.try_get_matches_from_mut(arguments);
    let cli = matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    match cli {
        Ok(cli) => cli.run(),
        Err(error) => {
            // A reader that left, of the help text too, is no failure.
            let _ = error.print();
            if error.exit_code() == 0 { Exit::Clean.into() } else { Exit::Usage.into() }
        }
    }
}

impl Cli {
    fn run(&self) -> ExitCode {
        let terminal = Terminal::new(self.color, self.quiet);
        let result = match &self.command {
            Command::Decide(args) => args.run(terminal),
            Command::Explain(args) => args.run(terminal),
            Command::Check(args) => args.run(terminal),
            Command::Fmt(args) => args.run(terminal),
            Command::Test(args) => args.run(terminal),
            Command::Store(args) => args.run(terminal),
            Command::New(args) => args.run(terminal),
            Command::Request(args) => args.run(terminal),
            #[cfg(feature = "cognito")]
            Command::Session(args) => args.run(terminal),
            #[cfg(feature = "server")]
            Command::Serve(args) => args.run(terminal),
            Command::Completions(args) => args.run(),
            Command::Man(args) => args.run(),
        };
        result.unwrap_or_else(|error| terminal.fail(&error)).into()
    }
}

/// The colour choice for what is written before the arguments are read: help, wrong usage.
fn asked_color(arguments: &[OsString]) -> ColorChoice {
    let mut choice = ColorChoice::Auto;
    let mut arguments = arguments.iter().filter_map(|argument| argument.to_str()).peekable();
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--color") {
            Some("") => arguments.peek().copied(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        choice = value.and_then(|value| value.parse().ok()).unwrap_or(choice);
    }
    choice
}

/// Wrong usage of a subcommand that its definition cannot express.
fn usage(subcommand: &str, message: &str) -> CliError {
    let mut definition = Cli::command();
    definition.build();
    let definition = definition.find_subcommand(subcommand).cloned().unwrap_or(definition);
    CliError::Usage(definition.clone().error(ErrorKind::ArgumentConflict, message))
}
