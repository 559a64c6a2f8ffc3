//! An ARN: `arn:partition:service:region:account:resource`, six fields, the last with its colons.

/// Splits a text at its first five colons. `None` with fewer than six fields.
pub fn split(text: &str) -> Option<[&str; 6]> {
    let colons = colons(text)?;
    let mut fields = [""; 6];
    for (index, place) in fields.iter_mut().enumerate() {
        *place = field(text, &colons, index);
    }
    Some(fields)
}

/// Where the first five colons of a text stand; `None` with fewer, or past 4 GiB.
pub(super) fn colons(text: &str) -> Option<[u32; 5]> {
    let mut colons = [0; 5];
    let mut places = colons.iter_mut();
    let mut place = places.next()?;
    // PERF: fields are short; `memchr` costs more than it saves.
    for (at, byte) in (0u32..).zip(text.bytes()) {
        if byte == b':' {
            *place = at;
            match places.next() {
                Some(next) => place = next,
                None => return Some(colons),
            }
        }
    }
    None
}

/// A field of a text by its number, from 0.
#[inline]
pub(super) fn field<'a>(text: &'a str, colons: &[u32; 5], index: usize) -> &'a str {
    let before = index.checked_sub(1).and_then(|before| colons.get(before));
    let start = before.map_or(0, |colon| (*colon as usize).saturating_add(1));
    let end = colons.get(index).map_or(text.len(), |colon| *colon as usize);
    text.get(start..end).unwrap_or_default()
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
