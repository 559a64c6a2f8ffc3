//! The context of a request: keys are found under the fold and in order, doubles and sealed keys are refused, limits are
//! met exactly, with and without a session below and in memory used before. A list searched slowly is the model.

use verdikt::request::context::ContextValue;
use verdikt::request::limits::RequestLimits;
use verdikt::request::{RequestBuffers, RequestBuilder};
use verdikt::{Owner, Principal, Request, RequestError, SessionFacts};

use crate::dice::Dice;
use crate::matcher::fold;

const USER: &str = "arn:aws:iam::111122223333:user/alice";
const ACTION: &str = "s3:GetObject";
const RESOURCE: &str = "arn:aws:s3:::b/k";

/// A name and its values; a single-valued key has one.
#[derive(Clone, Debug)]
struct Key {
    name: String,
    values: Vec<String>,
    is_many: bool,
}

/// Keys of a session, keys on top, limits.
pub fn run(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    let user = Principal::parse(USER).expect("a user");
    let mut buffers = RequestBuffers::default();
    for _ in 0..=dice.upto(1) {
        let (fixed, own) = (keys(&mut dice), keys(&mut dice));
        let (absent, closed) = (keys(&mut dice), dice.words(&["k", "K", "\u{212a}", "1", "é"], 2));
        if dice.flip() {
            let limits = limits(&mut dice, &own);
            let builder = Request::builder_in(buffers, &user, ACTION, RESOURCE, Owner::Unknown);
            buffers = check(builder.limits(limits), &[], &own, |_| false, &limits);
            continue;
        }
        let absent = &absent[..absent.len().min(2)];
        let is_closed = dice.chance(3) && !closed.is_empty();
        let Some(facts) = session(&user, &fixed, absent, is_closed.then_some(&*closed)) else { return true };
        let all: Vec<Key> = fixed.iter().chain(&own).cloned().collect();
        let limits = limits(&mut dice, &all);
        let builder = facts.request_in(buffers, ACTION, RESOURCE, Owner::Unknown);
        let denies = |name: &str| {
            let is_absent = absent.iter().any(|key| fold(&key.name) == fold(name));
            is_absent || is_closed && fold(name).starts_with(&fold(&closed))
        };
        buffers = check(builder.limits(limits), &fixed, &own, denies, &limits);
    }
    true
}

/// The facts of a session; refused if and only if they contradict themselves.
fn session(user: &Principal, fixed: &[Key], absent: &[Key], closed: Option<&str>) -> Option<SessionFacts> {
    let mut facts = SessionFacts::builder(user.clone());
    for key in fixed {
        facts = match key.is_many {
            true => facts.present_many(key.name.as_str(), key.values.clone()),
            false => facts.present(key.name.as_str(), key.values[0].as_str()),
        };
    }
    facts = absent.iter().fold(facts, |facts, key| facts.absent(&key.name));
    if let Some(closed) = closed {
        facts = facts.closed(closed);
    }
    let is_fixed = |name: &str| fixed.iter().any(|key| fold(&key.name) == fold(name));
    let is_nameless = |key: &Key| key.name.is_empty();
    let contradicts = absent.iter().any(|key| is_fixed(&key.name) || is_nameless(key));
    let faulty = contradicts || has_doubles(fixed) || fixed.iter().any(is_nameless);
    let built = facts.build();
    assert_eq!(built.is_err(), faulty, "{built:?}: {fixed:?} {absent:?}");
    built.ok()
}

fn has_doubles(keys: &[Key]) -> bool {
    keys.iter()
        .enumerate()
        .any(|(at, key)| keys[..at].iter().any(|other| fold(&other.name) == fold(&key.name)))
}

