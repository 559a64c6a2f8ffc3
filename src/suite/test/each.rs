//! `each`: every principal with every action on every resource, and the matrix of what is expected.
//!
//! ```yaml
//! - name: who may do what
//!   each:
//!     principals:
//!       alice: {context: {"cognito-identity.amazonaws.com:sub": us-east-1:alice}}
//!       guest: {context: {"cognito-identity.amazonaws.com:sub": null}}
//!     actions: [s3:GetObject, s3:DeleteObject]
//!     resources: ["arn:aws:s3:::app-data/us-east-1:alice/a"]
//!   expect:
//!     alice: [allowed, allowed]
//!     guest: denied
//! ```
//! An axis that is left out is what the case says without it. The matrix goes down the axes in this order: a decision
//! stands for all that is below it, a list for the items of the next axis in their order, a mapping for them by name;
//! `others` is what a mapping does not name.

use super::file::{Draft, expectation, list};
use super::request::RequestParts;
use super::yaml::{Node, Problem, Value, quoted};

/// The axes and the member of a request that a bare text on them is.
const AXES: [(&str, &str); 3] =
    [("principals", "principal"), ("actions", "action"), ("resources", "resource")];

/// An item of an axis.
struct Item {
    label: String,
    parts: RequestParts,
}

pub(super) fn cells(draft: &Draft, each: &Node, expect: Option<&Node>) -> Result<Vec<Draft>, Problem> {
    let help = format!("the axes are {}", list(&AXES.map(|(name, _)| name)));
    for (name, _) in
        each.mapping().ok_or_else(|| each.problem("`each` is a mapping of axes").help(help.as_str()))?
    {
        if AXES.iter().all(|(axis, _)| name.text() != Some(axis)) {
            return Err(name.problem("no axis").help(help));
        }
    }
    let axes: Vec<Vec<Item>> = AXES
        .iter()
        .filter_map(|(axis, member)| each.get(axis).map(|node| items(node, member)))
        .collect::<Result<_, _>>()?;
    if axes.is_empty() {
        return Err(each.problem("`each` without an axis").help(help));
    }
    let expect = expect
        .ok_or_else(|| each.problem("`each` without `expect`").help("write the decisions as a matrix"))?;
    let has_principals = each.get("principals").is_some();
    let mut found = Vec::new();
    walk(&mut found, &Path { draft: draft.clone(), first: has_principals }, &axes, expect)?;
    Ok(found)
}

/// What the axes above have said.
struct Path {
    draft: Draft,
    /// Whether the next axis is that of the principals.
    first: bool,
}

fn walk(found: &mut Vec<Draft>, path: &Path, all: &[Vec<Item>], expect: &Node) -> Result<(), Problem> {
    let Some((axis, deeper)) = all.split_first() else {
        let decision = expectation(expect)?.ok_or_else(|| expect.problem("no decision here"))?;
        found.push(Draft { expect: Some(decision), line: expect.line, ..path.draft.clone() });
        return Ok(());
    };
    covers(axis, expect)?;
    for (index, item) in axis.iter().enumerate() {
        let below = below(item, index, expect)?;
        let mut draft = path.draft.clone();
        draft.name = format!("{} / {}", draft.name, item.label);
        draft.parts = draft.parts.overlaid(&item.parts);
        if path.first {
            draft.who = Some(item.label.clone());
        }
        walk(found, &Path { draft, first: false }, deeper, below)?;
    }
    Ok(())
}

/// Whether a list is as long as its axis, and a mapping names nothing else.
fn covers(axis: &[Item], expect: &Node) -> Result<(), Problem> {
    match &expect.value {
        Value::Sequence(list) if list.len() != axis.len() => {
            Err(expect.problem(format!("{} decisions for {} items", list.len(), axis.len())))
        }
        Value::Mapping(members) => {
            let unknown = members.iter().map(|(name, _)| name).find(|name| {
                name.text() != Some("others") && axis.iter().all(|item| name.text() != Some(&item.label))
            });
            match unknown {
                Some(name) => Err(name.problem("no item of this axis has this name")),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What is expected of an item.
fn below<'n>(item: &Item, index: usize, expect: &'n Node) -> Result<&'n Node, Problem> {
    match &expect.value {
        Value::Sequence(list) => list.get(index).ok_or_else(|| expect.problem("a list that is too short")),
        Value::Mapping(_) => expect.get(&item.label).or_else(|| expect.get("others")).ok_or_else(|| {
            expect
                .problem(format!("nothing is expected of `{}`", item.label))
                .help("name it, or add `others`")
        }),
        Value::Scalar { .. } | Value::Null => Ok(expect),
    }
}

fn items(axis: &Node, member: &str) -> Result<Vec<Item>, Problem> {
    let found: Vec<Item> = match &axis.value {
        Value::Sequence(list) => list
            .iter()
            .map(|node| match node.text() {
                Some(text) => item(text, node, member),
                None => {
                    Err(node.problem("an item is a text").help("write a mapping of names to give it more"))
                }
            })
            .collect::<Result<_, _>>()?,
        Value::Mapping(members) => {
            let named = |(name, node): &(Node, Node)| item(name.text().unwrap_or_default(), node, member);
            members.iter().map(named).collect::<Result<_, _>>()?
        }
        _ => return Err(axis.problem("an axis is a list of texts, or a mapping of names")),
    };
    if found.is_empty() {
        return Err(axis.problem("an axis without an item"));
    }
    Ok(found)
}

fn item(label: &str, node: &Node, member: &str) -> Result<Item, Problem> {
    let mut parts = RequestParts::default();
    match node.mapping() {
        None => {
            parts.take(member, node)?;
        }
        Some(members) => {
            for (name, value) in members {
                if !parts.take(name.text().unwrap_or_default(), value)? {
                    return Err(name.problem(format!(
                        "{} is no member of a request",
                        quoted(name.text().unwrap_or_default())
                    )));
                }
            }
        }
    }
    Ok(Item { label: label.to_owned(), parts })
}
