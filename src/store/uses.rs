//! Which files are attached where, each file read once, each document parsed once for each use, and each list of
//! documents compiled once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::compile::{CompileError, CompiledPolicy};
use crate::policy::{Document, Kind, Parsed};
use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::source::Source;

use super::LoadOptions;
use super::folder::{Content, Folder, each};
use super::manifest::At;
use super::read::Text;
use super::rejected::Refused;

/// The number of an attachment.
pub(super) type Attachment = u32;

/// What is to be read.
#[derive(Debug, Default)]
pub(super) struct Uses {
    files: Numbered<String>,
    documents: Numbered<(Kind, u32)>,
    lists: Numbered<Vec<u32>>,
    /// Files that are no policies.
    texts: HashSet<u32>,
    /// Where each file is named first, and each document.
    file_places: Vec<At>,
    document_places: Vec<At>,
}

/// Things by their numbers, each once.
#[derive(Debug)]
struct Numbered<T> {
    numbers: HashMap<T, u32>,
    items: Vec<T>,
}

/// What was read.
pub(super) struct Loaded {
    /// By their numbers.
    pub(super) attachments: Vec<Arc<CompiledPolicy>>,
    /// The files, by path, with their digests.
    pub(super) digests: Vec<(String, [u8; 32])>,
    /// Texts that are no policies, by path.
    pub(super) texts: HashMap<String, Source>,
    /// What is wrong with the policies; files with warnings alone too.
    pub(super) policies: Vec<Refused>,
    /// What is wrong where a file is named.
    pub(super) problems: Vec<(At, Diagnostic)>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), items: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    /// The number of an item, and whether it is new.
    fn number(&mut self, item: T) -> (u32, bool) {
        let next = crate::text::span::to_u32(self.items.len());
        if let Some(number) = self.numbers.get(&item) {
            return (*number, false);
        }
        self.items.push(item.clone());
        self.numbers.insert(item, next);
        (next, true)
    }
}

impl Uses {
    /// Attaches files in one place; the same list of files is the same attachment.
    pub(super) fn attach<'t>(
        &mut self,
        kind: Kind,
        files: impl IntoIterator<Item = (usize, &'t Text)>,
    ) -> Attachment {
        let mut documents = Vec::new();
        for (manifest, file) in files {
            let at = At { manifest, span: file.span };
            let number = self.file(&file.value, at);
            let (document, is_new_use) = self.documents.number((kind, number));
            if is_new_use {
                self.document_places.push(at);
            }
            if !documents.contains(&document) {
                documents.push(document);
            }
        }
        self.lists.number(documents).0
    }

    /// Reads a file as text.
    pub(super) fn text(&mut self, path: &str, at: At) {
        let number = self.file(path, at);
        self.texts.insert(number);
    }

    fn file(&mut self, path: &str, at: At) -> u32 {
        let (number, is_new) = self.files.number(path.to_owned());
        if is_new {
            self.file_places.push(at);
        }
        number
    }

    /// How much is to be done.
    fn total(&self) -> usize {
        self.files.items.len().saturating_add(self.documents.items.len())
    }

    /// Reads, parses and compiles everything.
    pub(super) fn load(&self, folder: &Folder, options: &LoadOptions<'_>) -> Loaded {
        let done = AtomicUsize::new(0);
        let advance = || {
            let done = done.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            if let Some(progress) = options.progress {
                progress(done, self.total());
            }
        };
        let contents = each(&self.files.items, |path| {
            let read = folder.read(path, options.limits.bytes);
            advance();
            read
        });
        let parsed = each(&self.documents.items, |(kind, file)| {
            let (path, content) = (self.files.items.get(*file as usize)?, contents.get(*file as usize)?);
            let content = content.as_ref().ok()?;
            let name = folder.name_of(path);
            let parsed = Document::parse_bytes(*kind, &name, content.bytes.clone(), &options.limits);
            advance();
            Some(parsed)
        });
        let mut loaded = self.read(folder, contents);
        let documents = self.told(parsed, &mut loaded);
        self.compile(&documents, &mut loaded);
        loaded
    }

    /// The texts and digests, and what could not be read.
    fn read(&self, folder: &Folder, contents: Vec<Result<Content, String>>) -> Loaded {
        let mut loaded = Loaded {
            attachments: Vec::new(),
            digests: Vec::with_capacity(contents.len()),
            texts: HashMap::new(),
            policies: Vec::new(),
            problems: Vec::new(),
        };
        for ((number, (path, at)), content) in
            (0u32..).zip(self.files.items.iter().zip(&self.file_places)).zip(contents)
        {
            match content {
                Ok(content) => {
                    loaded.digests.push((path.clone(), content.digest));
                    if self.texts.contains(&number) {
                        match Source::from_bytes(folder.name_of(path), content.bytes) {
                            Ok(source) => drop(loaded.texts.insert(path.clone(), source)),
                            Err(refused) => {
                                let (source, problem) = *refused;
                                loaded.policies.push(Refused { source, problems: vec![problem] });
                            }
                        }
                    }
                }
                Err(reason) => {
                    let message = format!("{} {reason}", excerpt(path));
                    loaded.problems.push((*at, Diagnostic::error(codes::UNREADABLE_FILE, at.span, message)));
                }
            }
        }
        loaded
    }

    /// The documents; what is wrong with them is told with the file, and where the file is named first.
    fn told(
        &self,
        parsed: Vec<Option<Result<Parsed, crate::policy::Rejected>>>,
        loaded: &mut Loaded,
    ) -> Vec<Option<Document>> {
        let mut documents = Vec::with_capacity(parsed.len());
        for (((kind, file), at), parsed) in self.documents.items.iter().zip(&self.document_places).zip(parsed)
        {
            documents.push(match parsed {
                None => None,
                Some(Ok(parsed)) => {
                    if !parsed.warnings.is_empty() {
                        let source = parsed.document.source().clone();
                        loaded.policies.push(Refused { source, problems: parsed.warnings });
                    }
                    Some(parsed.document)
                }
                Some(Err(rejected)) => {
                    let path = self.files.items.get(*file as usize).map(String::as_str).unwrap_or_default();
                    let message = format!("{} is refused as {}", excerpt(path), kind.title());
                    let problem = Diagnostic::error(codes::REFUSED_POLICY, at.span, message);
                    loaded.problems.push((*at, problem.with_help("mend what is told of the file")));
                    loaded.policies.push(Refused { source: rejected.source, problems: rejected.problems });
                    None
                }
            });
        }
        documents
    }

    fn compile(&self, documents: &[Option<Document>], loaded: &mut Loaded) {
        let compiled = each(&self.lists.items, |list| {
            let own: Option<Vec<Document>> =
                list.iter().map(|number| documents.get(*number as usize).cloned().flatten()).collect();
            own.map(|own| CompiledPolicy::compile(&own))
        });
        for (list, compiled) in self.lists.items.iter().zip(compiled) {
            match compiled {
                Some(Ok(policy)) => loaded.attachments.push(policy),
                Some(Err(error)) => loaded.problems.extend(self.not_compiled(list, &error)),
                // A document of it was refused, which is told.
                None => {}
            }
        }
    }

    fn not_compiled(&self, list: &[u32], error: &CompileError) -> Option<(At, Diagnostic)> {
        let at = *self.document_places.get(*list.first()? as usize)?;
        Some((at, Diagnostic::error(codes::REFUSED_POLICY, at.span, error.to_string())))
    }
}
