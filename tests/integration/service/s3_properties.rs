//! What holds of all calls: nothing in a key, a header or a query changes which bucket is checked, and calls built in
//! Rust make the checks of those that came as HTTP.

use std::fmt::Write;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use verdikt::service::s3::{self, Addressing, Facts, OPERATIONS, Operation, OperationInfo, Place};
use verdikt::service::{ApiCall, HttpRequest};

/// Percent-encodes everything but what S3's clients leave as it is.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}

fn read(method: &str, target: &str, headers: Vec<(&str, &str)>) -> Result<ApiCall, s3::S3Error> {
    let headers = [vec![("Host", "s3.amazonaws.com")], headers].concat();
    let http = HttpRequest { method, target, headers, body: Some(b""), ..HttpRequest::default() };
    s3::checks(&http, &Addressing::aws(), &Facts::default())
}

/// Keys with everything that a URL, an ARN or a policy gives a meaning to.
fn key() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "/",
        "..",
        "%",
        "%2F",
        "?",
        "#",
        "&",
        "=",
        "+",
        " ",
        "*",
        "${aws:username}",
        ":",
        "\\",
        "\n",
        "é",
        "😀",
        "app-data",
        "other-data",
        "arn:aws:s3:::other-data/x",
        "x-amz-acl",
        "versionId=1",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

fn object_operation() -> impl Strategy<Value = &'static OperationInfo> {
    let of_objects: Vec<_> = OPERATIONS
        .iter()
        .filter(|info| info.place == Place::Object && info.body == s3::BodyKind::Unread && !info.copies)
        .collect();
    prop::sample::select(of_objects)
}

/// The query that selects an operation.
fn query(info: &OperationInfo) -> Vec<(&'static str, &'static str)> {
    let value = |name| match name {
        "select-type" => "2",
        "uploadId" | "partNumber" | "annotationName" => "1",
        _ => "",
    };
    info.select.iter().map(|name| (*name, value(*name))).collect()
}

