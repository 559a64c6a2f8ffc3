//! The policies of a case: files by their path beside the case file, or documents written in it, layer by layer.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::compile::CompiledPolicy;
use crate::evaluate::{Layer, PolicySet};
use crate::policy::{Document, Kind, Limits};

use super::super::case::CaseError;
use super::file::TestFile;
use super::yaml::{Node, Problem};

/// The policies of each layer that is in use, level by level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Policies(Vec<(Layer, Vec<Vec<PolicyText>>)>);

/// A policy of a case file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PolicyText {
    /// A file; the path is as messages give it.
    File(PathBuf),
    /// A document in the case file, its lines those of the file.
    Inline(String),
}

/// The policies that govern a case, parsed and compiled.
#[derive(Clone, Debug)]
pub struct Governing {
    /// What decides.
    pub set: PolicySet,
    /// What is attached where.
    pub attached: Vec<Attached>,
}

/// The documents of one attachment.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The layer.
    pub layer: Layer,
    /// The documents, and whether each is under test: a file of its own, and no prop.
    pub documents: Vec<(Document, bool)>,
}

/// Files that were read for a case file, each once.
#[derive(Debug, Default)]
pub(super) struct Files(HashMap<PathBuf, Result<Vec<u8>, String>>);

impl Policies {
    /// Reads the member `policies`; paths are relative to a folder.
    pub(super) fn read(node: &Node, folder: &Path) -> Result<Self, Problem> {
        let help = "the layers are `scps`, `rcps`, `resource`, `identity`, `permissions_boundary`, `session`, `vpc_endpoint`";
        let members =
            node.mapping().ok_or_else(|| node.problem("`policies` is a mapping of layers").help(help))?;
        let mut layers = Vec::new();
        for (name, value) in members {
            let text = name.text().unwrap_or_default();
            let layer = Layer::ALL.into_iter().find(|layer| member(*layer) == text);
            let layer = layer.ok_or_else(|| name.problem(format!("`{text}` is no layer")).help(help))?;
            layers.push((layer, levels(layer, value, folder)?));
        }
        layers.sort_by_key(|(layer, _)| *layer);
        Ok(Self(layers))
    }

    /// The layers stated above take the place of those here.
    #[must_use]
    pub(super) fn overlaid(&self, above: &Self) -> Self {
        let mut layers = self.0.clone();
        layers.retain(|(layer, _)| above.0.iter().all(|(other, _)| other != layer));
        layers.extend(above.0.iter().cloned());
        layers.sort_by_key(|(layer, _)| *layer);
        Self(layers)
    }

    /// The files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let texts = self.0.iter().flat_map(|(_, levels)| levels.iter().flatten());
        texts.filter_map(|text| match text {
            PolicyText::File(path) => Some(path.as_path()),
            PolicyText::Inline(_) => None,
        })
    }

    /// Parses and compiles them; the resource-based policy is of the kind that the request meets.
    pub(super) fn governing(
        &self,
        file: &TestFile,
        resource_kind: Kind,
        files: &mut Files,
    ) -> Result<Governing, CaseError> {
        let mut attached = Vec::new();
        // A layer that is taken back has no level, and is not in use.
        for (layer, levels) in &self.0 {
            for level in levels {
                let kind = kind(*layer, resource_kind);
                let parse = |text: &PolicyText| parse(text, kind, file, files);
                let documents = level.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
                attached.push(Attached { layer: *layer, documents });
            }
        }
        Ok(Governing { set: assemble(&attached)?, attached })
    }
}

