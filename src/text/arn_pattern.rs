//! Patterns of ARNs: field by field, because a star must not run past a colon into the next field.
//!
//! AWS says that a star which ends a field may "expand" past the colon. Granted, that would let a text that a caller
//! chooses, such as an S3 key with colons, satisfy a pattern written for another type of resource; so where only such
//! a crossing would match, the outcome is Indeterminate: a Deny applies, an Allow does not.

use std::borrow::Cow;

use super::arn::Colons;
use super::pattern::Pattern;
use super::pool::{Pool, Variables};
use super::span::to_u32;
use super::template::Token;
use super::truth::{Reason, Truth};

/// A compiled ARN pattern; its parts are in the [`Pool`] that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArnPattern {
    /// `*`, the whole value.
    Any,
    /// Fields 1 to 5 are literal, so the whole text matches as one pattern.
    Whole(Pattern),
    /// Six patterns, and the flat glob if a star may cross a colon.
    Fields {
        /// Index of the six patterns.
        fields: u32,
        /// Index of the flat glob.
        crossing: Option<u32>,
    },
}

/// What a request asks for: an ARN split once, or `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceText<'a> {
    text: &'a str,
    /// Of an ARN, where its first five colons stand.
    colons: Option<Colons>,
}

impl<'a> ResourceText<'a> {
    /// Splits a concrete ARN; any other text has no fields and matches only `*`.
    pub fn new(text: &'a str) -> Self {
        Self { text, colons: if text.starts_with("arn:") { Colons::of(text) } else { None } }
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whether it is an ARN.
    #[inline]
    pub fn is_arn(&self) -> bool {
        self.colons.is_some()
    }

    /// A field of an ARN by its number, from 0; empty if it is none.
    #[inline]
    pub fn field(&self, index: usize) -> &'a str {
        self.colons.map_or("", |colons| colons.field(self.text, index))
    }
}

/// What is wrong with an ARN pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnPatternError {
    /// It does not begin with `arn:`.
    #[error("a resource that does not begin with `arn:`")]
    NoPrefix,
    /// It has fewer than six fields where six are needed.
    #[error("an ARN with {0} fields of six")]
    MissingFields(usize),
    /// A variable in the ARN's first three fields.
    #[error("a variable in field {0} of an ARN")]
    VariableInField(usize),
}

/// The fields of an ARN pattern, cut at the first five colons of its literals.
#[derive(Clone, Debug, Default)]
pub struct FieldTokens<'a> {
    tokens: Vec<Token<'a>>,
    /// Where each field ends in `tokens`; as many as there are fields.
    ends: [usize; 6],
    count: usize,
}

