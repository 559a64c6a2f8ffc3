//! `verdikt explain`: what people read, in three degrees of detail, and what programs read.

use snapbox::str;

use super::{Folder, PREFIX_POLICY, PREFIX_REQUEST, SESSION, same, verdikt, words};

const TRANSPORT: &str = "policies/bucket-deny-plaintext-transport/policy.json";

fn items(more: &str) -> String {
    format!(
        "--identity policies/dynamodb-per-identity-items/policy.json --principal {SESSION} --action dynamodb:GetItem \
         --resource arn:aws:dynamodb:us-east-1:111122223333:table/notes \
         --context cognito-identity.amazonaws.com:sub=us-east-1:alice \
         --context-many dynamodb:LeadingKeys=us-east-1:alice,us-east-1:bob --context example:odd=1 {more}"
    )
}

#[test]
fn a_deny_in_the_way() {
    let call = format!(
        "explain --resource-policy {TRANSPORT} --identity {PREFIX_POLICY} --request {PREFIX_REQUEST}"
    );
    same(
        words(&call).out(3),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/photo.jpg with an explicit deny in a resource-based policy
decided by Deny `DenyPlaintextTransport` of policies/bucket-deny-plaintext-transport/policy.json:4
resource-based policy: denies
  applies         Deny `DenyPlaintextTransport`  policies/bucket-deny-plaintext-transport/policy.json:4
     --> policies/bucket-deny-plaintext-transport/policy.json:5:14
      |
    5 |       "Sid": "DenyPlaintextTransport",
      |              ^^^^^^^^^^^^^^^^^^^^^^^^ this Deny applies
      Condition BoolIfExists aws:SecureTransport: the request has no aws:SecureTransport, which IfExists takes for a match
  does not apply  Deny `DenyOutdatedTls`         policies/bucket-deny-plaintext-transport/policy.json:19  Condition NumericLessThan s3:TlsVersion: the request has no s3:TlsVersion
identity-based policy: allows
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  applies         Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15
context keys asked for and absent:
  aws:SecureTransport  by Deny `DenyPlaintextTransport` of policies/bucket-deny-plaintext-transport/policy.json:4
  s3:TlsVersion        by Deny `DenyOutdatedTls` of policies/bucket-deny-plaintext-transport/policy.json:19
in the way: Deny `DenyPlaintextTransport` of policies/bucket-deny-plaintext-transport/policy.json:4
nearest allow: the request would be allowed with
  give aws:SecureTransport = `true`

"#]],
    );
}

#[test]
fn a_missing_allow_with_its_clause_its_variables_and_its_keys() {
    same(
        words(&format!("explain {}", items(""))).out(3),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:111122223333:table/notes because no identity-based policy allows the dynamodb:GetItem action
identity-based policy: allows nothing here
  does not apply  Allow `OwnItemsOnly`  policies/dynamodb-per-identity-items/policy.json:4  Condition ForAllValues:StringEquals dynamodb:LeadingKeys: `us-east-1:bob` of dynamodb:LeadingKeys is not equal to `us-east-1:alice`
      --> policies/dynamodb-per-identity-items/policy.json:19:11
       |
    19 |           "dynamodb:LeadingKeys": "${cognito-identity.amazonaws.com:sub}"
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this does not hold
      ${cognito-identity.amazonaws.com:sub} is `us-east-1:alice`, from cognito-identity.amazonaws.com:sub
context keys given and never read:
  example:odd  `1`
nearest allow: the request would be allowed with
  dynamodb:LeadingKeys = [`us-east-1:alice`]

"#]],
    );
}

/// Of an allow the reader may ask why a Deny did not stop it: the place of what does not hold.
#[test]
fn a_deny_that_does_not_apply() {
    let call = format!(
        "explain --resource-policy {TRANSPORT} --identity {PREFIX_POLICY} --principal {SESSION} --action s3:GetObject \
         --resource arn:aws:s3:::app-data/users/us-east-1:alice/photo.jpg --resource-account 111122223333 \
         --context cognito-identity.amazonaws.com:sub=us-east-1:alice --context aws:SecureTransport=true \
         --context s3:TlsVersion=1.3"
    );
    same(
        words(&call).out(0),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/us-east-1:alice/photo.jpg
decided by Allow `ReadWriteOwnObjects` of policies/s3-per-identity-prefix/policy.json:15
resource-based policy: allows nothing here
  does not apply  Deny `DenyPlaintextTransport`  policies/bucket-deny-plaintext-transport/policy.json:4   Condition BoolIfExists aws:SecureTransport: aws:SecureTransport is `true`, not equal to `false`
      --> policies/bucket-deny-plaintext-transport/policy.json:15:11
       |
    15 |           "aws:SecureTransport": "false"
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this does not hold
  does not apply  Deny `DenyOutdatedTls`         policies/bucket-deny-plaintext-transport/policy.json:19  Condition NumericLessThan s3:TlsVersion: s3:TlsVersion is `1.3`, not less than `1.2`
      --> policies/bucket-deny-plaintext-transport/policy.json:30:11
       |
    30 |           "s3:TlsVersion": "1.2"
       |           ^^^^^^^^^^^^^^^^^^^^^^ this does not hold
identity-based policy: allows
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  applies         Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15
      --> policies/s3-per-identity-prefix/policy.json:16:14
       |
    16 |       "Sid": "ReadWriteOwnObjects",
       |              ^^^^^^^^^^^^^^^^^^^^^ this Allow applies

"#]],
    );
}

