//! Which policies govern a principal and a resource, who owns it, and what the store supplies.

use std::sync::Arc;

use verdikt::evaluate::Layer;
use verdikt::request::context::ContextValue;
use verdikt::store::{KnownValue, Snapshot};
use verdikt::{Outcome, Owner, PolicySet, Principal, Request};

use super::{ALLOW_ALL, DENY_ALL, Files, NOW, ROLE, SESSION, TRUST, USER};

/// An organization of three accounts, with SCPs and RCPs, and something of everything.
const WORLD: &str = r#"
[organization]
id = "o-a1b2c3d4e5"
root = "r-ab12"
management_account = "999988887777"
scps = ["allow.json"]
rcps = ["rcp.json"]

[[organization.unit]]
id = "ou-ab12-child"
parent = "ou-ab12-top"
scps = ["allow.json", "fence.json"]
rcps = ["rcp.json"]

[[organization.unit]]
id = "ou-ab12-top"
parent = "r-ab12"
scps = ["allow.json"]
rcps = ["rcp.json"]

[[account]]
id = "999988887777"
parent = "r-ab12"

[[account]]
id = "111122223333"
parent = "ou-ab12-child"
scps = ["allow.json"]
rcps = ["rcp.json"]

[[account]]
id = "444455556666"

[[role]]
arn = "arn:aws:iam::111122223333:role/app/Auth"
unique_id = "AROAEXAMPLE"
trust = "trust.json"
policies = ["allow.json"]
boundary = "boundary.json"
tags = { team = "red" }

[[role]]
account = "111122223333"
name = "Other"
trust = "trust.json"
policies = ["allow.json"]

[[role]]
arn = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked"
trust = "trust.json"

[[role]]
arn = "arn:aws:iam::999988887777:role/Admin"
trust = "trust.json"
policies = ["allow.json"]

[[group]]
account = "111122223333"
path = "/teams/"
name = "developers"
policies = ["group.json", "allow.json"]

[[user]]
arn = "arn:aws:iam::111122223333:user/staff/alice"
unique_id = "AIDAEXAMPLE"
groups = ["developers"]
policies = ["allow.json"]

[[bucket]]
name = "data"
account = "111122223333"
policy = "bucket.json"
tags = { class = "secret" }

[[bucket]]
name = "foreign"
account = "444455556666"

[[bucket]]
name = "managed"
account = "999988887777"

[[table]]
name = "notes"
account = "111122223333"
region = "us-east-1"
partition_key = "owner"
sort_key = "at"
policy = "bucket.json"
tags = { class = "notes" }

[[table.index]]
name = "by-topic"
partition_key = "topic"

[[resource]]
arn = "arn:aws:sqs:us-east-1:111122223333:queue"
policy = "bucket.json"

[[vpc_endpoint]]
id = "vpce-0a1b2c"
account = "111122223333"
vpc = "vpc-0d4e"
policy = "endpoint.json"

[[vpc_endpoint]]
id = "vpce-open"
account = "444455556666"
"#;

fn world() -> Arc<Snapshot> {
    let files = Files::new(WORLD);
    let resource = ALLOW_ALL.replace(
        "\"Action\"",
        "\"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:user/staff/nobody\"}, \"Action\"",
    );
    files
        .write("boundary.json", ALLOW_ALL)
        .write("group.json", ALLOW_ALL)
        .write("fence.json", &DENY_ALL.replace("\"Action\": \"*\"", "\"Action\": \"s3:DeleteBucket\""))
        .write("rcp.json", &ALLOW_ALL.replace("\"Action\"", "\"Principal\": \"*\", \"Action\""))
        .write("endpoint.json", &ALLOW_ALL.replace("\"Action\"", "\"Principal\": \"*\", \"Action\""))
        .write("bucket.json", &resource);
    files.snapshot()
}

