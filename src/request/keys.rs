//! The catalogue of condition keys: type, arity, and who controls the value.
//!
//! It informs: surfaces that receive every value as a list read a key's arity here, explanations say where a key
//! comes from. A decision never depends on it: a key that is not listed is as good as one that is.
//!
//! Follows the IAM User Guide, "AWS global condition context keys", and the service authorization reference of
//! Amazon S3, Amazon DynamoDB, AWS STS and Amazon Cognito.

use crate::text::fold::eq_folded;

/// The type of a key's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true`, `false`.
    Bool,
    /// A decimal.
    Numeric,
    /// A date or Unix seconds.
    Date,
    /// An address.
    Ip,
}

/// Whether a key has one value or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arity {
    /// One value.
    Single,
    /// A list of values.
    Multi,
}

/// Who controls a key's value, and so how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Follows from who asks.
    Principal,
    /// Fixed when the session was issued.
    Session,
    /// Follows from the network path.
    Network,
    /// A property of the resource.
    Resource,
    /// Written by the caller into the call.
    Caller,
    /// Set by the service that takes the call.
    Service,
}

/// A condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name; of a family of tag keys the part up to and including the slash.
    pub name: &'static str,
    /// The type of its values.
    pub value_type: KeyType,
    /// One value or many.
    pub arity: Arity,
    /// Who controls it.
    pub control: Control,
}

