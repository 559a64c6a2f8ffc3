//! The operations of S3 as data: how each looks on the wire, which checks it makes, and what it reads.
//!
//! The rows stand in `rows.rs`; `docs/requests.md` is made from them. Wire forms follow S3's API reference, actions
//! the User Guide's "Required permissions for Amazon S3 API operations", keys the service authorization reference.

use super::action::Action;
use super::rows::OPERATIONS;

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationInfo {
    /// Its name in the API reference.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// What the path names.
    pub place: Place,
    /// The query parameters that select it, all of which stand and no other of the table's.
    pub select: &'static [&'static str],
    /// Whether the header `x-amz-copy-source` selects it.
    pub copies: bool,
    /// Its checks, in order.
    pub needs: &'static [Need],
    /// Query parameters that it may have besides.
    pub parameters: &'static [&'static str],
    /// Headers that say what it does; others of S3's are refused.
    pub headers: &'static [HeaderGroup],
    /// What is read from its body.
    pub body: BodyKind,
    /// The value of `s3:ObjectCreationOperation` in its checks of `s3:PutObject`.
    pub creates: Option<bool>,
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The service.
    Service,
    /// A bucket.
    Bucket,
    /// An object.
    Object,
    /// The account, on a control endpoint.
    Account,
}

/// A check that an operation makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The action.
    pub action: &'static Action,
    /// On what.
    pub on: Subject,
    /// When.
    pub when: When,
}

/// What a check is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What the path names.
    Named,
    /// The source of a copy.
    Source,
    /// Each key of the body by itself.
    EachKey,
    /// Everything: `*`.
    Any,
}

/// When a check is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// If a header of access control lists stands.
    Acl,
    /// If such a header stands that grants more than `private`.
    WiderAcl,
    /// If the header `x-amz-tagging` stands.
    Tagging,
    /// If the source of a copy is told to have tags, or the copy asks for them.
    CopiedTags,
    /// If a header sets a retention.
    Retention,
    /// If a header sets a legal hold.
    LegalHold,
    /// If `x-amz-bypass-governance-retention` is true.
    Bypass,
    /// If `x-amz-bucket-object-lock-enabled` is true.
    LockEnabled,
    /// If `x-amz-object-ownership` stands.
    Ownership,
    /// If the body has tags.
    BodyTags,
}

/// Headers that say what an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderGroup {
    /// Access control lists.
    Acl,
    /// Tags of a new object.
    Tagging,
    /// Object lock of a new object.
    Lock,
    /// Encryption, storage class and redirect of a new object.
    Write,
    /// Encryption with the caller's key.
    CustomerKey,
    /// The source of a copy.
    CopySource,
    /// What a copy takes over.
    Directives,
    /// Bypass of governance retention.
    Bypass,
    /// Ownership, object lock and namespace of a new bucket.
    NewBucket,
    /// The precondition of an annotation.
    AnnotationMatch,
}

/// What is read from a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing.
    Unread,
    /// `Tagging`: the tags of an object.
    Tagging,
    /// A form, whose field `tagging` is given typed.
    Form,
    /// `Delete`: keys and versions.
    Delete,
    /// `CreateBucketConfiguration`, which may be missing.
    CreateBucket,
    /// `Retention`.
    Retention,
    /// `LegalHold`.
    LegalHold,
    /// `InventoryConfiguration`.
    Inventory,
    /// `ObjectEncryption`.
    Encryption,
}

/// The operation of a name.
///
/// ```
/// use verdikt::service::s3::operation_info;
/// assert_eq!(operation_info("ListParts").map(|info| info.select), Some(&["uploadId"][..]));
/// ```
pub fn operation_info(name: &str) -> Option<&'static OperationInfo> {
    OPERATIONS.iter().find(|info| info.name == name)
}

pub(super) const fn op(
    method: &'static str,
    place: Place,
    name: &'static str,
    needs: &'static [Need],
) -> OperationInfo {
    OperationInfo {
        name,
        method,
        place,
        select: &[],
        copies: false,
        needs,
        parameters: &[],
        headers: &[],
        body: BodyKind::Unread,
        creates: None,
    }
}

/// An operation on a sub-resource of a bucket, with one check.
pub(super) const fn sub(
    method: &'static str,
    select: &'static [&'static str],
    name: &'static str,
    needs: &'static [Need],
) -> OperationInfo {
    op(method, Place::Bucket, name, needs).select(select)
}

/// An operation on an object.
pub(super) const fn object(
    method: &'static str,
    select: &'static [&'static str],
    name: &'static str,
    needs: &'static [Need],
) -> OperationInfo {
    op(method, Place::Object, name, needs).select(select)
}

impl OperationInfo {
    pub(super) const fn select(mut self, select: &'static [&'static str]) -> Self {
        self.select = select;
        self
    }

    pub(super) const fn takes(mut self, parameters: &'static [&'static str]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(super) const fn reads(mut self, body: BodyKind) -> Self {
        self.body = body;
        self
    }

    pub(super) const fn headers(mut self, headers: &'static [HeaderGroup]) -> Self {
        self.headers = headers;
        self
    }

    pub(super) const fn copies(mut self) -> Self {
        self.copies = true;
        self
    }

    pub(super) const fn creates(mut self, creates: bool) -> Self {
        self.creates = Some(creates);
        self
    }
}

/// A check of what the path names.
pub(super) const fn need(action: &'static Action) -> Need {
    Need { action, on: Subject::Named, when: When::Always }
}

pub(super) const fn when(when: When, action: &'static Action) -> Need {
    Need { action, on: Subject::Named, when }
}

pub(super) const fn of_source(when: When, action: &'static Action) -> Need {
    Need { action, on: Subject::Source, when }
}

pub(super) const fn of_each(when: When, action: &'static Action) -> Need {
    Need { action, on: Subject::EachKey, when }
}

pub(super) const fn of_any(action: &'static Action) -> Need {
    Need { action, on: Subject::Any, when: When::Always }
}
