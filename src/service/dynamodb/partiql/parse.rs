//! The grammar of statements. What decides nothing about keys (which comparison, which function, what sign) is read and
//! not kept; every path is.

use super::lex::{Read, keyword, keywords, list, name, number, spaces, string, symbol, word};
use super::{Change, Expression, MOST_BYTES, MOST_DEPTH, Path, Rest, Returning, Select, Statement, Target};
use crate::service::dynamodb::expression::{Stop, SyntaxError, whole};

/// Functions of conditions, values and updates.
const FUNCTIONS: [&str; 8] = [
    "begins_with",
    "contains",
    "attribute_type",
    "size",
    "list_append",
    "if_not_exists",
    "set_add",
    "set_delete",
];

/// Comparisons other than `=`, the longer first.
const COMPARISONS: [&str; 6] = ["<>", "!=", "<=", ">=", "<", ">"];

pub(super) fn statement(text: &str) -> Result<(Statement<'_>, usize), SyntaxError> {
    let mut parser = Parser { parameters: 0 };
    let read = whole(text, MOST_BYTES, |input| parser.statement(input))?;
    Ok((read, parser.parameters))
}

struct Parser {
    /// How many `?` were read: they are numbered as they stand.
    parameters: usize,
}

impl Parser {
    fn statement<'a>(&mut self, input: &'a str) -> Read<'a, Statement<'a>> {
        if keyword(input, "SELECT").is_ok() {
            let (rest, select) = self.select(input)?;
            return Ok((rest, Statement::Select(select)));
        }
        if let Ok((after, ())) = keyword(input, "EXISTS") {
            let (after, ()) = symbol(after, "(")?;
            let (after, select) = self.select(after)?;
            let (rest, ()) = symbol(after, ")")?;
            return Ok((rest, Statement::Exists(select)));
        }
        if let Ok((after, ())) = keywords(input, &["INSERT", "INTO"]) {
            let (after, target) = table(after)?;
            let (after, ()) = keyword(after, "VALUE")?;
            let (rest, members) = self.tuple(after, MOST_DEPTH)?;
            return Ok((rest, Statement::Insert(target, members)));
        }
        if let Ok((after, ())) = keyword(input, "UPDATE") {
            let (after, target) = table(after)?;
            let (after, changes) = self.changes(after)?;
            let (after, filter) = self.filter(after)?;
            let (rest, returning) = returning(after)?;
            return Ok((rest, Statement::Update(target, changes, filter, returning)));
        }
        if let Ok((after, ())) = keywords(input, &["DELETE", "FROM"]) {
            let (after, target) = table(after)?;
            let (after, filter) = self.filter(after)?;
            let (rest, returning) = returning(after)?;
            return Ok((rest, Statement::Delete(target, filter, returning)));
        }
        Err(Stop::at(spaces(input), "SELECT, INSERT INTO, UPDATE, DELETE FROM or EXISTS"))
    }

    fn select<'a>(&mut self, input: &'a str) -> Read<'a, Select<'a>> {
        let (after, ()) = keyword(input, "SELECT")?;
        let (after, selected) = if let Ok((after, ())) = symbol(after, "*") {
            (after, None)
        } else {
            let (after, all) = list(after, |input| self.value(input, MOST_DEPTH))?;
            (after, Some(all))
        };
        let (after, ()) = keyword(after, "FROM")?;
        let (mut rest, from) = target(after)?;
        let mut select = Select { list: selected, from, filter: None, order: Vec::new() };
        if keyword(rest, "WHERE").is_ok() {
            let (after, filter) = self.filter(rest)?;
            (rest, select.filter) = (after, Some(filter));
        }
        if let Ok((after, ())) = keywords(rest, &["ORDER", "BY"]) {
            (rest, select.order) = list(after, ordered)?;
        }
        Ok((rest, select))
    }

    fn filter<'a>(&mut self, input: &'a str) -> Read<'a, Expression<'a>> {
        let (after, ()) = keyword(input, "WHERE")?;
        self.either(after, MOST_DEPTH)
    }

    /// `SET` and `REMOVE` clauses, as many as there are.
    fn changes<'a>(&mut self, input: &'a str) -> Read<'a, Vec<Change<'a>>> {
        let mut rest = input;
        let mut all = Vec::new();
        loop {
            if let Ok((after, ())) = keyword(rest, "SET") {
                let (end, set) = list(after, |input| {
                    let (after, path) = path(input)?;
                    let (after, ()) = symbol(after, "=")?;
                    let (rest, value) = self.value(after, MOST_DEPTH)?;
                    Ok((rest, (path, Some(value))))
                })?;
                all.extend(set);
                rest = end;
            } else if let Ok((after, ())) = keyword(rest, "REMOVE") {
                let (end, removed) = list(after, path)?;
                all.extend(removed.into_iter().map(|path| (path, None)));
                rest = end;
            } else if all.is_empty() {
                return Err(Stop::at(spaces(rest), "SET or REMOVE"));
            } else {
                return Ok((rest, all));
            }
        }
    }

    fn either<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer parentheses")) };
        let (rest, mut all) = self.joined(input, "OR", |parser, input| parser.both(input, depth))?;
        let one = if all.len() == 1 { all.pop() } else { None };
        Ok((rest, one.unwrap_or(Expression::Or(all))))
    }

    fn both<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let (rest, mut all) = self.joined(input, "AND", |parser, input| parser.negation(input, depth))?;
        let one = if all.len() == 1 { all.pop() } else { None };
        Ok((rest, one.unwrap_or(Expression::And(all))))
    }

    fn joined<'a>(
        &mut self,
        input: &'a str,
        word: &'static str,
        mut next: impl FnMut(&mut Self, &'a str) -> Read<'a, Expression<'a>>,
    ) -> Read<'a, Vec<Expression<'a>>> {
        let (mut rest, first) = next(self, input)?;
        let mut all = vec![first];
        while let Ok((after, ())) = keyword(rest, word) {
            let (end, one) = next(self, after)?;
            all.push(one);
            rest = end;
        }
        Ok((rest, all))
    }

    /// A negation binds nothing, whatever it negates.
    fn negation<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let Ok((after, ())) = keyword(input, "NOT") else { return self.comparison(input, depth) };
        let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer negations")) };
        let (rest, one) = self.negation(after, depth)?;
        Ok((rest, Expression::All(vec![one])))
    }

    fn comparison<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let (rest, left) = self.value(input, depth)?;
        for other in COMPARISONS {
            if let Ok((after, ())) = symbol(rest, other) {
                let (rest, right) = self.value(after, depth)?;
                return Ok((rest, Expression::All(vec![left, right])));
            }
        }
        if let Ok((after, ())) = symbol(rest, "=") {
            let (rest, right) = self.value(after, depth)?;
            return Ok((rest, Expression::Equal(Box::new(left), Box::new(right))));
        }
        let (after, negated) = match keyword(rest, "NOT") {
            Ok((after, ())) => (after, true),
            Err(_) => (rest, false),
        };
        if let Ok((after, ())) = keyword(after, "IN") {
            let (rest, all) = self.members(after, depth)?;
            let found = Expression::In(Box::new(left), all);
            return Ok((rest, if negated { Expression::All(vec![found]) } else { found }));
        }
        if let Ok((after, ())) = keyword(after, "BETWEEN") {
            let (after, low) = self.value(after, depth)?;
            let (after, ()) = keyword(after, "AND")?;
            let (rest, high) = self.value(after, depth)?;
            return Ok((rest, Expression::All(vec![left, low, high])));
        }
        if let (Ok((after, ())), false) = (keyword(rest, "IS"), negated) {
            let after = keyword(after, "NOT").map_or(after, |(after, ())| after);
            let (rest, ()) = keyword(after, "MISSING").or_else(|_| keyword(after, "NULL"))?;
            return Ok((rest, Expression::All(vec![left])));
        }
        if negated { Err(Stop::at(spaces(after), "IN or BETWEEN")) } else { Ok((rest, left)) }
    }

    /// What follows `IN`: a list in brackets or parentheses.
    fn members<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Vec<Expression<'a>>> {
        for (open, close) in [("[", "]"), ("(", ")")] {
            if let Ok((after, ())) = symbol(input, open) {
                let (after, all) = list(after, |input| self.value(input, depth))?;
                let (rest, ()) = symbol(after, close)?;
                return Ok((rest, all));
            }
        }
        Err(Stop::at(spaces(input), "a list in brackets"))
    }

    /// One term, or several with signs between.
    fn value<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer parentheses")) };
        let (mut rest, first) = self.term(input, depth)?;
        let mut all = vec![first];
        loop {
            let next = spaces(rest);
            if next.starts_with("--") {
                return Err(Stop::at(next, "no comment"));
            }
            let Some(after) = next.strip_prefix(['+', '-']) else { break };
            let (end, one) = self.term(after, depth)?;
            all.push(one);
            rest = end;
        }
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok((rest, only)),
            (last, _) => Ok((rest, Expression::All(all.into_iter().chain(last).collect()))),
        }
    }

    fn term<'a>(&mut self, input: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let start = spaces(input);
        let rest = start.get(1..).unwrap_or_default();
        match start.as_bytes().first() {
            Some(b'?') => {
                let number = self.parameters;
                self.parameters = number.saturating_add(1);
                Ok((rest, Expression::Parameter(number)))
            }
            Some(b'\'') => string(start).map(|(rest, text)| (rest, Expression::String(text))),
            Some(b'(') => {
                let (after, inner) = self.either(rest, depth)?;
                let (rest, ()) = symbol(after, ")")?;
                Ok((rest, inner))
            }
            Some(b'[') => self.listed(rest, "]", depth),
            Some(b'<') => self.listed(symbol(start, "<<")?.0, ">>", depth),
            Some(b'{') => {
                let (rest, members) = self.tuple(start, depth)?;
                Ok((rest, Expression::All(members.into_iter().map(|(_, value)| value).collect())))
            }
            Some(b'-' | b'+' | b'0'..=b'9') => {
                number(start).map(|(rest, text)| (rest, Expression::Number(text)))
            }
            _ => self.word(start, depth),
        }
    }

    /// A list or a set after its opening; it may be empty.
    fn listed<'a>(&mut self, after: &'a str, close: &'static str, depth: usize) -> Read<'a, Expression<'a>> {
        if let Ok((rest, ())) = symbol(after, close) {
            return Ok((rest, Expression::All(Vec::new())));
        }
        let (after, all) = list(after, |input| self.value(input, depth))?;
        let (rest, ()) = symbol(after, close)?;
        Ok((rest, Expression::All(all)))
    }

    /// `{'name': value}`, each name once.
    fn tuple<'a>(
        &mut self,
        input: &'a str,
        depth: usize,
    ) -> Read<'a, Vec<(std::borrow::Cow<'a, str>, Expression<'a>)>> {
        let (after, ()) = symbol(input, "{")?;
        if let Ok((rest, ())) = symbol(after, "}") {
            return Ok((rest, Vec::new()));
        }
        let mut known = std::collections::BTreeSet::new();
        let (after, all) = list(after, |input| {
            let (after, name) = string(input)?;
            if !known.insert(name.clone()) {
                return Err(Stop::at(spaces(input), "each name once"));
            }
            let (after, ()) = symbol(after, ":")?;
            let (rest, value) = self.value(after, depth)?;
            Ok((rest, (name, value)))
        })?;
        let (rest, ()) = symbol(after, "}")?;
        Ok((rest, all))
    }

    /// A constant, a function or a path.
    fn word<'a>(&mut self, start: &'a str, depth: usize) -> Read<'a, Expression<'a>> {
        let Some((rest, text)) = word(start) else {
            return path(start).map(|(rest, path)| (rest, Expression::Path(path)));
        };
        if ["TRUE", "FALSE", "NULL", "MISSING"].iter().any(|constant| constant.eq_ignore_ascii_case(text)) {
            return Ok((rest, Expression::Constant));
        }
        let Ok((after, ())) = symbol(rest, "(") else {
            return path(start).map(|(rest, path)| (rest, Expression::Path(path)));
        };
        if !FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            return Err(Stop::at(start, "a function of DynamoDB"));
        }
        let (after, all) = list(after, |input| self.value(input, depth))?;
        let (rest, ()) = symbol(after, ")")?;
        Ok((rest, Expression::All(all)))
    }
}