#[test]
fn every_clause_entry_by_entry() {
    same(
        words(&format!("explain --all {}", items(""))).out(3),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:111122223333:table/notes because no identity-based policy allows the dynamodb:GetItem action
identity-based policy: allows nothing here
  does not apply  Allow `OwnItemsOnly`  policies/dynamodb-per-identity-items/policy.json:4
      --> policies/dynamodb-per-identity-items/policy.json:19:11
       |
    19 |           "dynamodb:LeadingKeys": "${cognito-identity.amazonaws.com:sub}"
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this does not hold
    Action                                                    true           `dynamodb:GetItem` matches `dynamodb:GetItem`
      true           `dynamodb:GetItem`
      false          `dynamodb:BatchGetItem`
      false          `dynamodb:Query`
      false          `dynamodb:PutItem`
      false          `dynamodb:UpdateItem`
      false          `dynamodb:DeleteItem`
      false          `dynamodb:BatchWriteItem`
    Resource                                                  true           `arn:aws:dynamodb:us-east-1:111122223333:table/notes` matches `arn:aws:dynamodb:us-east-1:111122223333:table/notes`
      true           `arn:aws:dynamodb:us-east-1:111122223333:table/notes`
    Condition ForAllValues:StringEquals dynamodb:LeadingKeys  false          `us-east-1:bob` of dynamodb:LeadingKeys is not equal to `us-east-1:alice`
      true           of the request: `us-east-1:alice`
      false          of the request: `us-east-1:bob`
      true           `${cognito-identity.amazonaws.com:sub}` as `us-east-1:alice`
                       ${cognito-identity.amazonaws.com:sub} is `us-east-1:alice`, from cognito-identity.amazonaws.com:sub
    Condition Null dynamodb:LeadingKeys                       true           the request has dynamodb:LeadingKeys
      true           `false`
context keys read:
  cognito-identity.amazonaws.com:sub  `us-east-1:alice`
  dynamodb:LeadingKeys                [`us-east-1:alice`, `us-east-1:bob`]
context keys given and never read:
  example:odd  `1`
nearest allow: the request would be allowed with
  dynamodb:LeadingKeys = [`us-east-1:alice`]

"#]],
    );
}

#[test]
fn colours_tell_what_holds_and_what_does_not() {
    let out = words(&format!("--color always explain {}", items(""))).out(3);
    let (red, green, faint) = ("\u{1b}[1m\u{1b}[31m", "\u{1b}[1m\u{1b}[32m", "\u{1b}[2m");
    assert!(out.starts_with(&format!("{red}arn:aws:sts::")), "{out}");
    assert!(out.contains(&format!(": {red}allows nothing here")), "{out}");
    assert!(out.contains(&format!("\n{faint}  does not apply  ")), "{out}");
    assert!(out.contains(&format!("\n{green}  dynamodb:LeadingKeys = ")), "{out}");
    let plain = words(&format!("explain {}", items(""))).out(3);
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(words(&format!("explain {}", items(""))).env("NO_COLOR", "1").out(3), plain);
}

#[test]
fn what_nothing_near_would_allow() {
    let call = format!("explain --scp {TRANSPORT} --identity {PREFIX_POLICY} --request {PREFIX_REQUEST}");
    assert!(words(&call).err(1).contains("refused"));
    let folder = Folder::new().with(
        "none.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#,
    );
    let none = folder.path("none.json");
    let call = format!("explain --scp {none} --identity {PREFIX_POLICY} --request {PREFIX_REQUEST}");
    same(
        folder.named(&words(&call).out(3)),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/photo.jpg with an explicit deny in a service control policy
decided by Deny statement 0 of FOLDER/none.json:1
service control policy, level 0: denies
  applies  Deny statement 0  FOLDER/none.json:1
     --> FOLDER/none.json:1:64
      |
    1 | {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}
      |                                                                ^^^^^^ this Deny applies
identity-based policy: allows
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  applies         Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15
in the way: Deny statement 0 of FOLDER/none.json:1
nearest allow: no change to the request was found that would allow it, up to 3 at a time

"#]],
    );
}

