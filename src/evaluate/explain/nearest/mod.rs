//! The nearest allow: of a deny, the smallest change to the request that would allow it.
//!
//! A change gives a context key, gives it another value, leaves it out, asks for another resource of the same service,
//! or for another action of it that the policies name. Policies are never changed, nor who asks. What is suggested was
//! decided: each suggestion is a request that the same policies allow.

mod obstacle;
mod scalars;
mod search;
mod values;
mod witness;

use std::fmt;

use crate::request::action::ActionText;
use crate::request::context::ContextValue;
use crate::request::keys::{Control, find};
use crate::request::limits::RequestLimits;
use crate::request::{Request, RequestBuilder, RequestError, ResourcePolicyMode};
use crate::text::arn_pattern::ResourceText;
use crate::text::diagnostic::printable;
use crate::text::fold::{eq_folded, folded_hash};

use super::super::decision::{Outcome, StatementId};
use super::super::set::PolicySet;
use super::Given;
use super::why::{quoted, written_given};

/// Of a deny, what would allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestAllow {
    /// Of an explicit deny, every Deny that applies: each must stop to. The one that decided comes first.
    pub in_the_way: Vec<StatementId>,
    /// The smallest changes found, the nearest first; each by itself makes the request allowed.
    pub suggestions: Vec<Suggestion>,
    /// How many changes at a time were searched, with every value that the policies suggest looked at.
    pub searched: usize,
}

/// Changes that together make a request allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The changes, each to another part of the request.
    pub changes: Vec<Change>,
}

/// A change to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A context key.
    Key {
        /// Its name.
        name: String,
        /// What the request has.
        from: Given,
        /// What it should have.
        to: Given,
        /// Whether other values would do as well.
        is_example: bool,
    },
    /// The resource.
    Resource {
        /// The ARN asked for.
        from: String,
        /// The ARN to ask for.
        to: String,
        /// Whether other ARNs would do as well.
        is_example: bool,
    },
    /// The action.
    Action {
        /// The action asked for.
        from: String,
        /// The action to ask for.
        to: String,
    },
}

impl PolicySet {
    /// Of a request that is denied, the smallest changes to it that would allow it; none for one that is allowed. It
    /// decides many changed requests, up to a bound.
    pub fn nearest_allow(&self, request: &Request<'_>) -> Option<NearestAllow> {
        let decision = self.decide(request);
        if decision.is_allowed() {
            return None;
        }
        let in_the_way = match decision.outcome {
            Outcome::ExplicitDeny => obstacle::denies(&obstacle::places(self, request), &self.asked(request)),
            Outcome::Allowed | Outcome::ImplicitDeny => Vec::new(),
        };
        // A policy that is bound to another session decides nothing of this one, whatever it asks.
        let (suggestions, searched) =
            if self.foreign(request).is_some() { (Vec::new(), 0) } else { search::search(self, request) };
        Some(NearestAllow { in_the_way, suggestions, searched })
    }
}

impl Suggestion {
    /// The request with the changes.
    ///
    /// # Errors
    /// The changed request is none, such as one of a session that states a key the session seals.
    pub fn request<'r>(&'r self, request: &'r Request<'_>) -> Result<Request<'r>, RequestError> {
        changed(request, self.changes.iter())
    }
}

/// A request with changes.
fn changed<'r>(
    request: &'r Request<'_>,
    changes: impl Iterator<Item = &'r Change> + Clone,
) -> Result<Request<'r>, RequestError> {
    let mut action = request.action().text();
    let mut resource = request.resource().text();
    for change in changes.clone() {
        match change {
            Change::Action { to, .. } => action = to,
            Change::Resource { to, .. } => resource = to,
            Change::Key { .. } => {}
        }
    }
    let mut builder = match request.session() {
        Some(session) => session.request(action, resource, request.owner()),
        None => Request::builder(request.principal(), action, resource, request.owner()),
    };
    // The request was within its own limits; whoever asks for the changed one holds it to them again.
    let most = usize::MAX;
    builder = builder.limits(RequestLimits { bytes: most, keys: most, values: most, string: most });
    builder = builder.resource_policy_mode(mode(request, action, resource));
    let is_sealed =
        |name: &str| request.session().is_some_and(|one| one.sealed(folded_hash(name), name).is_some());
    let is_changed = |name: &str| changes.clone().any(|change| change.is_of_key(name));
    for (name, value) in request.context().entries() {
        if is_sealed(name) || is_changed(name) {
            continue;
        }
        match value {
            ContextValue::One(text) => builder.add_one(name, text),
            ContextValue::Many(texts) => builder.add_many(name, texts.iter().map(|text| &**text)),
        }
    }
    changes.for_each(|change| change.add_to(&mut builder));
    builder.build()
}

