//! Action patterns: `*`, or `prefix:Name` with wildcards in either half.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::template::{Syntax, may_be_slow, tokenize};

use super::super::{Spanned, Text};
use super::Parser;

impl Parser<'_> {
    pub(super) fn check_action(&mut self, action: &Spanned<Text>) {
        let text = action.value.as_str();
        if text == "*" {
            return;
        }
        let Some((service, name)) = well_formed(text) else {
            let message = format!("{} is no action", excerpt(text));
            let problem = Diagnostic::error(codes::INVALID_ACTION, action.span, message);
            self.problems.push(problem.with_help(remedy(text)));
            return;
        };
        if (service & name) & PLAIN != 0 {
            return;
        }
        if may_be_slow(text)
            && let Ok(tokens) = tokenize(text, Syntax { wildcards: true, variables: false })
        {
            self.check_work(action.span, &tokens);
        }
        if service & PLAIN == 0 {
            let message = format!("a wildcard in the service of {}", excerpt(text));
            let problem = Diagnostic::warning(codes::WILDCARD_IN_SERVICE_NAME, action.span, message);
            self.problems.push(
                problem.with_help("it also covers services that AWS has not launched yet; name the service"),
            );
        }
    }
}

/// Of a well-formed `prefix:Name`, what is true of every byte of its service, and of its name.
fn well_formed(text: &str) -> Option<(u8, u8)> {
    let colon = text.bytes().position(|byte| byte == b':')?;
    let (service, name) = text.as_bytes().split_at_checked(colon)?;
    let (_, name) = name.split_first()?;
    let all = |bytes: &[u8]| {
        bytes.iter().fold(u8::MAX, |all, byte| all & CLASSES.get(usize::from(*byte)).copied().unwrap_or(0))
    };
    let is_empty = service.is_empty() || name.is_empty();
    let (service, name) = (all(service), all(name));
    (!is_empty && service & SERVICE != 0 && name & NAME != 0).then_some((service, name))
}

/// It may stand in a service.
const SERVICE: u8 = 1;
/// It may stand in a name.
const NAME: u8 = 2;
/// It is no wildcard.
const PLAIN: u8 = 4;

/// PERF: looked up, not compared: actions are most of a policy's text.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let (mut rest, mut byte): (&mut [u8], u8) = (&mut classes, 0);
    while let [class, after @ ..] = rest {
        *class = match byte {
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => SERVICE | NAME | PLAIN,
            b'_' => NAME | PLAIN,
            b'*' | b'?' => SERVICE | NAME,
            _ => 0,
        };
        rest = after;
        byte = byte.wrapping_add(1);
    }
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
