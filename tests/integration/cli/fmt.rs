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
