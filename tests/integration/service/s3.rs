//! Every operation of S3 through its raw HTTP form, compared whole with tables written from the specification; the
//! canonical policy of identity pools row by row; addressing; signatures.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use verdikt::evaluate::{CallDecision, Combination};
use verdikt::service::s3::{
    self, Addressing, Facts, OPERATIONS, Operation, Place, ResourceFacts, S3Error, Touched,
};
use verdikt::service::{ApiCall, Check, HttpRequest, Value};
use verdikt::{
    CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, RequestError, SessionFacts,
};

const ACCOUNT: &str = "111122223333";
/// 2026-11-23T12:00:00Z.
pub(super) const NOW: i64 = 1_795_435_200_000;

#[derive(Deserialize)]
struct Table {
    case: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    api: String,
    name: Option<String>,
    wire: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    combination: Option<String>,
    expect: Vec<toml::Value>,
}

fn tables() -> Vec<Row> {
    let texts = [include_str!("s3_objects.toml"), include_str!("s3_buckets.toml")];
    texts.into_iter().flat_map(|text| toml::from_str::<Table>(text).unwrap().case).collect()
}

/// A raw request on a path-style endpoint, with what every request of the tables has.
fn raw(row: &Row) -> String {
    let mut text = format!("{} HTTP/1.1\r\nHost: s3.eu-west-1.amazonaws.com\r\n", row.wire);
    text += "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";
    text += "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nUser-Agent: test/1\r\n";
    for (name, value) in &row.headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "Content-Length: {}\r\n\r\n{}", row.body.len(), row.body).unwrap();
    text
}

pub(super) fn one(text: &str) -> Value {
    Value::One(text.to_owned())
}

