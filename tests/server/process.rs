//! The program: how it starts, stops and dies.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use verdikt::server::ServerLimits;

use super::client::{Client, request};
use super::world::{Folder, TOKEN, allowed, copied, photo_app, tokens, wait_until};

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
    started(command(arguments))
}

fn started(mut command: Command) -> (Served, String) {
    let mut child = command.spawn().unwrap();
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

/// A process whose files may have so few bytes that its disk is as good as full, and where it says that it listens.
fn serve_on_a_small_disk(arguments: &[&str]) -> (Served, String) {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"trap "" XFSZ; ulimit -S -f 4; exec "$0" "$@""#, env!("CARGO_BIN_EXE_verdikt")]);
    shell.arg("serve").arg("--store").arg(photo_app()).args(arguments).stderr(Stdio::piped());
    started(shell)
}

/// A metric without labels.
fn metric(address: &str, name: &str) -> f64 {
    let answer = client(address).get("/metrics");
    let found =
        answer.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    found.unwrap_or_else(|| panic!("{name}: {}", answer.text()))
}

#[test]
fn a_process_that_was_killed_starts_again() {
    let folder = Folder::new("killed");
    let path = folder.path().join("log.jsonl");
    let log = ["--decision-log", path.to_str().unwrap()];
    let (mut first, address) = serve(&[&["--listen", "127.0.0.1:0"], &log[..]].concat());
    let answer = client(&address).post("/v1/decide", &allowed());
    assert_eq!(answer.json()["allowed"], true);
    let guest = client(&address).post("/v1/session", r#"{"guest": true}"#).json();
    let question = serde_json::json!({"session": guest["session"], "action": "s3:GetObject",
        "resource": "arn:aws:s3:::photo-app/public/sea.jpg", "context": {"aws:SecureTransport": true}});
    let question = question.to_string();
    assert_eq!(client(&address).post("/v1/decide", &question).json()["allowed"], true);
    wait_until("the log of two decisions", || lines(&path).len() == 2);
    signal(&first, "KILL");
    first.0.wait().unwrap();
    let (_second, again) = serve(&[&["--listen", &address], &log[..]].concat());
    assert_eq!(again, address);
    let after = client(&address).post("/v1/decide", &allowed());
    assert_eq!(
        (after.json(), after.header("verdikt-revision")),
        (answer.json(), answer.header("verdikt-revision"))
    );
    // Sessions ended with the process, and a handle of theirs is no allow.
    let over = client(&address).post("/v1/decide", &question);
    assert_eq!((over.status, over.json()["error"]["code"].as_str()), (401, Some("UNKNOWN_SESSION")));
    let lines = wait_for(&path, 3);
    assert!(lines.iter().all(|line| line["decision"]["decision"] == "allowed"), "{lines:?}");
}

/// The lines of a log.
fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The lines of a log, once there are so many, each a decision.
fn wait_for(path: &Path, count: usize) -> Vec<serde_json::Value> {
    wait_until("the lines of the log", || lines(path).len() >= count);
    lines(path).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A line that a process did not end, for it was killed or the disk was full, is lost alone.
#[test]
fn a_line_that_was_begun_spoils_no_other() {
    let folder = Folder::new("torn");
    let log = folder.file("log.jsonl", "{\"whole\": 1}\n{\"torn\": ");
    let (served, address) = serve(&["--listen", "127.0.0.1:0", "--decision-log", log.to_str().unwrap()]);
    client(&address).post("/v1/decide", &allowed());
    wait_until("the line of the decision", || lines(&log).len() == 3);
    let told = lines(&log);
    assert_eq!((&*told[0], &*told[1]), ("{\"whole\": 1}", "{\"torn\": "));
    assert!(serde_json::from_str::<serde_json::Value>(&told[2]).is_ok(), "{told:?}");
    // The same where the file is opened again.
    let moved = folder.path().join("moved");
    std::fs::rename(&log, &moved).unwrap();
    std::fs::write(&log, "{\"torn\": ").unwrap();
    signal(&served, "HUP");
    wait_until("the file to be opened again", || {
        client(&address).post("/v1/decide", &allowed());
        lines(&log).len() >= 2
    });
    assert!(serde_json::from_str::<serde_json::Value>(&lines(&log)[1]).is_ok());
    for (place, line) in lines(&moved).iter().enumerate() {
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).is_ok(), place != 1, "{line}");
    }
}

/// Where the log cannot be opened again, that is counted, the file of before takes the lines, and it is opened as soon as
/// it can be.
#[test]
fn a_log_that_cannot_be_opened_again_is_opened_later() {
    let folder = Folder::new("reopened");
    let (place, moved) = (folder.path().join("logs"), folder.path().join("moved"));
    std::fs::create_dir(&place).unwrap();
    let log = place.join("log.jsonl");
    let (served, address) = serve(&["--listen", "127.0.0.1:0", "--decision-log", log.to_str().unwrap()]);
    std::fs::rename(&place, &moved).unwrap();
    signal(&served, "HUP");
    wait_until("the failure to be counted", || metric(&address, "verdikt_log_reopen_failures_total") > 0.5);
    client(&address).post("/v1/decide", &allowed());
    wait_for(&moved.join("log.jsonl"), 1);
    std::fs::create_dir(&place).unwrap();
    wait_until("the file to be opened again", || log.exists());
    client(&address).post("/v1/decide", &allowed());
    wait_for(&log, 1);
    assert_eq!(lines(&moved.join("log.jsonl")).len(), 1);
    assert!((metric(&address, "verdikt_log_reopen_failures_total") - 1.0).abs() < 0.5, "once a signal");
}

/// The disk is full in the middle of a line, and later has room again: every decision is answered, every one is in the
/// log or counted, and the line that was begun spoils no other.
#[test]
fn a_disk_that_fills_costs_lines_that_are_counted_alone() {
    let folder = Folder::new("filled");
    let log = folder.path().join("log.jsonl");
    let (served, address) =
        serve_on_a_small_disk(&["--listen", "127.0.0.1:0", "--decision-log", log.to_str().unwrap()]);
    let asked = std::cell::Cell::new(0u32);
    let ask = || {
        asked.set(asked.get() + 1);
        assert_eq!(client(&address).post("/v1/decide", &allowed()).json()["allowed"], true);
    };
    let lost = || metric(&address, "verdikt_log_drops_total");
    wait_until("the disk to be full", || {
        ask();
        lost() > 2.5
    });
    let begun = lines(&log).len();
    let torn = lines(&log).pop();
    assert!(!std::fs::read_to_string(&log).unwrap().ends_with('\n'), "the disk is full within a line");
    let room =
        Command::new("prlimit").arg(format!("--pid={}", served.0.id())).arg("--fsize=unlimited").status();
    assert!(room.unwrap().success());
    wait_until("a line after there is room", || {
        ask();
        lines(&log).len() > begun
    });
    let good = || u32::try_from(lines(&log).iter().filter(|line| line.ends_with('}')).count()).unwrap();
    wait_until("every decision in the log or counted", || {
        (f64::from(good()) + lost() - f64::from(asked.get())).abs() < 0.5
    });
    assert_eq!(lines(&log).get(begun - 1), torn.as_ref(), "nothing is put behind the line that was begun");
    for (place, line) in (1..).zip(lines(&log)) {
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), place != begun, "{line}");
    }
}

