//! Single values of a key: operands, texts that their wildcards match, numbers and instants at and beside a bound,
//! addresses in and outside a range, what a variable would have to be, and values that no policy is likely to name.

use crate::operator::date::Instant;
use crate::operator::ip::read_network;
use crate::operator::table::{Comparison, Family};
use crate::policy::{Condition, Document};
use crate::request::Request;
use crate::request::context::ContextValue;
use crate::request::keys::{KeyType, find};
use crate::text::arn_pattern::ResourceText;
use crate::text::fold::eq_folded;
use crate::text::template::Syntax;

use super::super::Given;
use super::values::{Bound, Use};
use super::witness::{Fill, captures, filled, filled_arn, has_wildcard, parts};

/// A value that may help.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    /// Beyond what the change itself costs.
    pub(super) rank: u32,
    /// Whether it is one of many that would do.
    pub(super) is_example: bool,
}

/// Texts that no policy is likely to name.
pub(super) const FRESH: [&str; 2] = ["other", "another"];
/// Addresses for documentation, which no policy should name.
const FRESH_ADDRESSES: [&str; 3] = ["192.0.2.1", "198.51.100.1", "2001:db8::1"];
/// Canonical base64 that no policy is likely to name.
const FRESH_BYTES: &str = "b3RoZXI=";

pub(super) const EXAMPLE: u32 = 1;
pub(super) const NEIGHBOUR: u32 = 2;
pub(super) const UNNAMED: u32 = 6;

/// The values that the uses of a key suggest, the nearest first.
pub(super) fn of(
    key: &str,
    from: &Given,
    uses: &[Use<'_, '_>],
    request: &Request<'_>,
    bound: &Bound,
) -> Vec<Value> {
    let mut source = Source { key, from, request, bound, found: Vec::new() };
    let mut is_text = false;
    for one in bound.of(uses) {
        match one {
            Use::Condition(place, _, written) => {
                is_text |= matches!(written.operation.operator.family, Family::String | Family::Arn);
                source.condition(place.document, written);
            }
            Use::Resource(text) => {
                is_text = true;
                source.captured(text, request.resource().text());
            }
            Use::Operand(written, text) => {
                is_text = true;
                let values = request.context().get(&written.key.value);
                values
                    .into_iter()
                    .flat_map(ContextValue::texts)
                    .for_each(|value| source.captured(text, value));
            }
        }
    }
    let mut found = source.found;
    if is_text || found.is_empty() {
        for (text, rank) in fresh(key).into_iter().zip(UNNAMED..) {
            add(&mut found, value(text, rank, true));
        }
    }
    found.sort_by_key(|value| value.rank);
    found
}

/// Values of a key's type that no policy is likely to name; texts for a key that the catalogue does not have.
fn fresh(key: &str) -> [&'static str; 2] {
    match find(key).map(|info| info.value_type) {
        Some(KeyType::Arn) => ["arn:aws:s3:::other", "arn:aws:s3:::another"],
        Some(KeyType::Bool) => ["true", "false"],
        Some(KeyType::Numeric) => ["1", "2"],
        Some(KeyType::Date) => ["2030-01-01T00:00:00Z", "2000-01-01T00:00:00Z"],
        Some(KeyType::Ip) => ["192.0.2.1", "2001:db8::1"],
        Some(KeyType::String) | None => FRESH,
    }
}

/// Adds a value, or finds it nearer than it was.
pub(super) fn add(found: &mut Vec<Value>, value: Value) {
    match found.iter_mut().find(|known| known.text == value.text) {
        Some(known) if known.rank <= value.rank => {}
        Some(known) => *known = value,
        None => found.push(value),
    }
}

/// What stars may be filled with: the end of the text asked, if it has one, or as little as may be.
pub(super) fn fills(end: &str) -> [(Fill<'_>, u32); 3] {
    let fill = |inner, last| Fill { inner, last };
    [(fill("", end), EXAMPLE), (fill("", ""), NEIGHBOUR), (fill("x", "x"), NEIGHBOUR)]
}

fn value(text: impl Into<String>, rank: u32, is_example: bool) -> Value {
    Value { text: text.into(), rank, is_example }
}

/// The values as they are found.
struct Source<'k, 'r, 'a> {
    key: &'k str,
    from: &'k Given,
    bound: &'k Bound,
    request: &'r Request<'a>,
    found: Vec<Value>,
}

