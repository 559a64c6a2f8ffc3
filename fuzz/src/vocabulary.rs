//! The words of generated cases: few, so that statements often match. The first of each list is the plain one, which
//! is what an input that is used up chooses. A `…_FAULTS` list holds what no case may hold there.

pub const PRINCIPALS: [&str; 13] = [
    "arn:aws:sts::111122223333:assumed-role/Auth/alice",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/alice",
    "arn:aws:iam::111122223333:role/Auth",
    "arn:aws:iam::111122223333:role/team/Auth",
    "arn:aws:iam::111122223333:role/aws-service-role/x/Auth",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::444455556666:assumed-role/Auth/alice",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws-cn:iam::111122223333:user/alice",
    "lambda.amazonaws.com",
    "anonymous",
];
pub const PRINCIPAL_FAULTS: [&str; 4] = [
    "arn:aws:iam::1:user/alice",
    "arn:aws:iam::111122223333:user/",
    "alice",
    "arn:aws:sts::111122223333:assumed-role/a",
];

/// Values under the key `AWS` of a principal element.
pub const NAMED: [&str; 14] = [
    "arn:aws:iam::111122223333:role/Auth",
    "arn:aws:iam::111122223333:user/alice",
    "111122223333",
    "*",
    "arn:aws:sts::111122223333:assumed-role/Auth/alice",
    "arn:aws:iam::111122223333:role/team/Auth",
    "arn:aws:iam::111122223333:user/team/alice",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::111122223333:root",
    "444455556666",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:iam::444455556666:role/Auth",
    "AIDAALICE",
    "AROAAUTH",
];
pub const NAMED_FAULTS: [&str; 4] =
    ["arn:aws:iam::111122223333:*", "arn:aws:iam::111122223333:user/${aws:username}", "anonymous", ""];

pub const PROVIDERS: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/idp",
    "arn:aws:iam::111122223333:saml-provider/idp",
];
pub const PROVIDER_FAULTS: [&str; 3] = ["idp.example", "*", "arn:aws:iam::111122223333:role/Auth"];

pub const ACTIONS: [&str; 11] = [
    "s3:GetObject",
    "S3:getobject",
    "s3:PutObject",
    "dynamodb:Query",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:GetCallerIdentity",
    "kms:Decrypt",
    "kms:RetireGrant",
];
pub const ACTION_FAULTS: [&str; 3] = ["s3:Get*", "s3", "s3:a:b"];

pub const ACTION_PATTERNS: [&str; 14] = [
    "s3:*",
    "*",
    "s3:GetObject",
    "S3:get*",
    "sts:*",
    "dynamodb:*",
    "kms:*",
    "*:*",
    "s3:?etObject",
    "*:*Object",
    "s?:*",
    "sts:AssumeRole*",
    "sts:AssumeRole",
    "s3:Get",
];
pub const ACTION_PATTERN_FAULTS: [&str; 4] = ["s3:", "**", "s3:${aws:username}", "s3:Get Object"];

pub const RESOURCES: [&str; 11] = [
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::b/bob/é",
    "arn:aws:s3:::b//x",
    "arn:aws:s3:::b",
    "*",
    "arn:aws:dynamodb:us-east-1:111122223333:table/alice",
    "arn:aws:iam::111122223333:role/Auth",
    "arn:aws:iam::444455556666:role/Auth",
    "arn:aws:kms:us-east-1:111122223333:key/k",
    "arn:aws:s3:::b/x:111122223333:accesspoint/alice",
    "arn:aws:s3:::b/*",
];
pub const RESOURCE_FAULTS: [&str; 3] = ["arn:aws:s3", "b/alice", "arn"];