/// Whether the resource-based policy must allow: what holds of the new action and resource, and never less than before.
fn mode(request: &Request<'_>, action: &str, resource: &str) -> ResourcePolicyMode {
    let of_itself = ActionText::parse(action)
        .map(|action| ResourcePolicyMode::of(&action, &ResourceText::new(resource)))
        .filter(|mode| *mode == ResourcePolicyMode::MustAllow);
    of_itself.unwrap_or_else(|| request.resource_policy_mode())
}

impl Change {
    /// How much of the request's text is another: the characters between what stays at the beginning and at the end.
    fn size(&self) -> usize {
        match self {
            Self::Key { from, to, .. } => differing(&written_given(from), &written_given(to)),
            Self::Resource { from, to, .. } | Self::Action { from, to } => differing(from, to),
        }
    }

    fn is_of_key(&self, other: &str) -> bool {
        matches!(self, Self::Key { name, .. } if eq_folded(name, other))
    }

    fn add_to<'r>(&'r self, builder: &mut RequestBuilder<'r>) {
        match self {
            Self::Key { name, to: Given::One(text), .. } => builder.add_one(name.as_str(), text.as_str()),
            Self::Key { name, to: Given::Many(texts), .. } => {
                builder.add_many(name.as_str(), texts.iter().map(String::as_str));
            }
            Self::Key { to: Given::Absent, .. } | Self::Resource { .. } | Self::Action { .. } => {}
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, change) in self.changes.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" and ")?;
            }
            change.fmt(formatter)?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let example = |is_example: bool| if is_example { " (for example)" } else { "" };
        match self {
            Self::Key { name, to: Given::Absent, .. } => write!(formatter, "leave out {}", printable(name)),
            Self::Key { name, from, to, is_example } => {
                let lead = if *from == Given::Absent { "give " } else { "" };
                let value = written_given(to);
                let (name, example, whose) = (printable(name), example(*is_example), whose(name));
                write!(formatter, "{lead}{name} = {}{example}{whose}", printable(&value))
            }
            Self::Resource { to, is_example, .. } => {
                write!(formatter, "resource {}{}", printable(&quoted(to)), example(*is_example))
            }
            Self::Action { to, .. } => write!(formatter, "action `{to}`"),
        }
    }
}

/// The most characters of two texts that stand between what both begin with and what both end with.
fn differing(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let head = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let most = one.len().min(other.len()).saturating_sub(head);
    let ends = one.iter().rev().zip(other.iter().rev()).take(most);
    let tail = ends.take_while(|(one, other)| one == other).count();
    one.len().max(other.len()).saturating_sub(head.saturating_add(tail))
}

/// What the reader should know of a key that a caller cannot set.
fn whose(name: &str) -> &'static str {
    match find(name).map(|key| key.control) {
        Some(Control::Principal) => ", which follows from who asks",
        Some(Control::Session) => ", which is fixed when the session is issued",
        Some(Control::Resource) => ", a property of the resource",
        Some(Control::Network | Control::Caller | Control::Service) | None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_stands_between_what_is_the_same() {
        for (one, other, size) in [
            ("", "", 0),
            ("s3:GetObject", "s3:PutObject", 2),
            ("a/b", "a/b/c", 2),
            ("aaa", "aaaa", 1),
            ("red", "blue", 4),
            ("é", "e", 1),
        ] {
            assert_eq!((differing(one, other), differing(other, one)), (size, size), "{one} {other}");
        }
    }
}