#[test]
fn an_allow() {
    let call = format!("explain --identity {PREFIX_POLICY} --request {PREFIX_REQUEST}");
    same(
        words(&call).out(0),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials is authorized to perform: s3:GetObject on resource: arn:aws:s3:::app-data/users/us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/photo.jpg
decided by Allow `ReadWriteOwnObjects` of policies/s3-per-identity-prefix/policy.json:15
identity-based policy: allows
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObject` does not match `s3:ListBucket`
  applies         Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15
      --> policies/s3-per-identity-prefix/policy.json:16:14
       |
    16 |       "Sid": "ReadWriteOwnObjects",
       |              ^^^^^^^^^^^^^^^^^^^^^ this Allow applies

"#]],
    );
}

/// Statements about other actions are counted where they are many.
#[test]
fn many_statements_about_other_actions_are_counted() {
    let other = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}"#;
    let own = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}{own}]}}"#, format!("{other},").repeat(40));
    let folder = Folder::new().with("p.json", &text);
    let ask = format!(
        "--identity {} --principal {SESSION} --action s3:GetObject --resource arn:aws:s3:::c/k",
        folder.path("p.json")
    );
    let out = words(&format!("explain {ask}")).out(3);
    assert!(out.lines().count() < 15 && out.contains("\n  and 40 statements about other actions\n"), "{out}");
    let all = words(&format!("explain --all {ask}")).out(3);
    assert!(all.matches("Allow statement").count() >= 41 && !all.contains("and 40"), "{all}");
}

/// Three ways to the same explanation.
#[test]
fn decide_explains_what_explain_does() {
    let ask = items("");
    let explained = words(&format!("explain {ask}")).out(3);
    assert_eq!(words(&format!("decide --explain {ask}")).out(3), explained);
    // The time is derived, and asked for by nobody: neither is told.
    let json = words(&format!("explain --format json --no-derive {ask}")).out(3);
    assert_eq!(words(&format!("decide --format json {ask}")).out(3), json);
    assert!(!json.contains("aws:CurrentTime"));
}

#[test]
fn a_batch_is_that_of_decide_with_explanations() {
    let cases = "--cases policies/s3-per-identity-prefix/cases.jsonl";
    let out = words(&format!("explain {cases}")).out(0);
    assert_eq!(out, words(&format!("decide --explain {cases} --threads 1")).out(0));
    let plain = words(&format!("decide {cases}")).out(0);
    for (explained, plain) in out.lines().zip(plain.lines()) {
        let (answer, explanation) = explained.split_once(",\"explanation\":").unwrap();
        assert_eq!(format!("{answer}}}"), plain);
        assert!(explanation.starts_with("{\"decision\":"), "{explanation}");
    }
    assert_eq!(out.lines().count(), plain.lines().count());
}

/// The longest word for a truth stands apart from what follows it, and the place is shown with every clause.
#[test]
fn all_clauses_keep_their_columns_and_their_place() {
    let policy = r#"{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"s3:max-keys": "10"}}}
}"#;
    let folder = Folder::new().with("p.json", policy);
    let out = verdikt([
        "explain",
        "--all",
        "--identity",
        &folder.path("p.json"),
        "--principal",
        "arn:aws:iam::111122223333:user/a",
        "--action",
        "s3:ListBucket",
        "--resource",
        "arn:aws:s3:::b",
        "--context",
        "s3:max-keys=abc",
    ])
    .run()
    .out;
    assert!(out.contains("indeterminate  ") && out.contains("^^^"), "{out}");
    let run_together = out.split("indeterminate").skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
    assert!(!run_together, "{out}");
}

/// No Allow is about the action: the place of the one that would otherwise apply is shown.
#[test]
fn an_action_that_alone_is_at_fault_is_shown_in_the_policy() {
    let call = format!(
        "explain --identity {PREFIX_POLICY} --principal {SESSION} --action s3:GetObjectAcl \
         --resource arn:aws:s3:::app-data/users/us-east-1:alice/a --resource-account 111122223333 \
         --context cognito-identity.amazonaws.com:sub=us-east-1:alice"
    );
    same(
        words(&call).out(3),
        str![[r#"
arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials is not authorized to perform: s3:GetObjectAcl on resource: arn:aws:s3:::app-data/users/us-east-1:alice/a because no identity-based policy allows the s3:GetObjectAcl action
identity-based policy: allows nothing here
  does not apply  Allow `ListOwnPrefix`        policies/s3-per-identity-prefix/policy.json:4   Action: `s3:GetObjectAcl` does not match `s3:ListBucket`
  does not apply  Allow `ReadWriteOwnObjects`  policies/s3-per-identity-prefix/policy.json:15  Action: `s3:GetObjectAcl` matches none of `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`
      --> policies/s3-per-identity-prefix/policy.json:19:9
       |
    19 |         "s3:GetObject",
       |         ^^^^^^^^^^^^^^^ names another action
context keys given and never read:
  cognito-identity.amazonaws.com:sub  `us-east-1:alice`
nearest allow: the request would be allowed with
  action `s3:GetObject`

"#]],
    );
}
