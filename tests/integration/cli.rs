//! The program as it is called: exact output, exit codes, order, colours. `SNAPSHOTS=overwrite` writes the expected
//! output anew.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails the test")]
#![allow(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes expected output with hashes, needed or not"
)]

mod batch;
mod check;
mod decide;
mod echo;
mod explain;
mod fmt;
mod new;
mod readme;
mod request;
mod store;
mod test;
mod threads;
mod usage;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use snapbox::{Data, IntoData, assert_data_eq};

const PREFIX_POLICY: &str = "policies/s3-per-identity-prefix/policy.json";
const PREFIX_REQUEST: &str = "policies/s3-per-identity-prefix/request.json";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials";

/// A call of the program, from the root of the repository.
struct Call {
    command: Command,
    input: String,
}

/// What came of a call.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn verdikt<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    Call { command, input: String::new() }
}

/// The words of a line, without quoting.
fn words(line: &str) -> Call {
    verdikt(line.split_whitespace())
}

impl Call {
    fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[track_caller]
    fn run(mut self) -> Ended {
        let stdio = || Stdio::piped();
        let mut child = self.command.stdin(stdio()).stdout(stdio()).stderr(stdio()).spawn().unwrap();
        // The inputs here fit into a pipe; a program that does not read them has ended already.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// Runs it; it must end with this code and say nothing on standard error.
    #[track_caller]
    fn out(self, code: i32) -> String {
        let ended = self.run();
        assert_eq!((ended.code, ended.err.as_str()), (code, ""), "{}", ended.out);
        ended.out
    }

    /// Runs it; it must end with this code and write nothing to standard output.
    #[track_caller]
    fn err(self, code: i32) -> String {
        let ended = self.run();
        assert_eq!((ended.code, ended.out.as_str()), (code, ""), "{}", ended.err);
        ended.err
    }
}

/// Compares output to the last character.
#[track_caller]
fn same(output: impl IntoData, expected: impl Into<Data>) {
    assert_data_eq!(output, expected.into().raw());
}

/// A folder of its own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("verdikt-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, name: &str, text: &str) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Output without the folder's own name.
    fn named(&self, text: &str) -> String {
        text.replace(self.0.to_str().unwrap(), "FOLDER")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ask(principal: &str, more: &str) -> String {
    format!(
        "decide --identity {PREFIX_POLICY} --principal {principal} --action s3:GetObject \
         --resource arn:aws:s3:::app-data/users/x/y --resource-account 111122223333 {more}"
    )
}

/// A policy of one statement on everything, with more elements.
fn policy(effect: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"*","Resource":"*"{more}}}}}"#
    )
}

/// A case whose policy allows everything to everybody.
fn case(id: &str, expect: &str) -> String {
    format!(
        r#"{{"id":"{id}","request":{{"principal":"{ALICE}","action":"s3:GetObject","resource":"*"}},"policies":{{"identity":[{{"name":"p","policy":{}}}]}}{expect}}}"#,
        policy("Allow", "")
    )
}

#[test]
fn completions_and_manual_know_the_subcommands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(words(&format!("completions {shell}")).out(0).contains("must-allow"), "{shell}");
    }
    let page = words("man").out(0);
    assert!(page.contains(".TH verdikt 1") && page.contains(".SH EXAMPLES\n"), "{page}");
    let folder = Folder::new();
    assert_eq!(verdikt(["man", "--dir", &folder.path("man1")]).out(0), "");
    let pages = fs::read_dir(folder.0.join("man1")).unwrap();
    let mut pages: Vec<_> = pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    let mut expected = vec![
        "verdikt-check.1",
        "verdikt-completions.1",
        "verdikt-decide.1",
        "verdikt-explain.1",
        "verdikt-fmt.1",
        "verdikt-man.1",
        "verdikt-new.1",
        "verdikt-request.1",
        "verdikt-store.1",
        "verdikt-test.1",
        "verdikt.1",
    ];
    if cfg!(feature = "cognito") {
        expected.push("verdikt-session.1");
    }
    if cfg!(feature = "server") {
        expected.push("verdikt-serve.1");
    }
    expected.sort_unstable();
    assert_eq!(pages, expected);
    let page = fs::read_to_string(folder.0.join("man1/verdikt-check.1")).unwrap();
    let title = format!(".TH verdikt-check 1  \"verdikt {}\"", env!("CARGO_PKG_VERSION"));
    assert!(page.contains(&title) && page.contains(".SH \"EXIT STATUS\"\n"), "{page}");
}

#[test]
fn help_tells_exit_codes_and_examples() {
    let help = words("--help").out(0);
    assert_eq!(help.matches("    verdikt ").count(), 3, "{help}");
    for line in ["decide --help", "check --help", "fmt --help", "test --help", "new --help", "--help"] {
        assert!(words(line).out(0).contains("\nExit codes:\n  0  allowed"), "{line}");
    }
    assert_eq!(words("--version").out(0), format!("verdikt {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let check = |more: &str| words(&format!("check - {more}")).input("{}");
    let plain = check("").out(4);
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(check("").env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1").out(4), plain);
    assert_eq!(check("--color never").env("CLICOLOR_FORCE", "1").out(4), plain);
    // What is asked for on the command line comes before the environment.
    let coloured = check("--color always").env("NO_COLOR", "1").out(4);
    assert!(coloured.contains("\u{1b}[1m\u{1b}[91merror[MISSING_STATEMENT]\u{1b}[0m"), "{coloured}");
    assert!(words("decide --color always").err(2).contains('\u{1b}'));
    assert!(words("--color=always --help").out(0).contains('\u{1b}'));
    assert!(words(&ask(SESSION, "--color always")).out(3).starts_with("\u{1b}[1m\u{1b}[31m"));
    assert!(words(&ask(SESSION, "--color always --format json")).out(3).starts_with('{'));
}

#[test]
fn control_characters_of_input_do_not_reach_the_terminal() {
    let text = policy("Allow", "").replace("\"Effect\"", "\"Sid\":\"\\u001b[2J\",\"Effect\"");
    let folder = Folder::new().with("p.json", &text);
    let line = format!(
        "decide --resource-policy {} --principal {ALICE} --action s3:GetObject",
        folder.path("p.json")
    );
    let call =
        verdikt(line.split(' ').chain(["--resource", "arn:aws:s3:::b/\u{1b}[2J", "--color", "always"]));
    let ended = call.run();
    assert!(
        !ended.out.contains("\u{1b}[2J") && !ended.err.contains("\u{1b}[2J"),
        "{}{}",
        ended.out,
        ended.err
    );
}
