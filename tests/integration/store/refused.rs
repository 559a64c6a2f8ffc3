//! What makes a store refused: each problem at its place, all at once, and nothing of the store used.

use verdikt::store::LoadOptions;

use super::{DENY_ALL, Files, NOW, ROLE, TRUST};

/// One line of a manifest that is wrong, after one account; where, and what is told.
fn one(text: &str, expected: &str) {
    let files = Files::new(&format!("[[account]]\nid = \"111122223333\"\n{text}\n"));
    let problems = files.problems();
    assert_eq!(problems.len(), 1, "{text}\n{problems:#?}");
    assert!(problems[0].starts_with(expected), "{text}\n{}\nexpected {expected}", problems[0]);
}

#[test]
fn an_unknown_member() {
    one("names = 1", "verdikt.toml:3:1: INVALID_MANIFEST: a account has no member `names`");
}

#[test]
fn an_unknown_table() {
    one("[[rolle]]\nname = \"x\"", "verdikt.toml:3:3: INVALID_MANIFEST: a manifest has no member `rolle`");
}

#[test]
fn a_member_of_another_type() {
    one("parent = 5", "verdikt.toml:3:10: INVALID_MANIFEST: `parent` is a text");
    one("scps = \"a.json\"", "verdikt.toml:3:8: INVALID_MANIFEST: `scps` is a list of texts");
    one("[role]\nname = \"x\"", "verdikt.toml:3:1: INVALID_MANIFEST: `role` is a list of tables");
}

#[test]
fn a_member_that_is_missing() {
    let role = "[[role]]\narn = \"arn:aws:iam::111122223333:role/R\"";
    one(role, "verdikt.toml:3:1: INVALID_MANIFEST: a role without `trust`");
    one("[[bucket]]\nname = \"data\"", "verdikt.toml:3:1: INVALID_MANIFEST: a bucket without `account`");
}

#[test]
fn texts_that_are_not_what_they_should_be() {
    one("partition = \"AWS\"", "verdikt.toml:3:13: INVALID_MANIFEST: `AWS` is not a partition");
    let group =
        |path: &str| format!("[[group]]\naccount = \"111122223333\"\nname = \"g\"\npolicies = [\"{path}\"]");
    for path in ["/etc/passwd", "../a.json", "a/../b.json", "./a.json", "a//b.json", ""] {
        one(&group(path), "verdikt.toml:6:13: INVALID_MANIFEST: ");
    }
}

#[test]
fn a_name_that_is_given_twice_over_or_not_at_all() {
    one("[[group]]\nname = \"g\"", "verdikt.toml:3:1: INVALID_MANIFEST: a group without a name");
    let both = "[[group]]\narn = \"arn:aws:iam::111122223333:group/g\"\nname = \"g\"";
    one(both, "verdikt.toml:5:8: INVALID_MANIFEST: the ARN says this already");
    let other = "[[group]]\narn = \"arn:aws:iam::111122223333:user/g\"";
    one(
        other,
        "verdikt.toml:4:7: INVALID_MANIFEST: `arn:aws:iam::111122223333:user/g` is not the ARN of a group",
    );
}

#[test]
fn an_account_that_is_not_stated() {
    one(
        "[[bucket]]\nname = \"data\"\naccount = \"444455556666\"",
        "verdikt.toml:5:11: UNKNOWN_REFERENCE: the account `444455556666` is not stated",
    );
}

#[test]
fn an_arn_of_another_partition() {
    one(
        "[[group]]\narn = \"arn:aws-cn:iam::111122223333:group/g\"",
        "verdikt.toml:4:7: INVALID_MANIFEST: the account is in the partition `aws`",
    );
}

#[test]
fn a_group_that_is_not_stated() {
    let user = "[[user]]\narn = \"arn:aws:iam::111122223333:user/u\"\ngroups = [\"g\"]";
    one(user, "verdikt.toml:5:11: UNKNOWN_REFERENCE: the group `g` is not stated");
}

#[test]
fn a_resource_whose_owner_nobody_tells() {
    let bucket = "[[resource]]\narn = \"arn:aws:apigateway:us-east-1::/restapis/a\"";
    one(bucket, "verdikt.toml:4:7: INVALID_MANIFEST: this ARN does not tell the owner");
    let other = "[[resource]]\narn = \"arn:aws:sqs:us-east-1:111122223333:q\"\naccount = \"444455556666\"";
    one(other, "verdikt.toml:5:11: INVALID_MANIFEST: the ARN names another account");
}

#[test]
fn what_has_a_table_of_its_own_is_stated_there() {
    for arn in ["arn:aws:s3:::data", "arn:aws:iam::111122223333:role/R"] {
        let text = format!("[[resource]]\narn = \"{arn}\"\naccount = \"111122223333\"");
        one(&text, "verdikt.toml:4:7: INVALID_MANIFEST: this has a table of its own");
    }
}

