//! `verdikt decide`, one request: the answer and why, the policies of every layer, derived keys.

use std::process::Stdio;

use snapbox::str;

use super::{ALICE, Folder, PREFIX_POLICY, PREFIX_REQUEST, SESSION, ask, policy, same, verdikt, words};

#[test]
fn allowed() {
    let out = verdikt(["decide", "--identity", PREFIX_POLICY, "--request", PREFIX_REQUEST]).out(0);
    same(
        out,
        str![[r#"
arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials is authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/photo.jpg
decided by Allow `ReadWriteOwnObjects` of policies/s3-per-identity-prefix/policy.json:15
identity-based policy: allows
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  applies         Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15

"#]],
    );
}

#[test]
fn denied_and_why() {
    let more = "--context cognito-identity.amazonaws.com:sub=z";
    same(
        words(&ask(SESSION, more)).out(3),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/x/y because no identity-based policy allows the s3:GetObject action
identity-based policy: allows nothing here
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  does not apply  Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15  Resource: `arn:aws:s3:::app-data/users/x/y` does not match `arn:aws:s3:::app-data/users/z/*`

"#]],
    );
}

#[test]
fn denied_as_json() {
    let out = words(&ask(SESSION, "--format json")).out(3);
    same(
        out,
        str![[r#"
{"decision":"implicitDeny","summary":"arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/x/y because no identity-based policy allows the s3:GetObject action","request":{"principal":"arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials","action":"s3:GetObject","resource":"arn:aws:s3:::app-data/users/x/y"},"decided_by":null,"missing_layer":"identity","missing_level":0,"indeterminate":false,"notes":[],"layers":[{"layer":"scp","level":0,"outcome":"notInUse"},{"layer":"rcp","level":0,"outcome":"notInUse"},{"layer":"resource","level":0,"outcome":"notInUse"},{"layer":"identity","level":0,"outcome":"silent","statements":[{"layer":"identity","level":0,"policy":0,"statement":0,"name":"policies/s3-per-identity-prefix/policy.json","sid":"ListOwnPrefix","line":4,"effect":"Allow","applies":false,"match":"false","clauses":[{"element":"Action","line":7,"column":17,"match":"false","at_fault":true,"why":"`s3:GetObject` does not match `s3:ListBucket`","given":"s3:GetObject","entries":[{"written":"s3:ListBucket","match":"false"}]},{"element":"Resource","line":8,"column":19,"match":"false","at_fault":true,"why":"`arn:aws:s3:::app-data/users/x/y` does not match `arn:aws:s3:::app-data`","given":"arn:aws:s3:::app-data/users/x/y","entries":[{"written":"arn:aws:s3:::app-data","match":"false"}]},{"element":"Condition","operator":"StringLike","key":"s3:prefix","line":11,"column":11,"match":"false","at_fault":true,"why":"the request has no s3:prefix","given":null,"entries":[{"written":"users/${cognito-identity.amazonaws.com:sub}/*","substituted":null,"variables":[{"name":"cognito-identity.amazonaws.com:sub","value":null,"source":"absent","key":null}],"match":"false"}]}]},{"layer":"identity","level":0,"policy":0,"statement":1,"name":"policies/s3-per-identity-prefix/policy.json","sid":"ReadWriteOwnObjects","line":15,"effect":"Allow","applies":false,"match":"false","clauses":[{"element":"Action","line":19,"column":9,"match":"true","at_fault":false,"why":"`s3:GetObject` matches `s3:GetObject`","given":"s3:GetObject","entries":[{"written":"s3:GetObject","match":"true"},{"written":"s3:PutObject","match":"false"},{"written":"s3:DeleteObject","match":"false"}]},{"element":"Resource","line":23,"column":19,"match":"false","at_fault":true,"why":"`arn:aws:s3:::app-data/users/x/y` does not match `arn:aws:s3:::app-data/users/${cognito-identity.amazonaws.com:sub}/*`, a variable of which has no value","given":"arn:aws:s3:::app-data/users/x/y","entries":[{"written":"arn:aws:s3:::app-data/users/${cognito-identity.amazonaws.com:sub}/*","substituted":null,"variables":[{"name":"cognito-identity.amazonaws.com:sub","value":null,"source":"absent","key":null}],"match":"false"}]}]}]},{"layer":"permissions_boundary","level":0,"outcome":"notInUse"},{"layer":"session","level":0,"outcome":"notInUse"},{"layer":"vpc_endpoint","level":0,"outcome":"notInUse"}],"context_keys":[{"key":"cognito-identity.amazonaws.com:sub","state":"absent","given":null,"controlled_by":"session","asked_by":[{"layer":"identity","level":0,"policy":0,"statement":1}]}],"nearest_allow":{"in_the_way":[],"suggestions":[{"text":"give cognito-identity.amazonaws.com:sub = `x`, which is fixed when the session is issued","changes":[{"change":"context_key","key":"cognito-identity.amazonaws.com:sub","from":null,"to":"x","example":false}]}],"searched_changes":1}}

"#]],
    );
}

#[test]
fn every_layer_has_its_option() {
    let folder = Folder::new().with("a.json", &policy("Allow", "")).with("d.json", &policy("Deny", ""));
    let (a, d) = (folder.path("a.json"), folder.path("d.json"));
    let ask = "--principal arn:aws:iam::111122223333:user/alice --action s3:GetObject --resource *";
    let out =
        words(&format!("decide {ask} --identity {a} --boundary {a} --session {a} --scp {a} --scp {a},{d}"))
            .out(3);
    same(
        folder.named(&out),
        str![[r#"
arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject on resource: * with an explicit deny in a service control policy
decided by Deny statement 0 of FOLDER/d.json:1
service control policy, level 0: allows
  applies  Allow statement 0  FOLDER/a.json:1
service control policy, level 1: denies
  applies  Allow statement 0  FOLDER/a.json:1
  applies  Deny statement 0   FOLDER/d.json:1
identity-based policy: allows
  applies  Allow statement 0  FOLDER/a.json:1
permissions boundary: allows
  applies  Allow statement 0  FOLDER/a.json:1
session policy: allows
  applies  Allow statement 0  FOLDER/a.json:1

"#]],
    );
    let name = "policies/rcp-perimeter/policy.json";
    let out = words(&format!(
        "decide {ask} --identity {a} --rcp {name} --resource-policy {name} --vpc-endpoint {name}"
    ));
    same(
        folder.named(&out.out(3)),
        str![[r#"
arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject on resource: * with an explicit deny in a resource control policy
decided by Deny `OnlyPrincipalsOfTheOrganization` of policies/rcp-perimeter/policy.json:4
resource control policy, level 0: denies
  applies         Deny `OnlyPrincipalsOfTheOrganization`       policies/rcp-perimeter/policy.json:4
  does not apply  Deny `OnlyServicesActingForTheOrganization`  policies/rcp-perimeter/policy.json:25  Condition Null aws:SourceAccount: the request has no aws:SourceAccount
  does not apply  Deny `OnlyOurIdentityPools`                  policies/rcp-perimeter/policy.json:48  Action: `s3:GetObject` does not match `sts:AssumeRoleWithWebIdentity`
resource-based policy: denies
  applies         Deny `OnlyPrincipalsOfTheOrganization`       policies/rcp-perimeter/policy.json:4
  does not apply  Deny `OnlyServicesActingForTheOrganization`  policies/rcp-perimeter/policy.json:25  Condition Null aws:SourceAccount: the request has no aws:SourceAccount
  does not apply  Deny `OnlyOurIdentityPools`                  policies/rcp-perimeter/policy.json:48  Action: `s3:GetObject` does not match `sts:AssumeRoleWithWebIdentity`
identity-based policy: allows
  applies  Allow statement 0  FOLDER/a.json:1
VPC endpoint policy: denies
  applies         Deny `OnlyPrincipalsOfTheOrganization`       policies/rcp-perimeter/policy.json:4
  does not apply  Deny `OnlyServicesActingForTheOrganization`  policies/rcp-perimeter/policy.json:25  Condition Null aws:SourceAccount: the request has no aws:SourceAccount
  does not apply  Deny `OnlyOurIdentityPools`                  policies/rcp-perimeter/policy.json:48  Action: `s3:GetObject` does not match `sts:AssumeRoleWithWebIdentity`

"#]],
    );
}

#[test]
fn a_policy_of_any_layer_may_come_from_standard_input() {
    let ask = format!("decide --principal {ALICE} --action s3:GetObject --resource *");
    for option in ["identity", "boundary", "session", "resource-policy", "vpc-endpoint", "scp", "rcp"] {
        let told = words(&format!("{ask} --{option} -")).input("{").err(1);
        assert!(
            told.ends_with("error: the policy `<stdin>` is refused: mend what is shown above\n"),
            "{told}"
        );
        words(&format!("{ask} --{option} - --request -")).err(2);
    }
    words(&format!("{ask} --identity -")).input(&policy("Allow", "")).out(0);
    words(&format!("{ask} --identity - --scp -")).err(2);
    let folder = Folder::new().with("a.json", &policy("Allow", ""));
    let path = folder.path("a.json");
    words(&format!("{ask} --identity {path} --scp {path},-")).input(&policy("Deny", "")).out(3);
}

#[test]
fn a_web_identity_meets_a_trust_policy() {
    let trust = "policies/identity-pool-trust-guest/policy.json";
    let provider = "cognito-identity.amazonaws.com";
    let out = words(&format!(
        "decide --resource-policy {trust} --web-identity {provider} --action sts:AssumeRoleWithWebIdentity \
         --resource arn:aws:iam::111122223333:role/app-guest \
         --context {provider}:aud=us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8 \
         --context-many {provider}:amr=unauthenticated"
    ));
    same(
        out.out(0),
        str![[r#"
cognito-identity.amazonaws.com is authorized to perform: sts:AssumeRoleWithWebIdentity on resource: arn:aws:iam::111122223333:role/app-guest
decided by Allow `GuestsOfThePool` of policies/identity-pool-trust-guest/policy.json:4
note: such a caller is allowed by the resource-based policy alone
note: the resource-based policy must allow, whatever the caller's own policies say
resource-based policy: allows
  applies  Allow `GuestsOfThePool`  policies/identity-pool-trust-guest/policy.json:4

"#]],
    );
}

#[test]
fn keys_are_derived_unless_given_and_missing_ones_are_told_where_they_are_read() {
    let condition = r#","Condition":{"StringLike":{"AWS:principalarn":"*"},"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"},"NumericGreaterThan":{"aws:EpochTime":"1"}}"#;
    let folder = Folder::new().with("p.json", &policy("Allow", condition));
    let ask = |more: &str| {
        let ended = words(&format!(
            "decide --identity {} --principal {SESSION} --action s3:GetObject --resource * {more}",
            folder.path("p.json")
        ));
        ended.run()
    };
    let told = ask("");
    assert_eq!(told.code, 3);
    same(
        told.err,
        str![[r#"
note: a policy reads `aws:PrincipalArn`, which cannot be derived: an assumed-role ARN does not tell the role's path; state it, or give the key

"#]],
    );
    let derived = ask("--role-path /team/");
    assert_eq!((derived.code, derived.err.as_str()), (0, ""));
    let one_given = ask("--role-path / --context aws:currenttime=2021-01-01");
    assert_eq!(one_given.code, 3);
    same(
        one_given.err,
        str![[r#"
note: a policy reads `aws:EpochTime`, which cannot be derived: the other key of the time is given, and the clock would contradict it; give both

"#]],
    );
    let both_given = ask("--role-path / --context aws:EpochTime=2 --context aws:CurrentTime=2021-01-01");
    assert_eq!((both_given.code, both_given.err.as_str()), (0, ""));
    let nothing = ask("--role-path / --no-derive");
    assert_eq!((nothing.code, nothing.err.as_str()), (3, ""));
}

#[test]
fn a_bad_policy_is_shown_with_all_its_problems() {
    let folder = Folder::new().with(
        "bad.json",
        "{\n  \"Statement\": [\n    {\"Sid\": \"a b\", \"Effect\": \"Alow\", \"Action\": \"s3-GetObject\", \"Resource\": \"*\"},\n    \
         {\"Effect\": \"Deny\", \"Effect\": \"Deny\",\n     \"Action\": \"*\", \"Resource\": \"*\", \"Resource\": []}\n  ]\n}\n",
    );
    let call = words(&format!("decide --identity {} --request {PREFIX_REQUEST}", folder.path("bad.json")));
    same(
        folder.named(&call.err(1)),
        str![[r#"
warning[MISSING_VERSION]: no Version `2012-10-17`
 --> FOLDER/bad.json:1:1
  |
1 | {
  | ^
  |
  = help: add `"Version": "2012-10-17"`; without it policy variables are plain text

error[UNSUPPORTED_SID]: the Sid `a b` holds more than letters and digits
 --> FOLDER/bad.json:3:13
  |
3 |     {"Sid": "a b", "Effect": "Alow", "Action": "s3-GetObject", "Resource": "*"},
  |             ^^^^^
  |
  = help: a Sid is made of A-Z, a-z and 0-9

error[INVALID_EFFECT]: `Alow` is no effect
 --> FOLDER/bad.json:3:30
  |
3 |     {"Sid": "a b", "Effect": "Alow", "Action": "s3-GetObject", "Resource": "*"},
  |                              ^^^^^^
  |
  = help: write exactly `Allow` or `Deny`

error[INVALID_ACTION]: `s3-GetObject` is no action
 --> FOLDER/bad.json:3:48
  |
3 |     {"Sid": "a b", "Effect": "Alow", "Action": "s3-GetObject", "Resource": "*"},
  |                                                ^^^^^^^^^^^^^^
  |
  = help: write `service:Name`, for example `s3:GetObject` or `s3:Get*`, or `*` alone

error[DUPLICATE_KEY]: the key `Effect` stands twice in one object
 --> FOLDER/bad.json:4:24
  |
4 |     {"Effect": "Deny", "Effect": "Deny",
  |      --------          ^^^^^^^^
  |      |
  |      first here
  |
  = help: readers disagree on which of the two counts; keep one

error[DUPLICATE_KEY]: the key `Resource` stands twice in one object
 --> FOLDER/bad.json:5:38
  |
5 |      "Action": "*", "Resource": "*", "Resource": []}
  |                     ----------       ^^^^^^^^^^
  |                     |
  |                     first here
  |
  = help: readers disagree on which of the two counts; keep one

error: the policy `FOLDER/bad.json` is refused: mend what is shown above

"#]],
    );
}

#[test]
fn a_deny_is_told_by_the_exit_code_even_if_nobody_reads_the_answer() {
    let mut command = words(&ask(SESSION, "")).command;
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
