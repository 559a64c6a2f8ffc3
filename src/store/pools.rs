//! Configurations of identity pools: TOML that says the same as the manifest of whose they are. The rest of them is read
//! by whoever makes sessions, and checked here with the feature `cognito`.

use toml::de::DeTable;

use crate::text::diagnostic::{Diagnostic, bounded, codes};
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;

use super::manifest::Pool;
use super::rejected::Refused;

/// What is wrong with a configuration.
pub(super) fn check(pool: &Pool, source: &Source) -> Option<Refused> {
    let mut problems = Problems::default();
    let (root, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let span = error.span().map(|range| Span::new(range.start, range.end)).unwrap_or_default();
        problems.push(Diagnostic::error(codes::TOML_SYNTAX_ERROR, span, bounded(error.message())));
    }
    let is_read = !problems.has_error();
    for (name, stated) in [("id", &pool.id.value), ("account", &pool.account.value)] {
        // What could not be read is not missing.
        let Some(value) = root.get_ref().get(name) else {
            if is_read {
                let message = format!("a pool without `{name}`");
                let problem = Diagnostic::error(codes::INVALID_MANIFEST, Span::default(), message);
                problems.push(problem.with_help(format!("add `{name} = \"{stated}\"`")));
            }
            continue;
        };
        if value.get_ref().as_str() != Some(stated.as_str()) {
            let span = Span::new(value.span().start, value.span().end);
            let message = format!("the manifest says `{stated}`");
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, span, message));
        }
    }
    #[cfg(feature = "cognito")]
    if !problems.has_error() {
        check_whole(source, &root, &mut problems);
    }
    problems.has_error().then(|| Refused { source: source.clone(), problems: problems.into_told() })
}

/// What is wrong with the rest, each at the member that it is in.
#[cfg(feature = "cognito")]
fn check_whole(source: &Source, root: &toml::Spanned<DeTable<'_>>, problems: &mut Problems) {
    let pool = match toml::from_str::<crate::cognito::Pool>(source.text()) {
        Ok(pool) => pool,
        Err(error) => {
            let span = error.span().map(|range| Span::new(range.start, range.end)).unwrap_or_default();
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, span, bounded(error.message())));
            return;
        }
    };
    for problem in pool.problems() {
        let member = problem.path.split(['.', '[']).next().unwrap_or_default();
        let place = root.get_ref().get(member).map(toml::Spanned::span).unwrap_or_default();
        let span = Span::new(place.start, place.end);
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, span, bounded(&problem.to_string())));
    }
}

#[cfg(feature = "cognito")]
impl super::IdentityPool {
    /// The configuration, with the feature `cognito`: it was checked when the store was loaded.
    ///
    /// # Errors
    /// None of a pool that a store gives; of one put together by hand what is wrong with its text.
    pub fn pool(&self) -> Result<crate::cognito::Pool, toml::de::Error> {
        toml::from_str(self.config.text())
    }
}
