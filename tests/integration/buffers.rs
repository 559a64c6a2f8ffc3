//! Requests in reused memory: whatever stood in it, they are read and decided as requests in memory of their own.

use serde_json::{Value, json};
use verdikt::request::context::ContextValue;
use verdikt::request::limits::RequestLimits;
use verdikt::request::{RequestBuilder, ResourcePolicyMode};
use verdikt::{
    CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request, RequestBuffers,
    RequestError, SessionFacts,
};

use crate::bound::bind;
use crate::long::Dice;
use crate::properties::{cases, seed};
use crate::strategies::document;

const USER: &str = "arn:aws:iam::111122223333:user/u";

/// Names of keys, the first of which the policy reads.
const NAMES: [&str; 8] = [
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:username",
    "aws:TagKeys",
    "aws:PrincipalTag/team",
    "AWS:sourceip",
    "aws:PrincipalTag/\u{212a}ey",
    "",
];

const VALUES: [&str; 10] = [
    "10.0.0.1",
    "11.0.0.1",
    "2020-01-01T00:00:00Z",
    "2030-01-01T00:00:00Z",
    "a",
    "b",
    "",
    "::ffff:10.0.0.1",
    "2020-01-01",
    "ab",
];

/// What a request says, in texts that the next one is written over: the same places, other words.
struct Asked {
    action: String,
    resource: String,
    owner: usize,
    keys: Vec<Key>,
    stated: usize,
    limits: Option<RequestLimits>,
    must_allow: bool,
    session: usize,
}

struct Key {
    name: String,
    values: [String; 3],
    count: usize,
    is_many: bool,
}

impl Key {
    fn new() -> Self {
        let text = || String::with_capacity(64);
        Self { name: text(), values: [text(), text(), text()], count: 1, is_many: false }
    }

    fn renew(&mut self, dice: &mut Dice, place: usize) {
        let name = match dice.weighted(&[70, 10, 20]) {
            0 if place < 5 => NAMES[place],
            2 => "aws:RequestTag/t",
            _ => NAMES[dice.weighted(&[25, 20, 20, 15, 12, 1, 6, 1])],
        };
        write(&mut self.name, name);
        if name.ends_with("/t") {
            self.name.push_str(&place.to_string());
        }
        let likely = match name {
            "aws:SourceIp" => &VALUES[..2],
            "aws:CurrentTime" => &VALUES[2..4],
            _ => &VALUES[4..6],
        };
        for value in &mut self.values {
            write(value, if dice.chance(60) { dice.pick(likely) } else { dice.pick(&VALUES) });
        }
        self.is_many = dice.chance(20);
        self.count = if self.is_many { dice.below(4) } else { 1 };
    }
}

/// Writes a text over another, in its place.
fn write(text: &mut String, new: &str) {
    text.clear();
    text.push_str(new);
}

impl Asked {
    fn new() -> Self {
        Self {
            action: String::with_capacity(64),
            resource: String::with_capacity(64),
            owner: 0,
            keys: (0..120).map(|_| Key::new()).collect(),
            stated: 0,
            limits: None,
            must_allow: false,
            session: 0,
        }
    }

    fn renew(&mut self, dice: &mut Dice) {
        let actions = ["s3:GetObject", "S3:GETOBJECT", "s3:PutObject", "s3:ListAllMyBuckets", "s3:*", "s3"];
        write(&mut self.action, actions[dice.weighted(&[60, 10, 10, 10, 2, 1])]);
        let resources = ["arn:aws:s3:::b/a/x", "arn:aws:s3:::b/b/x", "arn:aws:s3:::b/a/x:y", "*", "b/a/x"];
        write(&mut self.resource, resources[dice.weighted(&[50, 20, 10, 10, 1])]);
        self.owner = dice.weighted(&[12, 1, 1, 1]);
        // Names are drawn with repetition: few keys are rarely refused, many of the same names nearly always.
        self.stated = [0, 1, 2, 3, 4, 60, 120][dice.weighted(&[3, 10, 20, 20, 30, 4, 4])];
        let crowded = self.stated > 10;
        for (place, key) in self.keys.iter_mut().enumerate().take(self.stated) {
            key.renew(dice, place);
            if crowded && place > 2 {
                write(&mut key.name, &format!("aws:RequestTag/t{place}"));
            }
        }
        let few = RequestLimits { keys: 2, ..RequestLimits::default() };
        self.limits = dice.chance(5).then_some(few);
        self.must_allow = dice.chance(5);
        self.session = dice.weighted(&[5, 3, 2]);
    }

    /// The request, by a builder that knows its action and resource.
    fn build<'a>(&'a self, builder: RequestBuilder<'a>) -> Result<Request<'a>, RequestError> {
        let builder = match self.limits {
            Some(limits) => builder.limits(limits),
            None => builder,
        };
        let builder = if self.must_allow {
            builder.resource_policy_mode(ResourcePolicyMode::MustAllow)
        } else {
            builder
        };
        let state = |builder: RequestBuilder<'a>, key: &'a Key| {
            let values = key.values.iter().map(String::as_str);
            if key.is_many {
                builder.many(key.name.as_str(), values.take(key.count))
            } else {
                builder.one(key.name.as_str(), key.values[0].as_str())
            }
        };
        self.keys.iter().take(self.stated).fold(builder, state).build()
    }

