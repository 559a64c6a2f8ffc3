//! Reading TOML by its shape: every problem of a manifest in one pass, each with its place.

use std::ops::Range;

use toml::Spanned as Placed;
use toml::de::{DeTable, DeValue};

use crate::policy::Spanned;
use crate::text::diagnostic::{Diagnostic, bounded, codes, excerpt};
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;

use super::shape::{Form, MANIFEST, Member, Shape, Word};

/// A text with its place.
pub(super) type Text = Spanned<String>;

/// A table that stands in a manifest; what it holds is of its shape, or a problem was told.
#[derive(Clone, Copy)]
pub(super) struct Table<'t> {
    pub(super) span: Span,
    entries: &'t DeTable<'t>,
}

/// Parses a manifest, checks it by its shape, and hands its table to `read`.
pub(super) fn with_manifest<T>(
    source: &Source,
    problems: &mut Problems,
    read: impl FnOnce(Table<'_>, &mut Problems) -> T,
) -> T {
    let (root, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let span = error.span().map(span).unwrap_or_default();
        problems.push(Diagnostic::error(codes::TOML_SYNTAX_ERROR, span, bounded(error.message())));
    }
    if !source.text().is_empty() && !source.text().ends_with('\n') {
        let end = Span::new(source.text().len(), source.text().len());
        let problem = Diagnostic::error(codes::TOML_SYNTAX_ERROR, end, "the last line has no end");
        let help = "a manifest cut short could lack a boundary: end it with a line feed";
        problems.push(problem.with_help(help));
    }
    check(&MANIFEST, root.get_ref(), Span::default(), problems);
    read(Table { span: Span::default(), entries: root.get_ref() }, problems)
}

fn span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

/// Checks a table by its shape.
fn check(shape: &Shape, table: &DeTable<'_>, place: Span, problems: &mut Problems) {
    for (name, value) in table {
        let Some(member) = shape.members.iter().find(|member| member.name == name.get_ref()) else {
            problems.push(unknown(shape, name));
            continue;
        };
        check_member(member, value, problems);
    }
    for member in shape.members.iter().filter(|member| member.required) {
        if find(table, member.name).is_none() {
            let message = format!("a {} without `{}`", shape.name, member.name);
            let problem = Diagnostic::error(codes::INVALID_MANIFEST, place, message);
            problems.push(problem.with_help(format!("add `{}`: {}", member.name, member.about)));
        }
    }
}

fn unknown(shape: &Shape, name: &Placed<std::borrow::Cow<'_, str>>) -> Diagnostic {
    let message = format!("a {} has no member {}", shape.name, excerpt(name.get_ref()));
    let names: Vec<_> = shape.members.iter().map(|member| format!("`{}`", member.name)).collect();
    Diagnostic::error(codes::INVALID_MANIFEST, span(name.span()), message)
        .with_help(format!("it may have {}", names.join(", ")))
}

fn check_member(member: &Member, value: &Placed<DeValue<'_>>, problems: &mut Problems) {
    let Some(expected) = mismatch(member.form, value, problems) else { return };
    let message = format!("`{}` is {expected}", member.name);
    let problem = Diagnostic::error(codes::INVALID_MANIFEST, span(value.span()), message);
    problems.push(problem.with_help(member.about));
}

/// Checks what a member holds; what it should be, if it is of another type.
fn mismatch(form: Form, value: &Placed<DeValue<'_>>, problems: &mut Problems) -> Option<&'static str> {
    match (form, value.get_ref()) {
        (Form::Text(word), DeValue::String(_)) => check_word(word, value, problems),
        (Form::Texts(word), DeValue::Array(items)) => {
            items.iter().for_each(|item| check_word(word, item, problems));
        }
        (Form::Flag, DeValue::Boolean(_)) => {}
        (Form::Tags, DeValue::Table(tags)) => check_tags(tags, problems),
        (Form::Keys, DeValue::Table(keys)) => {
            keys.iter().for_each(|(_, key)| check_word(Word::Key, key, problems));
        }
        (Form::Table(shape), DeValue::Table(table)) => check(shape, table, span(value.span()), problems),
        (Form::Tables(shape), DeValue::Array(items)) => {
            let mut all = true;
            for item in items {
                match item.get_ref() {
                    DeValue::Table(table) => check(shape, table, span(item.span()), problems),
                    _ => all = false,
                }
            }
            return (!all).then_some("a list of tables");
        }
        (Form::Text(_), _) => return Some("a text"),
        (Form::Texts(_), _) => return Some("a list of texts"),
        (Form::Flag, _) => return Some("`true` or `false`"),
        (Form::Tags | Form::Keys, _) => return Some("a table of texts"),
        (Form::Table(_), _) => return Some("a table"),
        (Form::Tables(_), _) => return Some("a list of tables: write its head in double brackets"),
    }
    None
}

fn check_word(word: Word, value: &Placed<DeValue<'_>>, problems: &mut Problems) {
    let place = span(value.span());
    let Some(text) = value.get_ref().as_str() else {
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place, "a text must stand here"));
        return;
    };
    if !word.holds(text) {
        let message = format!("{} is not {}", excerpt(text), word.about());
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place, message));
    }
}

