//! What is asked for: the action, the resource and its owner; and the patterns of actions.

use serde_json::{Value, json};

use crate::caller::{ABROAD, Caller, CallerKind, HOME};
use crate::corner::ARNS;
use crate::dice::Dice;

/// The action, the resource, and whose it is.
#[derive(Clone, Debug)]
pub struct Target {
    pub action: String,
    pub resource: String,
    /// `resource_account`, where the request says it.
    pub owner: Option<Value>,
    pub must_allow: bool,
}

/// Actions and the resources that they are asked on; `A` is an account.
const TARGETS: [(&str, &[&str]); 12] = [
    (
        "s3:GetObject",
        &[
            "arn:aws:s3:::app-data/a/b/c.txt",
            "arn:aws:s3:::app-data/us-east-1:0f1e2d3c/photo.jpg",
            "arn:aws:s3:::app-data/x:A:accesspoint/ap/y",
            "arn:aws:s3:::app-data/a\nb",
            "arn:aws:s3:::app-data/a\0b",
            "arn:aws:s3:::app-data/\u{e9}/e\u{301}/\u{1f600}",
            "arn:aws:s3:::app-data/*",
            "arn:aws:s3:::app-data/a?b",
            "arn:aws:s3:::app-data/${aws:username}/x",
            "arn:aws:s3:::app-data//x",
            "arn:aws:s3:::app-data/",
            "arn:aws:s3:::app-data/it's, {here}",
            "arn:aws:s3:us-east-1:A:accesspoint/ap/object/k",
        ],
    ),
    ("S3:putobject", &["arn:aws:s3:::app-data/a/b/c.txt", "arn:aws-cn:s3:::app-data/\u{130}"]),
    ("s3:ListBucket", &["arn:aws:s3:::app-data", "arn:aws:s3:::App-Data"]),
    ("s3:ListAllMyBuckets", &["*"]),
    (
        "dynamodb:GetItem",
        &["arn:aws:dynamodb:us-east-1:A:table/Orders", "arn:aws:dynamodb:us-east-1:A:table/Orders/index/i"],
    ),
    ("sqs:SendMessage", &["arn:aws:sqs:eu-west-1:A:queue", "arn:aws:sqs:eu-west-1:A:"]),
    (
        "lambda:InvokeFunction",
        &["arn:aws:lambda:eu-west-1:A:function:f:PROD", "arn:aws:lambda:eu-west-1:A:function:f"],
    ),
    ("logs:PutLogEvents", &["arn:aws:logs:us-east-1:A:log-group:/g:log-stream:s"]),
    ("kms:Decrypt", &["arn:aws:kms:us-east-1:A:key/1234", "arn:aws:kms:us-east-1:A:alias/x", "*"]),
    ("kms:RetireGrant", &["arn:aws:kms:us-east-1:A:key/1234"]),
    ("sts:GetCallerIdentity", &["*"]),
    ("iam:PassRole", &["arn:aws:iam::A:role/team/R", "arn:aws:iam::A:role/R"]),
];

/// Actions on a role that its trust policy governs.
const ASSUMPTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "STS:setsourceidentity",
    "sts:AssumeRoleWithWebIdentity",
];

impl Target {
    pub fn any(dice: &mut Dice, caller: &Caller) -> Self {
        let account = if dice.chance(75) { caller.account.unwrap_or(HOME) } else { ABROAD };
        let by_token = caller.kind == CallerKind::WebIdentity && dice.chance(85);
        let (action, resource) = if by_token || dice.chance(10) {
            let role =
                dice.pick(&["arn:aws:iam::A:role/R", "arn:aws:iam::A:role/team/R", "arn:aws:iam::A:user/R"]);
            (dice.pick(&ASSUMPTIONS), role)
        } else {
            // Identity must be asked rarely: it is always allowed.
            let (action, resources) = TARGETS[dice.weighted(&[30, 8, 8, 8, 10, 8, 6, 6, 9, 3, 1, 3])];
            (action, dice.pick(resources))
        };
        let resource = if dice.chance(4) { dice.pick(&ARNS) } else { resource };
        let owner = match dice.weighted(&[55, 12, 23, 10]) {
            0 => caller.account.map(|account| json!(account)),
            1 => Some(json!(if dice.chance(50) { HOME } else { ABROAD })),
            2 => None,
            _ => Some(Value::Null),
        };
        Self {
            action: action.to_owned(),
            resource: resource.replace(":A:", &format!(":{account}:")),
            owner,
            must_allow: dice.chance(4),
        }
    }

    /// Whether the resource's policy is a role's trust policy.
    pub fn is_assumption(&self) -> bool {
        let action = self.action.to_ascii_lowercase();
        let governed = ASSUMPTIONS.iter().any(|one| one.eq_ignore_ascii_case(&action));
        governed
            && self.resource.starts_with("arn:")
            && self.resource.contains(":iam:")
            && self.resource.contains(":role/")
    }

    /// Whether the resource's policy is likely to have to allow.
    pub fn needs_resource_policy(&self, caller: &Caller) -> bool {
        let owner = match &self.owner {
            Some(Value::String(account)) => Some(account.as_str()),
            _ => self.resource.split(':').nth(4).filter(|account| !account.is_empty()),
        };
        let foreign = self.resource != "*" && owner != caller.account;
        let on_key = self.action.starts_with("kms:") && self.resource.contains(":key/");
        caller.account.is_none() || foreign || on_key || self.must_allow || self.is_assumption()
    }

    /// A pattern of actions; `aimed` at the action, or at any.
    pub fn action_pattern(&self, dice: &mut Dice, aimed: bool) -> String {
        if !aimed {
            let others = [
                "ec2:*",
                "s3:Put*",
                "s3:GetObject",
                "sts:Assume*",
                "kms:*",
                "*:List*",
                "dynamodb:?etItem",
                "s3:*Bucket*",
            ];
            return dice.pick(&others).to_owned();
        }
        let (service, name) = self.action.split_once(':').unwrap_or(("s3", "x"));
        let cut = dice.below(name.len());
        match dice.weighted(&[22, 22, 12, 12, 8, 8, 6, 5, 5]) {
            0 => "*".to_owned(),
            1 => self.action.clone(),
            2 => format!("{service}:*"),
            3 => format!("{service}:{}*", &name[..cut]),
            4 => self.action.to_ascii_uppercase(),
            5 => format!("{service}:{}?{}", &name[..cut], &name[cut + 1..]),
            6 => format!("*:{name}"),
            7 => format!("{}*:*{}", &service[..1], &name[cut..]),
            _ => format!("?{}:**{}", &service[1..], &name[cut..]),
        }
    }
}