pub const RESOURCE_PATTERNS: [&str; 18] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'alice'}/?",
    "arn:*:s3:::b*",
    "arn:aws:s3:::*/${aws:TagKeys}/x",
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::?/*",
    "arn:aws:s3:*:111122223333:accesspoint/*",
    "arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/${aws:username}",
    "arn:aws:iam::*:role/*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:dynamodb:*:*:table/al?ce",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::b/${$}",
    "arn:aws:s3:${aws:username}::b/*",
    "arn:aws:s3:::b/${nokey}*",
];
/// Accepted where ARNs may leave out their last fields.
pub const SHORT_PATTERNS: [&str; 4] =
    ["arn:aws:s3", "arn:aws:dynamodb:*:table/alice", "arn:*", "arn:aws:kms:*"];
pub const RESOURCE_PATTERN_FAULTS: [&str; 5] = [
    "b/*",
    "arn:aws:${aws:username}:::b/*",
    "arn:aws:s3:::b/${*, 'x'}",
    "arn:aws:s3:::b/${aws:username",
    "arn:aws:s3:::b/${aws:username,'x'}",
];

pub const KEYS: [&str; 11] = [
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "aws:SourceIp",
    "aws:CurrentTime",
    "s3:max-keys",
    "aws:SecureTransport",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "kms:Blob",
    "nokey",
];
/// The same keys in another case, and a tag key without its tag.
pub const KEY_VARIANTS: [&str; 3] = ["AWS:UserName", "aws:principaltag/TEAM", "aws:TAGKEYS"];
pub const KEY_FAULTS: [&str; 3] = ["aws:RequestTag", "", "aws:PrincipalTag/${aws:username}"];

/// Operators by family.
pub const OPERATORS: [&[&str]; 8] = [
    &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ],
    &["Null"],
    &["Bool"],
    &["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"],
    &["IpAddress", "NotIpAddress"],
    &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    &[
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ],
    &["BinaryEquals"],
];
pub const OPERATOR_FAULTS: [&str; 5] =
    ["stringequals", "NullIfExists", "ForAnyValue:Null", "ForAll:StringEquals", "BinaryNotEquals"];

/// Operands by family, which a request may hold under any key.
pub const OPERANDS: [&[&str]; 8] = [
    &[
        "alice",
        "a*",
        "${aws:username}",
        "?lice",
        "bob",
        "ALICE",
        "*",
        "",
        "ß",
        "SS",
        "İ",
        "${AWS:PRINCIPALTAG/team, ''}",
        "${*}lice",
        "x${aws:TagKeys}",
        "a\nb",
        "true",
    ],
    &["true", "false", "TRUE"],
    &["true", "false", "TRUE", "${aws:SecureTransport}", "${aws:username, 'true'}"],
    &[
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::111122223333:role/Auth",
        "arn:*:iam::${aws:PrincipalAccount}:*",
        "arn:aws:s3:::b:c",
        "arn:aws:iam::111122223333:${aws:username}",
        "*:*:*:*:*:*",
    ],
    &[
        "203.0.113.0/24",
        "203.0.113.7",
        "::ffff:203.0.113.0/120",
        "::ffff:203.0.113.7",
        "2001:db8::/32",
        "2001:db8::1",
        "0.0.0.0/0",
        "::/0",
        "::/95",
    ],
    &["1", "1.0", "01", "-0", "+1.50", "9007199254740993", "9007199254740992", "10", "0.1", "-12.00"],
    &[
        "2026-01-01T00:00:00Z",
        "2025-12-31T19:00:00-05:00",
        "2026-01-01",
        "2026-01",
        "1767225600",
        "1767225600.5",
        "2026-01-01T00:00Z",
        "-1",
        "2026-01-01T00:00:00.25Z",
        "1969-12-31T23:59:59.75Z",
    ],
    &["YQ==", "", "YWI=", "YWJj"],
];
pub const OPERAND_FAULTS: [&[&str]; 8] = [
    &["${ }", "${aws:username", "${a,'b'}"],
    &["maybe", ""],
    &["yes", "${aws:username"],
    &["*", "arn:aws:iam", ""],
    &["203.0.113.07", "203.0.113.7/33", "fe80::1%1", "${aws:SourceIp}"],
    &["abc", "1e1", "", ".5", "${s3:max-keys}", "1_0"],
    &["2026", "2026-01-01T00:00:00", "2026-02-30", "2026-01-01T24:00:00Z", "1e9"],
    &["YQ", "YR==", "====", "_w=="],
];