proptest! {
    #![proptest_config(crate::properties::config())]

    /// Whatever the key, the check is on exactly this object of this bucket, and the typed call makes the same checks.
    #[test]
    fn the_object_checked_is_the_object_named(info in object_operation(), key in key(), version in any::<bool>()) {
        let mut parameters = query(info);
        if version && info.parameters.contains(&"versionId") {
            parameters.push(("versionId", "v/7"));
        }
        let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let target = format!("/app-data/{}?{}", encoded(&key), pairs.join("&"));
        let call = read(info.method, &target, Vec::new()).unwrap();
        prop_assert_eq!(call.operation, info.name);
        for check in &call.checks {
            prop_assert_eq!(&check.resource, &format!("arn:aws:s3:::app-data/{key}"));
        }
        let mut built = Operation::named(info.name, Some("app-data"), Some(&key)).unwrap();
        for (name, value) in &parameters {
            built = built.parameter(*name, *value);
        }
        prop_assert_eq!(built.checks(&Facts::default()).unwrap(), call);
    }

    /// Headers and parameters with any value never move a check to another bucket, except the source of a copy, whose
    /// check is on the bucket that it names.
    #[test]
    fn no_value_changes_the_bucket(
        name in prop::sample::select(vec!["x-amz-acl", "x-amz-storage-class", "x-amz-website-redirect-location",
            "x-amz-meta-bucket", "referer", "x-forwarded-host", "x-host", "x-original-url", "x-rewrite-url",
            "x-http-method-override", "x-amz-expected-bucket-owner", "if-match", "x-amz-copy-source"]),
        value in key(),
        source in key(),
    ) {
        let value = value.replace(['\n', '\r'], "");
        let value = if name == "x-amz-copy-source" { format!("other-data/{}", encoded(&source)) } else { value };
        if let Ok(call) = read("PUT", "/app-data/a", vec![(name, value.trim())]) {
            for check in &call.checks {
                let expected = if check.action.starts_with("s3:Get") {
                    format!("arn:aws:s3:::other-data/{source}")
                } else {
                    "arn:aws:s3:::app-data/a".to_owned()
                };
                prop_assert_eq!(&check.resource, &expected);
            }
            prop_assert_eq!(call.operation == "CopyObject", name == "x-amz-copy-source");
        }
        let target = format!("/app-data?prefix={}&delimiter={}", encoded(&source), encoded(&value));
        let call = read("GET", &target, Vec::new()).unwrap();
        prop_assert_eq!(&call.checks[0].resource, "arn:aws:s3:::app-data");
        let built = Operation::named("ListObjects", Some("app-data"), None).unwrap()
            .parameter("prefix", source.as_str()).parameter("delimiter", value.as_str());
        prop_assert_eq!(built.checks(&Facts::default()).unwrap(), call);
    }

    /// Headers and bodies say the same, built or as HTTP: a write, a copy, several deletes.
    #[test]
    fn a_built_call_makes_the_checks_of_its_http(
        key in key(),
        source in key(),
        headers in prop::sample::subsequence(vec![("x-amz-acl", "public-read"), ("x-amz-tagging", "a=b&c=%20d"),
            ("x-amz-storage-class", "GLACIER"), ("x-amz-object-lock-legal-hold", "ON"), ("if-none-match", "*"),
            ("x-amz-server-side-encryption", "aws:kms"), ("x-amz-grant-read", "id=\"1\""), ("x-amz-unheard-of", "x")], 0..6),
        directive in prop::option::of(prop::sample::select(vec!["COPY", "REPLACE", "else"])),
        version in prop::option::of("[a-z0-9]{1,6}"),
    ) {
        let target = format!("/app-data/{}", encoded(&key));
        let with = |mut built: Operation, headers: &[(&'static str, String)]| {
            for (name, value) in headers {
                built = built.header(*name, value.as_str());
            }
            built.checks(&Facts::default())
        };
        let mut all: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let raw = |all: &[(&'static str, String)]| {
            read("PUT", &target, all.iter().map(|(name, value)| (*name, value.as_str())).collect())
        };
        prop_assert_eq!(with(Operation::put_object("app-data", key.as_str()), &all), raw(&all));
        all.extend(directive.map(|value| ("x-amz-tagging-directive", value.to_owned())));
        let from = format!("other-data/{}", encoded(&source));
        let built = with(Operation::copy_object("app-data", key.as_str(), from.as_str()), &all);
        all.push(("x-amz-copy-source", from));
        prop_assert_eq!(built, raw(&all));
        // XML reads line ends in its own way.
        if !key.contains(['\n', '\r']) {
            let escaped = key.replace('&', "&amp;").replace('<', "&lt;");
            let id = version.as_ref().map(|id| format!("<VersionId>{id}</VersionId>")).unwrap_or_default();
            let body = format!("<Delete><Object><Key>{escaped}</Key>{id}</Object><Object><Key>b</Key></Object></Delete>");
            let http = HttpRequest {
                method: "POST",
                target: "/app-data?delete",
                headers: vec![("Host", "s3.amazonaws.com")],
                body: Some(body.as_bytes()),
                ..HttpRequest::default()
            };
            let objects = vec![
                s3::ObjectId { key: key.clone(), version_id: version.clone(), etag: None },
                s3::ObjectId { key: "b".to_owned(), version_id: None, etag: None },
            ];
            let built = Operation::delete_objects("app-data", objects).checks(&Facts::default());
            prop_assert_eq!(built, s3::checks(&http, &Addressing::aws(), &Facts::default()));
        }
    }

    /// Any text as a target gives an error or checks on the bucket that stands first in it.
    #[test]
    fn any_target_names_its_own_bucket(target in "/[a-z%.?&=/+2Fe-]{0,40}") {
        if let Ok(call) = read("GET", &target, Vec::new()) {
            let path = target.split('?').next().unwrap();
            let bucket = path[1..].split('/').next().unwrap();
            for check in &call.checks {
                let is_own = check.resource == format!("arn:aws:s3:::{bucket}")
                    || check.resource.starts_with(&format!("arn:aws:s3:::{bucket}/"));
                prop_assert!(is_own || (check.resource == "*" && bucket.is_empty()) || bucket.contains('%'), "{target}: {check:?}");
            }
        }
    }
}
