//! Calls built in Rust. They go the way of those that came as HTTP, and make the same checks.

use std::borrow::Cow;

use crate::service::ApiCall;

use super::address::{Address, check_bucket, check_key};
use super::body::{Body, Content, ObjectId, tagging_field};
use super::call::Call;
use super::error::S3Error;
use super::facts::Facts;
use super::inputs::Inputs;
use super::rows::POST_OBJECT;
use super::signature::{AuthType, Signature};
use super::table::{OperationInfo, Place, operation_info};

/// Fields of a browser's form that no check depends on.
const FORM_FIELDS: [&str; 11] = [
    "awsaccesskeyid",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-type",
    "expires",
    "file",
    "policy",
    "signature",
    "success_action_redirect",
    "success_action_status",
];

/// A call of an operation by its name in S3's API reference.
///
/// ```
/// use verdikt::service::s3::{Facts, Operation};
/// let call = Operation::get_object("photos", "2026/cat.jpg").version_id("7").checks(&Facts::default())?;
/// let check = &call.checks[0];
/// assert_eq!(check.action, "s3:GetObjectVersion");
/// assert_eq!(check.resource, "arn:aws:s3:::photos/2026/cat.jpg");
/// # Ok::<(), verdikt::service::s3::S3Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    call: Call<'static>,
    /// The first thing that was wrong with what was given.
    error: Option<S3Error>,
}

impl Operation {
    /// An operation of the table by its name: on the service or an account without bucket, on a bucket without key.
    pub fn named(name: &str, bucket: Option<&str>, key: Option<&str>) -> Result<Self, S3Error> {
        let unknown =
            || S3Error::UnknownOperation { what: format!("`{}`", crate::text::diagnostic::bounded(name)) };
        let info = operation_info(name).ok_or_else(unknown)?;
        let fits = match info.place {
            Place::Service | Place::Account => bucket.is_none() && key.is_none(),
            Place::Bucket => bucket.is_some() && key.is_none(),
            Place::Object => bucket.is_some() && key.is_some(),
        };
        if fits {
            Ok(Self::of(info, bucket.map(str::to_owned), key.map(str::to_owned)))
        } else {
            Err(S3Error::Missing { operation: info.name, what: "exactly the bucket and key that it is on" })
        }
    }

    /// `GetObject`.
    pub fn get_object(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::on_object("GetObject", bucket, key)
    }

    /// `HeadObject`.
    pub fn head_object(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::on_object("HeadObject", bucket, key)
    }

    /// `PutObject`.
    pub fn put_object(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::on_object("PutObject", bucket, key)
    }

    /// `DeleteObject`.
    pub fn delete_object(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::on_object("DeleteObject", bucket, key)
    }

    /// `CopyObject`, to a bucket and key from `bucket/key` as the header `x-amz-copy-source` writes it.
    pub fn copy_object(bucket: impl Into<String>, key: impl Into<String>, source: impl Into<String>) -> Self {
        Self::on_object("CopyObject", bucket, key).header("x-amz-copy-source", source)
    }

    /// `DeleteObjects`.
    pub fn delete_objects(bucket: impl Into<String>, objects: Vec<ObjectId>) -> Self {
        Self::on_bucket("DeleteObjects", bucket).content(Content { objects, ..Content::default() })
    }

    /// `ListObjectsV2`.
    pub fn list_objects_v2(bucket: impl Into<String>) -> Self {
        Self::on_bucket("ListObjectsV2", bucket).parameter("list-type", "2")
    }

    /// `HeadBucket`.
    pub fn head_bucket(bucket: impl Into<String>) -> Self {
        Self::on_bucket("HeadBucket", bucket)
    }

    /// `PutObjectTagging`.
    pub fn put_object_tagging(
        bucket: impl Into<String>,
        key: impl Into<String>,
        tags: Vec<(String, String)>,
    ) -> Self {
        let content = Content { tags: Some(tags), ..Content::default() };
        Self::on_object("PutObjectTagging", bucket, key).content(content)
    }

    /// The upload of a browser's form to a bucket, from its fields in their order. The field `key` names the object;
    /// `${filename}` in it must be replaced before. A field `bucket` must name the bucket that the form was sent to.
    pub fn post_object<I, N, V>(bucket: impl Into<String>, fields: I) -> Self
    where
        I: IntoIterator<Item = (N, V)>,
        N: Into<String>,
        V: Into<String>,
    {
        let mut built = Self::of(&POST_OBJECT, Some(bucket.into()), None);
        let mut seen = Vec::new();
        let mut date = None;
        for (name, value) in fields {
            let (name, value) = (name.into().to_ascii_lowercase(), value.into());
            if seen.contains(&name) {
                built.fail(crate::service::http::HttpError::RepeatedParameter(name.clone()).into());
            }
            match name.as_str() {
                "x-amz-date" => date = Some(value),
                _ => built.field(&name, value),
            }
            seen.push(name);
        }
        if let Some(signature) = &mut built.call.signature {
            match Signature::date(date.as_deref()) {
                Ok(made) => signature.made = made,
                Err(error) => built.fail(error),
            }
        }
        if built.call.address.key.is_none() {
            built.fail(S3Error::Missing { operation: "PostObject", what: "the field `key`" });
        }
        built
    }

