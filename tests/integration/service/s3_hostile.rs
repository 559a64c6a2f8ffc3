//! Requests that try to have another object checked than the one that is touched, or to cost much.

use std::fmt::Write;

use verdikt::service::s3::{self, Addressing, Facts, S3Error};
use verdikt::service::{ApiCall, HttpRequest};

use super::s3::ask;

fn get(target: &str, head: &str) -> Result<ApiCall, S3Error> {
    ask(&format!("GET {target} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n{head}\r\n"), &Addressing::aws())
}

fn resource(target: &str) -> String {
    get(target, "").unwrap().checks[0].resource.clone()
}

#[test]
fn keys_are_decoded_once_and_never_normalised() {
    for (target, key) in [
        ("/app-data/a%2Fb", "a/b"),
        ("/app-data/a%252Fb", "a%2Fb"),
        ("/app-data/../other-data/b", "../other-data/b"),
        ("/app-data/%2e%2e/b", "../b"),
        ("/app-data/a/./b", "a/./b"),
        ("/app-data//b", "/b"),
        ("/app-data/a//", "a//"),
        ("/app-data/a+b", "a+b"),
        ("/app-data/a%20b%3F", "a b?"),
        ("/app-data/%F0%9F%98%80", "😀"),
        ("/app-data/é", "é"),
        ("/app-data/a*b$%7Baws:username%7D", "a*b${aws:username}"),
        ("/app-data/a%0Ab", "a\nb"),
        ("/app-data/a;b=c", "a;b=c"),
    ] {
        assert_eq!(resource(target), format!("arn:aws:s3:::app-data/{key}"), "{target}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for (target, head, code) in [
        ("/app-data/a%", "", "INVALID_ENCODING"),
        ("/app-data/a%2", "", "INVALID_ENCODING"),
        ("/app-data/a%zz", "", "INVALID_ENCODING"),
        ("/app-data/%FF", "", "INVALID_ENCODING"),
        ("/app-data/%C0%AF", "", "INVALID_ENCODING"),
        ("/app-data/%ED%A0%80", "", "INVALID_ENCODING"),
        ("/app-data/a%00b", "", "INVALID_ENCODING"),
        ("/app-data/a\\b", "", "INVALID_REQUEST_TARGET"),
        ("/app-data/a#b", "", "INVALID_REQUEST_TARGET"),
        ("http://s3.amazonaws.com/app-data/a", "", "INVALID_REQUEST_TARGET"),
        ("*", "", "INVALID_REQUEST_TARGET"),
        ("/app-data%2Fa", "", "INVALID_BUCKET_NAME"),
        ("/..", "", "INVALID_BUCKET_NAME"),
        ("/../app-data/a", "", "INVALID_BUCKET_NAME"),
        ("//app-data/a", "", "INVALID_BUCKET_NAME"),
        ("/a*/b", "", "INVALID_BUCKET_NAME"),
        ("/$%7Bx%7Dx/b", "", "INVALID_BUCKET_NAME"),
        ("/app-data?prefix=a&prefix=b", "", "REPEATED_QUERY_PARAMETER"),
        ("/app-data?prefix=a&%70refix=b", "", "REPEATED_QUERY_PARAMETER"),
        ("/app-data?prefix=a+b", "", "INVALID_ENCODING"),
        ("/app-data?prefix=%zz", "", "INVALID_ENCODING"),
        ("/app-data?Prefix=a", "", "UNKNOWN_QUERY_PARAMETER"),
        ("/app-data?colour=red", "", "UNKNOWN_QUERY_PARAMETER"),
        ("/app-data?list-type=1", "", "INVALID_VALUE"),
        ("/app-data?acl&policy", "", "UNKNOWN_OPERATION"),
        ("/app-data?versions&list-type=2", "", "UNKNOWN_OPERATION"),
        ("/app-data/a?acl&tagging", "", "UNKNOWN_OPERATION"),
        ("/app-data/a?policy", "", "UNKNOWN_OPERATION"),
        ("/app-data/a?versions", "", "UNKNOWN_OPERATION"),
        ("/app-data/a?versionId=", "", "INVALID_VALUE"),
        ("/app-data/a?uploadId=", "", "INVALID_VALUE"),
        ("/app-data/a?prefix=x", "", "UNKNOWN_QUERY_PARAMETER"),
        ("/?acl", "", "UNKNOWN_OPERATION"),
        ("/app-data/a", "Host: other-data.s3.amazonaws.com\r\n", "REPEATED_HEADER"),
        ("/app-data/a", "host: s3.amazonaws.com\r\n", "REPEATED_HEADER"),
        ("/app-data/a", "x-amz-copy-source: /other-data/b\r\n", "UNKNOWN_HEADER"),
        ("/app-data/a", "x-amz-acl: private\r\n", "UNKNOWN_HEADER"),
        ("/app-data/a", "x-amz-rename-source: /other-data/b\r\n", "UNKNOWN_HEADER"),
        ("/app-data/a", "X-Amz-Redirect-To: /other-data/b\r\n", "UNKNOWN_HEADER"),
        ("/app-data/a", "x-amz-content-sha256: a\r\nX-Amz-Content-SHA256: b\r\n", "REPEATED_HEADER"),
    ] {
        let error = get(target, head).unwrap_err();
        assert_eq!(error.code(), code, "{target} {head}: {error}");
        assert!(!error.remedy().is_empty());
    }
    let long = format!("/app-data/{}", "a".repeat(1_025));
    assert_eq!(get(&long, "").unwrap_err().code(), "INVALID_OBJECT_KEY");
    for method in ["OPTIONS", "PATCH", "get", "LIST"] {
        let text = format!("{method} /app-data/a HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n");
        let error = ask(&text, &Addressing::aws()).unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_OPERATION");
        assert!(error.to_string().contains(method), "{error}");
    }
}

/// S3 takes each tag's key once; which of two values a condition would see is not known.
#[test]
fn a_tag_that_is_given_twice_is_refused() {
    let put = |rest: &str| ask(&format!("PUT /app-data/a{rest}"), &Addressing::aws());
    let header =
        |tags: &str| put(&format!(" HTTP/1.1\r\nHost: s3.amazonaws.com\r\nx-amz-tagging: {tags}\r\n\r\n"));
    assert!(header("a=1&b=1").is_ok());
    assert_eq!(header("a=1&%61=2").unwrap_err().code(), "INVALID_VALUE");
    let tag = "<Tag><Key>a</Key><Value>1</Value></Tag>";
    let body = |tags: &str| {
        put(&format!(
            "?tagging HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n<Tagging><TagSet>{tags}</TagSet></Tagging>"
        ))
    };
    assert!(body(tag).is_ok());
    let error = body(&format!("{tag}{tag}")).unwrap_err();
    assert!(error.to_string().contains("has the tag `a` twice"), "{error}");
}

/// RFC 9110, 11.1: the scheme of an authorization is compared without regard to case.
#[test]
fn a_scheme_in_small_letters_is_a_signature_all_the_same() {
    let version = |authorization: &str| {
        let call = get("/app-data/a", &format!("Authorization: {authorization}\r\n")).unwrap();
        let context = &call.checks[0].context;
        context.iter().find(|(name, _)| name == "s3:signatureversion").map(|(_, value)| value.clone())
    };
    let one = |text: &str| Some(verdikt::service::Value::One(text.to_owned()));
    assert_eq!(version("aws AKIAIOSFODNN7EXAMPLE:x"), one("AWS"));
    assert_eq!(version("Aws4-hmac-sha256\tCredential=x"), one("AWS4-HMAC-SHA256"));
    assert_eq!(version("Bearer x"), None);
}

#[test]
fn the_source_of_a_copy_is_read_in_one_way() {
    let copy = |source: &str| {
        let head = format!(
            "PUT /app-data/a HTTP/1.1\r\nHost: s3.amazonaws.com\r\nx-amz-copy-source: {source}\r\n\r\n"
        );
        ask(&head, &Addressing::aws())
    };
    for (source, resource) in [
        ("other-data/b", "arn:aws:s3:::other-data/b"),
        ("/other-data/b", "arn:aws:s3:::other-data/b"),
        ("other-data%2Fb%2Fc", "arn:aws:s3:::other-data/b/c"),
        ("other-data//b", "arn:aws:s3:::other-data//b"),
        ("other-data/../c/b", "arn:aws:s3:::other-data/../c/b"),
        ("other-data/b%3FversionId=x", "arn:aws:s3:::other-data/b?versionId=x"),
        ("other-data/b%252F", "arn:aws:s3:::other-data/b%2F"),
    ] {
        let call = copy(source).unwrap();
        assert_eq!(
            (&*call.checks[0].action, &*call.checks[0].resource),
            ("s3:GetObject", resource),
            "{source}"
        );
    }
    for (source, code) in [
        ("other-data", "INVALID_VALUE"),
        ("other-data/", "INVALID_OBJECT_KEY"),
        ("//b", "INVALID_BUCKET_NAME"),
        ("../b", "INVALID_BUCKET_NAME"),
        ("other-data/b?x=y", "INVALID_VALUE"),
        ("other-data/b?versionId=1&versionId=2", "INVALID_VALUE"),
        ("other-data/b?versionId=", "INVALID_VALUE"),
        ("other-data/b+c", "INVALID_ENCODING"),
        ("other-data/b%", "INVALID_ENCODING"),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/b", "NOT_MODELLED"),
    ] {
        assert_eq!(copy(source).unwrap_err().code(), code, "{source}");
    }
    let tags = "PUT /app-data/a HTTP/1.1\r\nHost: s3.amazonaws.com\r\nx-amz-copy-source: /other-data/b\r\nx-amz-tagging: a=b\r\n\r\n";
    assert_eq!(ask(tags, &Addressing::aws()).unwrap_err().code(), "INVALID_VALUE");
}

fn delete(body: &str) -> Result<ApiCall, S3Error> {
    ask(
        &format!("POST /app-data?delete HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n{body}"),
        &Addressing::aws(),
    )
}

#[test]
fn bodies_are_bounded_and_read_in_one_way() {
    let keys = |count: usize| {
        (0..count).fold("<Delete>".to_owned(), |mut text, number| {
            write!(text, "<Object><Key>k{number}</Key></Object>").unwrap();
            text
        }) + "</Delete>"
    };
    assert_eq!(delete(&keys(1_000)).unwrap().checks.len(), 1_000);
    assert_eq!(
        delete("<Delete><Object><Key>&#97;<![CDATA[&b]]></Key></Object></Delete>").unwrap().checks[0]
            .resource,
        "arn:aws:s3:::app-data/a&b"
    );
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>";
    let deep = "<a>".repeat(100_000);
    for body in [
        &*keys(1_001),
        &keys(0),
        bomb,
        &deep,
        "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><Delete><Object><Key>a</Key></Object></Delete>",
        "<Delete><Object><Key>&unknown;</Key></Object></Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><VersionId>v</VersionId></Object></Delete>",
        "<Delete><Object><Key>a<b/></Key></Object></Delete>",
        "<Delete><Object><Key>a</Key><Bucket>other-data</Bucket></Object></Delete>",
        "<Delete><Object><Key>a</Key></Object></Delete><Delete/>",
        "<Delete><Object><Key>a</Key></Object>",
        "<x:Delete xmlns:x=\"y\"><Object><Key>a</Key></Object></x:Delete>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Delete><Object><Key>a</Key></Object></Delete>",
        "<?target x?><Delete><Object><Key>a</Key></Object></Delete>",
        "<Tagging/>",
        "{}",
    ] {
        let error = delete(body).unwrap_err();
        assert_eq!(error.code(), "INVALID_BODY", "{error}: {body:.80}");
    }
    assert_eq!(
        delete("<Delete><Object><Key></Key></Object></Delete>").unwrap_err().code(),
        "INVALID_OBJECT_KEY"
    );
    let empty = "<Delete><Object><Key>a</Key><VersionId/></Object></Delete>";
    assert_eq!(delete(empty).unwrap_err().code(), "INVALID_VALUE");
}

/// A body that the checks depend on must be given: without it they would be weaker.
#[test]
fn a_body_that_matters_must_be_given() {
    for target in
        ["/app-data/a?tagging", "/app-data/a?retention", "/app-data/a?legal-hold", "/app-data/a?encryption"]
    {
        let headers = vec![("Host", "s3.amazonaws.com")];
        let http = HttpRequest { method: "PUT", target, headers, ..HttpRequest::default() };
        let error = s3::checks(&http, &Addressing::aws(), &Facts::default()).unwrap_err();
        assert_eq!(error.code(), "MISSING_INPUT", "{target}");
    }
}

#[test]
fn raw_requests_are_whole() {
    for (text, code) in [
        ("GET /app-data/a HTTP/1.1\r\n\r\n", "MISSING_HOST"),
        ("GET /app-data/a HTTP/1.1\r\nHost: s3.amazonaws.com\r\n", "MALFORMED_HTTP_REQUEST"),
        ("GET /app-data/a HTTP/1.0\r\nHost: s3.amazonaws.com\r\n\r\n", "MALFORMED_HTTP_REQUEST"),
        (
            "PUT /a HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Length: 3\r\n\r\nab",
            "MALFORMED_HTTP_REQUEST",
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: s3.amazonaws.com\r\nTransfer-Encoding: chunked\r\n\r\n0",
            "MALFORMED_HTTP_REQUEST",
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "REPEATED_HEADER",
        ),
        ("GET /app-data/a HTTP/1.1\r\nHost : s3.amazonaws.com\r\n\r\n", "MALFORMED_HTTP_REQUEST"),
    ] {
        assert_eq!(ask(text, &Addressing::aws()).unwrap_err().code(), code, "{text}");
    }
    let headers = vec![("Host", "other-data.s3.amazonaws.com")];
    let http = HttpRequest {
        method: "GET",
        authority: Some("s3.amazonaws.com"),
        target: "/a",
        headers,
        ..HttpRequest::default()
    };
    assert_eq!(
        s3::checks(&http, &Addressing::aws(), &Facts::default()).unwrap_err().code(),
        "AMBIGUOUS_HOST"
    );
}