/// The set of what is attached.
pub(super) fn assemble(attached: &[Attached]) -> Result<PolicySet, CaseError> {
    let mut set = PolicySet::builder();
    let compile = |one: &Attached| {
        let documents: Vec<Document> = one.documents.iter().map(|(document, _)| document.clone()).collect();
        CompiledPolicy::compile(&documents)
    };
    for level in attached.chunk_by(|one, other| one.layer == other.layer) {
        let Some(first) = level.first() else { continue };
        let mut policies = level.iter().map(compile).collect::<Result<Vec<_>, _>>()?;
        set = match (first.layer, policies.pop()) {
            (Layer::Scp | Layer::Rcp, Some(last)) => {
                policies.push(last);
                levelled(set, first.layer, policies)
            }
            (Layer::Resource, Some(policy)) => set.resource(policy),
            (Layer::Identity, Some(policy)) => set.identity(policy),
            (Layer::PermissionsBoundary, Some(policy)) => set.permissions_boundary(policy),
            (Layer::Session, Some(policy)) => set.session(policy),
            (Layer::VpcEndpoint, Some(policy)) => set.vpc_endpoint(policy),
            (_, None) => set,
        };
    }
    Ok(set.build()?)
}

fn levelled(
    set: crate::evaluate::PolicySetBuilder,
    layer: Layer,
    policies: Vec<Arc<CompiledPolicy>>,
) -> crate::evaluate::PolicySetBuilder {
    if layer == Layer::Scp { set.scps(policies) } else { set.rcps(policies) }
}

/// The name of a layer in case files, the same as in the exchange format.
fn member(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "scps",
        Layer::Rcp => "rcps",
        other => other.as_str(),
    }
}

fn kind(layer: Layer, resource_kind: Kind) -> Kind {
    match layer {
        Layer::Scp => Kind::Scp,
        Layer::Rcp => Kind::Rcp,
        Layer::Resource => resource_kind,
        Layer::Identity => Kind::Identity,
        Layer::PermissionsBoundary => Kind::PermissionsBoundary,
        Layer::Session => Kind::Session,
        Layer::VpcEndpoint => Kind::VpcEndpoint,
    }
}

fn levels(layer: Layer, node: &Node, folder: &Path) -> Result<Vec<Vec<PolicyText>>, Problem> {
    if node.is_null() {
        return Ok(Vec::new());
    }
    let read =
        |node: &Node| node.items().iter().map(|item| policy(item, folder)).collect::<Result<Vec<_>, _>>();
    if matches!(layer, Layer::Scp | Layer::Rcp) {
        if node.items().is_empty() {
            let problem = node.problem(format!("`{}` without a level", member(layer)));
            return Err(problem
                .help("leave the layer out if it is not in use; `[[]]` is a level that allows nothing"));
        }
        return node.items().iter().map(read).collect();
    }
    let policies = read(node)?;
    if layer == Layer::Resource && policies.len() != 1 {
        return Err(node.problem("a resource has one resource-based policy"));
    }
    Ok(vec![policies])
}

fn policy(node: &Node, folder: &Path) -> Result<PolicyText, Problem> {
    if node.mapping().is_some() {
        return Ok(PolicyText::Inline(node.lined_json()));
    }
    match node.text() {
        Some(path) => Ok(PolicyText::File(joined(folder, path))),
        None => Err(node.problem("a policy is the path of its file, or the policy itself as a mapping")),
    }
}

/// The path as people write it, `..` folded where that is plain.
pub(super) fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    whole
}

fn parse(
    text: &PolicyText,
    kind: Kind,
    file: &TestFile,
    files: &mut Files,
) -> Result<(Document, bool), CaseError> {
    let (name, bytes, is_tested) = match text {
        PolicyText::File(path) => (path.display().to_string(), files.read(path)?, !file.props.contains(path)),
        PolicyText::Inline(json) => (file.path.display().to_string(), json.clone().into_bytes(), false),
    };
    match Document::parse_bytes(kind, &name, bytes, &Limits::default()) {
        Ok(parsed) => Ok((parsed.document, is_tested)),
        Err(rejected) => Err(CaseError::Rejected(Box::new(rejected))),
    }
}

impl Files {
    pub(super) fn read(&mut self, path: &Path) -> Result<Vec<u8>, CaseError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| {
                let text = error.to_string();
                let reason = text.split(" (os error").next().unwrap_or_default().to_lowercase();
                format!("cannot read `{}`: {reason}; paths are relative to the case file", path.display())
            })
        };
        let known = self.0.entry(path.to_owned()).or_insert_with(|| read(path));
        known.clone().map_err(CaseError::Policies)
    }
}
