//! A large store: how long it takes to load, how much memory it holds, and what it costs to ask which policies govern a
//! principal and a resource, in random order. `benches/README.md` says how to run it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "what fails voids the run; the figures are printed, and need not be exact"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use verdikt::store::{LiveSession, LoadOptions, Snapshot, Store};
use verdikt::{Outcome, Principal, Request};

/// Accounts, each with a manifest of its own.
const ACCOUNTS: usize = 100;
/// Identity-based policies, which roles share.
const SHARED: usize = 1_000;

fn main() {
    // `cargo test --benches` runs it small: it must work, its figures mean nothing.
    let is_test = std::env::args().any(|argument| argument == "--test");
    let size = std::env::var("VERDIKT_STORE_SIZE").ok().and_then(|size| size.parse().ok());
    let size: usize = size.unwrap_or(if is_test { 1_000 } else { 100_000 });
    let folder = std::env::temp_dir().join(format!("verdikt-bench-store-{}", std::process::id()));
    let started = Instant::now();
    write(&folder, size);
    println!("{size} roles and {size} resources written in {:.1} s", started.elapsed().as_secs_f64());
    let before = memory();
    let started = Instant::now();
    let store = Store::open(&folder, &LoadOptions::default(), 0);
    println!("loaded in {:.1} s", started.elapsed().as_secs_f64());
    let store = store.unwrap();
    println!(
        "{:?}, {} MiB held, {} MiB at most",
        store.current().counts(),
        memory().0 - before.0,
        memory().1
    );
    ask(&store, size);
    fail(&store, &folder);
    fs::remove_dir_all(folder).unwrap();
}

fn account(number: usize) -> usize {
    100_000_000_000 + number % ACCOUNTS
}

fn role(number: usize) -> String {
    format!("arn:aws:sts::{}:assumed-role/role-{number}/session", account(number))
}

fn object(number: usize) -> String {
    format!("arn:aws:s3:::bucket-{number}/folder/object")
}

/// Writes the store: roles share policies, each bucket has its own.
fn write(folder: &Path, size: usize) {
    for name in ["accounts", "roles", "buckets"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let policy = |principal: &str, resource: &str| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Sid\": \"Objects\", \"Effect\": \"Allow\", {principal}\
             \"Action\": [\"s3:GetObject\", \"s3:PutObject\"], \"Resource\": \"{resource}\"}}]}}"
        )
    };
    let put = |path: PathBuf, text: &str| fs::write(path, text).unwrap();
    put(folder.join("allow.json"), &policy("", "*").replace("[\"s3:GetObject\", \"s3:PutObject\"]", "\"*\""));
    let trust = policy("\"Principal\": {\"Federated\": \"cognito-identity.amazonaws.com\"}, ", "*");
    let trust = trust.replace(
        "[\"s3:GetObject\", \"s3:PutObject\"], \"Resource\": \"*\"",
        "\"sts:AssumeRoleWithWebIdentity\"",
    );
    put(folder.join("trust.json"), &trust);
    for number in 0..SHARED.min(size) {
        let resource = format!("arn:aws:s3:::*/folder{}*", if number % 2 == 0 { "" } else { "-else" });
        put(folder.join(format!("roles/{number}.json")), &policy("", &resource));
    }
    let mut manifests = vec![String::new(); ACCOUNTS];
    for (number, manifest) in manifests.iter_mut().enumerate() {
        manifest.extend([format!(
            "[[account]]\nid = \"{}\"\nparent = \"r-ab12\"\nscps = [\"allow.json\"]\n\n",
            account(number)
        )]);
    }
    for number in 0..size {
        let principal = format!("\"Principal\": {{\"AWS\": \"{}\"}}, ", account(number));
        let resource = format!("arn:aws:s3:::bucket-{number}/*");
        put(folder.join(format!("buckets/{number}.json")), &policy(&principal, &resource));
        let (account, shared) = (account(number), number % SHARED);
        manifests[number % ACCOUNTS].extend([format!(
            "[[role]]\narn = \"arn:aws:iam::{account}:role/app/role-{number}\"\nunique_id = \"AROA{number}\"\n\
             trust = \"trust.json\"\npolicies = [\"roles/{shared}.json\"]\nboundary = \"allow.json\"\n\n\
             [[bucket]]\nname = \"bucket-{number}\"\naccount = \"{account}\"\npolicy = \"buckets/{number}.json\"\n\
             tags = {{ team = \"{shared}\" }}\n\n"
        )]);
    }
    for (number, manifest) in manifests.iter().enumerate() {
        put(folder.join(format!("accounts/{number}.toml")), manifest);
    }
    let root = "include = [\"accounts/*.toml\"]\n\n[organization]\nid = \"o-a1b2c3d4e5\"\nroot = \"r-ab12\"\n\
                management_account = \"999988887777\"\nscps = [\"allow.json\"]\n\n\
                [[account]]\nid = \"999988887777\"\nparent = \"r-ab12\"\n";
    put(folder.join("verdikt.toml"), root);
}

