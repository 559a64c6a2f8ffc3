//! The one matcher of wildcards: `*` is any run of characters, `?` is one Unicode scalar value, and every character
//! counts, newline and NUL included. Nothing here is recursive; nothing backtracks over more than one star.
//!
//! A pattern is classified when it is built: most are an exact text, a prefix, a suffix or both. The rest are a list
//! of atoms, matched as segments between stars (`segment.rs`).
//!
//! A variable is compared in place against its value: nothing is spliced, so a value cannot act as a wildcard or move
//! a boundary. A variable without a value makes the pattern match nothing.
//!
//! Bound: a segment that is one literal is found in linear time; one with `?` or variables within a stated bound, since
//! documents are held to 32 of them between two stars, and policies and requests to texts of 8 KiB. No pattern within
//! these limits takes a millisecond (`benches/patterns.rs`).

use super::fold::{eq_folded, fold};
use super::pool::{Atom, Literal, Pool, Variables};
use super::span::to_u32;
use super::template::Token;

/// A compiled pattern; its text is in the [`Pool`] that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern(Shape);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Any,
    Exact(Literal),
    Prefix(Literal),
    Suffix(Literal),
    PrefixSuffix(Literal, Literal),
    /// PERF: `home/${variable}/*`, the shape of every per-user pattern, without a list of atoms.
    Variable {
        head: Literal,
        variable: u32,
        tail: Literal,
        open: bool,
    },
    General {
        start: u32,
        len: u32,
    },
}

/// Whether variables are compared by value or stand for any text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Values,
    Open,
}

impl Pattern {
    /// Whether it matches every text.
    pub fn is_any(self) -> bool {
        self.0 == Shape::Any
    }
}