/// Where nothing looks for changes, the signal loads everything again.
#[test]
fn a_signal_loads_the_store_again() {
    let folder = Folder::new("hang-up");
    let store = copied(&folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--watch", "0", "--store", store.to_str().unwrap()]);
    command.stderr(Stdio::piped());
    let (served, address) = started(command);
    let ask = || client(&address).post("/v1/decide", &allowed()).json()["decision"].clone();
    assert_eq!(ask(), "allowed");
    let denies =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    super::world::replace(&store.join("roles/user.json"), denies);
    signal(&served, "HUP");
    wait_until("the reload", || ask() == "explicitDeny");
}

/// What a reload refuses is told on standard error, and what was in force before stays.
#[test]
fn what_a_reload_refuses_is_told_on_standard_error() {
    let folder = Folder::new("refused-again");
    let (store, tokens) = (copied(&folder), tokens(&folder));
    let errors = folder.path().join("errors");
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--watch", "1", "--store", store.to_str().unwrap()]);
    command.args(["--tokens", tokens.to_str().unwrap()]).stderr(std::fs::File::create(&errors).unwrap());
    let _served = Served(command.spawn().unwrap());
    let told = || std::fs::read_to_string(&errors).unwrap();
    let first = || told().split_once('\n').map(|(first, _)| first.to_owned());
    wait_until("the process to listen", || first().is_some());
    let address = first().unwrap().split("listening on ").nth(1).unwrap().to_owned();
    super::world::replace(&tokens, "[[token]]\nname = \"all\"\ntoken = \"short\"\nscopes = [\"native\"]\n");
    wait_until("the tokens to be refused", || told().contains("the token named `all`"));
    super::world::replace(&store.join("roles/user.json"), "{");
    wait_until("the store to be refused", || told().contains("roles/user.json"));
    let token = format!("Bearer {TOKEN}");
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    let answer = client(&address).ask("POST", "/v1/decide", &headers, allowed().as_bytes());
    assert_eq!(answer.json()["allowed"], true, "{}", answer.text());
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
    wait_until("the listener to be closed", || {
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
        let mut second = Served(command(&["--listen", &address]).spawn().unwrap());
        wait_until("the second process to be refused", || second.0.try_wait().unwrap().is_some());
        assert_eq!(second.0.wait().unwrap().code(), Some(1), "two processes on one socket");
        signal(&served, "KILL");
        served.0.wait().unwrap();
    }
}

/// A socket is not put in the place of a file.
#[test]
fn a_file_where_a_socket_should_be_is_left_alone() {
    let folder = Folder::new("no-socket");
    let file = folder.file("verdikt.sock", "somebody's");
    let told = refused(&["--listen", &format!("unix:{}", file.display())]);
    assert!(told.contains("no socket"), "{told}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "somebody's");
}

fn refused(arguments: &[&str]) -> String {
    let mut served = Served(command(arguments).spawn().unwrap());
    wait_until("the process to be refused", || served.0.try_wait().unwrap().is_some());
    assert_eq!(served.0.wait().unwrap().code(), Some(1), "{arguments:?}");
    let mut told = String::new();
    served.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    told
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

/// Files that were not written to their end: the service does not start, and says which and where.
#[test]
fn a_half_written_store_is_refused_with_the_place() {
    let folder = Folder::new("half-start");
    let store = copied(&folder);
    for (name, place) in [
        ("verdikt.toml", "verdikt.toml:"),
        ("roles/user.json", "user.json:"),
        ("bucket.json", "bucket.json:"),
    ] {
        let path = store.join(name);
        let whole = std::fs::read_to_string(&path).unwrap();
        let half: String = whole.chars().take(whole.len() / 2).collect();
        std::fs::write(&path, &half).unwrap();
        for arguments in [&["--listen", "127.0.0.1:0"][..], &["--check-config"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_verdikt"))
                .args(["serve", "--store", store.to_str().unwrap()])
                .args(arguments)
                .output()
                .unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name}: {told}");
            let line = told.split(place).nth(1).and_then(|rest| rest.split(':').next());
            let line: Option<usize> = line.and_then(|line| line.parse().ok());
            assert!(line.is_some_and(|line| line > 0 && line <= half.lines().count() + 1), "{name}: {told}");
        }
        std::fs::write(&path, whole).unwrap();
    }
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
    let told = block.split("```json").nth(1).unwrap();
    let told = told.split("```").next().unwrap().trim();
    assert_eq!(client(&address).post("/v1/decide", body).text().trim(), told);
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

/// What can be told from an option's text, from the store or from the folders is refused, by a message that names it.
#[test]
fn what_an_option_names_is_checked() {
    let folder = Folder::new("check-options");
    let socket = format!("unix:{}/nowhere/x.sock", folder.path().display());
    let file = format!("{}/nowhere/x", folder.path().display());
    let proxy = ["--forward-auth", "nginx"];
    let arn = "arn:aws:s3:::bucket";
    for (arguments, told) in [
        ([&proxy[..], &["--forward-auth-pool", "nopool"]].concat(), "no identity pool `nopool`"),
        ([&proxy[..], &["--alb-keys", "/tmp", "--alb", "junk"]].concat(), "`junk` is not the ARN"),
        ([&proxy[..], &["--alb-keys", "/tmp", "--alb", arn]].concat(), "is not the ARN"),
        (vec!["--s3-host", "http://x/y z"], "`http://x/y z` is not the host"),
        (vec!["--s3-host", "storage.example.com:9000"], "without scheme, port and path"),
        (vec!["--region", "no region"], "`no region` is not a Region"),
        (vec!["--account", "abc"], "`abc` is not an account"),
        (vec!["--account", "1111222233334"], "12 digits"),
        (vec!["--listen", &socket], "cannot listen on `unix:"),
        (vec!["--decision-log", &file], "cannot open the decision log"),
        (vec!["--identities", &file], "the identities cannot be used"),
    ] {
        let found = refused(&[&["--check-config"], &arguments[..]].concat());
        assert!(found.contains(told), "{arguments:?}: {found}");
    }
}

/// The check makes nothing, and can be asked beside the service that has the files.
#[test]
fn a_check_leaves_nothing_behind() {
    let folder = Folder::new("check-files");
    let names = ["log.jsonl", "identities", "verdikt.sock"].map(|name| folder.path().join(name));
    let [log, identities, socket] = names.each_ref().map(|path| path.to_str().unwrap());
    let socket = format!("unix:{socket}");
    let arguments = ["--decision-log", log, "--identities", identities, "--listen", &socket];
    let account = ["--account", "111122223333", "--region", "eu-central-1", "--s3-host", "[::1]"];
    let check = || {
        let output = command(&[&["--check-config"], &arguments[..], &account].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    check();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let (_served, _) = serve(&arguments);
    check();
    std::fs::write(folder.path().join("damaged"), "no step\n").unwrap();
    let damaged = folder.path().join("damaged");
    let told = refused(&["--check-config", "--identities", damaged.to_str().unwrap()]);
    assert!(told.contains("is damaged: line 1"), "{told}");
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
