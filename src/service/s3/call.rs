//! A call in the terms of S3's API, whether it came as HTTP or was built: one form, one way to its checks.

use std::borrow::Cow;

use crate::service::http::{Query, decode_query};
use crate::service::{ApiCall, Check, Combination, HttpRequest};

use super::address::{Address, Addressing, check_bucket, check_key};
use super::body::{Body, Content, ObjectId};
use super::context::{ContextKeys, Tags};
use super::error::S3Error;
use super::facts::{Facts, ResourceFacts, Touched};
use super::inputs::Inputs;
use super::rows::OTHER_KINDS;
use super::signature::Signature;
use super::table::{BodyKind, Need, OperationInfo, Place, Subject, When};

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) info: &'static OperationInfo,
    pub(super) address: Address<'a>,
    pub(super) inputs: Inputs<'a>,
    pub(super) body: Body<'a>,
    pub(super) signature: Option<Signature<'a>>,
    pub(super) secure: Option<bool>,
}

/// The source of a copy.
pub(super) struct CopySource<'a> {
    pub(super) bucket: Cow<'a, str>,
    pub(super) key: Cow<'a, str>,
    pub(super) version: Option<Cow<'a, str>>,
}

impl<'a> Call<'a> {
    /// Reads an HTTP request.
    pub(super) fn read(http: &HttpRequest<'a>, addressing: &Addressing) -> Result<Self, S3Error> {
        let address = addressing.find(http.host()?, http.path()?)?;
        let query = http.query()?;
        let inputs = Inputs::read(http, &query)?;
        let place = match (&address.account, &address.bucket, &address.key) {
            (Some(_), _, _) => Place::Account,
            (None, None, _) => Place::Service,
            (None, Some(_), None) => Place::Bucket,
            (None, Some(_), Some(_)) => Place::Object,
        };
        let info = select(http, place, &inputs, &query)?;
        if let (Some(account), Some(told)) = (&address.account, inputs.header("x-amz-account-id"))
            && account != told
        {
            return Err(S3Error::TwoValues("x-amz-account-id".to_owned()));
        }
        let signature = Signature::read(http, &query)?;
        let body = http.body.map_or(Body::None, Body::Bytes);
        Ok(Self { info, address, inputs, body, signature, secure: http.secure })
    }

    /// The checks that it makes.
    pub(super) fn checks(&self, facts: &Facts<'_>) -> Result<ApiCall, S3Error> {
        self.inputs.check(self.info)?;
        self.check_values()?;
        let content = self.body.content(self.info)?;
        let source = self.copy_source()?;
        let keys = ContextKeys { call: self, facts, content: &content, tags: self.tags(&content)? };
        let mut checks = Vec::with_capacity(self.info.needs.len());
        if content.objects.is_empty() {
            for need in self.info.needs {
                checks.extend(self.check(need, &keys, source.as_ref())?);
            }
        } else {
            for (part, object) in (0..).zip(&content.objects) {
                for need in self.info.needs {
                    checks.extend(self.check_of(need, &keys, object, part)?);
                }
            }
        }
        let is_each = !content.objects.is_empty();
        let combination = if is_each { Combination::Each } else { Combination::AllOf };
        Ok(ApiCall { service: "s3", operation: self.info.name, combination, checks })
    }

    /// The check of a need, if it is one of this call's.
    fn check(
        &self,
        need: &Need,
        keys: &ContextKeys<'_>,
        source: Option<&CopySource<'_>>,
    ) -> Result<Option<Check>, S3Error> {
        let touched = match need.on {
            Subject::Any | Subject::EachKey => None,
            Subject::Source => source.map(|source| Touched {
                bucket: &source.bucket,
                key: Some(&source.key),
                version: source.version.as_deref(),
            }),
            Subject::Named => self.address.bucket.as_deref().map(|bucket| Touched {
                bucket,
                key: self.address.key.as_deref(),
                version: self.inputs.parameter("versionId"),
            }),
        };
        let known = touched.map_or_else(ResourceFacts::default, |touched| keys.known(&touched));
        if !self.applies(need.when, keys, &known)? {
            return Ok(None);
        }
        keys.check(need.action, touched.as_ref(), &known, None).map(Some)
    }

