//! The canonical form: a document in any spelling prints to a text that reads back as the same document, to which the
//! oracle gives the same decision.

use serde_json::Value;
use verdikt::{Document, Kind, Limits};

use crate::dice::Dice;
use crate::{ask, case, oracle, spell};

use super::parse::round_trip;

/// A case whose documents are written in some spelling, then printed.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    for case in &case::cases(&mut dice) {
        let told = oracle::decide(case);
        if let oracle::Outcome::Error(_) = told.outcome {
            continue;
        }
        let printed = printed(case, &mut dice);
        assert_eq!(oracle::decide(&printed), told, "printing changes the meaning: {case} -> {printed}");
        assert_eq!(ask::outcome(&printed), ask::expected(&told), "{printed}");
    }
    true
}

/// The case with every document in its canonical form.
fn printed(case: &Value, dice: &mut Dice<'_>) -> Value {
    let mut printed = case.clone();
    let layers = [
        ("identity", Kind::Identity),
        ("permissions_boundary", Kind::PermissionsBoundary),
        ("session", Kind::Session),
        ("vpc_endpoint", Kind::VpcEndpoint),
        ("scps", Kind::Scp),
        ("rcps", Kind::Rcp),
    ];
    for (name, kind) in layers {
        print_named(&mut printed["policies"][name], kind, dice);
    }
    let resource = &mut printed["policies"]["resource"];
    if resource.is_object() {
        // Whether it is a trust policy depends on the request; as one of the two kinds it is accepted.
        let kinds = [Kind::Resource, Kind::TrustInUse];
        let is_accepted = |kind: &Kind| {
            Document::parse(*kind, "resource", &resource.to_string(), &Limits::default()).is_ok()
        };
        let kind = kinds.into_iter().find(is_accepted).expect("the oracle accepts it");
        *resource = print(resource, kind, dice);
    }
    printed
}

/// Prints the documents of a list, or of a list of lists.
fn print_named(value: &mut Value, kind: Kind, dice: &mut Dice<'_>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| print_named(item, kind, dice)),
        Value::Object(named) => {
            let policy = named.get_mut("policy").expect("a named policy");
            *policy = print(policy, kind, dice);
        }
        _ => {}
    }
}

fn print(policy: &Value, kind: Kind, dice: &mut Dice<'_>) -> Value {
    let text = spell::write(policy, dice);
    let parsed = Document::parse(kind, "fuzz", &text, &Limits::default());
    let document = parsed.unwrap_or_else(|rejected| panic!("{rejected}: {text}")).document;
    serde_json::from_str(&round_trip(&document)).expect("a print is JSON")
}
