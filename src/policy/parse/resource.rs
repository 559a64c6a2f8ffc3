//! Resource patterns: `*`, or an ARN with wildcards, and variables in fields 4 to 6.

use crate::text::arn_pattern::{ArnPatternError, FieldTokens};
use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::template::{Syntax, may_be_slow, tokenize};

use super::super::{Spanned, Text};
use super::Parser;

impl Parser<'_> {
    pub(super) fn check_resource(&mut self, resource: &Spanned<Text>) {
        let text = resource.value.as_str();
        if text == "*" || (is_plain(text) && !may_be_slow(text)) {
            return;
        }
        self.inert_variable(text, resource.span);
        let tokens = match tokenize(text, Syntax { wildcards: true, variables: self.variables }) {
            Ok(tokens) => tokens,
            Err(error) => return self.template_error(resource.span, &error),
        };
        self.check_work(resource.span, &tokens);
        let fields = FieldTokens::split(&tokens);
        if let Err(error) = fields.check_resource(self.kind.pads_arns()) {
            let (code, help) = match error {
                ArnPatternError::NoPrefix => {
                    (codes::INVALID_ARN_PREFIX, "write `arn:aws:s3:::bucket/key`, or `*` alone")
                }
                ArnPatternError::MissingFields(_) => (
                    codes::MISSING_ARN_FIELD,
                    "an ARN is arn:partition:service:region:account:resource; write `*` for a field",
                ),
                ArnPatternError::VariableInField(_) => (
                    codes::VARIABLE_UNSUPPORTED_IN_ELEMENT,
                    "variables stand in the Region, account and resource fields",
                ),
            };
            let problem = Diagnostic::error(code, resource.span, format!("{error}: {}", excerpt(text)));
            self.problems.push(problem.with_help(help));
        } else if fields.has_variable_in_region_or_account() {
            let message = format!("a variable in the Region or account field of {}", excerpt(text));
            let problem = Diagnostic::warning(codes::VARIABLE_IN_REGION_OR_ACCOUNT, resource.span, message);
            self.problems.push(problem.with_help("AWS documents variables after the fifth colon only"));
        }
    }
}

/// Whether a text is at a glance an ARN of six fields or more without variables, as most are.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.starts_with(b"arn:")
        && memchr::memchr(b'$', bytes).is_none()
        && bytes.iter().filter(|byte| **byte == b':').nth(4).is_some()
}