impl Pool {
    /// Builds a pattern from the tokens of a template.
    pub fn pattern(&mut self, tokens: &[Token<'_>]) -> Pattern {
        let start = self.atoms.len();
        for token in tokens {
            let repeated =
                *token == Token::Star && self.atoms.len() > start && self.atoms.last() == Some(&Atom::Star);
            if !repeated {
                self.add_atom(start, *token);
            }
        }
        let none = self.add("");
        let shape = match self.atoms.get(start..).unwrap_or_default() {
            [] => Shape::Exact(none),
            [Atom::Star] => Shape::Any,
            [Atom::Literal(text)] => Shape::Exact(*text),
            [Atom::Literal(text), Atom::Star] => Shape::Prefix(*text),
            [Atom::Star, Atom::Literal(text)] => Shape::Suffix(*text),
            [Atom::Literal(head), Atom::Star, Atom::Literal(tail)] => Shape::PrefixSuffix(*head, *tail),
            atoms => match one_variable(atoms, none) {
                Some(shape) => shape,
                None => return Pattern(Shape::General { start: to_u32(start), len: to_u32(atoms.len()) }),
            },
        };
        self.atoms.truncate(start);
        Pattern(shape)
    }

    /// Whether the pattern matches the whole text.
    #[allow(clippy::inline_always, reason = "most patterns are one comparison, which a call would double")]
    #[inline(always)]
    pub fn matches<V: Variables>(&self, pattern: Pattern, text: &str, variables: &V) -> bool {
        let text = text.as_bytes();
        match pattern.0 {
            Shape::Any => true,
            Shape::Exact(whole) => text == self.bytes(whole),
            Shape::Prefix(head) => text.starts_with(self.bytes(head)),
            Shape::Suffix(tail) => text.ends_with(self.bytes(tail)),
            Shape::PrefixSuffix(head, tail) => {
                text.strip_prefix(self.bytes(head)).is_some_and(|rest| rest.ends_with(self.bytes(tail)))
            }
            Shape::Variable { .. } | Shape::General { .. } => self.matches_parts(pattern, text, variables),
        }
    }

    /// The same, for a pattern of several parts.
    fn matches_parts<V: Variables>(&self, pattern: Pattern, text: &[u8], variables: &V) -> bool {
        let Shape::Variable { head, variable, tail, open } = pattern.0 else {
            return self.general(pattern, text, variables, Mode::Values).is_some();
        };
        let rest = text.strip_prefix(self.bytes(head)).and_then(|rest| {
            let rest = rest.strip_prefix(self.value(variable, variables)?.as_bytes())?;
            rest.strip_prefix(self.bytes(tail))
        });
        rest.is_some_and(|rest| open || rest.is_empty())
    }

    /// Whether the pattern could match the text if its variables were any texts, the empty one included.
    pub fn could_match<V: Variables>(&self, pattern: Pattern, text: &str, variables: &V) -> bool {
        match pattern.0 {
            Shape::Variable { head, tail, open, .. } => {
                let rest = text.as_bytes().strip_prefix(self.bytes(head));
                rest.is_some_and(|rest| {
                    let tail = self.bytes(tail);
                    if open { memchr::memmem::find(rest, tail).is_some() } else { rest.ends_with(tail) }
                })
            }
            Shape::General { .. } => self.general(pattern, text.as_bytes(), variables, Mode::Open).is_some(),
            _ => self.matches(pattern, text, variables),
        }
    }

    /// Whether some variable of the pattern has no value in this request.
    pub fn has_unresolved<V: Variables>(&self, pattern: Pattern, variables: &V) -> bool {
        self.variables_of(pattern).any(|variable| self.value(variable, variables).is_none())
    }

    /// Whether a pattern without wildcards equals the text under the case fold.
    pub fn equals_folded<V: Variables>(&self, pattern: Pattern, text: &str, variables: &V) -> bool {
        match pattern.0 {
            Shape::Exact(whole) => eq_folded(self.text(whole), text),
            _ => self.equals_under(fold, pattern, text, variables),
        }
    }

    /// Whether a pattern without wildcards equals the text, ASCII case ignored.
    pub fn equals_ignore_ascii_case<V: Variables>(
        &self,
        pattern: Pattern,
        text: &str,
        variables: &V,
    ) -> bool {
        self.equals_under(|c| c.to_ascii_lowercase(), pattern, text, variables)
    }

    fn equals_under<V: Variables>(
        &self,
        fold: impl Fn(char) -> char,
        pattern: Pattern,
        text: &str,
        variables: &V,
    ) -> bool {
        let mut rest = text.chars().map(&fold);
        let mut eat = |piece: &str| piece.chars().all(|c| rest.next() == Some(fold(c)));
        let all = match pattern.0 {
            Shape::Exact(whole) => eat(self.text(whole)),
            Shape::Variable { head, variable, tail, open } => {
                let value = self.value(variable, variables);
                !open && eat(self.text(head)) && value.is_some_and(&mut eat) && eat(self.text(tail))
            }
            Shape::General { .. } => self.pattern_atoms(pattern).iter().all(|atom| match atom {
                Atom::Literal(text) => eat(self.text(*text)),
                Atom::Variable(variable) => self.value(*variable, variables).is_some_and(&mut eat),
                Atom::Question | Atom::Star => false,
            }),
            Shape::Any | Shape::Prefix(_) | Shape::Suffix(_) | Shape::PrefixSuffix(..) => false,
        };
        all && rest.next().is_none()
    }

    /// The pattern with its variables replaced by their values, for explanations; `None` if one has no value.
    pub fn substituted<V: Variables>(&self, pattern: Pattern, variables: &V) -> Option<String> {
        let mut out = String::new();
        match pattern.0 {
            Shape::Any => out.push('*'),
            Shape::Exact(text) => out.push_str(self.text(text)),
            Shape::Prefix(head) => out.extend([self.text(head), "*"]),
            Shape::Suffix(tail) => out.extend(["*", self.text(tail)]),
            Shape::PrefixSuffix(head, tail) => out.extend([self.text(head), "*", self.text(tail)]),
            Shape::Variable { head, variable, tail, open } => {
                let value = self.value(variable, variables)?;
                out.extend([self.text(head), value, self.text(tail), if open { "*" } else { "" }]);
            }
            Shape::General { .. } => {
                for atom in self.pattern_atoms(pattern) {
                    out.push_str(match atom {
                        Atom::Literal(text) => self.text(*text),
                        Atom::Question => "?",
                        Atom::Star => "*",
                        Atom::Variable(variable) => self.value(*variable, variables)?,
                    });
                }
            }
        }
        Some(out)
    }

    /// The variables of a pattern, by their numbers.
    pub(crate) fn variables_of(&self, pattern: Pattern) -> impl Iterator<Item = u32> {
        let one = match pattern.0 {
            Shape::Variable { variable, .. } => Some(variable),
            _ => None,
        };
        let atoms = self.pattern_atoms(pattern).iter();
        one.into_iter().chain(atoms.filter_map(|atom| match atom {
            Atom::Variable(variable) => Some(*variable),
            _ => None,
        }))
    }

    /// The literal that every text begins with which the pattern matches; perhaps an empty one.
    pub(crate) fn head(&self, pattern: Pattern) -> Literal {
        match pattern.0 {
            Shape::Exact(head)
            | Shape::Prefix(head)
            | Shape::PrefixSuffix(head, _)
            | Shape::Variable { head, .. } => head,
            Shape::Any | Shape::Suffix(_) => Literal::default(),
            Shape::General { .. } => match self.pattern_atoms(pattern).first() {
                Some(Atom::Literal(head)) => *head,
                _ => Literal::default(),
            },
        }
    }

    /// The text, if the pattern is one literal.
    pub fn exact_literal(&self, pattern: Pattern) -> Option<Literal> {
        match pattern.0 {
            Shape::Exact(text) => Some(text),
            _ => None,
        }
    }

    fn pattern_atoms(&self, pattern: Pattern) -> &[Atom] {
        match pattern.0 {
            Shape::General { start, len } => {
                let start = start as usize;
                self.atoms.get(start..start.saturating_add(len as usize)).unwrap_or_default()
            }
            _ => &[],
        }
    }

    fn general<V: Variables>(&self, pattern: Pattern, text: &[u8], variables: &V, mode: Mode) -> Option<()> {
        self.match_atoms(self.pattern_atoms(pattern), text, variables, mode == Mode::Open)
    }
}

/// A pattern of one variable between two literals, perhaps with a star at its end.
fn one_variable(atoms: &[Atom], none: Literal) -> Option<Shape> {
    let (atoms, open) = match atoms.split_last()? {
        (Atom::Star, atoms) => (atoms, true),
        _ => (atoms, false),
    };
    let (head, variable, tail) = match *atoms {
        [Atom::Variable(variable)] => (none, variable, none),
        [Atom::Literal(head), Atom::Variable(variable)] => (head, variable, none),
        [Atom::Variable(variable), Atom::Literal(tail)] => (none, variable, tail),
        [Atom::Literal(head), Atom::Variable(variable), Atom::Literal(tail)] => (head, variable, tail),
        _ => return None,
    };
    Some(Shape::Variable { head, variable, tail, open })
}

#[cfg(test)]
mod tests {
    use super::super::pool::{NoVariables, Resolved};
    use super::super::template::{Syntax, tokenize};
    use super::*;

