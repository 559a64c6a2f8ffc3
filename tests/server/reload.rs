//! Reloads: what is good is put in force whole, what is not leaves the last good store.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use verdikt::Principal;
use verdikt::decision_point::{Caller, DecisionPoint, Question, Settings};
use verdikt::server::{Config, Notice, Notices};
use verdikt::service::Value;
use verdikt::store::LoadOptions;

use super::world::{Folder, TOKEN, USER, World, allowed, copied, replace, tokens, wait_until};

const DENIES: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;

fn revision(world: &World) -> String {
    world.client().get("/healthz").header("verdikt-revision").unwrap().to_owned()
}

/// Reloads of something that were refused.
fn failures(world: &World, what: &str) -> f64 {
    world.metric(&format!("verdikt_reload_failures_total{{what=\"{what}\"}}"))
}

/// The revisions that the metrics tell, by their stores.
fn stores(world: &World) -> Vec<String> {
    let answer = world.client().get("/metrics");
    let told = answer.text().lines().filter_map(|line| line.strip_prefix("verdikt_store_info"));
    let mut told: Vec<_> = told.map(str::to_owned).collect();
    told.sort();
    told
}

#[test]
fn metrics_tell_the_revisions_in_force() {
    let folder = Folder::new("revisions");
    let store = copied(&folder);
    let world = World::with(|config| config.store.clone_from(&store));
    let line = |name: &str, revision: &str| format!("{{store=\"{name}\",revision=\"{revision}\"}} 1");
    let before = revision(&world);
    assert_eq!(stores(&world), [line("in_force", &before)]);
    replace(&store.join("roles/user.json"), DENIES);
    wait_until("the reload", || revision(&world) != before);
    let after = revision(&world);
    assert_eq!(stores(&world), [line("in_force", &after)]);
    let beside = World::with(|config| config.shadow = Some(store.clone()));
    assert_eq!(stores(&beside), [line("candidate", &after), line("in_force", &before)]);
}

/// What is refused is counted by itself: a store that is refused hides no candidate that is.
#[test]
fn refused_reloads_are_counted_by_what_was_refused() {
    let folder = Folder::new("counted");
    let store = copied(&folder);
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut config = Config::new(store.clone());
    config.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.watch = Some(Duration::from_millis(20));
    config.shadow = Some(store.clone());
    let heard = Arc::clone(&told);
    let world = World::of(&config, Notices::to(move |notice| heard.lock().unwrap().push(notice)));
    let good = |what: &str| world.metric(&format!("verdikt_last_reload_successful{{what=\"{what}\"}}"));
    assert_eq!((good("store"), good("candidate")), (1.0, 1.0));
    fs::write(store.join("verdikt.toml"), "[").unwrap();
    wait_until("both to be refused", || {
        failures(&world, "store") > 0.0 && failures(&world, "candidate") > 0.0
    });
    assert_eq!((good("store"), good("candidate")), (0.0, 0.0));
    wait_until("both to be told", || {
        let told = told.lock().unwrap();
        told.iter().any(|notice| matches!(notice, Notice::StoreRefused(_)))
            && told.iter().any(|notice| matches!(notice, Notice::CandidateRefused(_)))
    });
    let text = world.client().get("/metrics").text().to_owned();
    assert!(!text.contains("what=\"tokens\"") && !text.contains("what=\"certificate\""), "{text}");
}

#[test]
fn a_half_written_store_leaves_the_last_good_one() {
    let folder = Folder::new("half");
    let store = copied(&folder);
    let world = World::with(|config| config.store.clone_from(&store));
    let good = revision(&world);
    let whole = fs::read_to_string(store.join("verdikt.toml")).unwrap();
    fs::write(store.join("verdikt.toml"), &whole[..whole.len() / 2]).unwrap();
    wait_until("a reload that is refused", || failures(&world, "store") > 0.0);
    assert_eq!(revision(&world), good);
    assert_eq!(world.client().post("/v1/decide", &allowed()).json()["allowed"], true);
    assert!(world.metric("verdikt_last_reload_successful{what=\"store\"}") < 0.5);
    assert_eq!(world.client().get("/readyz").status, 200);
    fs::write(store.join("verdikt.toml"), format!("{whole}# changed\n")).unwrap();
    wait_until("a reload that is accepted", || revision(&world) != good);
    assert!(world.metric("verdikt_last_reload_successful{what=\"store\"}") > 0.5);
}

