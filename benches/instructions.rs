//! One named operation, set up and done again and again: `benches/instructions` runs it under valgrind and counts.
//!
//! `instructions NAME PASSES` sets the row up, makes one pass that warms what is filled on first use, then so many
//! more, and prints how many operations a pass has. Any other arguments list the rows with the passes that suffice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a workload that cannot be read, or is decided wrongly, voids the run"
)]

#[allow(dead_code, reason = "what the timed benches use")]
mod common;

use std::hint::black_box;
use std::io::{self, Write};

use common::cold;
use common::session::Session;
use common::workload::{Asked, Policy, Workload, compile};
use verdikt::suite::cases::Cases;
use verdikt::{PolicySet, Request, RequestBuffers};

/// Every row and its passes: so many that what differs from run to run in setting up is nothing beside them.
const ROWS: [(&str, usize); 24] = [
    ("decide hot/W1", 100),
    ("decide hot/W1s", 100),
    ("decide hot/W2", 200),
    ("decide hot/W3", 50),
    ("decide hot/W5", 50),
    ("decide hot/W4_10", 100),
    ("decide hot/W4_1000", 100),
    ("decide hot/W4_10000", 500),
    ("decide cold/W4_10000", 1),
    ("decide hot/W8_1000 hit", 20),
    ("decide hot/W8_1000 miss", 20),
    ("decide hot/awkward_1000 hit", 20),
    ("decide hot/awkward_1000 miss", 20),
    ("decide bound/W1", 100),
    ("prepare/W1", 50),
    ("prepare reused/W1", 50),
    ("prepare reused and decide/W1", 50),
    ("prepare session/W1", 50),
    ("prepare session and decide/W1", 50),
    ("parse statement/W4_1000", 1),
    ("compile statement/W4_1000", 1),
    ("bind/W1", 100),
    ("batch line/W1", 20),
    ("explain/W1", 10),
];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    if let [name, passes] = arguments.as_slice() {
        return writeln!(out, "{}", run(name, passes.parse().unwrap()));
    }
    ROWS.iter().try_for_each(|(name, passes)| writeln!(out, "{name}\t{passes}"))
}

/// Sets a row up and repeats it; gives the operations of one pass.
fn run(name: &str, passes: usize) -> usize {
    let (operation, name) = name.split_once('/').unwrap();
    let workload = workload(name);
    let set = workload.set();
    workload.assert_decisions(&set);
    match operation {
        "decide hot" => decide(&set, &workload.asked, passes),
        "decide cold" => decide(&set, &cold::of_statements(&workload), passes),
        "decide bound" => decide_bound(&workload, passes),
        "prepare" => repeat(&workload.asked, passes, Asked::build),
        "prepare reused" => prepare(&workload, passes, |_| ()),
        "prepare reused and decide" => prepare(&workload, passes, |request| set.decide(request)),
        "prepare session" => prepare_session(&workload, passes, |_| ()),
        "prepare session and decide" => prepare_session(&workload, passes, |request| set.decide(request)),
        "parse statement" => {
            repeat(&workload.policies, passes, Policy::parse);
            workload.statements()
        }
        "compile statement" => {
            repeat(&[workload.documents()], passes, |documents| compile(documents));
            workload.statements()
        }
        "bind" => bind(&workload, passes),
        "batch line" => batch_line(&workload, passes),
        "explain" => repeat(&workload.requests(), passes, |request| set.explain_decision(request)),
        other => panic!("`{other}` is no operation"),
    }
}

/// The workload of a file, or the part of it that is hit or missed.
fn workload(name: &str) -> Workload {
    let Some((file, _)) = name.split_once(' ') else { return Workload::load(name) };
    let parts = Workload::load(file).hits_and_misses();
    parts.into_iter().find(|part| part.name == name).unwrap()
}

/// Does something with each of several things: a pass to warm up, and the passes that are counted.
fn repeat<'i, T, R>(items: &'i [T], passes: usize, mut operation: impl FnMut(&'i T) -> R) -> usize {
    for _ in 0..=passes {
        for item in items {
            black_box(operation(black_box(item)));
        }
    }
    items.len()
}

fn decide(set: &PolicySet, asked: &[Asked], passes: usize) -> usize {
    let requests: Vec<Request<'_>> = asked.iter().map(Asked::build).collect();
    repeat(&requests, passes, |request| set.decide(request))
}

fn decide_bound(workload: &Workload, passes: usize) -> usize {
    let session = Session::of(workload);
    let set = session.bound(workload);
    let build = |call| session.builder(call, RequestBuffers::default()).build().unwrap();
    let requests: Vec<Request<'_>> = session.calls.iter().map(build).collect();
    let is_expected = |(call, request): (&Asked, &Request<'_>)| set.decide(request).outcome == call.expect;
    assert!(session.calls.iter().zip(&requests).all(is_expected));
    repeat(&requests, passes, |request| set.decide(request))
}

/// Requests from typed parts, in the memory of the one before.
fn prepare<R>(workload: &Workload, passes: usize, then: impl Fn(&Request<'_>) -> R) -> usize {
    let mut kept = Some(RequestBuffers::default());
    repeat(&workload.asked, passes, |asked| {
        let request = asked.builder_in(kept.take().unwrap()).build().unwrap();
        let result = then(black_box(&request));
        kept = Some(request.into_buffers());
        result
    })
}

/// The same upon a session.
fn prepare_session<R>(workload: &Workload, passes: usize, then: impl Fn(&Request<'_>) -> R) -> usize {
    let session = Session::of(workload);
    let mut kept = Some(RequestBuffers::default());
    repeat(&session.calls, passes, |call| {
        let request = session.builder(call, kept.take().unwrap()).build().unwrap();
        let result = then(black_box(&request));
        kept = Some(request.into_buffers());
        result
    })
}

fn bind(workload: &Workload, passes: usize) -> usize {
    let session = Session::of(workload).facts;
    repeat(&compile(&workload.documents()), passes, |policy| policy.bind(&session))
}

/// Lines of the batch form, each with the policies of the line before.
fn batch_line(workload: &Workload, passes: usize) -> usize {
    let mut cases = Cases::default();
    let mut out = Vec::new();
    repeat(&workload.case_lines(), passes, |line| {
        out.clear();
        cases.answer(line.as_bytes(), 1, &mut out)
    })
}