    struct One(&'static str);

    impl Variables for One {
        fn resolve(&self, _hash: u64, _name: &str) -> Resolved<'_> {
            Resolved::Text(self.0)
        }
    }

    fn with<V: Variables>(pattern: &str, text: &str, variables: &V) -> bool {
        let mut pool = Pool::new();
        let tokens = tokenize(pattern, Syntax { wildcards: true, variables: true }).unwrap();
        let pattern = pool.pattern(&tokens);
        pool.matches(pattern, text, variables)
    }

    fn glob(pattern: &str, text: &str) -> bool {
        with(pattern, text, &NoVariables)
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "a\nb\0", true),
            ("?", "", false),
            ("?", "é", true),
            ("?", "😀", true),
            ("??", "e\u{301}", true),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("b/*/test/*", "b/1///test///o", true),
            ("b/*/test/*", "b//test/o", true),
            ("b/*/test/*", "b/test/o", false),
            ("b/*/test/*", "b/1-test/o", false),
            ("*a?c*", "xxabxabc", true),
            ("*?b*", "b", false),
            ("*?b*", "ab", true),
            ("*é?*x", "éex", true),
            ("a*?", "a", false),
            ("a*?", "aé", true),
            ("[a]*{", "[a]x{", true),
            ("*ab*ab*", "abab", true),
            ("*ab*ab*", "aba", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_value_is_literal_and_an_empty_one_is_none() {
        assert!(with("h/${k}/*", "h/*/x", &One("*")));
        assert!(!with("h/${k}/*", "h/a/x", &One("*")));
        assert!(!with("h/${k}/*", "h//x", &One("")));
        assert!(!with("h/${k}", "h/", &NoVariables));
        assert!(with("h/${k, ''}", "h/", &NoVariables));
        assert!(with("*${k}?${k}*", "..ab-ab..", &One("ab")));
        assert!(with("${k, 'd'}", "d", &One("")));
    }

    #[test]
    fn open_variables_are_any_text() {
        let mut pool = Pool::new();
        let tokens = tokenize("a/${k}/?", Syntax { wildcards: true, variables: true }).unwrap();
        let pattern = pool.pattern(&tokens);
        assert!(pool.has_unresolved(pattern, &NoVariables));
        assert!(pool.could_match(pattern, "a//x", &NoVariables));
        assert!(pool.could_match(pattern, "a/b/c/x", &NoVariables));
        assert!(!pool.could_match(pattern, "b/x/x", &NoVariables));
    }

    #[test]
    fn folded_equality() {
        let mut pool = Pool::new();
        let tokens = tokenize("A${k}ß", Syntax { wildcards: false, variables: true }).unwrap();
        let pattern = pool.pattern(&tokens);
        assert!(pool.equals_folded(pattern, "aÉß", &One("é")));
        assert!(!pool.equals_folded(pattern, "aÉSS", &One("é")));
        assert!(!pool.equals_folded(pattern, "aÉßx", &One("é")));
    }

    #[test]
    fn a_pattern_is_24_bytes() {
        assert!(size_of::<Pattern>() <= 24);
    }

    /// Most patterns are one comparison: what policies hold does not become a list of atoms.
    #[test]
    fn simple_patterns_have_simple_shapes() {
        let mut pool = Pool::new();
        for (text, head, exact, is_general) in [
            ("", "", Some(""), false),
            ("ab", "ab", Some("ab"), false),
            ("*", "", None, false),
            ("***", "", None, false),
            ("ab**", "ab", None, false),
            ("**ab", "", None, false),
            ("ab*cd", "ab", None, false),
            ("${k}", "", None, false),
            ("ab${k}", "ab", None, false),
            ("${k}cd", "", None, false),
            ("ab${k}cd", "ab", None, false),
            ("ab${k}cd**", "ab", None, false),
            ("ab?", "ab", None, true),
            ("?ab", "", None, true),
            ("ab*cd*", "ab", None, true),
            ("${k}${k}", "", None, true),
        ] {
            let tokens = tokenize(text, Syntax { wildcards: true, variables: true }).unwrap();
            let pattern = pool.pattern(&tokens);
            assert_eq!(pool.text(pool.head(pattern)), head, "{text}");
            assert_eq!(pool.exact_literal(pattern).map(|literal| pool.text(literal)), exact, "{text}");
            assert_eq!(matches!(pattern.0, Shape::General { .. }), is_general, "{text}");
            assert_eq!(pattern.is_any(), !text.is_empty() && text.bytes().all(|byte| byte == b'*'), "{text}");
        }
    }

    /// Past the places that are tried one by one, many are tried at once; the segments after it too.
    #[test]
    fn a_segment_is_found_far_into_a_text() {
        let far = "ax".repeat(300);
        for (tail, expected) in [
            ("ayb-c", true),
            ("a😀b--cd", true),
            ("aybc", true),
            ("ayb", false),
            ("abc", false),
            ("ay-bc", false),
        ] {
            assert_eq!(glob("*a?b*c*", &format!("{far}{tail}")), expected, "{tail}");
        }
    }
}