/// A file put into the place of another that is as long and, by its date, as old.
#[test]
fn a_file_that_looks_like_the_one_before_is_seen() {
    let folder = Folder::new("alike");
    let store = copied(&folder);
    let world = World::with(|config| config.store.clone_from(&store));
    let (good, policy) = (revision(&world), store.join("roles/user.json"));
    let text = fs::read_to_string(&policy).unwrap();
    let beside = policy.with_extension("new");
    fs::write(&beside, text.replace(r#""Effect": "Allow""#, r#""Effect":  "Deny""#)).unwrap();
    let date = fs::metadata(&policy).unwrap().modified().unwrap();
    fs::File::options().write(true).open(&beside).unwrap().set_modified(date).unwrap();
    assert_eq!(fs::metadata(&beside).unwrap().len(), text.len() as u64);
    fs::rename(&beside, &policy).unwrap();
    wait_until("the reload", || revision(&world) != good);
    assert_eq!(world.client().post("/v1/decide", &allowed()).json()["decision"], "explicitDeny");
}

#[test]
fn tokens_are_rotated_without_a_restart() {
    let folder = Folder::new("rotate");
    let path = tokens(&folder);
    let world = World::with(|config| config.tokens = Some(path.clone()));
    let status = |token: &str| {
        let headers = [("Authorization", &*format!("Bearer {token}")), ("Content-Type", "application/json")];
        world.client().ask("POST", "/v1/decide", &headers, allowed().as_bytes()).status
    };
    assert_eq!((status(TOKEN), status("another-token-for-tests")), (200, 401));
    let text = fs::read_to_string(&path).unwrap().replace(TOKEN, "another-token-for-tests");
    replace(&path, &text);
    wait_until("the new token", || status("another-token-for-tests") == 200);
    assert_eq!(status(TOKEN), 401);
    // A file that is refused changes nothing: nobody gets in by it, nobody is shut out.
    replace(&path, "[[token]]\nname = \"all\"\ntoken = \"short\"\nscopes = [\"native\"]\n");
    let told = |line: &str| {
        let bearer = [("Authorization", "Bearer another-token-for-tests")];
        world.client().ask("GET", "/metrics", &bearer, b"").text().lines().any(|one| one == line)
    };
    wait_until("the refusal", || told("verdikt_last_reload_successful{what=\"tokens\"} 0"));
    assert!(told("verdikt_last_reload_successful{what=\"store\"} 1"));
    assert_eq!((status("another-token-for-tests"), status("short")), (200, 401));
}

/// Two stores in turn, one of which denies: every answer is what the library decides at the revision that it carries.
#[test]
fn answers_under_load_are_those_of_their_revision() {
    let folder = Folder::new("turns");
    let store = copied(&folder);
    let policy = store.join("roles/user.json");
    let allows = fs::read_to_string(&policy).unwrap();
    let denies =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    let mut known = HashMap::new();
    for text in [denies, &allows] {
        replace(&policy, text);
        let (revision, is_allowed) = by_library(&store);
        known.insert(revision, is_allowed);
    }
    assert_eq!(known.values().filter(|is_allowed| **is_allowed).count(), 1);
    let world = World::with(|config| config.store.clone_from(&store));
    let is_over = AtomicBool::new(false);
    let (known, world, is_over) = (&known, &world, &is_over);
    std::thread::scope(|scope| {
        let ask = move || {
            let mut client = world.client();
            let mut seen: HashMap<String, u32> = HashMap::new();
            while !is_over.load(Ordering::Relaxed) {
                let answer = client.post("/v1/decide", &allowed());
                let revision = answer.header("verdikt-revision").unwrap().to_owned();
                assert_eq!(answer.json()["allowed"], known[&revision], "{revision}");
                *seen.entry(revision).or_default() += 1;
            }
            seen
        };
        let askers: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let begun = Instant::now();
        for turn in 0..8 {
            replace(&policy, if turn % 2 == 0 { denies } else { &allows });
            let (wanted, _) = by_library(&store);
            wait_until("the reload", || revision(world) == wanted);
        }
        assert!(begun.elapsed() < Duration::from_mins(1));
        is_over.store(true, Ordering::Relaxed);
        let seen: Vec<_> = askers.into_iter().map(|asker| asker.join().unwrap()).collect();
        assert!(seen.iter().any(|seen| seen.len() == 2), "both revisions answered: {seen:?}");
    });
}

/// The revision of a store, and what the library decides by it.
fn by_library(store: &std::path::Path) -> (String, bool) {
    let point = DecisionPoint::open(store, Settings::default(), &LoadOptions::default(), 0).unwrap();
    let user = Principal::parse(USER).unwrap();
    let one = |text: &str| Value::One(text.to_owned());
    let context = [
        ("cognito-identity.amazonaws.com:sub".into(), one("us-east-1:alice")),
        ("aws:SecureTransport".into(), one("true")),
    ];
    let question = Question::new("s3:GetObject", "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg");
    let decided =
        point.in_force().decide(&Caller::principal(&user), &question.with_context(&context), 0).unwrap();
    (decided.revision.to_string(), decided.decision.is_allowed())
}
