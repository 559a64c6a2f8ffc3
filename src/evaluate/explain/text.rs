//! An explanation as text: lines of pieces, each with a tone that a surface may give a colour; `Display` writes them
//! plain. One sentence in AWS's own wording comes first, so that people can search for it.

use std::fmt;

use crate::policy::Document;
use crate::text::diagnostic::printable;
use crate::text::span::Span;

use super::super::decision::Outcome;
use super::Explanation;
use super::page::Page;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The decision and, for each statement, the first clause at fault.
    Brief,
    /// The context keys and the nearest allow too, and where in the text the clauses at fault stand.
    Whole,
    /// Every clause of every statement, entry by entry.
    Clauses,
}

/// What a piece of text says, for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    Plain,
    /// The head of a part.
    Heading,
    /// Something is allowed, applies or holds.
    Good,
    /// Something is denied.
    Bad,
    /// Something cannot be told.
    Unsure,
    /// What matters less.
    Faint,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, without line ends or other control characters.
    pub text: String,
    /// What it says.
    pub tone: Tone,
}

/// A line.
#[derive(Clone, Debug)]
pub enum Line {
    /// Text.
    Text(Vec<Piece>),
    /// A place in a policy's text; a surface shows the source line, `Display` leaves it out.
    Excerpt {
        /// The policy.
        document: Document,
        /// Where.
        span: Span,
        /// What is to be said of it.
        label: String,
        /// Whether it stands in the way, or is told for another reason.
        tone: Tone,
    },
}

impl Explanation {
    /// One sentence in AWS's own wording.
    pub fn summary(&self) -> String {
        let [principal, action, resource] = &self.request;
        let resource = printable(resource);
        match (self.decision.outcome, self.decision.missing) {
            (Outcome::Allowed, _) => {
                format!("{principal} is authorized to perform: {action} on resource: {resource}")
            }
            (Outcome::ExplicitDeny, _) => {
                let layer = self.decision.statement.map_or("policy", |id| id.layer.title());
                format!(
                    "{principal} is not authorized to perform: {action} on resource: {resource} with an explicit deny in {}",
                    with_article(layer)
                )
            }
            (Outcome::ImplicitDeny, missing) => {
                let layer = missing.map_or("policy", |missing| missing.layer.title());
                format!(
                    "{principal} is not authorized to perform: {action} on resource: {resource} because no {layer} allows \
                     the {action} action"
                )
            }
        }
    }

    /// The lines of the text.
    pub fn lines(&self, detail: Detail) -> Vec<Line> {
        let mut page = Page { lines: Vec::new(), detail, explanation: self };
        page.head();
        for layer in &self.layers {
            page.layer(layer);
        }
        if detail >= Detail::Whole {
            page.keys();
            page.nearest();
        }
        page.lines
    }
}

fn with_article(title: &str) -> String {
    let article = if title.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {title}")
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines(Detail::Whole) {
            if let Line::Text(pieces) = line {
                pieces.iter().try_for_each(|piece| formatter.write_str(&piece.text))?;
                formatter.write_str("\n")?;
            }
        }
        Ok(())
    }
}