/// Asks for pairs in random order; every answer is looked at.
fn ask(store: &Store, size: usize) {
    let store = store.current();
    let mut random = 1_u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % size
    };
    let pairs: Vec<(usize, usize)> = (0..200_000).map(|_| (next(), next())).collect();
    let read = |(who, what): &(usize, usize)| (Principal::parse(&role(*who)).unwrap(), object(*what));
    // A request that has just come is at hand, what the store has for it is not: so a few are read, then asked. Of some
    // rounds the fastest counts: what disturbs one only ever slows it.
    let round = |work: &dyn Fn(&Principal, &str)| {
        let mut spent = Duration::ZERO;
        for few in pairs.chunks(64) {
            let asked: Vec<_> = few.iter().map(read).collect();
            let started = Instant::now();
            for (principal, resource) in &asked {
                work(principal, resource);
            }
            spent += started.elapsed();
        }
        spent.as_secs_f64() * 1e9 / pairs.len() as f64
    };
    let each = |name: &str, work: &dyn Fn(&Principal, &str)| {
        let fastest = (0..7).map(|_| round(work)).fold(f64::INFINITY, f64::min);
        println!("{name}: {fastest:.0} ns");
    };
    each("which entries", &|principal, resource| {
        black_box(store.governing(principal, resource).unwrap().owner());
    });
    each("which policies govern", &|principal, resource| {
        black_box(store.governing(principal, resource).unwrap().policies("s3:GetObject").unwrap());
    });
    sessions(&store, &pairs);
    let mut allowed = 0;
    for pair in pairs.iter().take(10_000) {
        let ((who, what), (principal, resource)) = (pair, read(pair));
        let governing = store.governing(&principal, &resource).unwrap();
        let request = Request::builder(&principal, "s3:GetObject", &resource, governing.owner());
        let request = request.build().unwrap();
        let outcome = governing.policies("s3:GetObject").unwrap().decide(&request).outcome;
        // Another account's bucket policy does not name the caller.
        let expected = (who % ACCOUNTS == what % ACCOUNTS) && who % 2 == 0;
        assert_eq!(outcome == Outcome::Allowed, expected, "role {who}, bucket {what}");
        allowed += u32::from(expected);
    }
    println!("{allowed} of 10000 decisions allow");
}

/// Sessions that were bound before: from the two names to the decision, with all that the store supplies.
fn sessions(store: &Snapshot, pairs: &[(usize, usize)]) {
    let live = |(who, what): &(usize, usize)| {
        let principal = Principal::parse(&role(*who)).unwrap();
        let facts = store.session_facts(&principal, &[]).unwrap();
        let session = LiveSession::new(facts.build().unwrap(), i64::MAX);
        session.governing(store, "*", 0).unwrap();
        (session, object(*what))
    };
    let asked: Vec<_> = pairs.iter().take(10_000).map(live).collect();
    let round = || {
        let started = Instant::now();
        for (session, resource) in &asked {
            let governing = session.governing(store, resource, 0).unwrap();
            let builder = session.facts().request("s3:GetObject", resource, governing.owner());
            let builder = governing.supply(session.facts().principal(), builder).unwrap();
            let set = governing.policies("s3:GetObject").unwrap();
            black_box(set.decide(&builder.build().unwrap()));
        }
        started.elapsed().as_secs_f64() * 1e9 / asked.len() as f64
    };
    let fastest = (0..7).map(|_| round()).fold(f64::INFINITY, f64::min);
    println!("a session's decision: {fastest:.0} ns");
}

/// One broken file: the reload is refused, the store stays.
fn fail(store: &Store, folder: &Path) {
    fs::write(folder.join("buckets/77.json"), "{").unwrap();
    let before = store.current().revision();
    let started = Instant::now();
    let rejected = store.reload(&LoadOptions::default(), 1).unwrap_err();
    println!("a reload refused in {:.1} s: {rejected}", started.elapsed().as_secs_f64());
    assert_eq!(store.current().revision(), before);
}

/// Memory in MiB: held, and the most ever; 0 where the system does not tell.
fn memory() -> (usize, usize) {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<usize>().ok().map(|kib| kib / 1024)
    };
    (of("VmRSS:").unwrap_or_default(), of("VmHWM:").unwrap_or_default())
}
