//! Policies of the library broken as people break them, by a slip of the hand: their cases fail, and the explanation of one
//! names a line. The table knows nothing of the broken copies that `--mutate` makes.

use std::path::Path;

use verdikt::suite::library::EXAMPLES;
use verdikt::suite::test::TestFile;
use verdikt::suite::test::run::{Options, run};

/// Policy, line, what stands there, what is written instead.
const BREAKS: &[(&str, usize, &str, &str)] = &[
    ("attribute-based-access", 8, "app-data", "app-data*"),
    ("attribute-based-access", 10, "StringLike", "StringEquals"),
    ("attribute-based-access", 11, "}/*", "}*"),
    ("attribute-based-access", 11, "}/*", "}/"),
    ("attribute-based-access", 19, "}/*", "}*"),
    ("attribute-based-access", 21, "StringEquals", "StringEqualsIgnoreCase"),
    ("attribute-based-access", 22, "clearance}", "clearance}x"),
    ("attribute-based-access", 30, "}/*", "}*"),
    ("attribute-based-access", 32, "StringEquals", "StringEqualsIgnoreCase"),
    ("attribute-based-access", 41, "}/*", "}*"),
    ("attribute-based-access", 41, "department}", "clearance}"),
    ("attribute-based-access", 43, "StringEquals", "StringEqualsIgnoreCase"),
    ("attribute-based-access", 47, "clearance}", "clearance}x"),
    ("attribute-based-access", 47, "}\"", "}*\""),
    ("attribute-based-access", 53, "Deny", "Allow"),
    ("bucket-deny-plaintext-transport", 11, "/*", "/"),
    ("bucket-deny-plaintext-transport", 14, "BoolIfExists", "Bool"),
    ("bucket-deny-plaintext-transport", 26, "data/*", "data*"),
    ("bucket-deny-plaintext-transport", 30, "1.2", "1.19"),
    ("bucket-deny-plaintext-transport", 30, "1.2", "1.3"),
    ("dynamodb-columns", 12, "profiles", "profiles*"),
    ("dynamodb-columns", 14, "ForAllValues", "ForAnyValue"),
    ("dynamodb-columns", 27, "StringEquals", "StringEqualsIgnoreCase"),
    ("dynamodb-columns", 38, "StringEquals", "StringEqualsIgnoreCase"),
    ("dynamodb-deny-columns", 15, "Deny", "Allow"),
    ("dynamodb-deny-columns", 19, "ForAnyValue", "ForAllValues"),
    ("dynamodb-own-index-columns", 8, "/by-game", "/*"),
    ("dynamodb-own-index-columns", 18, "StringEquals", "StringEqualsIgnoreCase"),
    ("dynamodb-partiql-without-scans", 28, "true", "false"),
    ("dynamodb-per-identity-items", 16, "notes", "notes*"),
    ("dynamodb-per-identity-items", 18, "StringEquals", "StringEqualsIgnoreCase"),
    ("dynamodb-per-identity-items", 18, "ForAllValues:", ""),
    ("dynamodb-per-identity-items", 22, "false", "true"),
    ("dynamodb-protected-columns", 13, "StringNotLike", "StringNotEquals"),
    ("dynamodb-tenant-items", 19, "StringLike", "StringEquals"),
    ("dynamodb-transactions-only", 16, "StringEquals", "StringEqualsIgnoreCase"),
    ("guest-read-only", 11, "public/*", "public*"),
    ("guest-read-only", 11, "public/*", "public/"),
    ("guest-read-only", 33, "Deny", "Allow"),
    ("identity-pool-trust-authenticated", 12, "StringEquals", "StringEqualsIgnoreCase"),
    ("identity-pool-trust-authenticated", 34, "StringEquals", "StringEqualsIgnoreCase"),
    ("identity-pool-trust-guest", 12, "StringEquals", "StringNotEquals"),
    ("ip-fenced-admin", 22, "/24", "/23"),
    ("ip-fenced-admin", 22, "/24", "/25"),
    ("ip-fenced-admin", 22, "203.0.113.0/24", "203.0.113.0"),
    ("ip-fenced-admin", 23, "/48", "/49"),
    ("ip-fenced-admin", 27, "false", "true"),
    ("mfa-gated-delete", 16, "data/*", "data*"),
    ("mfa-gated-delete", 29, "false", "true"),
    ("mfa-gated-delete", 43, "900", "901"),
    ("mfa-gated-delete", 43, "900", "899"),
    ("permissions-boundary", 22, "app-*", "app*"),
    ("permissions-boundary", 33, "app/*", "app*"),
    ("permissions-boundary", 33, "app/*", "*"),
    ("permissions-boundary", 35, "StringEquals", "StringEqualsIfExists"),
    ("permissions-boundary", 36, "app-boundary", "other-boundary"),
    ("rcp-perimeter", 17, "StringNotEqualsIfExists", "StringEquals"),
    ("rcp-perimeter", 37, "StringNotEqualsIfExists", "StringNotEqualsIgnoreCaseIfExists"),
    ("rcp-perimeter", 55, "StringNotEquals", "StringNotEqualsIgnoreCase"),
    ("s3-group-folders", 11, "}/*", "}*"),
    ("s3-group-folders", 11, "}/*", "}/"),
    ("s3-group-folders", 22, "}/*", "}*"),
    ("s3-group-folders", 28, "}/*", "}*"),
    ("s3-group-folders", 30, "StringEquals", "StringLikeIfExists"),
    ("s3-own-versions", 11, "}/*", "}*"),
    ("s3-own-versions", 11, "}/*", "}/"),
    ("s3-own-versions", 22, "}/*", "}*"),
    ("s3-per-identity-prefix", 11, "}/*", "}*"),
    ("s3-per-identity-prefix", 11, "}/*", "}/"),
    ("s3-per-identity-prefix", 23, "}/*", "}*"),
    ("s3-read-all-write-own", 11, "users/*", "users*"),
    ("s3-read-all-write-own", 19, "users/*", "users*"),
    ("s3-read-all-write-own", 28, "}/*", "}*"),
    ("s3-shared-folders", 12, "shared/*", "shared/"),
    ("s3-shared-folders", 13, "}/*", "}*"),
    ("s3-shared-folders", 31, "}/*", "}*"),
    ("s3-shared-folders", 41, "}/*", "}*"),
    ("s3-upload-drop-box", 8, "}/*", "}*"),
    ("s3-upload-drop-box", 14, "false", "true"),
    ("s3-upload-drop-box", 22, "}/*", "}*"),
    ("scp-region-fence", 26, "StringNotEquals", "StringNotEqualsIgnoreCase"),
    ("scp-region-fence", 33, "break-glass", "break-glass*"),
    ("time-boxed-access", 13, "audit/*", "audit*"),
    ("time-boxed-access", 16, "DateGreaterThanEquals", "DateGreaterThan"),
    ("time-boxed-access", 17, "08:00:00", "08:00:01"),
    ("time-boxed-access", 19, "DateLessThan", "DateLessThanEquals"),
    ("time-boxed-access", 20, "23T00:00:00", "22T23:59:59"),
    ("tls-version-floor", 11, "data/*", "data*"),
    ("tls-version-floor", 14, "NumericLessThanIfExists", "NumericLessThan"),
    ("tls-version-floor", 14, "NumericLessThanIfExists", "NumericLessThanEqualsIfExists"),
    ("tls-version-floor", 15, "1.3", "1.29"),
];

