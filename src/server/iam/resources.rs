//! On what actions are simulated: `ResourceArns`, `ResourceOwner`, `ResourceHandlingOption`.

use crate::request::{Principal, PrincipalKind};
use crate::text::arn::is_account_id;
use crate::text::arn_pattern::ResourceText;
use crate::text::diagnostic::excerpt;

use super::super::refusal::Refusal;
use super::query::{Length, Parameters, invalid};

const ARN: Length = Length(1, 2048);
/// The most resources of a simulation.
const MOST: usize = 1000;

/// The scenarios of EC2, and the types of resource that each needs.
const SCENARIOS: [(&str, &[&str]); 4] = [
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance", "image", "security-group", "network-interface", "subnet"]),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    ("EC2-VPC-EBS-Subnet", &["instance", "image", "security-group", "network-interface", "subnet", "volume"]),
];

/// Takes `ResourceArns`; none of them stand for `*`.
pub(super) fn take(parameters: &mut Parameters) -> Result<Vec<String>, Refusal> {
    let arns = parameters.texts("ResourceArns", MOST, ARN)?.unwrap_or_default();
    let is_bad = |arn: &&String| {
        (*arn != "*" && !ResourceText::new(arn).is_arn()) || arn.chars().any(char::is_control)
    };
    if let Some(arn) = arns.iter().find(is_bad) {
        let arn = excerpt(arn);
        return Err(invalid(format!("the resource {arn} is neither a whole ARN nor `*`")));
    }
    scenario(parameters, &arns)?;
    Ok(arns)
}

/// Refuses a resource-based policy on roles: their trust policies are not simulated.
pub(super) fn refuse_roles(arns: &[String]) -> Result<(), Refusal> {
    let is_role = |arn: &&String| {
        let arn = ResourceText::new(arn);
        arn.field(2) == "iam" && arn.field(5).starts_with("role/")
    };
    arns.iter().find(is_role).map_or(Ok(()), |arn| {
        let arn = excerpt(arn);
        Err(invalid(format!("`ResourcePolicy` is not simulated for roles, and {arn} is one")))
    })
}

/// Takes `ResourceOwner`: the account that owns what does not say so in its ARN.
pub(super) fn owner(parameters: &mut Parameters) -> Result<Option<String>, Refusal> {
    let Some(text) = parameters.text("ResourceOwner", ARN)? else { return Ok(None) };
    if is_account_id(&text) {
        return Ok(Some(text));
    }
    let root = Principal::parse(&text).ok().filter(|owner| owner.kind() == PrincipalKind::Root);
    let account = root.and_then(|root| root.account().map(str::to_owned));
    account.map(Some).ok_or_else(|| {
        invalid("`ResourceOwner` is the ARN of an account, such as `arn:aws:iam::111122223333:root`")
    })
}

/// Takes `ResourceHandlingOption`: what the scenario needs must be there.
fn scenario(parameters: &mut Parameters, arns: &[String]) -> Result<(), Refusal> {
    let Some(option) = parameters.text("ResourceHandlingOption", Length(1, 64))? else { return Ok(()) };
    let Some((_, needed)) = SCENARIOS.iter().find(|(name, _)| *name == option) else {
        let names = SCENARIOS.map(|(name, _)| name).join(", ");
        return Err(invalid(format!("`ResourceHandlingOption` is one of {names}")));
    };
    let has = |kind: &str| {
        arns.iter().map(|arn| ResourceText::new(arn)).any(|arn| {
            let rest = arn.field(5).strip_prefix(kind);
            arn.field(2) == "ec2" && rest.is_some_and(|rest| rest.starts_with('/'))
        })
    };
    match needed.iter().find(|kind| !has(kind)) {
        None => Ok(()),
        Some(kind) => Err(invalid(format!("`{option}` needs a resource of type {kind} in `ResourceArns`"))),
    }
}
