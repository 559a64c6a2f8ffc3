//! The values that cases are made of: few enough to meet, odd enough to matter.

use verdikt::operator::table::Family;

/// Texts: wildcards, variables, separators, normal forms, folds.
const TEXTS: [&str; 45] = [
    "a",
    "A",
    "ab",
    "abc",
    "abab",
    "aabaab/ab",
    "abcabcab*ab",
    "\u{e9}a\u{e9}aa\u{e9}",
    "us-east-1:0f1e2d3c",
    "a*b",
    "*",
    "?",
    "**",
    "a?c",
    "$",
    "$$",
    "{",
    "}",
    "${aws:username}",
    "${*}",
    "${",
    "a$b",
    "a\nb",
    "\n",
    "a\0b",
    "a\u{2028}b",
    "a:b",
    ":",
    "a/b/c",
    "a//b",
    "a, b",
    "it's",
    "\\",
    "\"",
    " ",
    "\u{e9}",
    "e\u{301}",
    "\u{c9}",
    "I",
    "i",
    "\u{130}",
    "\u{131}",
    "stra\u{df}e",
    "STRASSE",
    "\u{1f600}",
];

/// More folds: Kelvin and k, long s and s, sigmas, a ligature, dz in three cases.
const FOLDS: [&str; 12] = [
    "\u{212a}", "k", "\u{17f}", "S", "\u{3c3}", "\u{3c2}", "\u{3a3}", "\u{fb01}", "FI", "\u{1c4}", "\u{1c5}",
    "\u{1c6}",
];

/// EXCLUDED for now: numbers beyond 128 bits or with more than 18 digits after the point. Under a date operator, which
/// may meet any key, they are seconds that the engine does not read, though the language names no limit.
const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "+1",
    "01",
    "1.00",
    "2",
    "-1",
    "-1.5",
    "-01.50",
    "1.5",
    "9",
    "10",
    "100",
    "0.1",
    "0.10",
    "0.09",
    "9007199254740992",
    "9007199254740993",
    "99999999999999999999999999999999999999",
    "1.000000000000000001",
    "-9223372036854775809",
];

const DATES: [&str; 30] = [
    "2020-01-01",
    "2020-01",
    "2020-01-01T00:00Z",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.000Z",
    "2019-12-31T19:00:00-05:00",
    "2020-01-01T23:59+23:59",
    "1577836800",
    "1577836800.0",
    "01577836800",
    "2020-01-01T00:00:00.5Z",
    "1577836800.5",
    "1577836800.50",
    "2020-01-01T00:00:00.000000000000000001Z",
    "1577836800.000000000000000001",
    "2020-01-01T00:00:00.000000001Z",
    "2020-02-29",
    "2024-02-29T23:59:59Z",
    "2000-02-29T12:30:00+05:30",
    "1970-01-01",
    "0",
    "-0",
    "-1",
    "-0.5",
    "1969-12-31T23:59:59.5Z",
    "0000-01-01",
    "9999-12-31T23:59:59Z",
    "20200101",
    "-2020",
    "253402300800",
];

const BOOLEANS: [&str; 5] = ["true", "false", "TRUE", "False", "tRuE"];

const BYTES: [&str; 10] =
    ["QUJD", "qujd", "QQ==", "QUI=", "", "AAAA", "AA==", "/+8=", "QUJDREVGRw==", "0000"];

const ADDRESSES: [&str; 18] = [
    "10.0.0.1",
    "10.255.255.255",
    "203.0.113.5",
    "203.0.113.77",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "::FFFF:0a00:0001",
    "::ffff:203.0.113.5",
    "::10.0.0.1",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    "2001:0db8:0000:0000:0000:0000:0000:0001",
    "2001:db8:ffff::1",
    "64:ff9b::a00:1",
    "fe80::1",
];

const NETWORKS: [&str; 22] = [
    "10.0.0.0/8",
    "10.1.2.3/8",
    "10.0.0.1/32",
    "10.0.0.0/31",
    "203.0.113.77/24",
    "0.0.0.0/0",
    "1.2.3.4/0",
    "128.0.0.0/1",
    "::/0",
    "::1/0",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0/95",
    "::ffff:10.0.0.0/104",
    "::ffff:10.9.9.9/104",
    "::ffff:10.0.0.1/128",
    "::ffff:10.0.0.1/97",
    "2001:db8::/32",
    "2001:db8::1/128",
    "2001:db8::ffff/127",
    "fe80::/10",
    "8000::/1",
];

/// ARNs: of five, six and seven colons, with empty fields, with colons and other corners in the last one.
pub const ARNS: [&str; 16] = [
    "arn:aws:s3:::app-data",
    "arn:aws:s3:::app-data/a/b",
    "arn:aws:s3:::app-data/x:111122223333:accesspoint/ap/y",
    "arn:aws:s3:::app-data/a\nb",
    "arn:aws:s3:::app-data/\u{e9}",
    "arn:aws:s3:us-east-1:111122223333:accesspoint/ap",
    "arn:aws:sqs:us-east-1:111122223333:queue",
    "arn:aws:dynamodb:eu-west-1:999988887777:table/Orders",
    "arn:aws:lambda:eu-west-1:111122223333:function:f:PROD",
    "arn:aws:logs:us-east-1:111122223333:log-group:/g:log-stream:s",
    "arn:aws:iam::111122223333:role/team/R",
    "arn:aws:iam::111122223333:root",
    "arn:aws-cn:s3:::app-data/*",
    "arn:aws:s3:::",
    "arn:::::",
    "arn:aws:svc:us-east-2:999988887777:store/abc:111122223333:finance/d.txt",
];