impl<'a> FieldTokens<'a> {
    /// Cuts a template's tokens into at most six fields.
    pub fn split(tokens: &[Token<'a>]) -> Self {
        let mut fields =
            Self { tokens: Vec::with_capacity(tokens.len().saturating_add(6)), ..Self::default() };
        fields.split_again(tokens);
        fields
    }

    /// Cuts other tokens in place of those it holds.
    pub(crate) fn split_again(&mut self, tokens: &[Token<'a>]) {
        self.tokens.clear();
        self.count = 0;
        for token in tokens {
            let mut rest = *token;
            while let Token::Literal(text) = rest
                && self.count < 5
                && let Some((before, after)) = split_colon(text)
            {
                self.push(Token::Literal(before));
                self.end_field();
                rest = Token::Literal(after);
            }
            self.push(rest);
        }
        self.end_field();
    }

    /// Checks a resource element: `arn:` first, no variable in fields 1 to 3, six fields unless they may be padded.
    pub fn check_resource(&self, padded: bool) -> Result<(), ArnPatternError> {
        if self.count < 2 || self.field(0) != [Token::Literal("arn")] {
            return Err(ArnPatternError::NoPrefix);
        }
        for index in 0..3 {
            if self.field(index).iter().any(|token| matches!(token, Token::Variable(_) | Token::Special(_))) {
                return Err(ArnPatternError::VariableInField(index.saturating_add(1)));
            }
        }
        if padded { Ok(()) } else { self.check_six() }
    }

    /// Checks that all six fields are there.
    pub fn check_six(&self) -> Result<(), ArnPatternError> {
        match self.count {
            6 => Ok(()),
            count => Err(ArnPatternError::MissingFields(count)),
        }
    }

    /// Whether a variable stands in the Region or account field.
    pub fn has_variable_in_region_or_account(&self) -> bool {
        [3, 4].iter().any(|index| self.field(*index).iter().any(|token| matches!(token, Token::Variable(_))))
    }

    /// The literal that the sixth field begins with, and whether it is the whole field; `None` without a sixth field.
    pub fn sixth_head(&self) -> Option<(Cow<'a, str>, bool)> {
        (self.count == 6).then(|| head("", self.field(5)))
    }

    /// Whether some star may run past a colon, which makes a match Indeterminate.
    pub fn may_cross(&self) -> bool {
        (1..5).any(|index| matches!(self.field(index).last(), Some(Token::Star)))
    }

    /// The tokens of a field, counted from 0; none past the last.
    fn field(&self, index: usize) -> &[Token<'a>] {
        if index >= self.count {
            return &[];
        }
        let start =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(index).copied().unwrap_or_default();
        self.tokens.get(start..end).unwrap_or_default()
    }

    fn is_literal_head(&self) -> bool {
        let literal = |token: &Token<'_>| matches!(token, Token::Literal(_) | Token::Special(_));
        self.count == 6 && (0..5).all(|index| self.field(index).iter().all(literal))
    }

    /// Adds a token to the field that is being read; an empty literal is nothing.
    fn push(&mut self, token: Token<'a>) {
        if !matches!(token, Token::Literal("")) {
            self.tokens.push(token);
        }
    }

    fn end_field(&mut self) {
        if let Some(end) = self.ends.get_mut(self.count) {
            *end = self.tokens.len();
            self.count = self.count.saturating_add(1);
        }
    }
}

/// The literal that the sixth field begins with, and whether it is the whole field, where the first token holds all
/// fields before.
pub(crate) fn head_after_plain_fields<'a>(tokens: &[Token<'a>]) -> Option<(Cow<'a, str>, bool)> {
    let (Token::Literal(first), rest) = tokens.split_first()? else { return None };
    let sixth = Colons::of(first)?.field(first, 5);
    Some(head(sixth, rest))
}

/// A text before and after its first colon.
fn split_colon(text: &str) -> Option<(&str, &str)> {
    // PERF: fields are short; a search of many bytes at once costs more than it saves.
    let colon = text.bytes().position(|byte| byte == b':')?;
    Some((text.get(..colon)?, text.get(colon.saturating_add(1)..)?))
}

/// A literal and those that follow it, and whether nothing else does.
fn head<'a>(first: &'a str, rest: &[Token<'a>]) -> (Cow<'a, str>, bool) {
    let mut head = Cow::Borrowed(first);
    for token in rest {
        match token {
            Token::Literal(text) | Token::Special(text) if head.is_empty() => head = Cow::Borrowed(text),
            Token::Literal(text) | Token::Special(text) => head.to_mut().push_str(text),
            Token::Star | Token::Question | Token::Variable(_) => return (head, false),
        }
    }
    (head, true)
}

