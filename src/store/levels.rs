//! The organization as a tree: where each account stands in it, and the SCPs and RCPs of the levels above it.

use std::collections::HashMap;

use crate::policy::Kind;
use crate::text::diagnostic::{Diagnostic, codes, excerpt};

use super::manifest::{Account, At, Controls, Organization};
use super::read::Text;
use super::uses::{Attachment, Uses};

/// The units of an organization, by id.
pub(super) struct Tree<'m> {
    organization: &'m Organization,
    manifest: usize,
    units: HashMap<&'m str, Level>,
    root: Level,
}

/// A place in the organization: its path, and the attachments from the root down to it. `None`: not in use.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) path: String,
    pub(super) scps: Option<Vec<Attachment>>,
    pub(super) rcps: Option<Vec<Attachment>>,
}

type Problem = (At, Diagnostic);

impl<'m> Tree<'m> {
    pub(super) fn new(
        organization: &'m Organization,
        manifest: usize,
        uses: &mut Uses,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let path = format!("{}/{}/", organization.id, organization.root);
        let mut attach = |kind, files: &Option<Vec<Text>>| {
            let files = files.as_ref()?;
            Some(vec![uses.attach(kind, files.iter().map(|file| (manifest, file)))])
        };
        let root = Level {
            path,
            scps: attach(Kind::Scp, &organization.controls.scps),
            rcps: attach(Kind::Rcp, &organization.controls.rcps),
        };
        let mut tree = Self { organization, manifest, units: HashMap::new(), root };
        tree.add_units(uses, problems);
        tree
    }

    /// Adds the units, each after the one that it is in. What is left is in no unit, or in itself.
    fn add_units(&mut self, uses: &mut Uses, problems: &mut Vec<Problem>) {
        let organization = self.organization;
        let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut seen: HashMap<&str, crate::text::span::Span> = HashMap::new();
        for (number, unit) in organization.units.iter().enumerate() {
            if let Some(first) = seen.insert(&unit.id.value, unit.id.span) {
                let message = format!("the unit {} stands twice", excerpt(&unit.id.value));
                let problem = Diagnostic::error(codes::DUPLICATE_ENTRY, unit.id.span, message);
                problems.push((self.at(unit.id.span), problem.with_label(first, "the first")));
            }
            children.entry(&unit.parent.value).or_default().push(number);
        }
        let mut waiting = vec![organization.root.as_str()];
        while let Some(parent) = waiting.pop() {
            for number in children.remove(parent).unwrap_or_default() {
                let Some(unit) = organization.units.get(number) else { continue };
                let Some(above) = self.level(parent).cloned() else { continue };
                let id = &unit.id.value;
                let level = Self::below(
                    &above,
                    &format!("the unit {}", excerpt(id)),
                    &unit.controls,
                    self.manifest,
                    &unit.id,
                    (uses, problems),
                );
                self.units.insert(id, Level { path: format!("{}{id}/", above.path), ..level });
                waiting.push(id);
            }
        }
        for unit in organization.units.iter().filter(|unit| !self.units.contains_key(unit.id.value.as_str()))
        {
            problems.push(self.nowhere(self.manifest, &unit.parent));
        }
    }

    /// The id of the management account, and the manifest that states it.
    pub(super) fn management_account(&self) -> (&'m Text, usize) {
        (&self.organization.management_account, self.manifest)
    }

    fn at(&self, span: crate::text::span::Span) -> At {
        At { manifest: self.manifest, span }
    }

    fn nowhere(&self, manifest: usize, parent: &Text) -> Problem {
        let message = format!("{} leads to no root", excerpt(&parent.value));
        let help = format!("name the root, `{}`, or a unit of the organization", self.organization.root);
        let at = At { manifest, span: parent.span };
        (at, Diagnostic::error(codes::UNKNOWN_REFERENCE, parent.span, message).with_help(help))
    }

    fn level(&self, id: &str) -> Option<&Level> {
        if id == self.organization.root { Some(&self.root) } else { self.units.get(id) }
    }

    /// Where an account stands.
    pub(super) fn place(
        &self,
        account: &Account,
        parent: &Text,
        manifest: usize,
        uses: &mut Uses,
        problems: &mut Vec<Problem>,
    ) -> Option<Level> {
        let Some(above) = self.level(&parent.value) else {
            // A unit that is itself nowhere is told with the unit.
            if !self.organization.units.iter().any(|unit| unit.id.value == parent.value) {
                problems.push(self.nowhere(manifest, parent));
            }
            return None;
        };
        let id = &account.id.value;
        if *id == self.organization.management_account.value {
            // Nothing binds it, so nothing need be attached to it.
            return Some(Level { path: above.path.clone(), scps: None, rcps: None });
        }
        let what = format!("the account {}", excerpt(id));
        Some(Self::below(above, &what, &account.controls, manifest, &account.id, (uses, problems)))
    }

    /// The level below another: both have policies of a kind, or neither has.
    fn below(
        above: &Level,
        what: &str,
        controls: &Controls,
        manifest: usize,
        place: &Text,
        (uses, problems): (&mut Uses, &mut Vec<Problem>),
    ) -> Level {
        let mut add = |kind: Kind, above: &Option<Vec<Attachment>>, own: &Option<Vec<Text>>| {
            let member = if kind == Kind::Scp { "scps" } else { "rcps" };
            let (message, help) = match (above, own) {
                (None, None) => return None,
                (Some(above), Some(own)) => {
                    let own = uses.attach(kind, own.iter().map(|file| (manifest, file)));
                    return Some(above.iter().copied().chain([own]).collect());
                }
                (Some(_), None) => {
                    let help =
                        format!("add `{member}`: each level allows by itself, an empty list allows nothing");
                    (format!("{what} without `{member}`, which are in use at the root"), help)
                }
                (None, Some(_)) => {
                    let help = format!("add `{member}` to the organization, which are those of its root");
                    (format!("{what} has `{member}`, which are not in use at the root"), help)
                }
            };
            let problem = Diagnostic::error(codes::INVALID_MANIFEST, place.span, message).with_help(help);
            problems.push((At { manifest, span: place.span }, problem));
            above.clone()
        };
        let scps = add(Kind::Scp, &above.scps, &controls.scps);
        let rcps = add(Kind::Rcp, &above.rcps, &controls.rcps);
        Level { path: above.path.clone(), scps, rcps }
    }
}