/// A table may also stand as a resource by mistake: then the owner would be told twice.
#[test]
fn two_resources_of_one_arn() {
    let twice = "[[bucket]]\nname = \"data\"\naccount = \"111122223333\"\n".repeat(2);
    one(&twice, "verdikt.toml:7:8: DUPLICATE_ENTRY: the resource `arn:aws:s3:::data` stands twice");
}

#[test]
fn ids_that_stand_twice() {
    let user = |name: &str, id: &str| {
        format!("[[user]]\narn = \"arn:aws:iam::111122223333:user/{name}\"\nunique_id = \"{id}\"\n")
    };
    let same_id = user("a", "AIDAX") + &user("b", "AIDAX");
    one(&same_id, "verdikt.toml:8:13: DUPLICATE_ENTRY: the unique id `AIDAX` stands twice");
    // Names of users are told apart by more than case, and by more than their paths.
    let same_name = user("a", "AIDAX") + &user("x/A", "AIDAY");
    one(&same_name, "verdikt.toml:7:7: DUPLICATE_ENTRY: the user ");
    one(
        "[[account]]\nid = \"111122223333\"",
        "verdikt.toml:4:6: DUPLICATE_ENTRY: the account `111122223333`",
    );
}

#[test]
fn tags_that_differ_in_case_only() {
    let tags =
        "[[bucket]]\nname = \"data\"\naccount = \"111122223333\"\ntags = { Team = \"a\", team = \"b\" }";
    one(tags, "verdikt.toml:6:22: DUPLICATE_ENTRY: the tag `team` stands twice but for case");
}

#[test]
fn an_id_of_the_wrong_kind_of_principal() {
    let user = "[[user]]\narn = \"arn:aws:iam::111122223333:user/a\"\nunique_id = \"AROAX\"";
    one(user, "verdikt.toml:5:13: INVALID_MANIFEST: the unique id of a user begins with `AIDA`");
}

#[test]
fn text_that_is_no_toml_with_all_its_errors() {
    let files = Files::new("[[account]]\nid = \nx = \"a\ny = 5\n");
    let problems = files.problems();
    assert!(problems.iter().filter(|one| one.contains("TOML_SYNTAX_ERROR")).count() >= 2, "{problems:#?}");
    assert!(problems[0].starts_with("verdikt.toml:2:"), "{problems:#?}");
}

#[test]
fn a_manifest_cut_short_is_refused() {
    let whole = Files::new(ROLE);
    assert!(whole.open().is_ok());
    // Cut after the policies of the role, before its boundary: valid TOML that says less.
    let cut = Files::new(ROLE.split("\ntags").next().unwrap());
    assert!(
        cut.problems()[0].ends_with("TOML_SYNTAX_ERROR: the last line has no end"),
        "{:?}",
        cut.problems()
    );
}

#[test]
fn a_policy_file_that_is_missing() {
    let files = Files::new(ROLE);
    std::fs::remove_file(files.0.join("allow.json")).unwrap();
    assert_eq!(files.problems(), ["verdikt.toml:9:13: UNREADABLE_FILE: `allow.json` does not exist"]);
}

#[test]
fn a_policy_of_the_wrong_kind() {
    // A trust policy names principals, which an identity-based policy must not.
    let files = Files::new(&ROLE.replace("policies = [\"allow.json\"]", "policies = [\"trust.json\"]"));
    let problems = files.problems();
    assert_eq!(
        problems[0],
        "verdikt.toml:9:13: REFUSED_POLICY: `trust.json` is refused as identity-based policy"
    );
    assert!(
        problems.iter().any(|one| one.starts_with("trust.json:2:5: UNSUPPORTED_PRINCIPAL")),
        "{problems:#?}"
    );
}

#[test]
fn a_half_written_policy() {
    let files = Files::new(ROLE);
    files.write("allow.json", &DENY_ALL[..40]);
    let problems = files.problems();
    assert!(
        problems.iter().any(|one| one.starts_with("allow.json:1:40: JSON_SYNTAX_ERROR")),
        "{problems:#?}"
    );
}

#[test]
fn the_problems_of_all_files_at_once() {
    let files = Files::new(&format!("include = [\"more/*.toml\"]\n{ROLE}"));
    files.write("more/b.toml", "[[bucket]]\nname = \"b\"\n").write("more/a.toml", "[[role]]\nx = 1\n");
    files.write("allow.json", "{}").write("trust.json", "[]");
    let problems = files.problems().join("\n");
    for place in ["a.toml:1:1", "a.toml:2:1", "b.toml:1:1", "b.toml:2:8", "allow.json:1:1", "trust.json:1:1"]
    {
        assert!(problems.contains(&format!("{place}: ")), "{place}\n{problems}");
    }
}

#[test]
fn include_stands_in_the_root_manifest_alone() {
    let files = Files::new(&format!("include = [\"more/*.toml\"]\n{ROLE}"));
    files.write("more/a.toml", "include = [\"b.toml\"]\n");
    assert_eq!(files.problems(), ["a.toml:1:12: INVALID_MANIFEST: `include` stands in `verdikt.toml` alone"]);
    let files = Files::new("include = [\"a[\"]\n");
    assert!(files.problems()[0].starts_with("verdikt.toml:1:12: INVALID_MANIFEST: this glob cannot be read"));
}

