//! The manifests of a store: `verdikt.toml`, and those that it includes.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;

use super::folder::{Content, Folder, each, globs};
use super::manifest::{At, Manifest};
use super::rejected::Refused;
use super::{LoadOptions, MANIFEST};

/// A manifest that was read.
pub(super) struct Read {
    pub(super) path: String,
    pub(super) source: Source,
    pub(super) manifest: Manifest,
    pub(super) problems: Problems,
    pub(super) digest: [u8; 32],
}

/// All manifests, the root first, the others by their paths.
pub(super) fn read(folder: &Folder, options: &LoadOptions<'_>) -> Result<Vec<Read>, Refused> {
    let mut root = read_one(folder, MANIFEST, options)?;
    let include = root.manifest.include.clone();
    let mut paths = Vec::new();
    match globs(&include) {
        Ok(globs) => match folder.below(&globs) {
            Ok(found) => paths = found,
            Err(reason) => root.tell(0, &format!("the folder cannot be walked: {reason}")),
        },
        Err(wrong) => {
            for (number, reason) in wrong {
                root.tell(number, &format!("this glob cannot be read: {reason}"));
            }
        }
    }
    paths.retain(|path| path != MANIFEST);
    let mut all = vec![root];
    for (path, read) in paths.iter().zip(each(&paths, |path| read_one(folder, path, options))) {
        match read {
            Ok(read) => all.push(read.included()),
            Err(refused) => {
                let problems = Problems::beside(refused.problems);
                let (path, source, digest) = (path.clone(), refused.source, [0; 32]);
                all.push(Read { path, source, manifest: Manifest::default(), problems, digest });
            }
        }
    }
    Ok(all)
}

fn read_one(folder: &Folder, path: &str, options: &LoadOptions<'_>) -> Result<Read, Refused> {
    let name = folder.name_of(path);
    let Content { bytes, digest } = folder.read(path, options.manifest_bytes).map_err(|reason| {
        let message = format!("the manifest {reason}");
        let problem = Diagnostic::error(codes::UNREADABLE_FILE, Span::default(), message);
        Refused { source: Source::new(name.clone(), ""), problems: vec![problem] }
    })?;
    let source = Source::from_bytes(name, bytes).map_err(|refused| {
        let (source, problem) = *refused;
        Refused { source, problems: vec![problem] }
    })?;
    let (manifest, problems) = Manifest::read(&source);
    Ok(Read { path: path.to_owned(), source, manifest, problems, digest })
}

impl Read {
    /// Of a glob of `include`.
    fn tell(&mut self, glob: usize, message: &str) {
        let span = self.manifest.include.get(glob).map(|glob| glob.span).unwrap_or_default();
        self.problems.push(Diagnostic::error(codes::INVALID_MANIFEST, span, message));
    }

    /// A manifest that another includes must not itself include.
    fn included(mut self) -> Self {
        if let Some(first) = self.manifest.include.first() {
            let message = format!("`include` stands in `{MANIFEST}` alone");
            let problem = Diagnostic::error(codes::INVALID_MANIFEST, first.span, message);
            self.problems.push(problem.with_help("add the glob there"));
        }
        self
    }
}

/// Where something stands, for a message about another place.
pub(super) fn told(manifests: &[Read], at: At) -> String {
    let Some(read) = manifests.get(at.manifest) else { return String::new() };
    let place = read.source.position(at.span.start);
    format!("{}, line {}", excerpt(read.source.name()), place.line)
}