impl KeyInfo {
    /// Whether it is a family of keys, completed by a tag key after the slash.
    pub fn is_tag_family(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// What the catalogue knows of a key.
///
/// ```
/// use verdikt::request::keys::{Arity, find};
/// assert_eq!(find("AWS:tagkeys").map(|key| key.arity), Some(Arity::Multi));
/// assert_eq!(find("aws:PrincipalTag/team").map(|key| key.name), Some("aws:PrincipalTag/"));
/// assert!(find("example:key").is_none());
/// ```
pub fn find(name: &str) -> Option<&'static KeyInfo> {
    let family = name.find('/').and_then(|slash| name.get(..=slash));
    KEYS.iter().find(|key| {
        if key.is_tag_family() {
            family.is_some_and(|f| eq_folded(f, key.name))
        } else {
            eq_folded(name, key.name)
        }
    })
}

/// Whether a name is a family of tag keys without its tag: `aws:RequestTag`, `aws:RequestTag/`.
pub fn lacks_tag(name: &str) -> bool {
    let stem = name.strip_suffix('/').unwrap_or(name);
    let mut families = KEYS.iter().filter(|key| key.is_tag_family());
    families.any(|key| key.name.strip_suffix('/').is_some_and(|family| eq_folded(stem, family)))
}

const fn key(name: &'static str, value_type: KeyType, arity: Arity, control: Control) -> KeyInfo {
    KeyInfo { name, value_type, arity, control }
}

/// Every key that the catalogue knows.
pub static KEYS: &[KeyInfo] = {
    use Arity::{Multi, Single};
    use Control::{Caller, Network, Principal, Resource, Service, Session};
    use KeyType::{Arn, Bool, Date, Ip, Numeric, String};
    &[
        key("aws:PrincipalArn", Arn, Single, Principal),
        key("aws:PrincipalAccount", String, Single, Principal),
        key("aws:PrincipalOrgID", String, Single, Principal),
        key("aws:PrincipalOrgPaths", String, Multi, Principal),
        key("aws:PrincipalTag/", String, Single, Session),
        key("aws:PrincipalIsAWSService", Bool, Single, Principal),
        key("aws:PrincipalServiceName", String, Single, Principal),
        key("aws:PrincipalServiceNamesList", String, Multi, Principal),
        key("aws:PrincipalType", String, Single, Principal),
        key("aws:userid", String, Single, Principal),
        key("aws:username", String, Single, Principal),
        key("aws:AssumedRoot", Bool, Single, Session),
        key("aws:FederatedProvider", String, Single, Session),
        key("aws:TokenIssueTime", Date, Single, Session),
        key("aws:MultiFactorAuthAge", Numeric, Single, Session),
        key("aws:MultiFactorAuthPresent", Bool, Single, Session),
        key("aws:SourceIdentity", String, Single, Session),
        key("aws:SignInSessionArn", Arn, Single, Session),
        key("aws:ChatbotSourceArn", Arn, Single, Session),
        key("aws:Ec2InstanceSourceVpc", String, Single, Session),
        key("aws:Ec2InstanceSourcePrivateIPv4", Ip, Single, Session),
        key("ec2:RoleDelivery", Numeric, Single, Session),
        key("ec2:SourceInstanceArn", Arn, Single, Session),
        key("lambda:SourceFunctionArn", Arn, Single, Session),
        key("ssm:SourceInstanceArn", Arn, Single, Session),
        key("glue:RoleAssumedBy", String, Single, Session),
        key("glue:CredentialIssuingService", String, Single, Session),
        key("codebuild:BuildArn", Arn, Single, Session),
        key("codebuild:ProjectArn", Arn, Single, Session),
        key("identitystore:UserId", String, Single, Session),
        key("aws:SourceIp", Ip, Single, Network),
        key("aws:VpcSourceIp", Ip, Single, Network),
        key("aws:SourceVpc", String, Single, Network),
        key("aws:SourceVpcArn", Arn, Single, Network),
        key("aws:SourceVpce", String, Single, Network),
        key("aws:VpceAccount", String, Single, Network),
        key("aws:VpceOrgID", String, Single, Network),
        key("aws:VpceOrgPaths", String, Multi, Network),
        key("aws:ResourceAccount", String, Single, Resource),
        key("aws:ResourceOrgID", String, Single, Resource),
        key("aws:ResourceOrgPaths", String, Multi, Resource),
        key("aws:ResourceTag/", String, Single, Resource),
        key("aws:RequestTag/", String, Single, Caller),
        key("aws:TagKeys", String, Multi, Caller),
        key("aws:CalledVia", String, Multi, Service),
        key("aws:CalledViaFirst", String, Single, Service),
        key("aws:CalledViaLast", String, Single, Service),
        key("aws:ViaAWSService", Bool, Single, Service),
        key("aws:CalledViaAWSMCP", String, Single, Service),
        key("aws:ViaAWSMCPService", Bool, Single, Service),
        key("aws:IsMcpServiceAction", Bool, Single, Service),
        key("aws:CurrentTime", Date, Single, Service),
        key("aws:EpochTime", Date, Single, Service),
        key("aws:referer", String, Single, Caller),
        key("aws:UserAgent", String, Single, Caller),
        key("aws:RequestedRegion", String, Single, Service),
        key("aws:SecureTransport", Bool, Single, Network),
        key("aws:SourceAccount", String, Single, Service),
        key("aws:SourceArn", Arn, Single, Service),
        key("aws:SourceOrgID", String, Single, Service),
        key("aws:SourceOrgPaths", String, Multi, Service),
        key("cognito-identity.amazonaws.com:amr", String, Multi, Session),
        key("cognito-identity.amazonaws.com:aud", String, Single, Session),
        key("cognito-identity.amazonaws.com:sub", String, Single, Session),
        key("accounts.google.com:aud", String, Single, Session),
        key("accounts.google.com:sub", String, Single, Session),
        key("graph.facebook.com:app_id", String, Single, Session),
        key("graph.facebook.com:id", String, Single, Session),
        key("www.amazon.com:app_id", String, Single, Session),
        key("www.amazon.com:user_id", String, Single, Session),
        key("saml:aud", String, Single, Session),
        key("saml:sub", String, Single, Session),
        key("sts:ExternalId", String, Single, Caller),
        key("sts:RoleSessionName", String, Single, Caller),
        key("sts:SourceIdentity", String, Single, Caller),
        key("sts:TransitiveTagKeys", String, Multi, Caller),
        key("sts:RoleAuthorizedByIdp", String, Single, Service),
        key("dynamodb:LeadingKeys", String, Multi, Caller),
        key("dynamodb:FirstPartitionKeyValues", String, Multi, Caller),
        key("dynamodb:SecondPartitionKeyValues", String, Multi, Caller),
        key("dynamodb:ThirdPartitionKeyValues", String, Multi, Caller),
        key("dynamodb:FourthPartitionKeyValues", String, Multi, Caller),
        key("dynamodb:Attributes", String, Multi, Caller),
        key("dynamodb:Select", String, Single, Caller),
        key("dynamodb:ReturnValues", String, Single, Caller),
        key("dynamodb:ReturnConsumedCapacity", String, Single, Caller),
        key("dynamodb:EnclosingOperation", String, Single, Service),
        key("dynamodb:FullTableScan", Bool, Single, Service),
        key("dynamodb:FisActionId", String, Single, Service),
        key("dynamodb:FisTargetArns", Arn, Multi, Service),
        key("s3:prefix", String, Single, Caller),
        key("s3:delimiter", String, Single, Caller),
        key("s3:max-keys", Numeric, Single, Caller),
        key("s3:versionid", String, Single, Caller),
        key("s3:ExistingObjectTag/", String, Single, Resource),
        key("s3:RequestObjectTag/", String, Single, Caller),
        key("s3:RequestObjectTagKeys", String, Multi, Caller),
        key("s3:BucketTag/", String, Single, Resource),
        key("s3:AccessPointTag/", String, Single, Resource),
        key("s3:ResourceAccount", String, Single, Resource),
        key("s3:TlsVersion", Numeric, Single, Network),
        key("s3:authType", String, Single, Caller),
        key("s3:signatureversion", String, Single, Caller),
        key("s3:signatureAge", Numeric, Single, Service),
        key("s3:x-amz-content-sha256", String, Single, Caller),
        key("s3:AccessGrantsInstanceArn", Arn, Single, Session),
        key("s3:x-amz-acl", String, Single, Caller),
        key("s3:x-amz-grant-full-control", String, Single, Caller),
        key("s3:x-amz-grant-read", String, Single, Caller),
        key("s3:x-amz-grant-read-acp", String, Single, Caller),
        key("s3:x-amz-grant-write", String, Single, Caller),
        key("s3:x-amz-grant-write-acp", String, Single, Caller),
        key("s3:x-amz-copy-source", String, Single, Caller),
        key("s3:x-amz-metadata-directive", String, Single, Caller),
        key("s3:x-amz-server-side-encryption", String, Single, Caller),
        key("s3:x-amz-server-side-encryption-aws-kms-key-id", Arn, Single, Caller),
        key("s3:x-amz-server-side-encryption-customer-algorithm", String, Single, Caller),
        key("s3:x-amz-storage-class", String, Single, Caller),
        key("s3:x-amz-website-redirect-location", String, Single, Caller),
        key("s3:x-amz-object-annotation-directive", String, Single, Caller),
        key("s3:x-amz-object-if-match", String, Single, Caller),
        key("s3:x-amz-object-ownership", String, Single, Caller),
        key("s3:x-amz-bucket-namespace", String, Single, Caller),
        key("s3:if-match", String, Single, Caller),
        key("s3:if-none-match", String, Single, Caller),
        key("s3:ObjectCreationOperation", Bool, Single, Service),
        key("s3:object-lock-mode", String, Single, Caller),
        key("s3:object-lock-legal-hold", String, Single, Caller),
        key("s3:object-lock-retain-until-date", Date, Single, Caller),
        key("s3:object-lock-remaining-retention-days", Numeric, Single, Caller),
        key("s3:object-lock-event-hold", String, Single, Caller),
        key("s3:object-lock-event-hold-duration-days", Numeric, Single, Caller),
        key("s3:locationconstraint", String, Single, Caller),
        key("s3:annotation-prefix", String, Single, Caller),
        key("s3:max-annotation-results", Numeric, Single, Caller),
        key("s3:DataAccessPointAccount", String, Single, Resource),
        key("s3:DataAccessPointArn", Arn, Single, Resource),
        key("s3:AccessPointNetworkOrigin", String, Single, Resource),
        key("s3:InventoryAccessibleOptionalFields", String, Multi, Caller),
        key("s3:isReplicationPauseRequest", Bool, Single, Caller),
        key("s3:destinationRegion", String, Single, Caller),
        key("s3:RequestJobOperation", String, Single, Caller),
        key("s3:RequestJobPriority", Numeric, Single, Caller),
        key("s3:ExistingJobOperation", String, Single, Resource),
        key("s3:ExistingJobPriority", Numeric, Single, Resource),
        key("s3:JobSuspendedCause", String, Single, Resource),
        key("s3:AccessGrantScope", String, Single, Caller),
        key("s3:AccessGrantsLocationScope", String, Single, Caller),
        key("s3:logType", String, Single, Caller),
        key("s3:deliverySourceArn", Arn, Single, Caller),
        key("s3:resourceArnBeingAuthorized", Arn, Single, Service),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(!KEYS[..index].iter().any(|other| eq_folded(other.name, key.name)), "{}", key.name);
        }
    }

    #[test]
    fn tag_families_need_their_tag() {
        assert!(lacks_tag("aws:RequestTag") && lacks_tag("AWS:requesttag/"));
        assert!(!lacks_tag("aws:RequestTag/x") && !lacks_tag("aws:TagKeys"));
    }
}
