//! Which bucket and key a host and a path name. A host that is not known is an error: a bucket is never guessed from it.
//!
//! Follows the S3 User Guide, "Virtual hosting of general purpose buckets".

use std::borrow::Cow;

use crate::service::http::decode;

use super::error::S3Error;

/// The path of the account's public access block on a control endpoint.
const ACCOUNT_BLOCK: &str = "/v20180820/configuration/publicAccessBlock";

/// The ends of names that are given to other things than general purpose buckets.
const OTHER_KINDS: [(&str, &str); 7] = [
    (".mrap", "a Multi-Region Access Point"),
    ("--x-s3", "a directory bucket"),
    ("--xa-s3", "an access point of a directory bucket"),
    ("--ol-s3", "an Object Lambda access point"),
    ("--op-s3", "an access point on Outposts"),
    ("--table-s3", "a table bucket"),
    ("-s3alias", "an access point"),
];

/// Which hosts are S3's.
///
/// ```
/// use verdikt::service::s3::Addressing;
/// let store = Addressing::own(["storage.example.com"]);
/// let named = store.find("photos.storage.example.com", "/2026/cat.jpg")?;
/// assert_eq!((named.bucket.as_deref(), named.key.as_deref()), (Some("photos"), Some("2026/cat.jpg")));
/// assert!(store.find("photos.s3.amazonaws.com", "/cat.jpg").is_err());
/// # Ok::<(), verdikt::service::s3::S3Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressing {
    /// Whether AWS's endpoints are known.
    aws: bool,
    /// Service hosts, in lower case, without ports.
    hosts: Vec<String>,
    /// Whether any other host is the name of a bucket.
    cnames: bool,
    /// The partition of ARNs, and the Region, of `hosts`.
    partition: &'static str,
    region: Option<String>,
}

/// What host and path name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address<'a> {
    /// The partition of ARNs.
    pub partition: &'static str,
    /// The Region, where the host tells it.
    pub region: Option<Cow<'a, str>>,
    /// The account of a control endpoint; its only resource is the account's public access block.
    pub account: Option<Cow<'a, str>>,
    /// The bucket; none for the service itself.
    pub bucket: Option<Cow<'a, str>>,
    /// The key, decoded once; none for the bucket itself.
    pub key: Option<Cow<'a, str>>,
}

impl Addressing {
    /// AWS's endpoints, of all Regions, dual-stack, FIPS, accelerated and legacy ones too.
    pub fn aws() -> Self {
        Self { aws: true, hosts: Vec::new(), cnames: false, partition: "aws", region: None }
    }

    /// Endpoints of a store of one's own: each host by itself (path style) and as the end of `bucket.host`. Ports do not
    /// count. A host that is itself listed is the service; else the longest host that it ends with counts.
    pub fn own<I>(hosts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let hosts = hosts.into_iter().map(|host| host.into().to_ascii_lowercase()).collect();
        Self { aws: false, hosts, ..Self::aws() }
    }

    /// Takes any other host for the name of a bucket, as AWS does where a CNAME points to S3.
    #[must_use]
    pub fn with_cnames(mut self) -> Self {
        self.cnames = true;
        self
    }

    /// The Region of a store of one's own.
    #[must_use]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The partition of the ARNs of a store of one's own, `aws` if it is not said.
    #[must_use]
    pub fn with_partition(mut self, partition: &'static str) -> Self {
        self.partition = partition;
        self
    }

    /// What a host and a path, as on the wire, name.
    pub fn find<'a>(&self, host: &'a str, path: &'a str) -> Result<Address<'a>, S3Error> {
        let name = name_of(host)?;
        let address = match self.host(&name) {
            Some(found) => found?,
            None if self.cnames && !is_address(&name) => {
                Host { bucket: Some(name.clone().into_owned()), ..Host::of(self.partition) }
            }
            None => return Err(S3Error::UnknownHost(host.to_owned())),
        };
        address.with_path(path)
    }

    /// The endpoint that a host is, or lies below.
    fn host(&self, name: &str) -> Option<Result<Host, S3Error>> {
        let own = |bucket: Option<&str>| {
            let region = self.region.clone();
            Ok(Host { bucket: bucket.map(str::to_owned), region, ..Host::of(self.partition) })
        };
        if self.hosts.iter().any(|host| host == name) {
            return Some(own(None));
        }
        let below = |host: &String| name.strip_suffix(host.as_str())?.strip_suffix('.');
        if let Some(bucket) = self.hosts.iter().filter_map(below).min_by_key(|bucket| bucket.len()) {
            return Some(own(Some(bucket)));
        }
        if self.aws { aws_host(name) } else { None }
    }
}

/// An endpoint.
struct Host {
    partition: &'static str,
    region: Option<String>,
    bucket: Option<String>,
    account: Option<String>,
    /// Whether it is a control endpoint.
    controls: bool,
    /// Whether it takes a bucket in the host only.
    is_virtual_only: bool,
}

impl Host {
    fn of(partition: &'static str) -> Self {
        Self { partition, region: None, bucket: None, account: None, controls: false, is_virtual_only: false }
    }

