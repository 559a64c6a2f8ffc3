//! Action patterns: `*`, or `prefix:Name` with wildcards in either half.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::template::{Syntax, may_be_slow, tokenize};

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
        if may_be_slow(text)
            && let Ok(tokens) = tokenize(text, Syntax { wildcards: true, variables: false })
        {
            self.check_work(action.span, &tokens);
        }
        if memchr::memchr2(b'*', b'?', service.as_bytes()).is_some() {
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
    let colon = text.bytes().position(|byte| byte == b':')?;
    let (service, rest) = text.split_at_checked(colon)?;
    let is_of = |byte: u8, class: u8| CLASSES.get(usize::from(byte)).is_some_and(|own| own & class != 0);
    let is_formed = colon > 0
        && rest.len() > 1
        && service.bytes().all(|byte| is_of(byte, SERVICE))
        && rest.bytes().skip(1).all(|byte| is_of(byte, NAME));
    is_formed.then_some(service)
}

/// What a byte may stand in.
const SERVICE: u8 = 1;
const NAME: u8 = 2;

/// PERF: looked up, not compared: actions are most of a policy's text.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut rest: &[u8] = b"-*?0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    while let [byte, after @ ..] = rest {
        classes[*byte as usize] = SERVICE | NAME;
        rest = after;
    }
    classes[b'_' as usize] = NAME;
    classes
};

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