fn path(input: &str) -> Read<'_, Path<'_>> {
    let (mut rest, head) = name(input)?;
    let mut steps = Rest::Nothing;
    loop {
        if let Some(after) = rest.strip_prefix('.') {
            let (end, member) = name(after)?;
            rest = end;
            steps = match steps {
                Rest::Nothing => Rest::Member(member),
                Rest::Member(first) | Rest::Members(first) => Rest::Members(first),
                Rest::Element => Rest::Element,
            };
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = spaces(after).trim_start_matches(|c: char| c.is_ascii_digit());
            if end.len() == spaces(after).len() {
                return Err(Stop::at(after, "an index"));
            }
            rest = symbol(end, "]")?.0;
            steps = match steps {
                Rest::Nothing | Rest::Element => Rest::Element,
                Rest::Member(first) | Rest::Members(first) => Rest::Members(first),
            };
        } else {
            return Ok((rest, Path { head, rest: steps }));
        }
    }
}

fn ordered(input: &str) -> Read<'_, Path<'_>> {
    let (rest, path) = path(input)?;
    let after = keyword(rest, "ASC").or_else(|_| keyword(rest, "DESC")).map_or(rest, |(after, ())| after);
    Ok((after, path))
}

fn target(input: &str) -> Read<'_, Target<'_>> {
    let (rest, table) = name(input)?;
    match rest.strip_prefix('.') {
        Some(after) => {
            let (rest, index) = name(after)?;
            Ok((rest, Target { table, index: Some(index) }))
        }
        None => Ok((rest, Target { table, index: None })),
    }
}

/// A table alone: an index is read from, never written to.
fn table(input: &str) -> Read<'_, Target<'_>> {
    match target(input)? {
        (rest, target) if target.index.is_none() => Ok((rest, target)),
        _ => Err(Stop::at(spaces(input), "a table without index")),
    }
}

fn returning(input: &str) -> Read<'_, Returning> {
    let Ok((after, ())) = keyword(input, "RETURNING") else { return Ok((input, Returning::None)) };
    for (words, returning) in [
        (["ALL", "OLD"], Returning::AllOld),
        (["ALL", "NEW"], Returning::AllNew),
        (["MODIFIED", "OLD"], Returning::ModifiedOld),
        (["MODIFIED", "NEW"], Returning::ModifiedNew),
    ] {
        if let Ok((after, ())) = keywords(after, &words) {
            let (rest, ()) = symbol(after, "*")?;
            return Ok((rest, returning));
        }
    }
    Err(Stop::at(spaces(after), "ALL or MODIFIED, OLD or NEW, then `*`"))
}
