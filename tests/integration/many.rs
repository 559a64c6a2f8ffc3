//! Many at once: a batch of requests and a load of policies have the results that each has by itself, in order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use verdikt::compile::load::{LoadError, PolicyText, load_all, load_each, parse_each};
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
use verdikt::{CompiledPolicy, Decision, Document, Kind, Limits, Request};

use crate::strategies::scenario;

fn config(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(20_121_017);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(24))]

    /// Each request is asked of each set, in batches that are answered on one thread and on several.
    #[test]
    fn a_batch_decides_as_each_request_by_itself(scenarios in vec(scenario(), 1..5), count in 0_usize..5_000) {
        let lines: Vec<String> = scenarios.iter().map(|scenario| scenario.case().to_string()).collect();
        let cases: Vec<Case<'_>> = lines.iter().map(|line| Case::parse(line).unwrap()).collect();
        let limits = RequestLimits::default();
        let documents: Vec<RequestDocument<'_>> =
            cases.iter().map(|case| case.request_document(&limits).unwrap()).collect();
        let distinct: Vec<Request<'_>> =
            documents.iter().map(|document| document.request(limits).unwrap()).collect();
        let requests: Vec<Request<'_>> = distinct.iter().cycle().take(count).cloned().collect();
        let mut into = Vec::new();
        for (case, request) in cases.iter().zip(&distinct) {
            let set = policy_set(case.policies, request, &Limits::default()).unwrap();
            let singles: Vec<Decision> = requests.iter().map(|request| set.decide(request)).collect();
            prop_assert_eq!(set.decide_many(&requests), singles.as_slice());
            // The memory of the set before is replaced.
            set.decide_many_into(&requests, &mut into);
            prop_assert_eq!(&into, &singles);
        }
    }
}

fn policy(action: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"{more}}}}}"#
    )
}

/// Enough policies to be loaded on several threads; the index of each is in its action.
fn texts(count: usize) -> Vec<(String, String)> {
    (0..count).map(|index| (format!("policy {index}"), policy(&format!("s3:Get{index}"), ""))).collect()
}

fn identity(texts: &[(String, String)]) -> Vec<PolicyText<'_>> {
    texts.iter().map(|(name, json)| PolicyText::new(Kind::Identity, name, json)).collect()
}

#[test]
fn policies_are_loaded_in_order() {
    let texts = texts(3_000);
    let texts = identity(&texts);
    let limits = Limits::default();
    let loaded = load_all(&texts, &limits).unwrap();
    assert_eq!(loaded.len(), texts.len());
    for (loaded, text) in loaded.iter().zip(&texts) {
        let json = std::str::from_utf8(text.json).unwrap();
        let document = Document::parse(text.kind, text.name, json, &limits).unwrap().document;
        assert_eq!(loaded.policy.documents()[0].name(), text.name);
        assert_eq!(loaded.policy.revision(), CompiledPolicy::compile(&[document]).unwrap().revision());
    }
    assert!(load_all(&[], &limits).unwrap().is_empty());
}

#[test]
fn loading_tells_every_problem_in_order() {
    let mut texts = texts(3_000);
    for index in [0, 7, 1_500, 2_999] {
        texts[index].1 = policy("s3 Get", r#","Condition":{"NoOperator":{"a:b":"c"}}"#);
    }
    texts[1_000].1.truncate(20);
    texts[2_000].1 = texts[2_000].1.replace("\"Version\":\"2012-10-17\",", "");
    let bad = [0, 7, 1_000, 1_500, 2_999];
    let texts = identity(&texts);
    let limits = Limits::default();

    let not_loaded = load_all(&texts, &limits).unwrap_err();
    assert_eq!(not_loaded.refused.iter().map(|(place, _)| *place).collect::<Vec<_>>(), bad);
    for (place, error) in &not_loaded.refused {
        let LoadError::Rejected(rejected) = error else { panic!("{error}") };
        let json = std::str::from_utf8(texts[*place].json).unwrap();
        let alone = Document::parse(Kind::Identity, texts[*place].name, json, &limits).unwrap_err();
        assert_eq!(rejected.source.name(), texts[*place].name);
        assert_eq!(format!("{:?}", rejected.problems), format!("{:?}", alone.problems));
        assert!(rejected.problems.len() >= if *place == 1_000 { 1 } else { 2 });
    }
    let message = not_loaded.to_string();
    assert!(
        message.starts_with("5 of 3000 policies are refused; the first: policy 0 has 2 errors"),
        "{message}"
    );

    // What is good is loaded beside what is not, with its warnings.
    let each = load_each(&texts, &limits);
    assert!(each.iter().enumerate().all(|(place, one)| one.is_err() == bad.contains(&place)));
    let warned: Vec<_> =
        each.iter().map(|one| one.as_ref().map_or(0, |loaded| loaded.warnings.len())).collect();
    assert!(warned.iter().enumerate().all(|(place, count)| *count == usize::from(place == 2_000)));
    let parsed = parse_each(&texts, &limits);
    assert!(parsed.iter().zip(&each).all(|(parsed, loaded)| parsed.is_ok() == loaded.is_ok()));
}

#[test]
fn text_that_is_not_utf_8_is_refused_in_its_place() {
    let good = policy("s3:Get", "");
    let texts = [
        PolicyText::new(Kind::Scp, "good", &good),
        PolicyText::new(Kind::Identity, "bytes", &[b'{', 0xff, b'}']),
        PolicyText::new(Kind::Resource, "no principal", &good),
    ];
    let refused = load_all(&texts, &Limits::default()).unwrap_err().refused;
    let told: Vec<_> = refused.iter().map(|(place, error)| (*place, error.to_string())).collect();
    assert!(told[0].0 == 1 && told[0].1.contains("UTF-8"), "{told:?}");
    assert!(told[1].0 == 2 && told[1].1.contains("MISSING_PRINCIPAL"), "{told:?}");
}