    fn owner(&self) -> Owner<'_> {
        [Owner::Account("111122223333"), Owner::Account("999988887777"), Owner::Unknown, Owner::Account("1")]
            [if self.owner == 3 && self.stated != 4 { 0 } else { self.owner }]
    }
}

/// A policy that reads what a request keeps beside its texts: an address, an instant, the path.
fn policy() -> PolicySet {
    let filed = |part: &str, number: usize| {
        let effect = if part == "b" && number > 2 { "Deny" } else { "Allow" };
        let range = ["10.0.0.0/8", "11.0.0.0/8"][number % 2];
        let tail = if number == 3 { "x" } else { "*" };
        json!({"Effect": effect, "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b/{part}/{tail}"),
               "Condition": {"IpAddress": {"aws:SourceIp": range},
                             "DateLessThanIfExists": {"aws:CurrentTime": format!("202{number}-06-01")}}})
    };
    let parts = ["a", "b", "c"].into_iter().flat_map(|part| (0..5).map(move |number| (part, number)));
    let mut statements: Vec<Value> = parts.map(|(part, number)| filed(part, number)).collect();
    statements.push(
        json!({"Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}),
    );
    statements.push(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["${aws:PrincipalTag/team}", "ab"]}}}));
    let json = document(&statements).to_string();
    let document = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document;
    PolicySet::builder().identity(CompiledPolicy::compile(&[document]).unwrap()).build().unwrap()
}

/// A session with few keys, and one with more than a small table holds.
fn sessions() -> [SessionFacts; 2] {
    let user = Principal::parse(USER).unwrap();
    let few = SessionFacts::builder(user.clone())
        .present("aws:PrincipalTag/team", "a")
        .absent("aws:PrincipalTag/key");
    let many = (0..50).fold(SessionFacts::builder(user), |facts, number| {
        facts.present(format!("aws:PrincipalTag/n{number}"), "a")
    });
    [few.build().unwrap(), many.closed("aws:PrincipalTag/").build().unwrap()]
}

/// All that can be told of a request.
fn told(request: &Request<'_>) -> String {
    let context = request.context();
    let names: Vec<Option<ContextValue<'_>>> = NAMES.iter().map(|name| context.get(name)).collect();
    let tags: Vec<bool> =
        (0..120).map(|number| context.get(&format!("aws:REQUESTTag/t{number}")).is_some()).collect();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {} {names:?} {tags:?}",
        request.action().folded(),
        request.action().hash(),
        request.resource(),
        request.owner(),
        request.resource_policy_mode(),
        context.entries().collect::<Vec<_>>(),
        context.len(),
    )
}

#[test]
fn reused_memory_changes_nothing() {
    let (set, sessions, user) = (policy(), sessions(), Principal::parse(USER).unwrap());
    let sets = [set.clone(), bind(&set, &sessions[0], |_| true), bind(&set, &sessions[1], |_| true)];
    let (mut buffers, mut dice, mut asked) = (RequestBuffers::default(), Dice::new(seed(), 0), Asked::new());
    let (mut outcomes, mut errors, mut crowded) = ([0; 3], 0, 0);
    let count = 10 * cases(400);
    for number in 0..count {
        asked.renew(&mut dice);
        let (action, resource, owner) = (asked.action.as_str(), asked.resource.as_str(), asked.owner());
        let start = |buffers| match asked.session {
            0 => Request::builder_in(buffers, &user, action, resource, owner),
            place => sessions[place - 1].request_in(buffers, action, resource, owner),
        };
        let fresh = asked.build(start(RequestBuffers::default()));
        match (asked.build(start(std::mem::take(&mut buffers))), fresh) {
            (Ok(reused), Ok(fresh)) => {
                assert_eq!(told(&reused), told(&fresh), "request {number}");
                let decision = sets[asked.session].decide(&reused);
                assert_eq!(decision, sets[asked.session].decide(&fresh), "request {number}");
                assert_eq!(decision, sets[asked.session].decide_exhaustively(&reused), "request {number}");
                outcomes[decision.outcome as usize] += 1;
                crowded += u32::from(asked.stated > 48);
                buffers = reused.into_buffers();
            }
            (reused, fresh) => {
                errors += 1;
                assert_eq!(reused.err(), fresh.err(), "request {number}");
            }
        }
    }
    println!("{outcomes:?}, {errors} refused, {crowded} with many keys");
    let least = |count: u32, percent: u32| count * 100 >= 10 * cases(400) * percent;
    assert!(outcomes.iter().all(|count| least(*count, 5)), "{outcomes:?}");
    assert!(least(errors, 10) && !least(errors, 60), "{errors}");
    assert!(least(crowded, 2), "{crowded}");
}
