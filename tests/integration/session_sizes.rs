//! Sessions and their sizes: more variables, conditions and keys than are folded or stand in a small table; and facts
//! that contradict themselves.

use std::sync::Arc;

use serde_json::{Value, json};
use verdikt::request::RequestBuilder;
use verdikt::request::context::ContextValue;
use verdikt::{
    CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request, RequestError, SessionFacts,
};

use crate::bound::bind;
use crate::sessions::FAMILY;
use crate::strategies::document;

/// A policy with a variable and a condition of its own in each statement: more than a binding looks at.
fn long_policy(statements: usize) -> Arc<CompiledPolicy> {
    let statement = |number: usize| {
        let effect = if number % 5 == 4 { "Deny" } else { "Allow" };
        let team = format!("${{aws:PrincipalTag/k{number}, 'd{number}'}}");
        json!({"Effect": effect, "Action": "s3:GetObject",
               "Resource": format!("arn:aws:s3:::b/{team}/*"),
               "Condition": {"StringEquals": {format!("aws:PrincipalTag/c{number}"): ["v", format!("${{aws:PrincipalTag/k{number}}}")]}}})
    };
    let statements: Vec<Value> = (0..statements).map(statement).collect();
    let json = document(&statements).to_string();
    let document = Document::parse(Kind::Identity, "long", &json, &Limits::default()).unwrap().document;
    CompiledPolicy::compile(&[document]).unwrap()
}