    /// The check of a need for one key of the body.
    fn check_of(
        &self,
        need: &Need,
        keys: &ContextKeys<'_>,
        object: &ObjectId,
        part: u32,
    ) -> Result<Option<Check>, S3Error> {
        check_key(&object.key)?;
        check_version(object.version_id.as_deref())?;
        let bucket = self.address.bucket.as_deref().unwrap_or_default();
        let touched = Touched { bucket, key: Some(&object.key), version: object.version_id.as_deref() };
        let known = keys.known(&touched);
        if !self.applies(need.when, keys, &known)? {
            return Ok(None);
        }
        keys.check(need.action, Some(&touched), &known, Some((part, object))).map(Some)
    }

    /// Whether a need is one of this call's.
    fn applies(&self, when: When, keys: &ContextKeys<'_>, known: &ResourceFacts) -> Result<bool, S3Error> {
        let header = |name| self.inputs.header(name);
        let grants = || super::context::GRANTS.iter().any(|(name, _)| header(name).is_some());
        Ok(match when {
            When::Always => true,
            When::Acl => header("x-amz-acl").is_some() || grants(),
            When::WiderAcl => header("x-amz-acl").is_some_and(|acl| acl != "private") || grants(),
            When::Tagging => matches!(keys.tags, Tags::Given(_)),
            When::CopiedTags => self.copies_tags(known)?,
            When::Retention => super::context::RETENTION.iter().any(|(name, _)| header(name).is_some()),
            When::LegalHold => header("x-amz-object-lock-legal-hold").is_some(),
            When::Bypass => self.is_true("x-amz-bypass-governance-retention")?,
            When::LockEnabled => self.is_true("x-amz-bucket-object-lock-enabled")?,
            When::Ownership => header("x-amz-object-ownership").is_some(),
            When::BodyTags => keys.content.tags.as_ref().is_some_and(|tags| !tags.is_empty()),
        })
    }

    /// Whether a copy takes over the tags of its source.
    fn copies_tags(&self, source: &ResourceFacts) -> Result<bool, S3Error> {
        match self.inputs.header("x-amz-tagging-directive") {
            // What is not known to have no tags may have some. A caller who says both is believed in the tags.
            None => Ok(!source.has_no_object_tags || !source.object_tags.is_empty()),
            Some("COPY") => Ok(true),
            Some("REPLACE") => Ok(false),
            Some(value) => Err(S3Error::Value {
                name: "x-amz-tagging-directive",
                value: value.to_owned(),
                problem: "is neither `COPY` nor `REPLACE`",
            }),
        }
    }

