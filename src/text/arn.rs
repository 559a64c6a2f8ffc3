//! An ARN: `arn:partition:service:region:account:resource`, six fields, the last with its colons.

/// Splits a text at its first five colons. `None` with fewer than six fields.
pub fn split(text: &str) -> Option<[&str; 6]> {
    let mut fields = [""; 6];
    let mut start = 0;
    let mut colons = memchr::memchr_iter(b':', text.as_bytes());
    for (index, field) in fields.iter_mut().enumerate() {
        let end = if index == 5 { text.len() } else { colons.next()? };
        *field = text.get(start..end)?;
        start = end.saturating_add(1);
    }
    Some(fields)
}

/// A concrete ARN, split once.
///
/// See the IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    text: &'a str,
    fields: [&'a str; 6],
}

impl<'a> Arn<'a> {
    /// Reads an ARN: six fields, the first `arn`.
    ///
    /// ```
    /// use verdikt::text::arn::Arn;
    /// let arn = Arn::parse("arn:aws:s3:::bucket/a:b").unwrap();
    /// assert_eq!((arn.service(), arn.resource()), ("s3", "bucket/a:b"));
    /// assert!(Arn::parse("arn:aws:s3").is_none());
    /// ```
    pub fn parse(text: &'a str) -> Option<Self> {
        let fields = split(text)?;
        (fields[0] == "arn").then_some(Self { text, fields })
    }

    /// The whole ARN.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The six fields.
    pub fn fields(&self) -> &[&'a str; 6] {
        &self.fields
    }

    /// `aws`, `aws-cn`, …
    pub fn partition(&self) -> &'a str {
        self.fields[1]
    }

    /// `s3`, `iam`, …
    pub fn service(&self) -> &'a str {
        self.fields[2]
    }

    /// The Region, often empty.
    pub fn region(&self) -> &'a str {
        self.fields[3]
    }

    /// The account id, often empty.
    pub fn account(&self) -> &'a str {
        self.fields[4]
    }

    /// Everything after the fifth colon, colons included.
    pub fn resource(&self) -> &'a str {
        self.fields[5]
    }
}

/// Whether a text is an account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
