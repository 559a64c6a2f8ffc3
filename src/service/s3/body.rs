//! What a body says, for those operations whose checks depend on it.

use super::error::S3Error;
use super::table::{BodyKind, OperationInfo};
use super::xml::Element;
use crate::text::diagnostic::excerpt;

/// The most keys of one DeleteObjects.
const MOST_KEYS: usize = 1_000;

/// A body, read or as it came.
#[derive(Clone, Debug, Default)]
pub(super) enum Body<'a> {
    /// Not given.
    #[default]
    None,
    /// As on the wire.
    Bytes(&'a [u8]),
    /// Read.
    Read(Box<Content>),
}

/// What a body says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Keys and versions to delete.
    pub objects: Vec<ObjectId>,
    /// Tags of a new bucket, or of an object.
    pub tags: Option<Vec<(String, String)>>,
    /// `s3:locationconstraint`.
    pub location_constraint: Option<String>,
    /// Retention mode and date.
    pub retention: Option<Retention>,
    /// The status of a legal hold.
    pub legal_hold: Option<String>,
    /// Optional fields of an inventory.
    pub inventory_fields: Option<Vec<String>>,
    /// The KMS key of a new encryption: its ARN.
    pub kms_key: Option<String>,
}

/// A key of DeleteObjects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId {
    /// The key.
    pub key: String,
    /// The version, if one is named.
    pub version_id: Option<String>,
    /// What the object's entity tag must be: `s3:if-match` of this key's check.
    pub etag: Option<String>,
}

/// A retention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: Option<String>,
    /// The date until which the object is kept, as written.
    pub until: Option<String>,
    /// Whether an event holds the object.
    pub event_hold: Option<String>,
    /// How long it is kept after the event, in days.
    pub event_hold_days: Option<String>,
}

impl Body<'_> {
    /// What an operation reads of it.
    pub(super) fn content(&self, info: &OperationInfo) -> Result<Content, S3Error> {
        let operation = info.name;
        let problem = |problem: String| S3Error::Body { operation, problem };
        let content = match self {
            _ if info.body == BodyKind::Unread => Content::default(),
            Self::Read(content) => content.of(info)?,
            Self::Bytes(bytes) if !bytes.is_empty() => {
                let root = Element::parse(bytes).map_err(problem)?;
                read(info.body, &root).map_err(problem)?
            }
            // A bucket may be created without one.
            Self::Bytes(_) if info.body == BodyKind::CreateBucket => Content::default(),
            Self::None if info.body == BodyKind::Form => Content::default(),
            Self::None | Self::Bytes(_) => {
                return Err(S3Error::Missing { operation, what: "its body" });
            }
        };
        if info.body == BodyKind::Delete && content.objects.is_empty() {
            return Err(problem("names no key".to_owned()));
        }
        if content.objects.len() > MOST_KEYS {
            return Err(problem(format!("names more than {MOST_KEYS} keys")));
        }
        Ok(content)
    }
}

impl Content {
    /// The part that an operation reads, which must be there.
    fn of(&self, info: &OperationInfo) -> Result<Self, S3Error> {
        let mut own = Self::default();
        let is_whole = match info.body {
            BodyKind::Unread => true,
            BodyKind::Tagging | BodyKind::Form => {
                own.tags.clone_from(&self.tags);
                own.tags.is_some() || info.body == BodyKind::Form
            }
            BodyKind::Delete => {
                own.objects.clone_from(&self.objects);
                true
            }
            BodyKind::CreateBucket => {
                own.tags.clone_from(&self.tags);
                own.location_constraint.clone_from(&self.location_constraint);
                true
            }
            BodyKind::Retention => {
                own.retention.clone_from(&self.retention);
                own.retention.is_some()
            }
            BodyKind::LegalHold => {
                own.legal_hold.clone_from(&self.legal_hold);
                own.legal_hold.is_some()
            }
            BodyKind::Inventory => {
                own.inventory_fields.clone_from(&self.inventory_fields);
                true
            }
            BodyKind::Encryption => {
                own.kms_key.clone_from(&self.kms_key);
                own.kms_key.is_some()
            }
        };
        if is_whole { Ok(own) } else { Err(S3Error::Missing { operation: info.name, what: "its body" }) }
    }
}