/// Tags: texts, and no two keys that differ in case only, which no request could hold.
fn check_tags(tags: &DeTable<'_>, problems: &mut Problems) {
    let mut keys: Vec<(String, Span)> = Vec::new();
    for (key, value) in tags {
        check_word(Word::Any, value, problems);
        let place = span(key.span());
        let folded = crate::text::fold::fold_text(key.get_ref()).into_owned();
        if key.get_ref().is_empty() {
            problems.push(Diagnostic::error(codes::INVALID_MANIFEST, place, "a tag without a key"));
        }
        if let Some((_, first)) = keys.iter().find(|(other, _)| *other == folded) {
            let message = format!("the tag {} stands twice but for case", excerpt(key.get_ref()));
            let problem = Diagnostic::error(codes::DUPLICATE_ENTRY, place, message);
            problems.push(problem.with_label(*first, "the other"));
        }
        keys.push((folded, place));
    }
}

fn find<'t>(table: &'t DeTable<'_>, name: &str) -> Option<&'t Placed<DeValue<'t>>> {
    table.get(name)
}

impl<'t> Table<'t> {
    /// A text that is what its member asks for.
    pub(super) fn text(&self, name: &str) -> Option<Text> {
        self.entries.get(name).and_then(text)
    }

    /// The texts of a list; none without the list.
    pub(super) fn texts(&self, name: &str) -> Vec<Text> {
        self.some_texts(name).unwrap_or_default()
    }

    /// The texts of a list, if it stands.
    pub(super) fn some_texts(&self, name: &str) -> Option<Vec<Text>> {
        let items = self.entries.get(name)?.get_ref().as_array()?;
        Some(items.iter().filter_map(text).collect())
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.entries.get(name)?.get_ref().as_bool()
    }

    /// Tags, by their keys.
    pub(super) fn tags(&self, name: &str) -> Vec<(String, String)> {
        let tags = self.entries.get(name).and_then(|value| value.get_ref().as_table());
        let tags = tags.into_iter().flatten();
        let text = |value: &Placed<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        tags.filter_map(|(key, value)| Some((key.get_ref().to_string(), text(value)?))).collect()
    }

    /// A table in it.
    pub(super) fn table(&self, name: &str) -> Option<Table<'t>> {
        table(self.entries.get(name)?)
    }

    /// The tables of a list.
    pub(super) fn tables(&self, name: &str) -> impl Iterator<Item = Table<'t>> {
        let items = self.entries.get(name).and_then(|value| value.get_ref().as_array());
        items.into_iter().flatten().filter_map(table)
    }

    /// Where a member stands, or the table where it does not.
    pub(super) fn place(&self, name: &str) -> Span {
        self.entries.get(name).map_or(self.span, |value| span(value.span()))
    }
}

fn text(value: &Placed<DeValue<'_>>) -> Option<Text> {
    let text = value.get_ref().as_str()?;
    Some(Spanned { value: text.to_owned(), span: span(value.span()) })
}

fn table<'t>(value: &'t Placed<DeValue<'t>>) -> Option<Table<'t>> {
    Some(Table { span: span(value.span()), entries: value.get_ref().as_table()? })
}
