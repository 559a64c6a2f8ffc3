//! A policy made to be awkward for an index: every statement on one bucket, half of them on `*` and told apart by a
//! condition alone, the others by variables, suffixes and prefixes; a tenth denies, some take `NotAction`.

use serde_json::{Value, json};
use verdikt::{Kind, Outcome, Principal};

use super::workload::{Asked, Policy, Values, Workload};

const ACTIONS: [&str; 8] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
    "s3:GetObjectAcl",
    "s3:Get*",
    "s3:*",
];

/// The policy with so many statements, and requests for it.
pub(crate) fn workload(statements: usize) -> Workload {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": (0..statements).map(statement).collect::<Vec<_>>(),
    });
    let policy = Policy { kind: Kind::Identity, name: "awkward".to_owned(), text: document.to_string() };
    Workload { name: format!("W8_{statements}"), policies: vec![policy], asked: asked(statements) }
}

fn statement(number: usize) -> Value {
    let effect = if number % 10 == 9 { "Deny" } else { "Allow" };
    let action = ACTIONS.get(number / 10 % ACTIONS.len()).unwrap();
    let bucket = "arn:aws:s3:::lake";
    let mut statement = json!({"Effect": effect, "Action": action});
    let parts = statement.as_object_mut().unwrap();
    let resource = match number % 10 {
        0 => format!("{bucket}/${{aws:username}}/{number}/*"),
        1 => format!("{bucket}/*.part-{number}"),
        2 => format!("{bucket}/raw-{number}*"),
        3 => format!("{bucket}/*/zone-{number}/*"),
        9 => format!("{bucket}/*/secret-{number}/*"),
        _ => "*".to_owned(),
    };
    match number % 10 {
        4..=8 => drop(parts.insert(
            "Condition".to_owned(),
            json!({"StringEquals": {"aws:PrincipalTag/team": format!("team-{number}")}}),
        )),
        1 if number % 100 == 1 => {
            parts.remove("Action");
            parts.insert("NotAction".to_owned(), json!(["s3:Delete*", action]));
        }
        _ => {}
    }
    parts.insert("Resource".to_owned(), resource.into());
    statement
}

/// For late statements of several shapes a request that only they allow, and as many that nothing allows; all of one
/// action.
fn asked(statements: usize) -> Vec<Asked> {
    let round = 10 * ACTIONS.len();
    let last = (statements - 10) / round * round;
    let mut asked = Vec::new();
    for (id, expect, resource, team) in [
        ("variable", Outcome::Allowed, format!("alice/{last}/x"), None),
        ("suffix", Outcome::Allowed, format!("a/b/c.part-{}", last + 1), None),
        ("prefix", Outcome::Allowed, format!("raw-{}/2026/x", last + 2), None),
        ("inside", Outcome::Allowed, format!("a/zone-{}/x", last + 3), None),
        ("condition", Outcome::Allowed, "a/b/c".to_owned(), Some(format!("team-{}", last + 4))),
        ("other user", Outcome::ImplicitDeny, format!("bob/{last}/x"), None),
        ("other suffix", Outcome::ImplicitDeny, "a/b/c.other".to_owned(), None),
        ("other prefix", Outcome::ImplicitDeny, "cooked/2026/x".to_owned(), None),
        ("other team", Outcome::ImplicitDeny, "a/b/c".to_owned(), Some("team-none".to_owned())),
        ("denied", Outcome::ExplicitDeny, format!("alice/{last}/secret-{}/x", last + 9), None),
    ] {
        let mut context = vec![("aws:username".to_owned(), Values::One("alice".to_owned()))];
        context.extend(team.map(|team| ("aws:PrincipalTag/team".to_owned(), Values::One(team))));
        asked.push(Asked {
            id: id.to_owned(),
            principal: Principal::parse("arn:aws:iam::123456789012:user/alice").unwrap(),
            action: "s3:GetObject".to_owned(),
            resource: format!("arn:aws:s3:::lake/{resource}"),
            context,
            expect,
        });
    }
    asked
}