    /// A header that is true or false.
    fn is_true(&self, name: &'static str) -> Result<bool, S3Error> {
        match self.inputs.header(name) {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) => Err(S3Error::Value {
                name,
                value: value.to_owned(),
                problem: "is neither `true` nor `false`",
            }),
        }
    }

    /// Parameters that select must hold what selects.
    fn check_values(&self) -> Result<(), S3Error> {
        check_version(self.inputs.parameter("versionId"))?;
        let fixed = [("list-type", "2"), ("select-type", "2")];
        for name in self.info.select {
            let value = self.inputs.parameter(name).unwrap_or_default();
            let wanted = fixed.iter().find(|(other, _)| other == name).map(|(_, wanted)| *wanted);
            let has_value = ["id", "uploadId", "partNumber", "annotationName"].contains(name);
            if wanted.is_some_and(|wanted| wanted != value) || (has_value && value.is_empty()) {
                let problem = "is no value of this parameter";
                return Err(S3Error::Value { name, value: value.to_owned(), problem });
            }
        }
        Ok(())
    }

    /// The tags that the call gives an object.
    fn tags(&self, content: &Content) -> Result<Tags, S3Error> {
        let Some(text) = self.inputs.header("x-amz-tagging") else {
            let is_form = self.info.body == BodyKind::Form;
            let tags = content.tags.clone();
            return Ok(tags.map_or(Tags::None, if is_form { Tags::Given } else { Tags::InBody }));
        };
        let is_replaced = self.inputs.header("x-amz-tagging-directive") == Some("REPLACE");
        if self.info.copies && !is_replaced {
            return Err(S3Error::Value {
                name: "x-amz-tagging",
                value: text.to_owned(),
                problem: "is not taken by a copy whose `x-amz-tagging-directive` is not `REPLACE`",
            });
        }
        let mut tags: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text| decode_query("the header `x-amz-tagging`:", text).map(Cow::into_owned);
            let tag: (String, String) = (decoded(name)?, decoded(value)?);
            if tags.iter().any(|(other, _)| *other == tag.0) {
                let (name, value) = ("x-amz-tagging", text.to_owned());
                return Err(S3Error::Value { name, value, problem: "has a tag twice" });
            }
            tags.push(tag);
        }
        Ok(Tags::Given(tags))
    }

    /// The source of a copy: `bucket/key` or `/bucket/key`, percent-encoded, and a version.
    pub(super) fn copy_source(&self) -> Result<Option<CopySource<'_>>, S3Error> {
        let Some(text) = self.inputs.header("x-amz-copy-source").filter(|_| self.info.copies) else {
            return Ok(None);
        };
        let problem = |problem| S3Error::Value { name: "x-amz-copy-source", value: text.to_owned(), problem };
        let place = "the header `x-amz-copy-source`:";
        let (path, version) = match text.split_once('?') {
            None => (text, None),
            Some((path, query)) => {
                let version =
                    query.strip_prefix("versionId=").filter(|version| !version.contains(['&', '?']));
                (path, Some(version.ok_or_else(|| problem("has a `?` that begins no version"))?))
            }
        };
        let path = path.strip_prefix('/').unwrap_or(path);
        // The bucket ends at the first slash once decoded: an escaped slash ends it too.
        let path = decode_query(place, path)?;
        let slash = path.find('/').ok_or_else(|| problem("names no key"))?;
        let (bucket, key) = match path {
            Cow::Borrowed(path) => {
                let (bucket, key) = path.split_at(slash);
                (Cow::Borrowed(bucket), Cow::Borrowed(key.strip_prefix('/').unwrap_or(key)))
            }
            Cow::Owned(path) => {
                let (bucket, key) = path.split_at(slash);
                (Cow::Owned(bucket.to_owned()), Cow::Owned(key.strip_prefix('/').unwrap_or(key).to_owned()))
            }
        };
        check_bucket(&bucket)?;
        check_key(&key)?;
        let version = version.map(|version| decode_query(place, version)).transpose()?;
        check_version(version.as_deref())?;
        Ok(Some(CopySource { bucket, key, version }))
    }
}

/// The operation of a request.
fn select(
    http: &HttpRequest<'_>,
    place: Place,
    inputs: &Inputs<'_>,
    query: &Query<'_>,
) -> Result<&'static OperationInfo, S3Error> {
    let method = http.method;
    let other = OTHER_KINDS.iter().find(|(of, name, _)| *of == method && query.has(name));
    if let Some((_, _, operation)) = other {
        return Err(S3Error::NotModelled { name: (*operation).to_owned(), kind: "a directory bucket" });
    }
    let is_form = || {
        let kind = http.header("content-type").ok().flatten().unwrap_or_default();
        kind.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/"))
    };
    if method == "POST" && place == Place::Bucket && is_form() {
        return Err(S3Error::Form);
    }
    inputs.operation(|info| info.method == method && info.place == place).ok_or_else(|| {
        let on = match place {
            Place::Service => "the service",
            Place::Bucket => "a bucket",
            Place::Object => "an object",
            Place::Account => "an account",
        };
        let selectors = inputs.selectors();
        let with = if selectors.is_empty() { String::new() } else { format!(" with `?{selectors}`") };
        S3Error::UnknownOperation {
            what: format!("`{}` on {on}{with}", crate::text::diagnostic::bounded(method)),
        }
    })
}

/// A version that is named is not empty; `null` is one.
fn check_version(version: Option<&str>) -> Result<(), S3Error> {
    match version {
        Some("") => Err(S3Error::Value { name: "versionId", value: String::new(), problem: "is empty" }),
        _ => Ok(()),
    }
}
