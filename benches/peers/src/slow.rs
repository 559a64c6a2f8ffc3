//! W6b with a segment that is no literal: what a search cannot find at once. Nearly as many characters match, and then
//! one does not.

use verdikt::Outcome;

use crate::workload::{Asked, ContextKey, Form, Policy, Workload};

/// The workloads' names.
pub(crate) const NAMES: [&str; 2] = ["W6b with ?", "W6b with a variable"];

/// Both of them; `sample` is W6b, whose resource they ask for.
pub(crate) fn segments(sample: &Workload) -> [Workload; 2] {
    let [wildcard, variable] = NAMES;
    let half = "a".repeat(256);
    [
        segment(wildcard, sample, &format!("{half}?{half}b")),
        segment(variable, sample, "${aws:PrincipalTag/long}b"),
    ]
}

fn segment(name: &str, sample: &Workload, segment: &str) -> Workload {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bkt/*{segment}*"}}}}"#
    );
    let long = ContextKey {
        name: "aws:PrincipalTag/long".to_owned(),
        texts: vec!["a".repeat(512)],
        form: Form::Text,
    };
    let asked = sample.asked.iter().cloned().map(|mut asked| {
        asked.context.push(long.clone());
        Asked { expect: Outcome::ImplicitDeny, ..asked }
    });
    let policies = sample.policies.iter().map(|policy| Policy { text: text.clone(), ..policy.clone() });
    Workload { name: name.to_owned(), policies: policies.collect(), asked: asked.collect() }
}