impl Source<'_, '_, '_> {
    fn condition(&mut self, document: &Document, written: &Condition) {
        let operator = written.operation.operator;
        let syntax = Syntax {
            wildcards: operator.wildcards,
            variables: document.has_variables() && operator.variables,
        };
        for operand in self.bound.of(&written.values) {
            let text = operand.value.as_str();
            match operator.family {
                Family::String => {
                    self.pattern(text, syntax);
                    if operator.comparison == Comparison::EqualsIgnoreCase {
                        self.cases(text, syntax);
                    }
                }
                Family::Arn => self.arn(text, syntax),
                Family::Numeric => self.numbers(text),
                Family::Date => self.instants(text),
                Family::Ip => self.addresses(text),
                Family::Bool => ["true", "false"].into_iter().for_each(|text| self.exact(text)),
                Family::Binary => {
                    self.exact(text);
                    self.add(value(FRESH_BYTES, UNNAMED, true));
                }
                // Only whether there is a value matters.
                Family::Null => {}
            }
        }
    }

    fn add(&mut self, value: Value) {
        add(&mut self.found, value);
    }

    fn exact(&mut self, text: &str) {
        self.add(value(text, 0, false));
    }

    fn pattern(&mut self, text: &str, syntax: Syntax) {
        for parts in parts(text, syntax, self.request) {
            if !has_wildcard(&parts) {
                self.exact(&filled(&parts, Fill { inner: "", last: "" }));
                continue;
            }
            for (fill, rank) in fills("") {
                self.add(value(filled(&parts, fill), rank, true));
            }
        }
    }

    /// The operand in other letters of the same fold: what another clause compares with case may need them.
    fn cases(&mut self, text: &str, syntax: Syntax) {
        for parts in parts(text, syntax, self.request) {
            let written = filled(&parts, Fill { inner: "", last: "" });
            for other in [written.to_uppercase(), written.to_lowercase()] {
                if other != written && eq_folded(&other, &written) {
                    self.add(value(other, NEIGHBOUR, true));
                }
            }
        }
    }

    fn arn(&mut self, text: &str, syntax: Syntax) {
        let current = if let Given::One(text) = self.from { text } else { self.request.resource().text() };
        for parts in parts(text, syntax, self.request) {
            let is_example = has_wildcard(&parts);
            for (fill, rank) in fills("") {
                let text = filled_arn(&parts, fill, &ResourceText::new(current));
                self.add(value(text, if is_example { rank } else { 0 }, is_example));
            }
        }
    }

    /// The bound, and numbers on both sides of it.
    fn numbers(&mut self, text: &str) {
        self.exact(text);
        let whole: Option<i128> = text.split('.').next().and_then(|whole| whole.parse().ok());
        let Some(whole) = whole else { return };
        for beside in [whole.saturating_sub(1), whole.saturating_add(1)] {
            self.add(value(beside.to_string(), NEIGHBOUR, true));
        }
        self.add(value(format!("{whole}.5"), NEIGHBOUR.saturating_add(1), true));
    }

    /// The bound, and the seconds and half seconds before and after it.
    fn instants(&mut self, text: &str) {
        self.exact(text);
        let Ok((seconds, _)) = Instant::read(text).map(Instant::parts) else { return };
        for beside in [seconds.saturating_sub(1), seconds.saturating_add(1)] {
            let written = Instant::from_parts((beside, 0)).written();
            self.add(value(written, NEIGHBOUR, true));
        }
        // Between two bounds there may be no whole second.
        for whole in [seconds.saturating_sub(1), seconds] {
            if let Some(second) = Instant::from_parts((whole, 0)).written().strip_suffix('Z') {
                self.add(value(format!("{second}.5Z"), NEIGHBOUR.saturating_add(1), true));
            }
        }
    }

    /// The first and last addresses of the range, and some outside of it.
    fn addresses(&mut self, text: &str) {
        if let Some(network) = read_network(text) {
            let is_one = network.addr() == network.broadcast();
            let first = network.hosts().next().unwrap_or_else(|| network.network());
            self.add(value(first.to_string(), 0, !is_one));
            self.add(value(network.broadcast().to_string(), NEIGHBOUR, true));
        }
        for fresh in FRESH_ADDRESSES {
            self.add(value(fresh, UNNAMED, true));
        }
    }

    /// What the key would have to be, as a variable of a pattern, for the pattern to match a text.
    fn captured(&mut self, pattern: &str, text: &str) {
        for found in captures(pattern, self.key, self.request.context(), text, self.bound) {
            self.add(value(found, EXAMPLE, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is found again is as near as the nearest.
    #[test]
    fn a_value_found_again_is_as_near_as_the_nearest() {
        let mut found = vec![value("x", 3, true), value("y", 1, false)];
        add(&mut found, value("x", 2, false));
        add(&mut found, value("y", 2, true));
        add(&mut found, value("y", 1, true));
        add(&mut found, value("z", 5, true));
        let found: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.rank, one.is_example)).collect();
        assert_eq!(found, [("x", 2, false), ("y", 1, false), ("z", 5, true)]);
    }
}
