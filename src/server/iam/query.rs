//! Parameters of the AWS Query protocol: `Name=…`, `List.member.1=…`, `List.member.1.Field=…`. What nobody took is
//! refused by its name.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use crate::text::diagnostic::excerpt;

use super::super::refusal::Refusal;

/// Parameters that stand together: of a request, or of one structure of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    /// The name of the structure with its dot; empty for a request.
    within: String,
    values: BTreeMap<String, String>,
}

/// Limits on a text, in characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length(pub(super) usize, pub(super) usize);

/// 400 with the code that IAM gives what it cannot use.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("InvalidInput", message)
}

impl Parameters {
    /// Reads the query of an address and a form. What signs an address (`X-Amz-…`) is no parameter.
    pub(super) fn parse(query: &str, form: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for pair in [query.as_bytes(), form].into_iter().flat_map(|text| text.split(|byte| *byte == b'&')) {
            if pair.is_empty() {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            let value = decoded(halves.next().unwrap_or_default())?;
            if name.starts_with("X-Amz-") {
                continue;
            }
            if parameters.values.contains_key(&name) {
                return Err(invalid(format!("the parameter {} stands twice", excerpt(&name))));
            }
            parameters.values.insert(name, value);
        }
        Ok(parameters)
    }

    /// The name of a parameter as the request has it.
    pub(super) fn named(&self, name: &str) -> String {
        format!("{}{name}", self.within)
    }

    /// Takes a parameter.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    /// Takes a parameter of so many characters.
    pub(super) fn text(&mut self, name: &str, length: Length) -> Result<Option<String>, Refusal> {
        let text = self.take(name);
        text.map(|text| checked(text, &self.named(name), length)).transpose()
    }

    /// Takes a parameter that must stand.
    pub(super) fn needed(&mut self, name: &str, length: Length) -> Result<String, Refusal> {
        self.text(name, length)?.ok_or_else(|| invalid(format!("`{}` is missing", self.named(name))))
    }

    /// Takes a list of structures; `None` if there is none.
    pub(super) fn structures(&mut self, name: &str, most: usize) -> Result<Option<Vec<Self>>, Refusal> {
        let prefix = format!("{name}.member.");
        let empty = self.values.get(name).is_some_and(String::is_empty);
        if empty {
            self.values.remove(name);
        }
        let mut own = self.values.split_off(&prefix);
        let mut members: BTreeMap<usize, Self> = BTreeMap::new();
        let mut rest = BTreeMap::new();
        while let Some((key, value)) = own.pop_first() {
            let Some(after) = key.strip_prefix(&prefix) else {
                rest.insert(key, value);
                continue;
            };
            let (number, field) = after.split_once('.').unwrap_or((after, ""));
            let place = place(number).filter(|place| *place <= most).ok_or_else(|| {
                invalid(format!(
                    "the members of `{}` are numbered from 1 to {most} at most",
                    self.named(name)
                ))
            })?;
            let member = members.entry(place).or_default();
            member.within = format!("{}{prefix}{place}.", self.within);
            member.values.insert(field.to_owned(), value);
        }
        self.values.append(&mut rest);
        if members.keys().zip(1..).any(|(place, due)| *place != due) {
            return Err(invalid(format!("a member of `{}` is missing or empty", self.named(name))));
        }
        Ok((empty || !members.is_empty()).then(|| members.into_values().collect()))
    }

    /// Takes a list of texts; `None` if there is none.
    pub(super) fn texts(
        &mut self,
        name: &str,
        most: usize,
        length: Length,
    ) -> Result<Option<Vec<String>>, Refusal> {
        let Some(members) = self.structures(name, most)? else { return Ok(None) };
        let texts = members.into_iter().map(|mut member| {
            let text = member.values.remove("").unwrap_or_default();
            member.finish()?;
            checked(text, member.within.trim_end_matches('.'), length)
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// Refuses what nobody took.
    pub(super) fn finish(&self) -> Result<(), Refusal> {
        let Some(name) = self.values.keys().next() else { return Ok(()) };
        let name = self.named(name);
        Err(invalid(format!("the parameter {} is not one of this action's: leave it out", excerpt(&name))))
    }

    /// A digest of all parameters but those that page, and of something beside them.
    pub(super) fn digest(&self, beside: &str) -> String {
        let mut digest = Sha256::new();
        let own = self.values.iter().filter(|(name, _)| !matches!(name.as_str(), "Marker" | "MaxItems"));
        for text in own.flat_map(|(name, value)| [name.as_str(), value]).chain([beside]) {
            digest.update(text.len().to_le_bytes());
            digest.update(text.as_bytes());
        }
        let digest = digest.finalize();
        let digits = digest.iter().take(12).flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }
}

/// A text within its limits.
fn checked(text: String, name: &str, Length(least, most): Length) -> Result<String, Refusal> {
    let length = text.chars().count();
    if (least..=most).contains(&length) {
        return Ok(text);
    }
    Err(invalid(format!("`{name}` has {length} characters: it takes {least} to {most}")))
}

/// The number of a member: decimal, from 1, without zeros before it.
fn place(text: &str) -> Option<usize> {
    let is_number = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn decoded(text: &[u8]) -> Result<String, Refusal> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| invalid("the parameters are not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Length = Length(0, 100);

    fn parse(text: &str) -> Parameters {
        Parameters::parse("", text.as_bytes()).unwrap()
    }

    #[test]
    fn lists_and_structures() {
        let mut form = parse("L.member.2=b%20c&L.member.1=a+b&S.member.1.K=x&S.member.1.V.member.1=y&E=&Z=1");
        assert_eq!(form.texts("L", 10, ANY).unwrap().unwrap(), ["a b", "b c"]);
        let mut structures = form.structures("S", 10).unwrap().unwrap();
        assert_eq!(structures.len(), 1);
        assert_eq!(structures[0].take("K").as_deref(), Some("x"));
        assert_eq!(structures[0].texts("V", 10, ANY).unwrap().unwrap(), ["y"]);
        structures[0].finish().unwrap();
        assert_eq!(form.texts("E", 10, ANY).unwrap(), Some(Vec::new()));
        assert_eq!(form.texts("N", 10, ANY).unwrap(), None);
        assert!(form.finish().unwrap_err().message.contains("`Z`"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["L.member.2=a", "L.member.0=a", "L.member.01=a", "L.member.x=a", "L.member.11=a"] {
            assert!(parse(text).texts("L", 10, ANY).is_err(), "{text}");
        }
        assert!(parse("L.member.1=a&L.member.1.K=b").texts("L", 10, ANY).is_err());
        for text in ["A=1&A=2", "A=%ff"] {
            assert!(Parameters::parse("", text.as_bytes()).is_err(), "{text}");
        }
        assert!(Parameters::parse("A=1", b"A=1").is_err());
        assert!(Parameters::parse("X-Amz-Signature=1&X-Amz-Date=2", b"").unwrap().finish().is_ok());
    }

    #[test]
    fn digests_tell_requests_apart_and_not_pages() {
        let digest = |text: &str| parse(text).digest("r");
        assert_eq!(digest("A=1&Marker=x&MaxItems=2"), digest("A=1"));
        assert_ne!(digest("A=1"), digest("A=2"));
        assert_ne!(digest("A=1&B="), digest("A=&B=1"));
        assert_ne!(parse("A=1").digest("r"), parse("A=1").digest("s"));
    }
}