    fn with_path(self, path: &str) -> Result<Address<'_>, S3Error> {
        let unknown = || S3Error::UnknownOperation { what: format!("on the path `{path}` of this endpoint") };
        let rest = path.strip_prefix('/').ok_or_else(unknown)?;
        let region = self.region.map(Cow::Owned);
        if self.controls {
            let account = Some(Cow::Owned(self.account.ok_or_else(unknown)?));
            let known = Address { partition: self.partition, region, account, bucket: None, key: None };
            return if path == ACCOUNT_BLOCK { Ok(known) } else { Err(unknown()) };
        }
        let (bucket, key) = match self.bucket {
            Some(bucket) => (Cow::Owned(bucket), rest),
            None if rest.is_empty() => {
                return Ok(Address { partition: self.partition, region, ..Address::default() });
            }
            None if self.is_virtual_only => return Err(unknown()),
            None => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                (decode("the bucket", bucket)?, key)
            }
        };
        check_bucket(&bucket)?;
        let key = if key.is_empty() { None } else { Some(decode("the key", key)?) };
        if let Some(key) = &key {
            check_key(key)?;
        }
        Ok(Address { partition: self.partition, region, account: None, bucket: Some(bucket), key })
    }
}

/// The host in lower case, without its port.
fn name_of(host: &str) -> Result<Cow<'_, str>, S3Error> {
    let unknown = || S3Error::UnknownHost(host.to_owned());
    let (name, port) = match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => host.split_at(colon),
        _ => (host, ""),
    };
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let is_bracketed = name.starts_with('[') == name.ends_with(']')
        && (name.starts_with('[') || !name.contains([':', '[', ']']));
    let has_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| !port.is_empty() && is_port(port));
    if name.is_empty() || !has_port || !is_bracketed || !name.bytes().all(is_named) || name.ends_with('.') {
        return Err(unknown());
    }
    let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    Ok(if is_lower { Cow::Borrowed(name) } else { Cow::Owned(name.to_ascii_lowercase()) })
}

/// Whether a host is an IP address, which is no bucket's name.
fn is_address(name: &str) -> bool {
    name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// AWS's own endpoints, read from the right, so that a bucket whose name holds `s3` changes nothing.
fn aws_host(name: &str) -> Option<Result<Host, S3Error>> {
    let (rest, is_china) = match name.strip_suffix(".amazonaws.com.cn") {
        Some(rest) => (rest, true),
        None => (name.strip_suffix(".amazonaws.com")?, false),
    };
    let (front, last) = rest.rsplit_once('.').unwrap_or(("", rest));
    if !is_region(last) {
        return service(last, front, None, is_china, name);
    }
    let (before, label) = front.rsplit_once('.').unwrap_or(("", front));
    if label != "dualstack" {
        return service(label, before, Some(last), is_china, name);
    }
    let (before, label) = before.rsplit_once('.').unwrap_or(("", before));
    service(label, before, Some(last), is_china, name)
}

/// The endpoint by its label, with what stands before it.
fn service(
    label: &str,
    before: &str,
    region: Option<&str>,
    is_china: bool,
    name: &str,
) -> Option<Result<Host, S3Error>> {
    let legacy = label.strip_prefix("s3-").filter(|rest| is_region(rest));
    let region = region.or(legacy);
    let partition = match region {
        _ if is_china => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let front = (!before.is_empty()).then(|| before.to_owned());
    let own = Host { region: region.map(str::to_owned), bucket: front.clone(), ..Host::of(partition) };
    let kind = match label {
        "s3" | "s3-fips" => return Some(Ok(own)),
        _ if legacy.is_some() => return Some(Ok(own)),
        "s3-accelerate" => return Some(Ok(Host { is_virtual_only: true, ..own })),
        "dualstack" if before == "s3-accelerate" || before.ends_with(".s3-accelerate") => {
            let bucket = before.strip_suffix(".s3-accelerate").map(str::to_owned);
            return Some(Ok(Host { is_virtual_only: true, bucket, ..own }));
        }
        "s3-control" | "s3-control-fips" => {
            return Some(Ok(Host { controls: true, account: front, bucket: None, ..own }));
        }
        "s3-accesspoint" | "s3-accesspoint-fips" => "an access point",
        "s3-global" => "a Multi-Region Access Point",
        "s3-object-lambda" | "s3-object-lambda-fips" => "an Object Lambda access point",
        "s3-outposts" | "s3-outposts-fips" => "S3 on Outposts",
        _ if label.starts_with("s3express-") => "a directory bucket",
        _ if label.starts_with("s3-website") => "a website endpoint",
        _ => return None,
    };
    Some(Err(S3Error::NotModelled { name: name.to_owned(), kind }))
}

/// Whether a label is a Region's name: `eu-west-1`, `us-gov-east-1`.
fn is_region(label: &str) -> bool {
    let Some((place, number)) = label.rsplit_once('-') else { return false };
    let is_number =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_number && place.contains('-') && !place.starts_with("s3-") && place.split('-').all(is_word)
}

/// Whether a text is the name of a general purpose bucket, legacy ones too.
pub(super) fn check_bucket(name: &str) -> Result<(), S3Error> {
    if name.starts_with("arn:") {
        return Err(S3Error::NotModelled { name: name.to_owned(), kind: "an access point" });
    }
    let other = OTHER_KINDS.iter().find(|(end, _)| name.ends_with(end));
    if let Some((_, kind)) = other {
        return Err(S3Error::NotModelled { name: name.to_owned(), kind });
    }
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_sound = (3..=255).contains(&name.len())
        && name.bytes().all(is_named)
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
        && !name.contains("..");
    if is_sound { Ok(()) } else { Err(S3Error::Bucket(name.to_owned())) }
}

/// Whether a text is an object's key. It is never changed: `..`, `//` and a slash at its beginning are parts of it.
pub(super) fn check_key(key: &str) -> Result<(), S3Error> {
    let problem = |problem| Err(S3Error::Key { key: key.to_owned(), problem });
    match key {
        "" => problem("is empty"),
        _ if key.len() > 1_024 => problem("is longer than 1,024 bytes"),
        _ if key.contains('\0') => problem("holds a NUL, at which some stores end a name"),
        _ => Ok(()),
    }
}