/// Builds a request, compares it with the model, and gives its memory back.
fn check<'a>(
    builder: RequestBuilder<'a>,
    fixed: &[Key],
    own: &'a [Key],
    denies: impl Fn(&str) -> bool,
    limits: &RequestLimits,
) -> RequestBuffers {
    let builder = own.iter().fold(builder, |builder, key| match key.is_many {
        true => builder.many(key.name.as_str(), key.values.iter().map(String::as_str)),
        false => builder.one(key.name.as_str(), key.values[0].as_str()),
    });
    let built = builder.build();
    let all: Vec<Key> = fixed.iter().chain(own).cloned().collect();
    let over = is_over(&all, limits);
    let sealed = own
        .iter()
        .any(|key| denies(&key.name) || fixed.iter().any(|other| fold(&other.name) == fold(&key.name)));
    let nameless = own.iter().any(|key| key.name.is_empty());
    let doubles = has_doubles(own);
    let faulty = over || sealed || nameless || doubles;
    assert_eq!(built.is_err(), faulty, "{:?}: {fixed:?} {own:?} {limits:?}", built.as_ref().err());
    match built {
        Ok(request) => {
            found(&request, &all);
            request.into_buffers()
        }
        Err(error) => {
            let is_so = match error {
                RequestError::Limit { .. } => over,
                RequestError::SealedKey(_) => sealed,
                RequestError::EmptyKey => nameless,
                RequestError::RepeatedKey(_) | RequestError::AmbiguousKey(..) => doubles,
                _ => false,
            };
            assert!(is_so, "{error:?}: {fixed:?} {own:?} {limits:?}");
            RequestBuffers::default()
        }
    }
}

fn is_over(all: &[Key], limits: &RequestLimits) -> bool {
    let texts = || all.iter().flat_map(|key| key.values.iter().chain([&key.name])).map(String::len);
    let bytes = texts().sum::<usize>() + ACTION.len() + RESOURCE.len();
    let values = all.iter().filter(|key| key.is_many).map(|key| key.values.len()).max().unwrap_or(0);
    let longest = texts().chain([USER.len(), ACTION.len(), RESOURCE.len()]).max().unwrap_or(0);
    all.len() > limits.keys || values > limits.values || longest > limits.string || bytes > limits.bytes
}

/// Every key is found under any spelling, in order, and no other.
fn found(request: &Request<'_>, all: &[Key]) {
    let context = request.context();
    assert_eq!((context.len(), context.is_empty()), (all.len(), all.is_empty()));
    assert!(context.entries().map(|(name, _)| name).eq(all.iter().map(|key| &*key.name)));
    for key in all {
        let folded: String = fold(&key.name).into_iter().collect();
        for name in [&key.name, &folded, &folded.to_ascii_uppercase()] {
            let same = match context.get(name) {
                Some(ContextValue::One(text)) => !key.is_many && key.values == [text],
                Some(ContextValue::Many(texts)) => key.is_many && texts.iter().eq(&key.values),
                None => false,
            };
            assert!(same, "{name:?} of {all:?}");
        }
        let other = format!("{}!", key.name);
        let is_there = all.iter().any(|key| fold(&key.name) == fold(&other));
        assert_eq!(context.get(&other).is_some(), is_there, "{other:?} of {all:?}");
    }
}

/// Limits that the keys meet, or miss by one.
fn limits(dice: &mut Dice<'_>, all: &[Key]) -> RequestLimits {
    let mut limits = RequestLimits::default();
    let texts = || all.iter().flat_map(|key| key.values.iter().chain([&key.name])).map(String::len);
    let near = |dice: &mut Dice<'_>, size: usize| (size + dice.upto(2)).saturating_sub(1);
    match dice.upto(7) {
        0 => limits.keys = near(dice, all.len()),
        1 => limits.values = near(dice, all.iter().map(|key| key.values.len()).max().unwrap_or(0)),
        2 => limits.bytes = near(dice, texts().sum::<usize>() + ACTION.len() + RESOURCE.len()),
        3 => {
            limits.string =
                near(dice, texts().chain([USER.len(), ACTION.len(), RESOURCE.len()]).max().unwrap_or(0))
        }
        4 => limits = RequestLimits { bytes: 200, keys: 20, values: 3, string: 40 },
        _ => {}
    }
    limits
}

/// Some keys; many of them numbered, so that they do not all fold alike.
fn keys(dice: &mut Dice<'_>) -> Vec<Key> {
    let numbered = dice.upto(3) * dice.upto(40);
    let mut keys: Vec<Key> = (0..numbered)
        .map(|number| Key { name: format!("k{number}"), values: vec![number.to_string()], is_many: false })
        .collect();
    for _ in 0..dice.upto(5) {
        let name = dice.words(&["k", "K", "\u{212a}", "1", "2", "é", "É", "s", "ſ", "ß", "!"], 4);
        let is_many = dice.chance(3);
        let count = if is_many { dice.upto(5) } else { 1 };
        let values = (0..count).map(|_| dice.words(&["v", "é", "long text"], 3)).collect();
        keys.push(Key { name, values, is_many });
    }
    keys
}
