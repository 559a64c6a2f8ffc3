//! A pool's configuration: what is wrong with it, all at once.

use verdikt::cognito::Pool;
use verdikt::cognito::scope_down::documents;

use crate::world::pool;

fn paths(text: &str) -> Vec<String> {
    let pool: Pool = toml::from_str(text).unwrap();
    pool.problems().into_iter().map(|problem| problem.path).collect()
}

#[test]
fn a_good_pool_has_no_problems() {
    assert_eq!(pool().problems(), []);
    assert_eq!(
        pool().arn(),
        format!("arn:aws:cognito-identity:us-east-1:111122223333:identitypool/{}", pool().id)
    );
}

#[test]
fn all_problems_are_told_each_with_its_path() {
    let found = paths(
        r#"
        id = "nonsense"
        account = "1"
        partition = "azure"
        leeway_seconds = 601
        [roles]
        authenticated = "arn:aws:iam::999922223333:role/Foreign"
        unauthenticated = "Guest"
        [[providers]]
        type = "user_pool"
        id = "nounderscore"
        [[providers]]
        type = "oidc"
        id = "https://login.example.com"
        clients = ["web"]
        [[providers]]
        type = "public"
        id = "login.example.com"
        clients = ["x"]
        [[providers]]
        type = "developer"
        id = "a b"
        clients = ["x"]
        jwks_url = "https://x"
        [role_mappings."unknown"]
        type = "Rules"
        ambiguous_role_resolution = "Deny"
        [role_mappings."login.example.com"]
        type = "Token"
        ambiguous_role_resolution = "Deny"
        rules = [{ claim = "", match_type = "Equals", value = "", role_arn = "x" }]
        [principal_tags."unknown"]
        use_defaults = true
        tags = { "aws:x" = "" }
        "#,
    );
    let expected = [
        "id",
        "account",
        "partition",
        "leeway_seconds",
        "providers[0].id",
        "providers[0].clients",
        "providers[1].id",
        "providers[1]",
        "providers[2].id",
        "providers[3].id",
        "providers[3].clients",
        "providers[3]",
        "roles.authenticated",
        "roles.unauthenticated",
        "role_mappings.`login.example.com`.rules",
        "role_mappings.`login.example.com`.rules[0].claim",
        "role_mappings.`login.example.com`.rules[0].value",
        "role_mappings.`login.example.com`.rules[0].role_arn",
        "role_mappings.`unknown`",
        "role_mappings.`unknown`.rules",
        "principal_tags.`unknown`",
        "principal_tags.`unknown`",
        "principal_tags.`unknown`.tags",
        "principal_tags.`unknown`.tags.`aws:x`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_provider_stands_once_and_its_keys_in_one_place() {
    let mut twice = pool();
    twice.providers.push(twice.providers[0].clone());
    twice.providers[1].jwks_file = Some("x".into());
    let found: Vec<String> = twice.problems().into_iter().map(|problem| problem.path).collect();
    assert_eq!(found, ["providers[1]", "providers[5]"]);
}

#[test]
fn unknown_members_are_refused() {
    assert!(toml::from_str::<Pool>("id = \"x\"\naccount = \"1\"\nallow_guest = true").is_err());
}

#[test]
fn issuers_and_key_sets_follow_from_the_id() {
    let pool = pool();
    let urls: Vec<_> = pool.providers.iter().map(|one| one.key_set_url("aws")).collect();
    let user_pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example/.well-known/jwks.json";
    let google = "https://www.googleapis.com/oauth2/v3/certs";
    let expected = [Some(user_pool), Some("https://login.example.com/keys"), Some(google), None, None];
    assert_eq!(urls, expected.map(|url| url.map(str::to_owned)));
    assert!(pool.providers[0].name("aws-cn").starts_with("cognito-idp.us-east-1.amazonaws.com.cn/"));
}

#[test]
fn the_scope_down_policies_are_session_policies() {
    assert_eq!(documents().unwrap().len(), 2);
}
