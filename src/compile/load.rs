//! Loading many policies at once: parsed and compiled on all cores, the results in the order of the texts. A policy
//! that is refused stops none of the others, and every problem of every policy is told.
//!
//! Without the feature `parallel` the same functions work one after the other, with the same results.

use std::sync::Arc;

use crate::policy::{Document, Kind, Limits, Parsed, Rejected};
use crate::text::diagnostic::Diagnostic;

use super::{CompileError, CompiledPolicy};

/// Less text than this, in bytes, is not worth waking a thread for.
#[cfg(feature = "parallel")]
const WORTH: usize = 128 * 1024;

/// A policy to load.
#[derive(Clone, Copy, Debug)]
pub struct PolicyText<'a> {
    /// What kind of policy it is.
    pub kind: Kind,
    /// The name that messages give it.
    pub name: &'a str,
    /// Its JSON, which must be UTF-8.
    pub json: &'a [u8],
}

/// A policy that is loaded: an attachment of one document.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The compiled policy.
    pub policy: Arc<CompiledPolicy>,
    /// Problems of severity warning.
    pub warnings: Vec<Diagnostic>,
}

/// Why a policy is not loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Its document is refused, with all its problems.
    #[error(transparent)]
    Rejected(Box<Rejected>),
    /// Its document cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

/// Policies of which some are refused.
#[derive(Debug, thiserror::Error)]
#[error("{} of {total} policies are refused{}", .refused.len(), first(.refused))]
pub struct NotLoaded {
    /// The place of each refused policy, from 0, and why, in order.
    pub refused: Vec<(usize, LoadError)>,
    /// How many policies were to be loaded.
    pub total: usize,
}

impl<'a> PolicyText<'a> {
    /// From text or bytes.
    pub fn new(kind: Kind, name: &'a str, json: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { kind, name, json: json.as_ref() }
    }

    fn parse(&self, limits: &Limits) -> Result<Parsed, Rejected> {
        Document::parse_bytes(self.kind, self.name, self.json.to_vec(), limits)
    }

    fn load(&self, limits: &Limits) -> Result<Loaded, LoadError> {
        let parsed = self.parse(limits).map_err(|rejected| LoadError::Rejected(Box::new(rejected)))?;
        Ok(Loaded { policy: CompiledPolicy::compile(&[parsed.document])?, warnings: parsed.warnings })
    }
}

/// Loads policies; all of them, or every refused one with every problem.
///
/// ```
/// use verdikt::compile::load::{PolicyText, load_all};
/// use verdikt::{Kind, Limits};
/// let good = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
/// let texts = [PolicyText::new(Kind::Identity, "readers", good), PolicyText::new(Kind::Scp, "everyone", good)];
/// let loaded = load_all(&texts, &Limits::default())?;
/// assert_eq!(loaded[1].policy.kind(), Some(Kind::Scp));
///
/// let texts = [texts[0], PolicyText::new(Kind::Identity, "broken", "{}"), PolicyText::new(Kind::Rcp, "empty", "")];
/// let refused = load_all(&texts, &Limits::default()).unwrap_err().refused;
/// assert_eq!(refused.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2]);
/// # Ok::<(), verdikt::compile::load::NotLoaded>(())
/// ```
pub fn load_all(texts: &[PolicyText<'_>], limits: &Limits) -> Result<Vec<Loaded>, NotLoaded> {
    let mut loaded = Vec::with_capacity(texts.len());
    let mut refused = Vec::new();
    for (place, one) in load_each(texts, limits).into_iter().enumerate() {
        match one {
            Ok(one) => loaded.push(one),
            Err(error) => refused.push((place, error)),
        }
    }
    if refused.is_empty() { Ok(loaded) } else { Err(NotLoaded { refused, total: texts.len() }) }
}

/// Loads policies, each by itself: one result a text, in order.
pub fn load_each(texts: &[PolicyText<'_>], limits: &Limits) -> Vec<Result<Loaded, LoadError>> {
    each(texts, |text| text.load(limits))
}

/// Parses policies, each by itself, for attachments of several documents: one result a text, in order.
pub fn parse_each(texts: &[PolicyText<'_>], limits: &Limits) -> Vec<Result<Parsed, Rejected>> {
    each(texts, |text| text.parse(limits))
}

#[cfg(feature = "parallel")]
fn each<T: Send>(texts: &[PolicyText<'_>], work: impl Fn(&PolicyText<'_>) -> T + Sync + Send) -> Vec<T> {
    use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

    let bytes = texts.iter().fold(0_usize, |bytes, text| bytes.saturating_add(text.json.len()));
    if texts.len() < 2 || bytes < WORTH {
        return texts.iter().map(work).collect();
    }
    texts.par_iter().map(work).collect()
}

#[cfg(not(feature = "parallel"))]
fn each<T>(texts: &[PolicyText<'_>], work: impl Fn(&PolicyText<'_>) -> T) -> Vec<T> {
    texts.iter().map(work).collect()
}

/// The first problem, for a message that must be short.
fn first(refused: &[(usize, LoadError)]) -> String {
    refused.first().map_or_else(String::new, |(_, error)| format!("; the first: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other threads are woken for two texts or more of 128 KiB together.
    #[test]
    #[cfg(feature = "parallel")]
    fn a_little_work_stays_on_its_thread() {
        let own = std::thread::current().id();
        let stays = |lengths: &[usize]| {
            let texts: Vec<_> = lengths.iter().map(|length| " ".repeat(*length)).collect();
            let texts: Vec<_> = texts.iter().map(|text| PolicyText::new(Kind::Scp, "p", text)).collect();
            let threads = each(&texts, |_| std::thread::current().id());
            assert_eq!(threads.len(), lengths.len());
            threads.iter().all(|thread| *thread == own)
        };
        assert!(stays(&[]) && stays(&[300_000]) && stays(&[10, 10, 10]));
        assert!(stays(&[131_071, 0]) && stays(&[65_535, 65_536]));
        assert!(!stays(&[65_536, 65_536]) && !stays(&[131_073, 0]) && !stays(&[50_000, 50_000, 50_000]));
    }

    #[test]
    fn the_first_problem_is_told() {
        let texts = [PolicyText::new(Kind::Scp, "one", "{}"), PolicyText::new(Kind::Scp, "two", "")];
        let error = load_all(&texts, &Limits::default()).unwrap_err();
        let first = &error.refused[0].1;
        assert_eq!(error.to_string(), format!("2 of 2 policies are refused; the first: {first}"));
    }
}