impl Pool {
    /// Builds the pattern of a resource element that passed [`FieldTokens::check_resource`]; missing fields are `*`.
    pub fn resource_pattern(&mut self, tokens: &[Token<'_>]) -> ArnPattern {
        self.resource_pattern_of(tokens, &FieldTokens::split(tokens))
    }

    /// Builds the pattern of an ARN condition value that passed [`FieldTokens::check_six`]; no star crosses.
    pub fn arn_pattern(&mut self, tokens: &[Token<'_>]) -> ArnPattern {
        self.fields_pattern(tokens, &FieldTokens::split(tokens), None)
    }

    /// Like [`resource_pattern`](Self::resource_pattern), the tokens being split already.
    pub(crate) fn resource_pattern_of(
        &mut self,
        tokens: &[Token<'_>],
        fields: &FieldTokens<'_>,
    ) -> ArnPattern {
        if matches!(tokens, [Token::Star]) {
            return ArnPattern::Any;
        }
        let crossing = fields.may_cross().then(|| {
            let flat = self.pattern(tokens);
            self.flat.push(flat);
            to_u32(self.flat.len().saturating_sub(1))
        });
        self.fields_pattern(tokens, fields, crossing)
    }

    fn fields_pattern(
        &mut self,
        tokens: &[Token<'_>],
        fields: &FieldTokens<'_>,
        crossing: Option<u32>,
    ) -> ArnPattern {
        if fields.is_literal_head() {
            return ArnPattern::Whole(self.pattern(tokens));
        }
        let mut patterns = [self.pattern(&[Token::Star]); 6];
        for (index, slot) in patterns.iter_mut().enumerate().take(fields.count) {
            match fields.field(index) {
                [Token::Star] => {}
                tokens => *slot = self.pattern(tokens),
            }
        }
        self.arns.push(patterns);
        ArnPattern::Fields { fields: to_u32(self.arns.len().saturating_sub(1)), crossing }
    }

    /// Whether a resource pattern matches what a request asks for.
    #[allow(
        clippy::inline_always,
        reason = "one function asks a statement: a call each for its parts costs as much as they do"
    )]
    #[inline(always)]
    pub fn matches_resource<V: Variables>(
        &self,
        pattern: &ArnPattern,
        asked: &ResourceText<'_>,
        variables: &V,
    ) -> Truth {
        match *pattern {
            ArnPattern::Any => Truth::True,
            _ if asked.colons.is_none() => Truth::False,
            // PERF: not through `resource_truth`, whose closure would be a call.
            ArnPattern::Whole(pattern) => self.matches(pattern, asked.text, variables).into(),
            ArnPattern::Fields { fields, crossing } => {
                self.fields_truth(fields, crossing, asked, |pattern, text| {
                    self.matches(pattern, text, variables)
                })
            }
        }
    }

    /// Like [`matches_resource`](Self::matches_resource), for an entry of `NotResource`: a variable without a value
    /// makes it Indeterminate, unless its literal text already rules the resource out.
    pub fn matches_exclusion<V: Variables>(
        &self,
        pattern: &ArnPattern,
        asked: &ResourceText<'_>,
        variables: &V,
    ) -> Truth {
        if !self.arn_has_unresolved(*pattern, variables) {
            return self.matches_resource(pattern, asked, variables);
        }
        match self.resource_truth(pattern, asked, |pattern, text| self.could_match(pattern, text, variables))
        {
            Truth::False => Truth::False,
            Truth::True | Truth::Indeterminate(_) => Truth::Indeterminate(Reason::UnresolvedExclusion),
        }
    }

    /// Whether an ARN condition value matches the six fields of an ARN.
    pub fn matches_arn<V: Variables>(
        &self,
        pattern: &ArnPattern,
        asked: &ResourceText<'_>,
        variables: &V,
    ) -> bool {
        self.matches_resource(pattern, asked, variables) == Truth::True
    }

    /// The pattern with its variables replaced, for explanations.
    pub fn substituted_arn<V: Variables>(&self, pattern: ArnPattern, variables: &V) -> Option<String> {
        match pattern {
            ArnPattern::Any => Some("*".to_owned()),
            ArnPattern::Whole(pattern) => self.substituted(pattern, variables),
            ArnPattern::Fields { fields, .. } => {
                let fields: Option<Vec<_>> =
                    self.six(fields).iter().map(|field| self.substituted(*field, variables)).collect();
                fields.map(|fields| fields.join(":"))
            }
        }
    }

    /// Whether some variable of the pattern has no value in this request.
    pub fn arn_has_unresolved<V: Variables>(&self, pattern: ArnPattern, variables: &V) -> bool {
        self.variables_of_arn(pattern).any(|variable| self.value(variable, variables).is_none())
    }

    /// The variables of a pattern, by their numbers.
    pub(crate) fn variables_of_arn(&self, pattern: ArnPattern) -> impl Iterator<Item = u32> {
        let (whole, fields) = match pattern {
            ArnPattern::Any => (None, &[][..]),
            ArnPattern::Whole(pattern) => (Some(pattern), &[][..]),
            ArnPattern::Fields { fields, .. } => (None, self.six(fields)),
        };
        whole.into_iter().chain(fields.iter().copied()).flat_map(|pattern| self.variables_of(pattern))
    }

    #[allow(
        clippy::inline_always,
        reason = "one function asks a statement: a call each for its parts costs as much as they do"
    )]
    #[inline(always)]
    fn resource_truth(
        &self,
        pattern: &ArnPattern,
        asked: &ResourceText<'_>,
        matches: impl Fn(Pattern, &str) -> bool,
    ) -> Truth {
        match *pattern {
            ArnPattern::Any => Truth::True,
            _ if asked.colons.is_none() => Truth::False,
            ArnPattern::Whole(pattern) => matches(pattern, asked.text).into(),
            ArnPattern::Fields { fields, crossing } => self.fields_truth(fields, crossing, asked, matches),
        }
    }

