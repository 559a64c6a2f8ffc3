//! Layers: what grants, and what limits a grant.

use serde_json::{Value, json};

use super::Rule;
use crate::clause::{Asked, statements};
use crate::oracle;
use crate::oracle::arn::Kind;
use crate::oracle::caller::CallerKind;
use crate::oracle::case::Request;

const EVALUATION: &str =
    "IAM User Guide, \"How AWS enforcement code logic evaluates requests to allow or deny access\"";

pub const SESSION_CAPS: Rule = Rule {
    name: "a session policy and a grant to the session or to everyone",
    peer: "The session policy must allow, whoever is named.",
    law: "In one account a grant to the session itself, or to everyone, is not limited by the session policy's silence.",
    source: EVALUATION,
    documented: true,
    rewrite: |case| {
        // The silence of the session policy is filled, its denies stay; where that matters, it is another case.
        let mut filled = case.clone();
        let Some(session) = filled["policies"]["session"].as_array_mut() else { return };
        let mut policy = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        // The package takes one document, so several are of one version.
        if let Some(version) = session.first().and_then(|one| one["policy"].get("Version")) {
            policy["Version"] = version.clone();
        }
        session.push(json!({"name": "silence", "policy": policy}));
        keep_if_lawful(case, filled);
    },
};

pub const FEDERATED_WITHOUT_SESSION: Rule = Rule {
    name: "a federated user without a session policy",
    peer: "Has the permissions of its identity policies.",
    law: "Has none of its own: the session policy of GetFederationToken is what gives them.",
    source: "IAM User Guide, \"Policies and permissions in IAM\"",
    documented: true,
    rewrite: |case| {
        let Some(asked) = Asked::of(case) else { return };
        if !asked.principal.is(Kind::FederatedUser) || !case["policies"]["session"].is_null() {
            return;
        }
        if let Some(identity) = case["policies"]["identity"].as_array_mut() {
            for named in identity {
                without_grants(&mut named["policy"]);
            }
        }
    },
};

pub const TRUST_MISSING: Rule = Rule {
    name: "a role without a trust policy",
    peer: "Is assumed by whoever has the permission in the account.",
    law: "Is assumed by nobody: the trust policy must allow.",
    source: EVALUATION,
    documented: true,
    rewrite: |case| {
        let is_trust = Request::read(case.get("request")).is_ok_and(|request| {
            request.resource_policy_must_allow && request.action.to_ascii_lowercase().starts_with("sts:")
        });
        if is_trust && case["policies"]["resource"].is_null() {
            case["policies"]["resource"] = nobody();
        }
    },
};

pub const IDENTITY_OF_NOBODY: Rule = Rule {
    name: "GetCallerIdentity without a signature",
    peer: "Decided like any other call.",
    law: "Always allowed; that only signed requests reach the call is for whoever checks signatures.",
    source: "AWS STS API Reference, \"GetCallerIdentity\"",
    documented: false,
    rewrite: |case| {
        let Some(asked) = Asked::of(case) else { return };
        if asked.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
            case["request"]["principal"] = json!("arn:aws:iam::111122223333:user/signed");
        }
    },
};

pub const NO_ROLE: Rule = Rule {
    name: "an STS action on what is no role",
    peer: "Any policy of the resource is a trust policy, which must allow.",
    law: "Trust policies are those of roles; elsewhere the identity policies of the account are enough.",
    source: EVALUATION,
    documented: false,
    rewrite: |case| {
        let Some(asked) = Asked::of(case) else { return };
        let is_sts = asked.action.to_ascii_lowercase().starts_with("sts:");
        let Some(arn) = asked.principal.arn().filter(|_| is_sts && !case["policies"]["resource"].is_null())
        else {
            return;
        };
        // Where the account is trusted implicitly, a grant to it changes nothing.
        let mut trusting = case.clone();
        let grant =
            json!({"Effect": "Allow", "Principal": {"AWS": arn.account}, "Action": "*", "Resource": "*"});
        match &mut trusting["policies"]["resource"]["Statement"] {
            Value::Array(statements) => statements.push(grant),
            single => *single = json!([single.take(), grant]),
        }
        keep_if_lawful(case, trusting);
    },
};

pub const TOKEN_CALLS: Rule = Rule {
    name: "a role assumption and a caller that do not go together",
    peer: "Asks the trust policy alone.",
    law: "AssumeRoleWithSAML and AssumeRoleWithWebIdentity take the token of a provider of their kind, from nobody else.",
    source: "IAM User Guide, \"AWS JSON policy elements: Principal\"; AWS STS API Reference",
    documented: false,
    rewrite: |case| {
        let Some(asked) = Asked::of(case) else { return };
        let action = asked.action.to_ascii_lowercase();
        let provider = match &asked.principal.kind {
            CallerKind::WebIdentity(provider) => Some(provider.contains(":saml-provider/")),
            _ => None,
        };
        let goes_together = match action.as_str() {
            "sts:assumerolewithsaml" => provider == Some(true),
            "sts:assumerolewithwebidentity" => provider == Some(false),
            _ => provider.is_none(),
        };
        if action.starts_with("sts:assumerole") && !goes_together {
            match &mut case["policies"]["resource"] {
                missing @ Value::Null => *missing = nobody(),
                trust => without_grants(trust),
            }
        }
    },
};

/// A trust policy that names no caller.
fn nobody() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "none.amazonaws.com"},
           "Action": "sts:AssumeRole"}]})
}

/// The document with its Allows made void.
fn without_grants(document: &mut Value) {
    let mut case = json!({"policies": {"document": document.take()}});
    statements(&mut case, |_, statement| {
        if statement["Effect"] == "Allow" {
            if let Some(members) = statement.as_object_mut() {
                members.remove("NotAction");
            }
            statement["Action"] = json!("none:None");
        }
    });
    *document = case["policies"]["document"].take();
}

/// Takes a rewriting that fills a silence, unless the law hears the difference.
fn keep_if_lawful(case: &mut Value, rewritten: Value) {
    if oracle::decide(&rewritten).outcome == oracle::decide(case).outcome {
        *case = rewritten;
    }
}
