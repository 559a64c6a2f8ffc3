//! Batches on several threads: the same answers in the same order as on one, and as soon.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::{Ended, Folder, case, policy, verdikt, words};

/// After so long a program that should have answered has failed.
const FAILED: Duration = Duration::from_mins(1);

/// A line over the limit, which is 16.25 MiB.
const LONG: usize = 17_100_000;

fn run(line: &str, file: &str, threads: usize) -> Ended {
    words(&format!("{line} {file} --threads {threads}")).run()
}

/// The same on one thread and on several, to the last byte; and on as many as the machine has.
#[track_caller]
fn same_on_any_threads(line: &str, file: &str) -> Ended {
    let one = run(line, file, 1);
    for threads in [2, 3, 8] {
        let many = run(line, file, threads);
        assert!(one.out == many.out, "other output on {threads} threads");
        assert_eq!((one.code, &one.err), (many.code, &many.err), "{threads} threads");
    }
    let default = words(&format!("{line} {file}")).run();
    assert!(one.out == default.out && one.err == default.err && one.code == default.code);
    one
}

/// Lines with policies that change now and then, and lines that are bad in one way or other.
fn mixed(count: usize) -> Vec<Vec<u8>> {
    let line = |number: usize| match number % 97 {
        13 => b"nonsense".to_vec(),
        29 => Vec::new(),
        41 => vec![b'{', 0xff, b'}'],
        53 => case(&format!("refused {number}"), "").replace("Allow", "Alow").into_bytes(),
        67 => case(&format!("surprising {number}"), r#","expect":"denied""#).into_bytes(),
        _ => {
            let action = ["*", "s3:Get*", "s3:Put*"][number / 50 % 3];
            let id = format!("line {number}");
            case(&id, "").replace(r#""Action":"*""#, &format!(r#""Action":"{action}""#)).into_bytes()
        }
    };
    (1..=count).map(line).collect()
}

fn written(folder: &Folder, lines: &[Vec<u8>]) -> String {
    let path = folder.path("lines.jsonl");
    fs::write(&path, lines.join(&b'\n')).unwrap();
    path
}

#[test]
fn order_and_line_numbers_are_kept() {
    let folder = Folder::new();
    let file = written(&folder, &mixed(12_000));
    let ended = same_on_any_threads("decide --cases", &file);
    assert_eq!(ended.code, 4);
    let mut count = 0;
    for (number, answer) in (1..).zip(ended.out.lines()) {
        let named = match number % 97 {
            13 | 29 | 41 => format!("\"line\":{number}}}"),
            53 => format!("\"id\":\"refused {number}\""),
            67 => format!("\"id\":\"surprising {number}\""),
            _ => format!("\"id\":\"line {number}\",\"decision\":"),
        };
        assert!(answer.contains(&named), "line {number}: {answer}");
        count = number;
    }
    assert_eq!(count, 12_000);
    same_on_any_threads("decide --explain --cases", &written(&folder, &mixed(900)));
}

#[test]
fn documents_are_checked_in_order() {
    let line = |number: usize| match number % 11 {
        3 => "{}".to_owned(),
        5 => format!(r#"{{"id":"{number}","kind":"identity","policy_text":"{{","valid":false}}"#),
        _ => format!(r#"{{"id":"{number}","kind":"any","policy":{},"valid":true}}"#, policy("Allow", "")),
    };
    let lines: Vec<_> = (1..=6_000).map(|number| line(number).into_bytes()).collect();
    let folder = Folder::new();
    let ended = same_on_any_threads("check --cases", &written(&folder, &lines));
    assert_eq!((ended.code, ended.out.lines().count()), (4, 6_000));
    for (number, answer) in (1..).zip(ended.out.lines()) {
        let key =
            if number % 11 == 3 { format!("\"line\":{number}") } else { format!("\"id\":\"{number}\"") };
        assert!(answer.contains(&key), "line {number}: {answer}");
    }
}

#[test]
fn a_line_over_the_limit_is_one_bad_line() {
    let mut lines: Vec<_> = (1..=2_000).map(|number| case(&format!("{number}"), "").into_bytes()).collect();
    for number in [1, 700, 701, 2_000] {
        lines[number - 1] = vec![b'x'; LONG];
    }
    let folder = Folder::new();
    let file = written(&folder, &lines);
    let one = run("decide --cases", &file, 1);
    let two = run("decide --cases", &file, 2);
    assert!(one.out == two.out && one.err == two.err && one.code == 4 && two.code == 4);
    for (number, answer) in (1..).zip(one.out.lines()) {
        let is_long = [1, 700, 701, 2_000].contains(&number);
        let expected = if is_long { format!("\"line\":{number}}}") } else { format!("\"id\":\"{number}\"") };
        assert!(answer.contains(&expected), "line {number}: {answer}");
        assert_eq!(is_long, answer.contains("the line has more than 17039360 bytes"), "{answer}");
    }
    assert_eq!(one.out.lines().count(), 2_000);
}

/// What a program writes, line by line, as it comes.
fn answers(stdout: ChildStdout) -> Receiver<String> {
    let (tell, told) = channel();
    thread::spawn(move || BufReader::new(stdout).lines().all(|line| tell.send(line.unwrap()).is_ok()));
    told
}

#[test]
fn lines_that_trickle_in_are_answered_as_they_come() {
    for threads in ["1", "2", "5"] {
        let mut command = verdikt(["decide", "--cases", "-", "--threads", threads]).command;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let told = answers(child.stdout.take().unwrap());
        for number in 1..50 {
            // A whole line and the beginning of the next one, which nobody answers yet.
            let lines = format!("{}\n{{\"id\"", case(&format!("a{number}"), ""));
            input.write_all(lines.as_bytes()).unwrap();
            let answer = told.recv_timeout(FAILED).unwrap();
            assert!(answer.starts_with(&format!("{{\"id\":\"a{number}\"")), "{answer}");
            assert!(told.try_recv().is_err());
            let line = case(&format!("b{number}"), "");
            input.write_all(format!("{}\n", line.strip_prefix("{\"id\"").unwrap()).as_bytes()).unwrap();
            let answer = told.recv_timeout(FAILED).unwrap();
            assert!(answer.starts_with(&format!("{{\"id\":\"b{number}\"")), "{answer}");
        }
        drop(input);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_batch_whose_reader_left_does_not_wait_for_its_input() {
    for threads in ["1", "2"] {
        // A program that another test starts at this moment holds a copy of the closed end until it runs: then the
        // answer is written, and the batch rightly waits for more.
        assert!((0..5).any(|_| ends_when_its_reader_leaves(threads)), "{threads} threads");
    }
}

/// Whether a batch ends by itself whose input stays open and whose answers nobody reads any more.
fn ends_when_its_reader_leaves(threads: &str) -> bool {
    let mut command = verdikt(["decide", "--cases", "-", "--threads", threads]).command;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let line = case("a", "") + "\n";
    input.write_all(line.as_bytes()).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    input.write_all(line.as_bytes()).unwrap();
    for _ in 0..500 {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0), "{threads} threads");
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

#[test]
fn an_input_that_ends_in_an_error_is_answered_until_then() {
    // A folder opens and cannot be read.
    for threads in ["1", "2"] {
        let error = words(&format!("decide --cases policies --threads {threads}")).err(1);
        assert!(error.contains("cannot read `policies`: it is a folder"), "{error}");
    }
}

#[test]
fn files_are_checked_in_order() {
    let mut folder = Folder::new();
    for number in 0..700 {
        let text = match number % 13 {
            4 => "[]".to_owned(),
            8 => policy("Alow", ""),
            _ => policy("Allow", ""),
        };
        folder = folder.with(&format!("{:02}/{number:03}.json", number / 100), &text);
    }
    let path = folder.path("");
    for line in ["check", "check --format json", "check --kind trust"] {
        let one = words(&format!("{line} nowhere.json {path} nothing.json --threads 1")).run();
        for threads in [2, 5] {
            let many = words(&format!("{line} nowhere.json {path} nothing.json --threads {threads}")).run();
            assert!(one.out == many.out && one.err == many.err && one.code == many.code, "{line}");
        }
        assert_eq!((one.code, one.err.matches("cannot read").count()), (1, 2));
        let verdict = |line: &&str| line.contains("json: ") || line.starts_with("{\"name\"");
        let named: Vec<&str> = one.out.lines().filter(verdict).collect();
        assert_eq!(named.len(), 700);
        assert!((0..).zip(&named).all(|(number, line)| line.contains(&format!("/{number:03}.json"))));
    }
}

#[test]
fn quiet_tells_nothing_but_errors() {
    let line = case("a", r#","expect":"denied""#);
    let ended = words("decide --quiet --cases -").input(&line).run();
    assert_eq!((ended.code, ended.err.as_str()), (4, ""));
    assert!(words("--quiet decide --cases nowhere").err(1).contains("cannot read"));
}