/// The keys that every check of the tables has.
fn common(is_any: bool) -> BTreeMap<String, Value> {
    let known = [
        ("aws:SecureTransport", "true"),
        ("aws:UserAgent", "test/1"),
        ("aws:RequestedRegion", "eu-west-1"),
        ("s3:TlsVersion", "1.3"),
        ("s3:authType", "REST-HEADER"),
        ("s3:signatureversion", "AWS4-HMAC-SHA256"),
        ("s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ];
    let of_bucket = [("s3:ResourceAccount", ACCOUNT), ("aws:ResourceAccount", ACCOUNT)];
    let of_bucket = of_bucket.into_iter().filter(|_| !is_any);
    known.into_iter().chain(of_bucket).map(|(name, value)| (name.to_owned(), one(value))).collect()
}

type Whole = (String, String, BTreeMap<String, Value>, Option<u32>);

fn expected(entry: &toml::Value) -> Whole {
    let parts = entry.as_array().unwrap();
    let (action, on) = (parts[0].as_str().unwrap(), parts[1].as_str().unwrap());
    let mut keys = common(on == "*");
    for (name, value) in parts[2].as_table().unwrap() {
        let value = match value {
            toml::Value::Array(values) => {
                Value::Many(values.iter().map(|value| value.as_str().unwrap().to_owned()).collect())
            }
            value => one(value.as_str().unwrap()),
        };
        assert!(keys.insert(name.clone(), value).is_none(), "{name} is common");
    }
    let resource = if on == "*" { "*".to_owned() } else { format!("arn:aws:s3:::{on}") };
    let part = parts.get(3).map(|part| u32::try_from(part.as_integer().unwrap()).unwrap());
    (action.to_owned(), resource, keys, part)
}

fn whole(check: &Check) -> Whole {
    let keys = check.context.iter().map(|(name, value)| (name.clone().into_owned(), value.clone()));
    let keys: BTreeMap<_, _> = keys.collect();
    assert_eq!(keys.len(), check.context.len(), "a key stands twice");
    (check.action.clone().into_owned(), check.resource.clone(), keys, check.part)
}

fn known(touched: &Touched<'_>) -> ResourceFacts {
    let is_tagged = touched.key.is_some_and(|key| key.starts_with("tagged"));
    let object_tags = if is_tagged { vec![("team".to_owned(), "red".to_owned())] } else { Vec::new() };
    let has_no_object_tags = touched.key.is_some_and(|key| key.starts_with("untagged"));
    let account = Some(ACCOUNT.to_owned());
    ResourceFacts { account, object_tags, has_no_object_tags, ..ResourceFacts::default() }
}

fn facts() -> Facts<'static> {
    Facts {
        tls_version: Some("1.3"),
        now: Some(NOW),
        replication_pause: Some(false),
        resources: Some(&known),
        ..Facts::default()
    }
}

/// Every call of the tables.
pub(super) fn calls() -> Vec<ApiCall> {
    let call = |row: Row| {
        let text = raw(&row);
        s3::checks(&HttpRequest::parse(text.as_bytes()).unwrap(), &Addressing::aws(), &facts()).unwrap()
    };
    tables().into_iter().map(call).collect()
}

#[test]
fn every_operation_makes_exactly_its_checks() {
    let mut wrong = Vec::new();
    for row in tables() {
        let title = format!("{} {}", row.api, row.name.as_deref().unwrap_or_default());
        let text = raw(&row);
        let mut http = HttpRequest::parse(text.as_bytes()).unwrap();
        http.secure = Some(true);
        let call = match s3::checks(&http, &Addressing::aws(), &facts()) {
            Ok(call) => call,
            Err(error) => {
                wrong.push(format!("{title}: {error}"));
                continue;
            }
        };
        let combination =
            if row.combination.as_deref() == Some("each") { Combination::Each } else { Combination::AllOf };
        let found: Vec<Whole> = call.checks.iter().map(whole).collect();
        let expected: Vec<Whole> = row.expect.iter().map(expected).collect();
        if (call.operation, call.combination, &found) != (row.api.as_str(), combination, &expected) {
            wrong.push(format!(
                "{title}: {} {:?}\n{found:#?}\n{expected:#?}",
                call.operation, call.combination
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The tables leave out no operation; those of an account have a test of their own.
#[test]
fn every_operation_stands_in_the_tables() {
    let rows = tables();
    for info in OPERATIONS.iter().filter(|info| info.place != Place::Account) {
        assert!(rows.iter().any(|row| row.api == info.name), "{} has no row", info.name);
    }
    assert!(rows.len() > 130, "{} rows", rows.len());
}

pub(super) fn ask(text: &str, addressing: &Addressing) -> Result<ApiCall, S3Error> {
    s3::checks(&HttpRequest::parse(text.as_bytes())?, addressing, &Facts::default())
}

/// The only check of a request to a host.
fn at(addressing: &Addressing, host: &str, target: &str) -> Result<(String, String), S3Error> {
    let call = ask(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"), addressing)?;
    Ok((call.checks[0].resource.clone(), call.operation.to_owned()))
}

#[test]
fn hosts_name_buckets() {
    let own = Addressing::own(["Storage.example.com", "127.0.0.1", "[::1]", "eu.storage.example.com"]);
    let aws = Addressing::aws();
    for (addressing, host, target, resource) in [
        (&aws, "s3.amazonaws.com", "/photos/a", "arn:aws:s3:::photos/a"),
        (&aws, "s3.eu-west-1.amazonaws.com", "/photos/a", "arn:aws:s3:::photos/a"),
        (&aws, "s3-eu-west-1.amazonaws.com:443", "/photos/a", "arn:aws:s3:::photos/a"),
        (&aws, "photos.s3.amazonaws.com", "/photos/a", "arn:aws:s3:::photos/photos/a"),
        (&aws, "PHOTOS.S3.eu-west-1.amazonaws.com", "/a", "arn:aws:s3:::photos/a"),
        (&aws, "my.s3.photos.s3.eu-west-1.amazonaws.com", "/a", "arn:aws:s3:::my.s3.photos/a"),
        (&aws, "photos.s3.dualstack.eu-west-1.amazonaws.com", "/a", "arn:aws:s3:::photos/a"),
        (&aws, "s3.dualstack.eu-west-1.amazonaws.com", "/photos/a", "arn:aws:s3:::photos/a"),
        (&aws, "photos.s3-fips.us-gov-west-1.amazonaws.com", "/a", "arn:aws-us-gov:s3:::photos/a"),
        (&aws, "photos.s3-accelerate.amazonaws.com", "/a", "arn:aws:s3:::photos/a"),
        (&aws, "photos.s3-accelerate.dualstack.amazonaws.com", "/a", "arn:aws:s3:::photos/a"),
        (&aws, "photos.s3.cn-north-1.amazonaws.com.cn", "/a", "arn:aws-cn:s3:::photos/a"),
        (&own, "storage.example.com", "/photos/a", "arn:aws:s3:::photos/a"),
        (&own, "photos.storage.example.com:9000", "/a", "arn:aws:s3:::photos/a"),
        (&own, "eu.storage.example.com", "/photos/a", "arn:aws:s3:::photos/a"),
        (&own, "photos.eu.storage.example.com", "/a", "arn:aws:s3:::photos/a"),
        (&own, "127.0.0.1:9000", "/photos/a", "arn:aws:s3:::photos/a"),
        (&own, "[::1]:9000", "/photos/a", "arn:aws:s3:::photos/a"),
    ] {
        assert_eq!(at(addressing, host, target).unwrap().0, resource, "{host}{target}");
    }
    let cname = Addressing::aws().with_cnames();
    assert_eq!(at(&cname, "Photos.Example.com", "/a").unwrap().0, "arn:aws:s3:::photos.example.com/a");
    assert!(at(&cname, "127.0.0.1", "/a").is_err());
}

#[test]
fn other_hosts_and_kinds_of_buckets_are_refused_by_name() {
    let aws = Addressing::aws();
    for (host, target, code) in [
        ("photos.example.com", "/a", "UNKNOWN_HOST"),
        ("s3.eu-west-1.amazonaws.com.evil.example", "/photos/a", "UNKNOWN_HOST"),
        ("evil-s3.eu-west-1.amazonaws.com.", "/photos/a", "UNKNOWN_HOST"),
        ("amazonaws.com", "/photos/a", "UNKNOWN_HOST"),
        ("s3.amazonaws.com:x", "/photos/a", "UNKNOWN_HOST"),
        ("user@s3.amazonaws.com", "/photos/a", "UNKNOWN_HOST"),
        ("ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", "/a", "NOT_MODELLED"),
        ("ap.mrap.accesspoint.s3-global.amazonaws.com", "/a", "NOT_MODELLED"),
        ("ap-111122223333.s3-object-lambda.eu-west-1.amazonaws.com", "/a", "NOT_MODELLED"),
        ("ap-111122223333.op.s3-outposts.eu-west-1.amazonaws.com", "/a", "NOT_MODELLED"),
        ("b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "/a", "NOT_MODELLED"),
        ("photos.s3-website.eu-west-1.amazonaws.com", "/a", "NOT_MODELLED"),
        ("s3.amazonaws.com", "/photos--use1-az4--x-s3/a", "NOT_MODELLED"),
        ("s3.amazonaws.com", "/ap-abc-s3alias/a", "NOT_MODELLED"),
        (
            "s3.amazonaws.com",
            "/arn%3Aaws%3As3%3Aeu-west-1%3A111122223333%3Aaccesspoint%2Fap/a",
            "NOT_MODELLED",
        ),
        ("s3-accelerate.amazonaws.com", "/photos/a", "UNKNOWN_OPERATION"),
        ("s3.amazonaws.com", "/app-data?session", "NOT_MODELLED"),
    ] {
        let error = at(&aws, host, target).unwrap_err();
        assert_eq!(error.code(), code, "{host}{target}: {error}");
    }
    let rename = ask("PUT /app-data/a?renameObject HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n", &aws);
    assert_eq!(rename.unwrap_err().code(), "NOT_MODELLED");
}

#[test]
fn the_block_of_an_account_is_checked_on_everything() {
    let host = "111122223333.s3-control.eu-west-1.amazonaws.com";
    let ask = |method: &str, path: &str, account: &str| {
        let text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nx-amz-account-id: {account}\r\n\r\n");
        ask(&text, &Addressing::aws())
    };
    let block = "/v20180820/configuration/publicAccessBlock";
    for (method, action) in [
        ("GET", "s3:GetAccountPublicAccessBlock"),
        ("PUT", "s3:PutAccountPublicAccessBlock"),
        ("DELETE", "s3:PutAccountPublicAccessBlock"),
    ] {
        let call = ask(method, block, ACCOUNT).unwrap();
        let check = &call.checks[0];
        assert_eq!((&*check.action, &*check.resource, call.checks.len()), (action, "*", 1));
    }
    assert_eq!(ask("GET", block, "999988887777").unwrap_err().code(), "AMBIGUOUS_HEADER");
    assert_eq!(ask("GET", "/v20180820/jobs", ACCOUNT).unwrap_err().code(), "UNKNOWN_OPERATION");
}

#[test]
fn signatures_become_keys() {
    let keys = |text: String| {
        let http = HttpRequest::parse(text.as_bytes()).unwrap();
        let facts = Facts { now: Some(NOW), ..Facts::default() };
        let call = s3::checks(&http, &Addressing::aws(), &facts).unwrap();
        let wanted = ["s3:authType", "s3:signatureversion", "s3:signatureAge", "s3:x-amz-content-sha256"];
        let mut found: BTreeMap<_, _> = whole(&call.checks[0]).2;
        wanted.map(|name| match found.remove(name) {
            Some(Value::One(value)) => value,
            _ => String::new(),
        })
    };
    let get = |target: &str, head: &str| {
        keys(format!("GET /app-data/a{target} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n{head}\r\n"))
    };
    let presigned = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=c&X-Amz-Date=20261123T115500Z&X-Amz-Expires=900\
         &X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Security-Token=t&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD";
    assert_eq!(get("", ""), ["", "", "", ""]);
    assert_eq!(get("", "Authorization: AWS AKID:sig\r\n"), ["REST-HEADER", "AWS", "", ""]);
    // Five minutes; the hash of the content is not taken from the query.
    assert_eq!(get(presigned, ""), ["REST-QUERY-STRING", "AWS4-HMAC-SHA256", "300000", ""]);
    assert_eq!(get("?AWSAccessKeyId=a&Expires=1&Signature=s%2Bx", ""), ["REST-QUERY-STRING", "AWS", "0", ""]);
    let both = format!(
        "GET /app-data/a{presigned} HTTP/1.1\r\nHost: s3.amazonaws.com\r\nAuthorization: AWS a:b\r\n\r\n"
    );
    assert_eq!(ask(&both, &Addressing::aws()).unwrap_err().code(), "AMBIGUOUS_SIGNATURE");
}

/// A presigned URL may hold headers in its query; elsewhere they would mean nothing to S3 and something to a policy.
#[test]
fn headers_of_a_presigned_url_count() {
    let signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T115500Z&X-Amz-Signature=0";
    let put = |query: &str, head: &str| {
        let text = format!("PUT /app-data/a?{query} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n{head}\r\n");
        ask(&text, &Addressing::aws())
    };
    let call = put(&format!("{signed}&X-Amz-Acl=public-read"), "").unwrap();
    let actions: Vec<_> = call.checks.iter().map(|check| &*check.action).collect();
    assert_eq!(actions, ["s3:PutObject", "s3:PutObjectAcl"]);
    assert!(put(&format!("{signed}&x-amz-acl=private"), "x-amz-acl: private\r\n").is_ok());
    let differ = put(&format!("{signed}&x-amz-acl=private"), "x-amz-acl: public-read\r\n");
    assert_eq!(differ.unwrap_err().code(), "AMBIGUOUS_HEADER");
    assert_eq!(put("x-amz-acl=private", "").unwrap_err().code(), "UNKNOWN_QUERY_PARAMETER");
}

#[test]
fn a_form_is_checked_by_its_fields() {
    let form = |fields: &[(&str, &str)]| {
        Operation::post_object("app-data", fields.iter().copied())
            .checks(&Facts { now: Some(NOW), ..Facts::default() })
    };
    let tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>red</Value></Tag></TagSet></Tagging>";
    let fields = [
        ("key", "users/a/b.jpg"),
        ("acl", "public-read"),
        ("tagging", tags),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-date", "20261123T115500Z"),
        ("policy", "e30="),
        ("Content-Type", "image/jpeg"),
    ];
    let call = form(&fields).unwrap();
    let actions: Vec<_> = call.checks.iter().map(|check| &*check.action).collect();
    assert_eq!(actions, ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"]);
    let (_, resource, keys, _) = whole(&call.checks[0]);
    assert_eq!(resource, "arn:aws:s3:::app-data/users/a/b.jpg");
    for (name, value) in [
        ("s3:authType", "POST"),
        ("s3:signatureAge", "300000"),
        ("s3:x-amz-acl", "public-read"),
        ("s3:RequestObjectTag/team", "red"),
        ("s3:ObjectCreationOperation", "true"),
    ] {
        assert_eq!(keys.get(name), Some(&one(value)), "{name}");
    }
    assert!(form(&[("key", "a"), ("bucket", "app-data")]).is_ok());
    for (fields, code) in [
        (&[("acl", "private")][..], "MISSING_INPUT"),
        (&[("key", "a"), ("bucket", "other-data")], "AMBIGUOUS_HEADER"),
        (&[("key", "a"), ("key", "b")], "REPEATED_QUERY_PARAMETER"),
        (&[("key", "a/${filename}")], "INVALID_OBJECT_KEY"),
        (&[("key", "a"), ("colour", "red")], "UNKNOWN_QUERY_PARAMETER"),
    ] {
        assert_eq!(form(fields).unwrap_err().code(), code, "{fields:?}");
    }
    let raw = "POST /app-data HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x";
    assert_eq!(ask(raw, &Addressing::aws()).unwrap_err().code(), "FORM_NOT_READ");
}

const SUB: &str = "us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const OTHER: &str = "us-east-1:99999999-4b5a-6978-8796-a5b4c3d2e1f0";

/// Decides a raw request by the library's policy of identities' own prefixes; part by part.
fn decided(text: &str, sub: Option<&str>) -> Vec<bool> {
    let json = include_str!("../../../policies/s3-per-identity-prefix/policy.json");
    let role = Document::parse(Kind::Identity, "role", json, &Limits::default()).unwrap().document;
    let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role]).unwrap()).build().unwrap();
    let arn = "arn:aws:sts::111122223333:assumed-role/app-authenticated/CognitoIdentityCredentials";
    let mut session = SessionFacts::builder(Principal::parse(arn).unwrap());
    if let Some(sub) = sub {
        session = session.present("cognito-identity.amazonaws.com:sub", sub);
    }
    let session = session.build().unwrap();
    let call = ask(text, &Addressing::aws()).unwrap();
    let checks = call.governed(|check| {
        Ok::<_, RequestError>((&set, check.request_of(&session, Owner::Account(ACCOUNT)).build()?))
    });
    let decision = CallDecision::decide(call.combination, &checks.unwrap());
    decision.parts().into_iter().map(|(_, allowed)| allowed).collect()
}

#[test]
fn identities_reach_their_own_prefix_and_no_other() {
    let (mine, theirs) = (SUB.replace(':', "%3A"), OTHER.replace(':', "%3A"));
    for (line, head, allowed) in [
        (format!("GET /app-data?prefix=users/{mine}/"), String::new(), true),
        (format!("GET /app-data?list-type=2&prefix=users%2F{mine}%2Falbums"), String::new(), true),
        (format!("GET /app-data?prefix=users/{mine}"), String::new(), false),
        (format!("GET /app-data?prefix=users/{theirs}/"), String::new(), false),
        ("GET /app-data?prefix=".to_owned(), String::new(), false),
        ("GET /app-data".to_owned(), String::new(), false),
        ("HEAD /app-data".to_owned(), String::new(), false),
        (format!("GET /app-data/users/{mine}/a"), String::new(), true),
        (format!("GET /app-data/users/{mine}/a?versionId=v"), String::new(), false),
        (format!("GET /app-data/users/{theirs}/a"), String::new(), false),
        // Literal characters, never normalised.
        (format!("GET /app-data/users/{mine}/../{theirs}/a"), String::new(), true),
        (format!("GET /app-data/users/{mine}/%2e%2e/{theirs}/a"), String::new(), true),
        (format!("GET /app-data/users//{mine}/a"), String::new(), false),
        (format!("GET /app-data/users/{theirs}/../{mine}/a"), String::new(), false),
        (format!("GET /app-data/users%2F{mine}%2Fa"), String::new(), true),
        // Decoded once: the name has a percent sign.
        (format!("GET /app-data/users%252F{mine}/a"), String::new(), false),
        (format!("PUT /app-data/users/{mine}/a"), String::new(), true),
        (format!("PUT /app-data/users/{mine}/a"), "x-amz-acl: public-read\r\n".to_owned(), false),
        (format!("PUT /app-data/users/{mine}/a"), "x-amz-tagging: a=b\r\n".to_owned(), false),
        // The tags of the source come along, unless they are replaced; the policy does not let them be read.
        (
            format!("PUT /app-data/users/{mine}/a"),
            format!("x-amz-copy-source: /app-data/users/{mine}/b\r\n"),
            false,
        ),
        (
            format!("PUT /app-data/users/{mine}/a"),
            format!("x-amz-copy-source: /app-data/users/{mine}/b\r\nx-amz-tagging-directive: REPLACE\r\n"),
            true,
        ),
        (
            format!("PUT /app-data/users/{mine}/a"),
            format!("x-amz-copy-source: /app-data/users/{theirs}/b\r\nx-amz-tagging-directive: REPLACE\r\n"),
            false,
        ),
        (
            format!("PUT /app-data/users/{mine}/a"),
            format!("x-amz-copy-source: /app-data/users/{theirs}/b\r\n"),
            false,
        ),
        (
            format!("PUT /app-data/users/{theirs}/a"),
            format!("x-amz-copy-source: /app-data/users/{mine}/b\r\n"),
            false,
        ),
        (
            format!("PUT /app-data/users/{mine}/a?partNumber=1&uploadId=u"),
            format!("x-amz-copy-source: app-data/users%2F{theirs}%2Fb\r\n"),
            false,
        ),
        (format!("DELETE /app-data/users/{mine}/a"), String::new(), true),
        (format!("DELETE /app-data/users/{mine}/a?versionId=v"), String::new(), false),
        (format!("GET /app-data?versions&prefix=users/{mine}/"), String::new(), false),
        (format!("GET /app-data?uploads&prefix=users/{mine}/"), String::new(), false),
    ] {
        let text = format!("{line} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n{head}\r\n");
        assert_eq!(decided(&text, Some(SUB)), [allowed], "{line} {head}");
        assert_eq!(decided(&text, None), [false], "without an identity: {line} {head}");
    }
    let body = format!(
        "<Delete><Object><Key>users/{SUB}/a</Key></Object><Object><Key>users/{OTHER}/a</Key></Object>\
         <Object><Key>users/{SUB}/b</Key></Object></Delete>"
    );
    let text = format!("POST /app-data?delete HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n{body}");
    assert_eq!(decided(&text, Some(SUB)), [true, false, true]);
}
