//! Action patterns: `*`, or `prefix:Name` with wildcards in either half.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::template::{Syntax, tokenize};

use super::super::Spanned;
use super::Parser;

impl Parser<'_> {
    pub(super) fn check_action(&mut self, action: &Spanned<String>) {
        let text = action.value.as_str();
        if text == "*" {
            return;
        }
        let Some(service) = well_formed(text) else {
            let message = format!("{} is no action", excerpt(text));
            let problem = Diagnostic::error(codes::INVALID_ACTION, action.span, message);
            self.problems.push(problem.with_help(remedy(text)));
            return;
        };
        if let Ok(tokens) = tokenize(text, Syntax { wildcards: true, variables: false }) {
            self.check_work(action.span, &tokens);
        }
        if service.contains(['*', '?']) {
            let message = format!("a wildcard in the service of {}", excerpt(text));
            let problem = Diagnostic::warning(codes::WILDCARD_IN_SERVICE_NAME, action.span, message);
            self.problems.push(
                problem.with_help("it also covers services that AWS has not launched yet; name the service"),
            );
        }
    }
}

/// The service half of a well-formed `prefix:Name`.
fn well_formed(text: &str) -> Option<&str> {
    let (service, name) = text.split_once(':')?;
    let word = |text: &str, extra: &[char]| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(&c))
    };
    (word(service, &['-', '*', '?']) && word(name, &['-', '*', '?', '_'])).then_some(service)
}

fn remedy(text: &str) -> &'static str {
    if text.contains("${") {
        "variables are not allowed in actions"
    } else if text.trim() != text || text.contains(' ') {
        "remove the space: an action that matches nothing voids a NotAction"
    } else if text.contains(',') {
        "name each action in a string of its own"
    } else {
        "write `service:Name`, for example `s3:GetObject` or `s3:Get*`, or `*` alone"
    }
}