#[test]
fn a_folder_without_a_manifest() {
    let files = Files::new(ROLE);
    std::fs::remove_file(files.0.join("verdikt.toml")).unwrap();
    assert_eq!(files.problems(), ["verdikt.toml:1:1: UNREADABLE_FILE: the manifest does not exist"]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused_and_one_within_is_followed() {
    let outside = Files::new(ROLE);
    let files = Files::new(ROLE);
    let allow = files.0.join("allow.json");
    std::fs::rename(&allow, files.0.join("real.json")).unwrap();
    std::os::unix::fs::symlink("real.json", &allow).unwrap();
    assert!(files.open().is_ok());
    std::fs::remove_file(&allow).unwrap();
    std::os::unix::fs::symlink(outside.0.join("allow.json"), &allow).unwrap();
    assert_eq!(
        files.problems(),
        ["verdikt.toml:9:13: UNREADABLE_FILE: `allow.json` is a link to a place outside the store's folder"]
    );
}

#[cfg(unix)]
#[test]
fn a_folder_or_a_pipe_in_the_place_of_a_file() {
    let files = Files::new(ROLE);
    let allow = files.0.join("allow.json");
    std::fs::remove_file(&allow).unwrap();
    std::fs::create_dir(&allow).unwrap();
    let expected = ["verdikt.toml:9:13: UNREADABLE_FILE: `allow.json` is no file"];
    assert_eq!(files.problems(), expected);
    std::fs::remove_dir(&allow).unwrap();
    // Nobody writes to it: whoever opened it would wait for ever.
    assert!(std::process::Command::new("mkfifo").arg(&allow).status().unwrap().success());
    assert_eq!(files.problems(), expected);
}

#[test]
fn a_file_over_the_limit() {
    let files = Files::new(ROLE);
    let mut options = LoadOptions::default();
    options.limits.bytes = TRUST.len().max(120) - 1;
    let rejected = verdikt::store::Store::open(&files.0, &options, NOW).unwrap_err();
    assert!(rejected.to_string().contains("has more than"), "{rejected}");
}

#[test]
fn one_broken_file_among_thousands() {
    let mut manifest = String::from("[[account]]\nid = \"111122223333\"\n");
    let files = Files::new("");
    for number in 0..3_000 {
        manifest.extend([format!(
            "[[bucket]]\nname = \"bucket-{number}\"\naccount = \"111122223333\"\npolicy = \"p/{number}.json\"\n"
        )]);
        let arn = format!("arn:aws:s3:::bucket-{number}/*");
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "{arn}"}}}}"#
        );
        files.write(&format!("p/{number}.json"), &policy);
    }
    files.write("verdikt.toml", &manifest);
    let store = files.open().unwrap();
    let before = store.current();
    files.write("p/1234.json", "{\n  \"Version\": \"2012-10-17\",\n  \"Statment\": []\n}");
    let rejected = store.reload(&LoadOptions::default(), NOW + 1).unwrap_err();
    let problems = super::told(&rejected);
    assert_eq!(
        problems[0],
        "verdikt.toml:4942:10: REFUSED_POLICY: `p/1234.json` is refused as resource-based policy"
    );
    assert!(problems[1..].iter().all(|one| one.starts_with("1234.json:")), "{problems:#?}");
    assert!(
        problems.iter().any(|one| one.starts_with("1234.json:3:3: INVALID_POLICY_ELEMENT")),
        "{problems:#?}"
    );
    assert!(std::sync::Arc::ptr_eq(&before, &store.current()), "nothing is swapped");
}

#[test]
fn the_table_of_authzen_that_is_ambiguous_or_leads_nowhere() {
    let subject = |kind: &str, principal: &str| {
        format!("[[authzen.subject]]\ntype = \"{kind}\"\nprincipal = \"arn:aws:iam::{principal}\"")
    };
    let user = "111122223333:user/{id}";
    one(
        &subject("user", "444455556666:user/{id}"),
        "verdikt.toml:5:13: UNKNOWN_REFERENCE: the account `444455556666` is not stated",
    );
    one(&subject("user", "111122223333:thing/{id}"), "verdikt.toml:5:13: INVALID_MANIFEST: the principal");
    one(
        &format!("{}\n{}", subject("user", user), subject("user", user)),
        "verdikt.toml:7:8: DUPLICATE_ENTRY: the subject type of AuthZEN `user` stands twice",
    );
    let action = "[[authzen.resource.action]]\nname = \"read\"\naction = \"s3:GetObject\"";
    let resource = "[[authzen.resource]]\ntype = \"file\"\narn = \"arn:aws:s3:::data/{path}\"";
    one(
        &format!("{resource}\n{action}\n{action}"),
        "verdikt.toml:10:8: DUPLICATE_ENTRY: the action of AuthZEN `file:read` stands twice",
    );
    one(
        &format!("{resource}\n{}", action.replace("GetObject", "Get*")),
        "verdikt.toml:8:10: INVALID_MANIFEST: `s3:Get*` is not an action",
    );
}