/// A key and its values: none if it is absent, several if it is multivalued.
type Held = (String, Vec<&'static str>);

/// The keys of statement `number`: a text, or another, or none, or many; by turns.
fn keys_of(number: usize, round: usize) -> [Held; 2] {
    let values: [&[&str]; 5] = [&["v"], &["v"], &["w"], &[], &["v", "w"]];
    let key = |letter, turn: usize| (format!("aws:PrincipalTag/{letter}{number}"), values[turn % 5].to_vec());
    [key('k', number + round), key('c', number / 3 + round)]
}

fn sealing(user: &Principal, keys: &[Held]) -> SessionFacts {
    let facts = SessionFacts::builder(user.clone());
    let facts = keys.iter().fold(facts, |facts, (name, values)| match values[..] {
        [] => facts.absent(name),
        [one] => facts.present(name.as_str(), one),
        _ => facts.present_many(name.as_str(), values.iter().copied()),
    });
    facts.build().unwrap()
}

fn stating<'a>(builder: RequestBuilder<'a>, keys: &'a [Held]) -> Request<'a> {
    let builder = keys.iter().fold(builder, |builder, (name, values)| match values[..] {
        [] => builder,
        [one] => builder.one(name.as_str(), one),
        _ => builder.many(name.as_str(), values.iter().copied()),
    });
    builder.build().unwrap()
}

#[test]
fn past_the_first_variables_and_conditions_nothing_differs() {
    let set = PolicySet::builder().identity(long_policy(80)).build().unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let owner = Owner::Account("111122223333");
    let mut outcomes = [0; 3];
    for round in 0..20 {
        let all: Vec<Held> = (0..80).flat_map(|number| keys_of(number, round)).collect();
        // Every third key is left to the request.
        let numbered = all.iter().cloned().enumerate();
        let (open, sealed): (Vec<_>, Vec<_>) = numbered.partition(|(place, _)| (place + round) % 3 == 0);
        let [open, sealed] =
            [open, sealed].map(|keys| keys.into_iter().map(|(_, key)| key).collect::<Vec<_>>());
        let facts = sealing(&user, &sealed);
        let bound = bind(&set, &facts, |_| true);
        for number in 0..84 {
            let part = ["v".to_owned(), "w".to_owned(), format!("d{number}")][number % 3].clone();
            let resource = format!("arn:aws:s3:::b/{part}/x");
            let decision =
                set.decide(&stating(Request::builder(&user, "s3:GetObject", &resource, owner), &all));
            let asked = stating(facts.request("s3:GetObject", &resource, owner), &open);
            outcomes[decision.outcome as usize] += 1;
            assert_eq!(bound.decide(&asked), decision, "round {round}, {resource}");
            assert_eq!(bound.decide_exhaustively(&asked), decision, "round {round}, {resource}");
        }
    }
    println!("{outcomes:?}");
    assert!(outcomes.iter().all(|count| *count > 20), "{outcomes:?}");
}

#[test]
fn binding_a_large_policy_takes_little_memory() {
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let keys = (0..40).map(|number| format!("aws:PrincipalTag/k{number}"));
    let facts = keys.fold(SessionFacts::builder(user), |facts, name| facts.present(name, "v"));
    let facts = facts.closed(FAMILY).build().unwrap();
    let sizes = [400, 4_000].map(|statements| {
        let policy = long_policy(statements);
        let bound = policy.bind(&facts);
        assert!(policy.memory() > 100 * statements && bound.memory() < 2_048, "{}", bound.memory());
        assert_eq!(bound.revision(), policy.revision());
        assert!(bound.session().is_some_and(|session| session.is_same(&facts)));
        bound.memory()
    });
    assert_eq!(sizes[0], sizes[1], "what binding adds depends on the size of the policy");
}

#[test]
fn facts_that_contradict_themselves_are_refused() {
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let start = || SessionFacts::builder(user.clone());
    let code = |built: Result<SessionFacts, RequestError>| built.map_err(|error| error.code()).err();
    let kelvin = "aws:PrincipalTag/\u{212a}ey";
    let key = "aws:principaltag/key";
    assert_eq!(code(start().present(kelvin, "a").absent(key).build()), Some("SEALED_CONTEXT_KEY"));
    assert_eq!(code(start().absent(key).present(kelvin, "a").build()), Some("SEALED_CONTEXT_KEY"));
    assert_eq!(code(start().absent(key).present_many(kelvin, ["a"]).build()), Some("SEALED_CONTEXT_KEY"));
    assert_eq!(code(start().present(kelvin, "a").present(key, "a").build()), Some("AMBIGUOUS_CONTEXT_KEY"));
    assert_eq!(code(start().present("", "a").build()), Some("INVALID_CONTEXT_KEY"));
    assert_eq!(code(start().present(key, "a".repeat(9_000)).build()), Some("REQUEST_LIMIT_EXCEEDED"));
    // Of a closed family those stated are present, before and after.
    assert_eq!(code(start().closed("AWS:PrincipalTag/").present(kelvin, "a").build()), None);
    assert_eq!(code(start().present(kelvin, "a").closed("AWS:PrincipalTag/").build()), None);
}

/// A session with more keys than a small table holds, and requests with more of their own.
#[test]
fn many_keys_in_a_session_and_on_top() {
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    for (sealed, own) in [(0, 60), (47, 1), (48, 1), (40, 40), (60, 0), (60, 100), (300, 200)] {
        let names: Vec<String> =
            (0..sealed + own).map(|number| format!("aws:PrincipalTag/n{number}")).collect();
        let (fixed, open) = names.split_at(sealed);
        let facts = fixed.iter().fold(SessionFacts::builder(user.clone()), |facts, name| {
            facts.present(name.as_str(), format!("of {name}"))
        });
        let facts = facts.build().unwrap();
        let builder = facts.request("s3:GetObject", "*", Owner::Nobody);
        let request =
            open.iter().fold(builder, |builder, name| builder.one(name.as_str(), format!("of {name}")));
        let request = request.build().unwrap();
        assert_eq!(request.context().len(), sealed + own);
        for name in &names {
            let expected = format!("of {name}");
            assert_eq!(request.context().get(&name.to_ascii_uppercase()), Some(ContextValue::One(&expected)));
        }
        assert_eq!(request.context().get("aws:PrincipalTag/n"), None);
        let in_order: Vec<&str> = request.context().entries().map(|(name, _)| name).collect();
        assert_eq!(in_order, names);
    }
}