    /// The version of the object.
    #[must_use]
    pub fn version_id(self, version: impl Into<String>) -> Self {
        self.parameter("versionId", version)
    }

    /// A query parameter, decoded, such as `prefix`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        if self.call.inputs.parameter(&name).is_some() {
            self.fail(crate::service::http::HttpError::RepeatedParameter(name.clone()).into());
        }
        self.call.inputs.add_parameter(Cow::Owned(name), Cow::Owned(value.into()));
        self
    }

    /// A header, such as `x-amz-acl`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Err(error) = self.call.inputs.add_header(Cow::Owned(name.into()), Cow::Owned(value.into())) {
            self.fail(error);
        }
        self
    }

    /// What the body says.
    #[must_use]
    pub fn content(mut self, content: Content) -> Self {
        self.call.body = Body::Read(Box::new(content));
        self
    }

    /// How the request is signed; not said, it is anonymous.
    #[must_use]
    pub fn signature(mut self, signature: Signature<'static>) -> Self {
        self.call.signature = Some(signature);
        self
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.call.secure = Some(secure);
        self
    }

    /// The partition of the ARNs, `aws` if it is not said.
    #[must_use]
    pub fn partition(mut self, partition: &'static str) -> Self {
        self.call.address.partition = partition;
        self
    }

    /// The checks that the call makes.
    pub fn checks(&self, facts: &Facts<'_>) -> Result<ApiCall, S3Error> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let Address { bucket, key, .. } = &self.call.address;
        if let Some(bucket) = bucket {
            check_bucket(bucket)?;
        }
        if let Some(key) = key {
            check_key(key)?;
        }
        self.call.checks(facts)
    }

    fn on_object(name: &'static str, bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self::of(operation_info(name).unwrap_or(&POST_OBJECT), Some(bucket.into()), Some(key.into()))
    }

    fn on_bucket(name: &'static str, bucket: impl Into<String>) -> Self {
        Self::of(operation_info(name).unwrap_or(&POST_OBJECT), Some(bucket.into()), None)
    }

    fn of(info: &'static OperationInfo, bucket: Option<String>, key: Option<String>) -> Self {
        let (bucket, key) = (bucket.map(Cow::Owned), key.map(Cow::Owned));
        let address = Address { partition: "aws", bucket, key, ..Address::default() };
        let (inputs, body) = (Inputs::default(), Body::None);
        Self { call: Call { info, address, inputs, body, signature: None, secure: None }, error: None }
    }

    /// A field of a form.
    fn field(&mut self, name: &str, value: String) {
        match name {
            "key" if value.contains("${filename}") => self.fail(S3Error::Key {
                key: value,
                problem: "has `${filename}`, which must be replaced by the name of the file",
            }),
            "key" => self.call.address.key = Some(Cow::Owned(value)),
            "bucket" if self.call.address.bucket.as_deref() == Some(&*value) => {}
            "bucket" => self.fail(S3Error::TwoValues("bucket".to_owned())),
            "acl" => self.form_header("x-amz-acl", value),
            "tagging" => match tagging_field(&value) {
                Ok(tags) => {
                    let content = Content { tags: Some(tags), ..Content::default() };
                    self.call.body = Body::Read(Box::new(content));
                }
                Err(problem) => self.fail(S3Error::Body { operation: "PostObject", problem }),
            },
            "x-amz-algorithm" => {
                let version = Cow::Owned(value);
                self.call.signature = Some(Signature { auth_type: AuthType::Post, version, made: None });
            }
            "x-amz-credential" | "x-amz-signature" => {}
            "signature" if self.call.signature.is_none() => {
                let version = Cow::Borrowed("AWS");
                self.call.signature = Some(Signature { auth_type: AuthType::Post, version, made: None });
            }
            _ if FORM_FIELDS.contains(&name) || name.starts_with("x-ignore-") => {}
            _ if name.starts_with("x-amz-") => self.form_header(name, value),
            _ => self.fail(S3Error::UnknownParameter { operation: "PostObject", name: name.to_owned() }),
        }
    }

    fn form_header(&mut self, name: &str, value: String) {
        if let Err(error) = self.call.inputs.add_header(Cow::Owned(name.to_owned()), Cow::Owned(value)) {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: S3Error) {
        self.error.get_or_insert(error);
    }
}
