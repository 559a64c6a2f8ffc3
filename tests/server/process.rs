//! The program: how it starts, stops and dies.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use verdikt::server::ServerLimits;

use super::client::{Client, request};
use super::world::{Folder, allowed, photo_app, tokens};

/// A process that is killed when the test is over.
pub(super) struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
    command.arg("serve").arg("--store").arg(photo_app()).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A process, and where it says that it listens.
pub(super) fn serve(arguments: &[&str]) -> (Served, String) {
    let mut child = command(arguments).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
    let address = line.split("listening on ").nth(1).unwrap_or_else(|| panic!("{line}")).trim().to_owned();
    (Served(child), address)
}

pub(super) fn client(address: &str) -> Client {
    Client::connect(address.parse::<SocketAddr>().unwrap())
}

fn signal(served: &Served, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(served.0.id().to_string()).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_process_that_was_killed_starts_again() {
    let folder = Folder::new("killed");
    let log = folder.path().join("log.jsonl");
    let log = ["--decision-log", log.to_str().unwrap()];
    let (mut first, address) = serve(&[&["--listen", "127.0.0.1:0"], &log[..]].concat());
    let answer = client(&address).post("/v1/decide", &allowed());
    assert_eq!(answer.json()["allowed"], true);
    signal(&first, "KILL");
    first.0.wait().unwrap();
    let (_second, again) = serve(&[&["--listen", &address], &log[..]].concat());
    assert_eq!(again, address);
    let after = client(&address).post("/v1/decide", &allowed());
    assert_eq!(
        (after.json(), after.header("verdikt-revision")),
        (answer.json(), answer.header("verdikt-revision"))
    );
}

/// What was accepted is answered; what comes later is not accepted.
#[test]
fn a_process_that_is_told_to_stop_finishes_what_it_accepted() {
    let (mut served, address) = serve(&["--listen", "127.0.0.1:0"]);
    let mut slow = client(&address);
    slow.begin("/v1/decide", &allowed());
    let mut idle = client(&address);
    assert_eq!(idle.get("/healthz").status, 200);
    signal(&served, "TERM");
    super::world::wait_until("the listener to be closed", || {
        std::net::TcpStream::connect(address.parse::<SocketAddr>().unwrap()).is_err()
    });
    slow.send(allowed().as_bytes()).unwrap();
    assert_eq!(slow.answer().json()["allowed"], true);
    assert!(idle.is_ended());
    assert!(served.0.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_left_to_the_next_process() {
    let folder = Folder::new("socket");
    let path = folder.path().join("verdikt.sock");
    let address = format!("unix:{}", path.display());
    let ask = || {
        use std::io::Write;
        let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
        let headers = [("Content-Type", "application/json"), ("Connection", "close")];
        stream.write_all(&request("POST", "/v1/decide", &headers, allowed().as_bytes())).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for _ in 0..2 {
        let (mut served, told) = serve(&["--listen", &address]);
        assert_eq!(told, address);
        assert!(ask().contains("\"allowed\":true"));
        let second = command(&["--listen", &address]).output().unwrap();
        assert_eq!(second.status.code(), Some(1), "two processes on one socket");
        signal(&served, "KILL");
        served.0.wait().unwrap();
    }
}

fn refused(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_cannot_be_served_is_told_at_the_start() {
    let folder = Folder::new("start");
    let network = refused(&["--check-config", "--listen", "0.0.0.0:0"]);
    assert!(network.contains("--tokens") && network.contains("--allow-unauthenticated-network"), "{network}");
    assert!(refused(&["--listen", "[::]:0"]).contains("can be reached from other machines"));
    let missing = folder.path().join("missing.toml");
    assert!(refused(&["--check-config", "--tokens", missing.to_str().unwrap()]).contains("tokens"));
    let secret = "a-secret-token-that-is-long";
    let bad = folder
        .file("bad.toml", &format!("[[token]]\nname = \"a\"\ntoken = \"{secret}\"\nscopes = [\"all\"]\n"));
    let told = refused(&["--check-config", "--tokens", bad.to_str().unwrap()]);
    assert!(told.contains("refused") && !told.contains(secret), "{told}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(refused(&["--listen", &taken.local_addr().unwrap().to_string()]).contains("cannot listen"));
    let store = Path::new("--store");
    let nowhere =
        Command::new(env!("CARGO_BIN_EXE_verdikt")).arg("serve").arg(store).arg(folder.path()).output();
    assert_eq!(nowhere.unwrap().status.code(), Some(1));
}

/// The README's question, asked of the store that it names.
#[test]
fn the_readme_leads_to_a_decision() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let block =
        readme.split("```sh").find(|block| block.contains("-- serve --store policies/photo-app")).unwrap();
    assert_eq!(block.split("```").next().unwrap().trim().lines().count(), 2);
    let body = block.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let (_served, address) = serve(&["--listen", "127.0.0.1:0"]);
    assert_eq!(client(&address).post("/v1/decide", body).json()["allowed"], true);
}

#[test]
fn a_configuration_is_checked_without_listening() {
    let folder = Folder::new("check");
    let tokens = tokens(&folder);
    let output =
        command(&["--check-config", "--listen", "0.0.0.0:0", "--tokens", tokens.to_str().unwrap()]).output();
    let output = output.unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"the service could start so\n"[..]));
}

/// What `--help` tells is what holds where nothing is said.
#[test]
fn the_options_have_the_defaults_of_the_library() {
    let output = Command::new(env!("CARGO_BIN_EXE_verdikt")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let limits = ServerLimits::default();
    for (option, value) in [
        ("--max-connections", limits.connections as u64),
        ("--max-in-flight", limits.in_flight as u64),
        ("--max-sessions", limits.sessions as u64),
        ("--head-timeout", limits.head_time.as_secs()),
        ("--body-timeout", limits.body_time.as_secs()),
        ("--shutdown-timeout", limits.shutdown_time.as_secs()),
    ] {
        let told = help.split(option).nth(1).unwrap_or_else(|| panic!("{option}\n{help}"));
        let told = told.split("[default: ").nth(1).and_then(|rest| rest.split(']').next());
        assert_eq!(told, Some(&*value.to_string()), "{option}");
    }
}
