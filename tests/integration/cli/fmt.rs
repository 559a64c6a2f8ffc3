//! `verdikt fmt`: the canonical form, and files that are rewritten.

use std::fs;

use snapbox::str;

use super::{Folder, policy, same, verdikt, words};

#[test]
fn fmt_is_idempotent_and_keeps_the_meaning() {
    let text = policy(
        "Allow",
        r#","Condition":{"Bool":{"aws:SecureTransport":true},"StringLike":{"s3:prefix":["a/*"]}}"#,
    );
    let folder = Folder::new().with("p.json", &text);
    let path = folder.path("p.json");
    let once = verdikt(["fmt", &path]).out(0);
    same(
        &once,
        str![[r#"
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringLike": {
          "s3:prefix": "a/*"
        }
      }
    }
  ]
}

"#]],
    );
    assert_eq!(words("fmt --kind identity -").input(&once).out(0), once);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    assert_eq!(verdikt(["fmt", "--check", &path]).out(4), format!("{path}\n"));
    assert_eq!(verdikt(["fmt", "--write", &path]).out(0), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), once);
    assert_eq!(verdikt(["fmt", "--check", &path]).out(0), "");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn fmt_leaves_a_refused_policy_alone() {
    let folder = Folder::new().with("bad.json", "{}").with("good.json", &policy("Allow", ""));
    let (bad, good) = (folder.path("bad.json"), folder.path("good.json"));
    let err = verdikt(["fmt", "--write", "--kind", "scp", &bad, &good]).err(1);
    same(
        folder.named(&err),
        str![[r#"
warning[MISSING_VERSION]: no Version `2012-10-17`
 --> FOLDER/bad.json:1:1
  |
1 | {}
  | ^
  |
  = help: add `"Version": "2012-10-17"`; without it policy variables are plain text

error[MISSING_STATEMENT]: a policy without `Statement`
 --> FOLDER/bad.json:1:1
  |
1 | {}
  | ^
  |
  = help: add `"Statement": [ … ]`

error: the policy `FOLDER/bad.json` is refused: mend what is shown above

"#]],
    );
    assert_eq!(fs::read_to_string(&bad).unwrap(), "{}");
    assert!(fs::read_to_string(&good).unwrap().contains("\n  \"Version\""));
}

#[test]
fn fmt_minifies_and_tells_sizes() {
    let text = policy("Allow", "");
    let spaced = text.replace(',', " ,\n ");
    let folder = Folder::new().with("p.json", &spaced);
    let path = folder.path("p.json");
    assert_eq!(
        verdikt(["fmt", "--minify", &path]).out(0),
        policy("Allow", "").replace(r#""Statement":{"#, r#""Statement":[{"#).replace("}}", "}]}") + "\n"
    );
    // White space does not count for identity-based policies, and does for session policies.
    let size = |kind: &str, more: &str| {
        let line = format!("fmt --size --kind {kind} {more} -");
        words(&line).input(&spaced).out(0)
    };
    let counted = "<stdin>: 85 of 6144 characters as identity-based policy, white space not counted\n";
    assert_eq!(size("identity", ""), counted);
    assert_eq!(size("identity", "--minify"), counted);
    assert_eq!(
        size("session", "--minify"),
        "<stdin>: 85 of 2048 characters as session policy, white space counted\n"
    );
    assert!(size("session", "").starts_with("<stdin>: 131 of 2048 "), "{}", size("session", ""));
    assert!(
        size("scp", "").contains(
            "of 5120 characters as service control policy, white space not counted, as the console"
        )
    );
    let large =
        policy("Allow", "").replace(r#""Action":"*""#, &format!(r#""Action":"s3:{}""#, "x".repeat(2_000)));
    assert!(words("fmt --size --kind session -").input(&large).out(4).contains(" of 2048 "));
}

#[test]
fn fmt_takes_folders_where_it_prints_no_policy() {
    let folder = Folder::new().with("a.json", &policy("Allow", "")).with("a.test.json", "{}");
    let root = folder.path("");
    let all = |option: &str| verdikt(["fmt", option, &root, "--exclude", "*.test.json"]);
    assert_eq!(folder.named(&all("--check").out(4)), "FOLDER/a.json\n");
    assert!(all("--size").out(0).contains("a.json: 85 of 6144 characters"));
    assert_eq!(all("--write").out(0), "");
    assert_eq!(all("--check").out(0), "");
    assert!(verdikt(["fmt", &root]).err(2).contains("a folder needs `--check`, `--write` or `--size`"));
    let empty = Folder::new();
    assert!(verdikt(["fmt", "--check", &empty.path("")]).err(1).contains("no policy file is below"));
}