/// Reads a body of a kind; an error says what is wrong, as a predicate.
fn read(kind: BodyKind, root: &Element) -> Result<Content, String> {
    let of = |name: &str| {
        if root.name == name { Ok(root) } else { Err(format!("is a `{}`, not a `{name}`", root.name)) }
    };
    let mut content = Content::default();
    match kind {
        BodyKind::Unread | BodyKind::Form => {}
        BodyKind::Tagging => {
            content.tags = Some(tag_set(of("Tagging")?.child("TagSet")?.ok_or("has no `TagSet`")?)?);
        }
        BodyKind::Delete => content.objects = objects(of("Delete")?)?,
        BodyKind::CreateBucket => {
            let root = of("CreateBucketConfiguration")?;
            content.location_constraint = root.text_of("LocationConstraint")?.map(str::to_owned);
            content.tags = root.child("Tags")?.map(tag_set).transpose()?;
        }
        BodyKind::Retention => content.retention = Some(retention(of("Retention")?)?),
        BodyKind::LegalHold => content.legal_hold = Some(of("LegalHold")?.needed("Status")?.to_owned()),
        BodyKind::Inventory => {
            let fields = of("InventoryConfiguration")?.child("OptionalFields")?;
            let texts = |fields: &Element| fields.children.iter().map(|field| field.text.clone()).collect();
            content.inventory_fields = fields.map(texts);
        }
        BodyKind::Encryption => {
            let kms = of("ObjectEncryption")?.child("SSE-KMS")?.ok_or("has no `SSE-KMS`")?;
            content.kms_key = Some(kms.needed("KMSKeyArn")?.to_owned());
        }
    }
    Ok(content)
}

/// Tags by their keys, each of which stands once.
pub(super) fn tag_set(set: &Element) -> Result<Vec<(String, String)>, String> {
    let mut tags: Vec<(String, String)> = Vec::with_capacity(set.children.len());
    for tag in &set.children {
        if tag.name != "Tag" {
            return Err(format!("has a `{}` among the tags", tag.name));
        }
        let name = tag.needed("Key")?;
        if tags.iter().any(|(other, _)| other == name) {
            return Err(format!("has the tag {} twice", excerpt(name)));
        }
        tags.push((name.to_owned(), tag.needed("Value")?.to_owned()));
    }
    Ok(tags)
}

/// The tags of the form field `tagging`.
pub(super) fn tagging_field(text: &str) -> Result<Vec<(String, String)>, String> {
    let content = read(BodyKind::Tagging, &Element::parse(text.as_bytes())?)?;
    Ok(content.tags.unwrap_or_default())
}

fn objects(root: &Element) -> Result<Vec<ObjectId>, String> {
    let mut objects = Vec::with_capacity(root.children.len());
    for child in &root.children {
        match child.name.as_str() {
            "Quiet" => {}
            "Object" => {
                let known = ["Key", "VersionId", "ETag", "LastModifiedTime", "Size"];
                if let Some(other) = child.children.iter().find(|part| !known.contains(&part.name.as_str())) {
                    return Err(format!("has a `{}` in an `Object`", other.name));
                }
                let text = |name| child.text_of(name).map(|text| text.map(str::to_owned));
                let (version_id, etag) = (text("VersionId")?, text("ETag")?);
                objects.push(ObjectId { key: child.needed("Key")?.to_owned(), version_id, etag });
            }
            other => return Err(format!("has a `{other}` in `Delete`")),
        }
    }
    Ok(objects)
}

fn retention(root: &Element) -> Result<Retention, String> {
    let text = |name| root.text_of(name).map(|text| text.map(str::to_owned));
    let duration = root.child("EventHoldDuration")?;
    let days = duration.map(|duration| duration.text_of("Days")).transpose()?.flatten();
    Ok(Retention {
        mode: text("Mode")?,
        until: text("RetainUntilDate")?,
        event_hold: text("EventHold")?,
        event_hold_days: days.map(str::to_owned),
    })
}