/// Request values that a family cannot read.
const NO_NUMBERS: [&str; 12] =
    ["", "abc", "10abc", "0x10", " 1", "1 ", "NaN", "1e3", "1.", ".5", "--1", "\u{663}"];

const NO_DATES: [&str; 18] = [
    "",
    "2024",
    "2020-13-01",
    "2020-02-30",
    "2023-02-29",
    "2020-01-01T24:00:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00",
    "2020-1-1",
    "2020-01-01t00:00:00z",
    "2020-01-01T00:00:00+24:00",
    "2020-01-01T00Z",
    "2020-01-01T00:00:00.Z",
    "2020-01-01Z",
    "+5",
    "1e9",
    "1.",
    "tomorrow",
];

const NO_BOOLEANS: [&str; 6] = ["", "yes", "1", "0", " true", "tru\u{435}"];

const NO_BYTES: [&str; 7] = ["QQ", "QQ=", "QR==", "QU-_", "QUJD\n", "QQ==QUJD", "="];

const NO_ADDRESSES: [&str; 9] = [
    "",
    "10.0.0.0/8",
    "010.0.0.1",
    "10.0.0",
    "0x0a.0.0.1",
    "fe80::1%eth0",
    "10.0.0.1 ",
    "[::1]",
    "256.0.0.1",
];

const NO_ARNS: [&str; 7] =
    ["", "*", "x", "arn:aws:s3", "ARN:aws:s3:::app-data", "arn:aws:s3::app-data", "xarn:aws:s3:::b"];

/// The lists that values of a family come from.
#[derive(Clone, Copy, Debug)]
pub struct Corners {
    /// What a request may hold.
    pub values: &'static [&'static str],
    /// What a policy may hold as well, and a request may not.
    pub operands: &'static [&'static str],
    /// What a request may hold, but the family cannot read.
    pub unreadable: &'static [&'static str],
}

/// The corners of a family.
pub fn of(family: Family) -> Corners {
    match family {
        Family::String => Corners { values: &TEXTS, operands: &FOLDS, unreadable: &FOLDS },
        Family::Numeric => Corners { values: &NUMBERS, operands: &[], unreadable: &NO_NUMBERS },
        Family::Date => Corners { values: &DATES, operands: &[], unreadable: &NO_DATES },
        Family::Bool | Family::Null => Corners { values: &BOOLEANS, operands: &[], unreadable: &NO_BOOLEANS },
        Family::Binary => Corners { values: &BYTES, operands: &[], unreadable: &NO_BYTES },
        Family::Ip => Corners { values: &ADDRESSES, operands: &NETWORKS, unreadable: &NO_ADDRESSES },
        Family::Arn => Corners { values: &ARNS, operands: &[], unreadable: &NO_ARNS },
    }
}

/// Characters that are one letter to some fold of case, or look like it.
const ALIKE: [&[char]; 8] = [
    &['I', 'i', '\u{130}', '\u{131}'],
    &['k', 'K', '\u{212a}'],
    &['s', 'S', '\u{17f}', '\u{df}'],
    &['\u{3c3}', '\u{3c2}', '\u{3a3}'],
    &['\u{1c4}', '\u{1c5}', '\u{1c6}'],
    &['\u{e9}', '\u{c9}', 'e', 'E'],
    &['a', 'A'],
    &['b', 'B'],
];

/// The characters that some fold takes for this one.
pub fn alike(c: char) -> Option<&'static [char]> {
    ALIKE.into_iter().find(|letters| letters.contains(&c))
}

/// Names of condition keys, by family; cases also write them in other case.
pub fn keys(family: Family) -> &'static [&'static str] {
    match family {
        Family::String | Family::Null => &[
            "aws:PrincipalTag/team",
            "aws:PrincipalTag/a/b:c",
            "aws:RequestTag/two words",
            "aws:ResourceTag/\u{130}",
            "aws:ResourceTag/k",
            "aws:TagKeys",
            "s3:prefix",
            "cognito-identity.amazonaws.com:amr",
            "dynamodb:LeadingKeys",
        ],
        Family::Numeric => &["s3:max-keys", "aws:MultiFactorAuthAge", "s3:TlsVersion"],
        Family::Date => &["aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime"],
        Family::Bool => &["aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:ViaAWSService"],
        Family::Binary => &["kms:MacAlgorithmBytes", "x:bytes"],
        Family::Ip => &["aws:SourceIp", "aws:VpcSourceIp"],
        Family::Arn => &["aws:SourceArn", "aws:PrincipalArn", "lambda:SourceFunctionArn"],
    }
}

/// Names that variables are given.
pub const VARIABLES: [&str; 7] = [
    "aws:username",
    "aws:userid",
    "cognito-identity.amazonaws.com:sub",
    "aws:PrincipalTag/path",
    "aws:PrincipalTag/x/y:z@w",
    "aws:PrincipalTag/\u{212a}ey",
    "www.amazon.com:user_id",
];