    #[inline(never)]
    fn fields_truth(
        &self,
        fields: u32,
        crossing: Option<u32>,
        asked: &ResourceText<'_>,
        matches: impl Fn(Pattern, &str) -> bool,
    ) -> Truth {
        let mut six = self.six(fields).iter().enumerate();
        if six.all(|(index, pattern)| matches(*pattern, asked.field(index))) {
            return Truth::True;
        }
        match crossing.and_then(|flat| self.flat.get(flat as usize)) {
            Some(flat) if matches(*flat, asked.text) => Truth::Indeterminate(Reason::StarCrossesColon),
            _ => Truth::False,
        }
    }

    fn six(&self, index: u32) -> &[Pattern] {
        self.arns.get(index as usize).map_or(&[], |fields| fields)
    }
}

#[cfg(test)]
mod tests {
    use super::super::pool::NoVariables;
    use super::super::template::{Syntax, tokenize};
    use super::*;

    const SYNTAX: Syntax = Syntax { wildcards: true, variables: true };

    fn matches(pattern: &str, asked: &str) -> Truth {
        let mut pool = Pool::new();
        let tokens = tokenize(pattern, SYNTAX).unwrap();
        let pattern = pool.resource_pattern(&tokens);
        pool.matches_resource(&pattern, &ResourceText::new(asked), &NoVariables)
    }

    const CROSSES: Truth = Truth::Indeterminate(Reason::StarCrossesColon);

    #[test]
    fn fields_bound_the_star() {
        for (pattern, asked, expected) in [
            ("*", "*", Truth::True),
            ("arn:aws:s3:::*", "*", Truth::False),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b\nc", Truth::True),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", Truth::False),
            ("arn:aws:s3:*:*:b/*", "arn:aws:s3:::b/x", Truth::True),
            ("arn:*:s3:::b", "arn:aws-cn:s3:::b", Truth::True),
            ("arn:aws:s3:*:1:accesspoint/*", "arn:aws:s3:::b/x:1:accesspoint/y", CROSSES),
            ("arn:aws:dynamodb:*:table/X*", "arn:aws:dynamodb:us-east-1:1:table/X1", CROSSES),
            ("arn:aws:sns:us-east-1:*", "arn:aws:sns:us-east-1:1:topic", Truth::True),
            ("arn:aws:s3:?::b", "arn:aws:s3:::b", Truth::False),
            ("arn:aws:sqs", "arn:aws:sqs:r:1:q", Truth::True),
        ] {
            assert_eq!(matches(pattern, asked), expected, "{pattern} {asked}");
        }
    }

    #[test]
    fn exclusions_with_an_unresolved_variable() {
        let mut pool = Pool::new();
        let tokens = tokenize("arn:aws:s3:::b/${k}/*", SYNTAX).unwrap();
        let pattern = pool.resource_pattern(&tokens);
        let ask =
            |text: &'static str| pool.matches_exclusion(&pattern, &ResourceText::new(text), &NoVariables);
        assert_eq!(ask("arn:aws:s3:::b//x"), Truth::Indeterminate(Reason::UnresolvedExclusion));
        assert_eq!(ask("arn:aws:s3:::c/y/x"), Truth::False);
    }

    #[test]
    fn checks() {
        let check =
            |text: &str, padded| FieldTokens::split(&tokenize(text, SYNTAX).unwrap()).check_resource(padded);
        assert_eq!(check("arn:aws:s3:::b/${a:b}", false), Ok(()));
        assert_eq!(check("arn:aws:sqs", true), Ok(()));
        assert_eq!(check("arn:aws:sqs", false), Err(ArnPatternError::MissingFields(3)));
        assert_eq!(check("s3:::b", true), Err(ArnPatternError::NoPrefix));
        assert_eq!(check("arn", true), Err(ArnPatternError::NoPrefix));
        assert_eq!(check("arn:aws:${a:b}:::x", true), Err(ArnPatternError::VariableInField(3)));
    }
}