#[test]
fn policies_broken_by_hand_fail_with_a_line() {
    let scratch = std::env::temp_dir().join(format!("verdikt-by-hand-{}", std::process::id()));
    let mut unnoticed = Vec::new();
    for (name, line, from, to) in BREAKS {
        let example = EXAMPLES.iter().find(|one| one.name == *name).unwrap();
        std::fs::create_dir_all(&scratch).unwrap();
        for (file, text) in example.files {
            let text =
                if *file == "policy.json" { broken(text, *line, from, to) } else { (*text).to_owned() };
            std::fs::write(scratch.join(file), text).unwrap();
        }
        if !fails_with_a_line(&scratch) {
            unnoticed.push(format!("{name}, line {line}: {from} as {to}"));
        }
        std::fs::remove_dir_all(&scratch).unwrap();
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

fn broken(text: &str, line: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let written = &mut lines[line - 1];
    assert!(written.contains(from), "line {line} has no {from}: {written}");
    *written = written.replacen(from, to, 1);
    lines.join("\n")
}

fn fails_with_a_line(folder: &Path) -> bool {
    let path = folder.join("policy.test.yaml");
    let file = TestFile::parse(&path, std::fs::read_to_string(&path).unwrap()).unwrap();
    let result = run(file, &Options::default());
    let mut explained =
        result.results.iter().filter(|one| !one.passed()).filter_map(|one| one.explanation.as_ref());
    explained.any(|one| one.to_string().contains("policy.json:"))
}