/// The layers in use: each with how many levels and the files of each level, by their last names.
fn layers(set: &PolicySet) -> String {
    let told = Layer::ALL.into_iter().filter_map(|layer| Some((layer, set.layer(layer)?)));
    let told = told.map(|(layer, levels)| {
        let levels = levels.iter().map(|level| {
            let names = level.policy.documents().iter().map(|one| one.name().rsplit('/').next().unwrap());
            names.collect::<Vec<_>>().join("+")
        });
        format!("{} {}", layer.as_str(), levels.collect::<Vec<_>>().join(" "))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn governs(principal: &str, action: &str, resource: &str) -> String {
    let world = world();
    let principal = Principal::parse(principal).unwrap();
    layers(&world.governing(&principal, resource).unwrap().policies(action).unwrap())
}

const SCPS: &str = "scp allow.json allow.json allow.json+fence.json allow.json";
const RCPS: &str = "rcp rcp.json rcp.json rcp.json rcp.json";

#[test]
fn a_role_session_has_its_roles_policies_and_boundary_and_its_accounts_scps() {
    let expected = format!(
        "{SCPS}; {RCPS}; resource bucket.json; identity allow.json; permissions_boundary boundary.json"
    );
    assert_eq!(governs(SESSION, "s3:GetObject", "arn:aws:s3:::data/a/b"), expected);
    let bare = "arn:aws:iam::111122223333:role/app/Auth";
    assert_eq!(governs(bare, "s3:ListBucket", "arn:aws:s3:::data"), expected);
}

#[test]
fn a_user_has_its_groups_policies_too_each_once() {
    let expected = format!("{SCPS}; identity allow.json+group.json");
    assert_eq!(governs(USER, "s3:ListAllMyBuckets", "*"), expected);
}

#[test]
fn rcps_are_those_of_the_resources_account_and_scps_those_of_the_principals() {
    // The bucket's account is in no organization, the administrator's is the management account.
    assert_eq!(
        governs(USER, "s3:GetObject", "arn:aws:s3:::foreign/a"),
        format!("{SCPS}; identity allow.json+group.json")
    );
    let admin = "arn:aws:iam::999988887777:role/Admin";
    assert_eq!(
        governs(admin, "s3:GetObject", "arn:aws:s3:::data/a"),
        format!("{RCPS}; resource bucket.json; identity allow.json")
    );
    assert_eq!(governs(admin, "s3:GetObject", "arn:aws:s3:::managed/a"), "identity allow.json");
}

#[test]
fn what_is_under_a_table_is_the_tables() {
    let world = world();
    let user = Principal::parse(USER).unwrap();
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/notes";
    for under in ["", "/index/by-topic", "/stream/2026-01-01T00:00:00.000"] {
        let arn = format!("{table}{under}");
        let governing = world.governing(&user, &arn).unwrap();
        assert_eq!(governing.owner(), Owner::Account("111122223333"), "{arn}");
        assert!(layers(&governing.policies("dynamodb:Query").unwrap()).contains("resource bucket.json"));
        let schema = world.table_schema(&arn).unwrap();
        assert_eq!(schema.key.partition_key, "owner");
        assert_eq!(schema.indexes[0].1.partition_key, "topic");
    }
    // A table whose name begins alike, or in another Region, is another.
    for other in ["table/notes2", "table/note"] {
        let arn = format!("arn:aws:dynamodb:us-east-1:111122223333:{other}");
        assert_eq!(world.governing(&user, &arn).unwrap().owner(), Owner::Unknown);
    }
    let elsewhere = table.replace("us-east-1", "us-east-2");
    assert_eq!(world.governing(&user, &elsewhere).unwrap().owner(), Owner::Unknown);
}

/// A trust policy governs who assumes the role, and nothing else that is done to it.
#[test]
fn a_role_is_governed_by_its_trust_policy_where_it_is_assumed() {
    let role = "arn:aws:iam::111122223333:role/app/Auth";
    assert!(governs(USER, "sts:AssumeRole", role).contains("; resource trust.json;"));
    assert!(!governs(USER, "iam:GetRole", role).contains("resource"));
    let world = world();
    let web = Principal::web_identity("cognito-identity.amazonaws.com").unwrap();
    let governing = world.governing(&web, role).unwrap();
    let set = governing.policies("sts:AssumeRoleWithWebIdentity").unwrap();
    let request =
        Request::builder(&web, "sts:AssumeRoleWithWebIdentity", role, governing.owner()).build().unwrap();
    assert_eq!(set.decide(&request).outcome, Outcome::Allowed);
}

#[test]
fn same_lists_of_files_are_one_compiled_policy() {
    let world = world();
    let identity = |name: &str| {
        let principal =
            Principal::parse(&format!("arn:aws:sts::111122223333:assumed-role/{name}/s")).unwrap();
        let set = world.governing(&principal, "*").unwrap().policies("s3:GetObject").unwrap();
        Arc::clone(&set.layer(Layer::Identity).unwrap()[0].policy)
    };
    assert!(Arc::ptr_eq(&identity("Auth"), &identity("Other")));
}

#[test]
fn an_unknown_principal_is_an_error() {
    let world = world();
    for unknown in [
        "arn:aws:iam::111122223333:user/staff/bob",
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:user/staff/Alice",
        "arn:aws-cn:iam::111122223333:user/staff/alice",
        "arn:aws:iam::444455556666:user/staff/alice",
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::111122223333:assumed-role/auth/s",
        "arn:aws:iam::111122223333:role/Auth",
    ] {
        let principal = Principal::parse(unknown).unwrap();
        let error = world.governing(&principal, "*").unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_PRINCIPAL", "{unknown}");
    }
    for known in ["arn:aws:iam::111122223333:root", "lambda.amazonaws.com", "anonymous"] {
        assert!(world.governing(&Principal::parse(known).unwrap(), "*").is_ok(), "{known}");
    }
}

/// The owner of a resource that the store does not have is not known, even if its ARN names an account: what its own
/// policy denies is not known either.
#[test]
fn an_unknown_resource_is_denied() {
    let world = world();
    let user = Principal::parse(USER).unwrap();
    for unknown in [
        "arn:aws:s3:::missing/a",
        "arn:aws:sqs:us-east-1:111122223333:other",
        "arn:aws:iam::111122223333:role/Missing",
        "arn:aws:iam::111122223333:role/Auth",
    ] {
        let governing = world.governing(&user, unknown).unwrap();
        assert!(!governing.has_resource() && governing.owner() == Owner::Unknown, "{unknown}");
        let set = governing.policies("x:Any").unwrap();
        let request = Request::builder(&user, "x:Any", unknown, governing.owner()).build().unwrap();
        assert_eq!(set.decide(&request).outcome, Outcome::ImplicitDeny, "{unknown}");
    }
}

#[test]
fn a_vpc_endpoint_adds_its_policy_and_an_unknown_one_is_refused() {
    let world = world();
    let user = Principal::parse(USER).unwrap();
    let through = |id| world.governing(&user, "arn:aws:s3:::data/a").unwrap().through(id);
    let set = |id| layers(&through(id).unwrap().policies("s3:GetObject").unwrap());
    assert!(set("vpce-0a1b2c").ends_with("; vpc_endpoint endpoint.json"));
    assert!(!set("vpce-open").contains("vpc_endpoint"));
    assert_eq!(through("vpce-other").unwrap_err().code(), "UNKNOWN_VPC_ENDPOINT");
}

fn known(principal: &str, resource: &str) -> Vec<String> {
    let world = world();
    let principal = world.principal(&Principal::parse(principal).unwrap()).unwrap();
    let governing = world.governing(&principal, resource).unwrap();
    let told = governing.known(&principal).into_iter().filter_map(|key| match key.value {
        KnownValue::One(value) => Some(format!("{}={value}", key.name)),
        KnownValue::Many(value) => Some(format!("{}=[{value}]", key.name)),
        KnownValue::Absent => None,
    });
    told.collect()
}

#[test]
fn what_the_store_supplies() {
    let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-top/ou-ab12-child/";
    assert_eq!(
        known(SESSION, "arn:aws:s3:::data"),
        [
            "aws:PrincipalArn=arn:aws:iam::111122223333:role/app/Auth",
            "aws:PrincipalAccount=111122223333",
            "aws:PrincipalType=AssumedRole",
            "aws:userid=AROAEXAMPLE:CognitoIdentityCredentials",
            "aws:PrincipalOrgID=o-a1b2c3d4e5",
            &format!("aws:PrincipalOrgPaths=[{path}]"),
            "aws:PrincipalTag/team=red",
            "aws:ResourceAccount=111122223333",
            "aws:ResourceOrgID=o-a1b2c3d4e5",
            &format!("aws:ResourceOrgPaths=[{path}]"),
            "aws:ResourceTag/class=secret",
            "s3:BucketTag/class=secret",
        ]
    );
    // A bucket's tags say of its objects whose data they are.
    assert!(known(SESSION, "arn:aws:s3:::data/a").contains(&"s3:BucketTag/class=secret".to_owned()));
    // An account outside the organization has no place in it.
    let object = known("anonymous", "arn:aws:s3:::foreign/a");
    assert_eq!(
        object,
        [
            "aws:PrincipalAccount=anonymous",
            "aws:PrincipalType=Anonymous",
            "aws:userid=anonymous",
            "aws:ResourceAccount=444455556666"
        ]
    );
    let index = known(USER, "arn:aws:dynamodb:us-east-1:111122223333:table/notes/index/by-topic");
    assert!(index.contains(&"aws:ResourceTag/class=notes".to_owned()), "{index:?}");
    let role = known(USER, "arn:aws:iam::111122223333:role/app/Auth");
    assert!(role.contains(&"iam:ResourceTag/team=red".to_owned()), "{role:?}");
}

#[test]
fn what_a_request_states_must_be_what_the_store_knows() {
    let world = world();
    let resource = "arn:aws:s3:::data";
    let supply = |who: &str, name: &str, values: &[&str]| {
        let principal = world.principal(&Principal::parse(who).unwrap()).unwrap();
        let governing = world.governing(&principal, resource).unwrap();
        let start = || Request::builder(&principal, "s3:ListBucket", resource, governing.owner());
        let given = match values {
            [one] => start().one(name, *one),
            many => start().many(name, many.iter().copied()),
        };
        governing.supply(&principal, given).map(|_| ()).map_err(|error| error.code())
    };
    let refused = Err("CONTRADICTED_CONTEXT_KEY");
    assert_eq!(supply(USER, "aws:PrincipalOrgID", &["o-a1b2c3d4e5"]), Ok(()));
    assert_eq!(supply(USER, "AWS:principalorgid", &["o-other"]), refused);
    // An array is not a single value, even with the same text.
    assert_eq!(
        supply(USER, "aws:PrincipalOrgPaths", &["o-a1b2c3d4e5/r-ab12/ou-ab12-top/ou-ab12-child/"]),
        refused
    );
    assert_eq!(supply(USER, "aws:ResourceAccount", &["444455556666"]), refused);
    assert_eq!(supply(USER, "aws:ResourceTag/class", &["public"]), refused);
    assert_eq!(supply(USER, "aws:ResourceTag/other", &["x"]), refused);
    assert_eq!(supply(USER, "s3:BucketTag/other", &["x"]), refused);
    assert_eq!(supply(USER, "aws:username", &["bob"]), refused);
    assert_eq!(supply("anonymous", "aws:PrincipalOrgID", &["o-a1b2c3d4e5"]), refused);
    // No request says by itself that it comes through an endpoint: its policy would be passed over.
    assert_eq!(supply(USER, "aws:SourceVpce", &["vpce-0a1b2c"]), refused);
    assert_eq!(supply(USER, "aws:VpceOrgPaths", &["a", "b"]), refused);
    // A user has the tags that the store has; a session may bring more, but not others than its role.
    assert_eq!(supply(USER, "aws:PrincipalTag/team", &["red"]), refused);
    assert_eq!(supply(SESSION, "aws:PrincipalTag/team", &["blue"]), refused);
    assert_eq!(supply(SESSION, "aws:PrincipalTag/shift", &["night"]), Ok(()));
    assert_eq!(supply(SESSION, "s3:prefix", &["x"]), Ok(()));
}

#[test]
fn facts_stated_of_a_principal_must_be_the_stores() {
    let world = world();
    let session = || Principal::parse(SESSION).unwrap();
    let code =
        |principal: Principal| world.governing(&principal, "*").map(|_| ()).map_err(|error| error.code());
    let refused = Err("CONTRADICTED_PRINCIPAL_FACT");
    assert_eq!(code(session().with_role_path("/app/").unwrap()), Ok(()));
    assert_eq!(code(session().with_role_path("/").unwrap()), refused);
    assert_eq!(code(session().with_unique_id("AROAOTHER").unwrap()), refused);
    // Either would pass over the SCPs.
    assert_eq!(code(session().with_service_linked(true).unwrap()), refused);
    assert_eq!(code(session().with_role_path("/aws-service-role/x/").unwrap()), refused);
    assert_eq!(code(session().with_management_account(true)), refused);
}

#[test]
fn the_store_tells_the_facts_that_no_arn_does() {
    let world = world();
    let known = |text: &str| world.principal(&Principal::parse(text).unwrap()).unwrap();
    let session = known(SESSION);
    assert_eq!(session.role_path(), Some("/app/"));
    assert_eq!(session.unique_id(), Some("AROAEXAMPLE"));
    assert!(!session.is_service_linked() && !session.is_in_management_account());
    assert!(known("arn:aws:sts::111122223333:assumed-role/Linked/s").is_service_linked());
    assert!(known("arn:aws:iam::999988887777:role/Admin").is_in_management_account());
}

/// A federated session has the policies of the user behind it, if that is stated.
#[test]
fn a_federated_user_has_the_policies_of_its_user() {
    let world = world();
    let federated = || Principal::parse("arn:aws:sts::111122223333:federated-user/alice").unwrap();
    let set =
        |principal: &Principal| layers(&world.governing(principal, "*").unwrap().policies("s3:Any").unwrap());
    assert_eq!(set(&federated()), SCPS);
    let stated = federated().with_federating_user(USER).unwrap();
    assert_eq!(set(&stated), format!("{SCPS}; identity allow.json+group.json"));
    let unknown = federated().with_federating_user("arn:aws:iam::111122223333:user/bob").unwrap();
    assert_eq!(world.governing(&unknown, "*").unwrap_err().code(), "UNKNOWN_PRINCIPAL");
}

#[test]
fn a_level_says_which_scps_it_has() {
    let organization =
        "[organization]\nid = \"o-a\"\nroot = \"r-a\"\nmanagement_account = \"999988887777\"\n";
    let accounts = "[[account]]\nid = \"999988887777\"\nparent = \"r-a\"\n";
    let problem = |more: &str, account: &str| {
        let text = format!("{organization}{more}{accounts}[[account]]\nid = \"111122223333\"\n{account}");
        Files::new(&text).problems()
    };
    let missing = problem("scps = [\"allow.json\"]\n", "parent = \"r-a\"\n");
    assert_eq!(
        missing,
        [
            "verdikt.toml:10:6: INVALID_MANIFEST: the account `111122223333` without `scps`, which are in use at the root"
        ]
    );
    let unused = problem("", "parent = \"r-a\"\nrcps = []\n");
    assert_eq!(
        unused,
        [
            "verdikt.toml:9:6: INVALID_MANIFEST: the account `111122223333` has `rcps`, which are not in use at the root"
        ]
    );
    let alone = problem("", "scps = [\"allow.json\"]\n");
    assert_eq!(
        alone,
        ["verdikt.toml:9:6: INVALID_MANIFEST: SCPs and RCPs bind accounts of an organization only"]
    );
    let nowhere = problem("", "parent = \"ou-b\"\n");
    assert_eq!(nowhere, ["verdikt.toml:10:10: UNKNOWN_REFERENCE: `ou-b` leads to no root"]);
    let circle = "[[organization.unit]]\nid = \"ou-b\"\nparent = \"ou-c\"\n[[organization.unit]]\nid = \"ou-c\"\nparent = \"ou-b\"\n";
    assert_eq!(
        problem(circle, ""),
        [
            "verdikt.toml:7:10: UNKNOWN_REFERENCE: `ou-c` leads to no root",
            "verdikt.toml:10:10: UNKNOWN_REFERENCE: `ou-b` leads to no root"
        ]
    );
    let twice = Files::new(&format!("include = [\"b.toml\"]\n{organization}{accounts}"));
    twice.write("b.toml", organization);
    assert!(twice.problems()[0].contains("DUPLICATE_ENTRY: the table `organization` stands twice"));
}

/// A level without a policy allows nothing.
#[test]
fn an_empty_level_denies() {
    let manifest = "[organization]\nid = \"o-a\"\nroot = \"r-a\"\nmanagement_account = \"999988887777\"\nscps = []\n\
        [[account]]\nid = \"999988887777\"\nparent = \"r-a\"\n\
        [[account]]\nid = \"111122223333\"\nparent = \"r-a\"\nscps = [\"allow.json\"]\n\
        [[user]]\narn = \"arn:aws:iam::111122223333:user/u\"\npolicies = [\"allow.json\"]\n";
    let store = Files::new(manifest).snapshot();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let set = store.governing(&user, "*").unwrap().policies("s3:Any").unwrap();
    let request = Request::builder(&user, "s3:Any", "*", Owner::Nobody).build().unwrap();
    let decision = set.decide(&request);
    assert_eq!(decision.outcome, Outcome::ImplicitDeny);
    assert_eq!(decision.missing.unwrap().layer, Layer::Scp);
}

#[test]
fn included_manifests_are_one_with_the_root_and_order_changes_nothing() {
    let files = Files::new("include = [\"parts/**/*.toml\"]\n");
    files.write("parts/a/roles.toml", &ROLE[ROLE.find("[[role]]").unwrap()..]);
    files.write("parts/b/accounts.toml", "[[account]]\nid = \"111122223333\"\n");
    let counts = files.snapshot().counts();
    assert_eq!((counts.accounts, counts.identities, counts.resources), (1, 1, 1));
    assert_eq!(files.snapshot().age(NOW + 60), 60);
}

#[test]
fn an_identity_pool_keeps_its_configuration() {
    let pool = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8";
    let entry = format!(
        "{ROLE}\n[[identity_pool]]\nid = \"{pool}\"\naccount = \"111122223333\"\nconfig = \"pool.toml\"\n"
    );
    let files = Files::new(&entry);
    files.write("pool.toml", &format!("id = \"{pool}\"\naccount = \"111122223333\"\n"));
    let store = files.snapshot();
    assert_eq!(store.identity_pools()[0].id, pool);
    assert!(store.identity_pools()[0].config.text().starts_with("id = "));
    // The file says whose it is too, and must say the same.
    files.write("pool.toml", &format!("id = \"{pool}\"\naccount = \"444455556666\"\n"));
    assert_eq!(files.problems(), ["pool.toml:2:11: INVALID_MANIFEST: the manifest says `111122223333`"]);
    files.write("pool.toml", "id = ");
    assert!(files.problems()[0].contains("TOML_SYNTAX_ERROR"));
}

/// The rest of a configuration is checked where sessions are made.
#[cfg(feature = "cognito")]
#[test]
fn an_identity_pool_is_checked_whole() {
    let pool = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8";
    let head = format!("id = \"{pool}\"\naccount = \"111122223333\"\n");
    let files = Files::new(&format!("{ROLE}\n[[identity_pool]]\n{head}config = \"pool.toml\"\n"));
    files.write("pool.toml", &head);
    assert_eq!(files.snapshot().identity_pools()[0].pool().unwrap().id, pool);
    files.write("pool.toml", &format!("{head}guests = true\n"));
    assert!(files.problems()[0].starts_with("pool.toml:3:1: INVALID_MANIFEST: "), "{:?}", files.problems());
    files.write("pool.toml", &format!("{head}leeway_seconds = 999999\n"));
    assert!(files.problems()[0].starts_with("pool.toml:3:18: INVALID_MANIFEST: "), "{:?}", files.problems());
}

#[test]
fn the_revision_is_of_every_byte_and_of_nothing_else() {
    let files = Files::new(ROLE);
    let first = files.snapshot().revision();
    assert_eq!(files.snapshot().revision(), first);
    files.write("unused.json", "{}");
    assert_eq!(files.snapshot().revision(), first);
    files.write("trust.json", &format!("{TRUST}\n"));
    let second = files.snapshot().revision();
    assert_ne!(second, first);
    files.write("verdikt.toml", &format!("{ROLE}\n"));
    assert_ne!(files.snapshot().revision(), second);
    assert_eq!(first.to_string().len(), 64);
}

#[test]
fn a_session_of_the_store_is_sealed() {
    let store = world();
    let session = Principal::parse(SESSION).unwrap();
    let tags = [("Team".to_owned(), "blue".to_owned())];
    let facts = store.session_facts(&session, &tags).unwrap().build().unwrap();
    let start = || facts.request("s3:GetObject", "arn:aws:s3:::data/a", Owner::Account("111122223333"));
    let request = start().build().unwrap();
    // The session's own tag stands above the role's, whatever its case.
    assert_eq!(request.context().get("aws:PrincipalTag/team"), Some(ContextValue::One("blue")));
    for forged in ["aws:PrincipalTag/other", "aws:PrincipalOrgID", "aws:username", "aws:userid"] {
        assert_eq!(
            start().one(forged, "x").build().unwrap_err().code().split('_').next_back(),
            Some("KEY"),
            "{forged}"
        );
    }
}
