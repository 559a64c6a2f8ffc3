//! The page of an explanation: the head, the layers with their statements, the context keys, the nearest allow.

use crate::policy::Effect;
use crate::text::diagnostic::printable;
use crate::text::span::Span;
use crate::text::truth::Truth;

use super::super::layer::Layer;
use super::json::truth_word;
use super::text::{Detail, Line, Piece, Tone};
use super::why::{quoted, written_given};
use super::{
    ClauseExplanation, EntryExplanation, Explanation, KeyState, LayerExplanation, LayerOutcome, LayerState,
    NearestAllow, StatementExplanation, VariableExplanation, VariableSource,
};

/// More statements about other actions than this in a layer are counted, not listed, unless every clause is asked for.
const LISTED: usize = 8;

/// Most places that are shown of one layer.
const PLACES: usize = 4;

/// The text as it grows.
pub(super) struct Page<'a> {
    pub(super) lines: Vec<Line>,
    pub(super) detail: Detail,
    pub(super) explanation: &'a Explanation,
}

impl Page<'_> {
    fn line(&mut self, pieces: Vec<(String, Tone)>) {
        let piece = |(text, tone): (String, Tone)| Piece { text: printable(&text).into_owned(), tone };
        self.lines.push(Line::Text(pieces.into_iter().map(piece).collect()));
    }

    fn plain(&mut self, text: String) {
        self.line(vec![(text, Tone::Plain)]);
    }

    fn heading(&mut self, text: &str) {
        self.line(vec![(text.to_owned(), Tone::Heading)]);
    }

    pub(super) fn head(&mut self) {
        let explanation = self.explanation;
        let tone = if explanation.decision.is_allowed() { Tone::Good } else { Tone::Bad };
        self.line(vec![(explanation.summary(), tone)]);
        if let Some(statement) = explanation.deciding() {
            self.plain(format!("decided by {} of {}", statement.name(), statement.place()));
        }
        for note in &explanation.notes {
            self.plain(format!("note: {note}"));
        }
        if explanation.decision.indeterminate {
            self.line(vec![(
                "decided by a clause that cannot be told true or false".to_owned(),
                Tone::Unsure,
            )]);
        }
    }

    pub(super) fn layer(&mut self, layer: &LayerExplanation) {
        let mut title = layer.layer.title().to_owned();
        if matches!(layer.layer, Layer::Scp | Layer::Rcp) && !matches!(layer.state, LayerState::NotInUse) {
            title = format!("{title}, level {}", layer.level);
        }
        let (says, tone) = match (layer.outcome(), &layer.state) {
            (LayerOutcome::Exempt, LayerState::Exempt(reason)) => {
                (format!("not asked, {reason}"), Tone::Plain)
            }
            (LayerOutcome::NotInUse | LayerOutcome::Exempt, _) => return,
            (LayerOutcome::Denies, _) => ("denies".to_owned(), Tone::Bad),
            (LayerOutcome::Allows, _) => ("allows".to_owned(), Tone::Good),
            (LayerOutcome::Silent, _) => {
                let tone = if self.explanation.is_missing(layer) { Tone::Bad } else { Tone::Plain };
                ("allows nothing here".to_owned(), tone)
            }
        };
        self.line(vec![(title, Tone::Heading), (": ".to_owned(), Tone::Plain), (says, tone)]);
        self.statements(layer);
    }

    fn statements(&mut self, layer: &LayerExplanation) {
        let is_other = |one: &&StatementExplanation| {
            !one.applies() && one.fault().is_some_and(|fault| fault.element.ends_with("Action"))
        };
        let others = layer.statements().iter().filter(is_other).count();
        let folds = self.detail < Detail::Clauses && others > LISTED;
        let listed: Vec<_> = layer.statements().iter().filter(|one| !folds || !is_other(one)).collect();
        let names = width(listed.iter().map(|one| one.name()));
        let places = width(listed.iter().map(|one| one.place()));
        let outcomes = width(listed.iter().map(|one| one.outcome().0.to_owned()));
        let mut shown = 0;
        for statement in listed {
            let (outcome, tone) = statement.outcome();
            let outcome = format!("  {outcome:outcomes$}  ");
            let subject = format!("{:names$}  {:places$}", statement.name(), statement.place());
            let why = self.reason(statement);
            let subject = if why.is_empty() { subject.trim_end().to_owned() } else { subject };
            self.line(vec![(outcome, tone), (subject, Tone::Plain), (why, Tone::Plain)]);
            self.below(layer, statement, &mut shown);
        }
        if folds {
            let text = format!("  and {others} statements about other actions");
            self.line(vec![(text, Tone::Faint)]);
        }
    }

    /// Why a statement does not apply, or applies although it cannot be told.
    fn reason(&self, statement: &StatementExplanation) -> String {
        if self.detail == Detail::Clauses {
            return String::new();
        }
        let unsure = |clause: &&ClauseExplanation| clause.truth != Truth::True;
        let clause = statement.fault().or_else(|| statement.clauses.iter().find(unsure));
        clause.map_or_else(String::new, |clause| format!("  {}: {}", clause.title(), clause.why))
    }

    /// What is told of a statement below its line.
    fn below(&mut self, layer: &LayerExplanation, statement: &StatementExplanation, shown: &mut usize) {
        match self.detail {
            Detail::Brief => {}
            Detail::Whole => self.place(layer, statement, shown),
            Detail::Clauses => {
                self.place(layer, statement, shown);
                let titles = width(statement.clauses.iter().map(ClauseExplanation::title));
                statement.clauses.iter().for_each(|clause| self.clause(clause, titles));
            }
        }
    }

    /// The place in the policy, of the first few.
    fn place(&mut self, layer: &LayerExplanation, statement: &StatementExplanation, shown: &mut usize) {
        if *shown < PLACES {
            *shown = shown.saturating_add(self.excerpt(layer, statement));
        }
    }

    /// Whether a reader may ask why a statement about this action and caller does not apply: of the Allows in the layer
    /// that lacks one, of the Denies where the request is allowed, and of each where every clause is told. Where no Allow
    /// is about this action, those are of interest that lack the action alone.
    fn is_of_interest(&self, layer: &LayerExplanation, statement: &StatementExplanation) -> bool {
        let is_near = match statement.effect {
            Effect::Allow => self.explanation.is_missing(layer),
            Effect::Deny => self.explanation.decision.is_allowed(),
        };
        let is_about = if statement.effect == Effect::Allow && is_near && !concerns_any(layer) {
            statement.lacks_the_action_alone()
        } else {
            statement.concerns()
        };
        (is_near || self.detail == Detail::Clauses) && is_about && !statement.applies()
    }

    /// The place of the statement that decided, or of what keeps one from applying.
    fn excerpt(&mut self, layer: &LayerExplanation, statement: &StatementExplanation) -> usize {
        let document = statement.document.clone();
        if self.explanation.decision.statement == Some(statement.id) {
            let span = sid_or_first_clause(statement);
            let label = format!("this {} applies", statement.effect.as_str());
            let (_, tone) = statement.outcome();
            self.lines.push(Line::Excerpt { document, span, label, tone });
            // Of a Deny the clauses that hold are what the reader may want to change.
            let are_told = self.detail == Detail::Clauses || tone != Tone::Bad;
            for clause in statement.clauses.iter().filter(|one| !are_told && one.condition.is_some()) {
                self.plain(format!("      {}: {}", clause.title(), clause.why));
            }
            return 1;
        }
        let is_near = self.is_of_interest(layer, statement);
        let Some(fault) = statement.fault().filter(|_| is_near) else { return 0 };
        let label = match (fault.truth, fault.element) {
            (Truth::Indeterminate(reason), _) => reason.text(),
            (_, "Action") => "names another action",
            (_, "NotAction") => "excepts this action",
            (Truth::True | Truth::False, _) => "this does not hold",
        };
        let label = label.to_owned();
        let is_needed = self.explanation.is_missing(layer) && statement.effect == Effect::Allow;
        let tone = if is_needed { Tone::Bad } else { Tone::Faint };
        self.lines.push(Line::Excerpt { document, span: fault.span, label, tone });
        if self.detail == Detail::Clauses {
            return 1;
        }
        let mut told: Vec<&VariableExplanation> = Vec::new();
        for variable in fault.entries.iter().flat_map(|entry| &entry.variables) {
            if !told.contains(&variable) {
                told.push(variable);
                self.plain(format!("      {}", resolved(variable)));
            }
        }
        1
    }

    fn clause(&mut self, clause: &ClauseExplanation, titles: usize) {
        let tone = match clause.truth {
            Truth::True => Tone::Good,
            Truth::False => Tone::Bad,
            Truth::Indeterminate(_) => Tone::Unsure,
        };
        let title = format!("    {:titles$}  ", clause.title());
        let word = format!("{:TRUTH$}", truth_word(clause.truth));
        self.line(vec![(title, Tone::Plain), (word, tone), (clause.why.clone(), Tone::Plain)]);
        for value in &clause.values {
            self.plain(format!(
                "      {:TRUTH$}of the request: {}",
                truth_word(value.truth),
                quoted(&value.text)
            ));
        }
        for entry in &clause.entries {
            self.entry(entry);
        }
    }

    fn entry(&mut self, entry: &EntryExplanation) {
        let word = format!("      {:TRUTH$}", truth_word(entry.truth));
        let mut text = quoted(&entry.written);
        if let Some(substituted) = &entry.substituted {
            text = format!("{text} as {}", quoted(substituted));
        }
        self.line(vec![(word, Tone::Faint), (text, Tone::Plain)]);
        for variable in &entry.variables {
            self.line(vec![(format!("      {:TRUTH$}  {}", "", resolved(variable)), Tone::Faint)]);
        }
    }

    pub(super) fn keys(&mut self) {
        let explanation = self.explanation;
        if self.detail == Detail::Clauses {
            self.given_keys("context keys read", KeyState::Read);
        }
        let absent: Vec<_> = explanation.keys_in(KeyState::Absent).collect();
        if !absent.is_empty() {
            self.heading("context keys asked for and absent:");
            let names = width(absent.iter().map(|key| printable(&key.name).into_owned()));
            for key in absent {
                let by = key.asked_by.iter().filter_map(|id| explanation.statement(*id));
                let by: Vec<_> = by.take(3).map(|one| format!("{} of {}", one.name(), one.place())).collect();
                let more = key.asked_by.len().saturating_sub(by.len());
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                let name = printable(&key.name).into_owned();
                self.plain(format!("  {name:names$}  by {}{more}", by.join(", ")));
            }
        }
        self.given_keys("context keys given and never read", KeyState::Unread);
    }

    fn given_keys(&mut self, title: &str, state: KeyState) {
        let keys: Vec<_> = self.explanation.keys_in(state).collect();
        if keys.is_empty() {
            return;
        }
        self.heading(&format!("{title}:"));
        let names = width(keys.iter().map(|key| printable(&key.name).into_owned()));
        for key in keys {
            let name = printable(&key.name).into_owned();
            self.plain(format!("  {name:names$}  {}", written_given(&key.given)));
        }
    }

    pub(super) fn nearest(&mut self) {
        let Some(nearest) = &self.explanation.nearest else { return };
        self.in_the_way(nearest);
        match (nearest.suggestions.as_slice(), nearest.searched) {
            ([], 0) => self.plain("nearest allow: the search ended before it found a change to the request".to_owned()),
            ([], 1) => self.plain("nearest allow: no one change to the request was found that would allow it".to_owned()),
            ([], changes) => self.plain(format!(
                "nearest allow: no change to the request was found that would allow it, up to {changes} at a time"
            )),
            (suggestions, _) => {
                self.heading("nearest allow: the request would be allowed with");
                for (index, suggestion) in suggestions.iter().enumerate() {
                    let lead = if index == 0 { "  " } else { "  or " };
                    self.line(vec![(format!("{lead}{suggestion}"), Tone::Good)]);
                }
            }
        }
    }

    /// Each Deny that would have to stop applying.
    fn in_the_way(&mut self, nearest: &NearestAllow) {
        let denies = nearest.in_the_way.iter().filter_map(|id| self.explanation.statement(*id));
        let denies: Vec<_> = denies.map(|deny| format!("{} of {}", deny.name(), deny.place())).collect();
        match denies.as_slice() {
            [] => {}
            [one] => {
                let title = ("in the way".to_owned(), Tone::Heading);
                self.line(vec![title, (format!(": {one}"), Tone::Plain)]);
            }
            several => {
                self.heading("in the way, each of them:");
                for one in several {
                    self.plain(format!("  {one}"));
                }
            }
        }
    }
}

/// Whether an Allow of a layer is about what was asked.
fn concerns_any(layer: &LayerExplanation) -> bool {
    layer.statements().iter().any(|one| one.effect == Effect::Allow && one.concerns())
}

/// The width of the longest word for a truth, and a gap.
const TRUTH: usize = "indeterminate".len() + 2;

fn sid_or_first_clause(statement: &StatementExplanation) -> Span {
    let written = statement.document.statements().get(statement.id.statement as usize);
    let sid = written.and_then(|written| written.sid.as_ref()).map(|sid| sid.span);
    sid.or_else(|| statement.clauses.first().map(|clause| clause.span)).unwrap_or(statement.span)
}

impl StatementExplanation {
    /// Effect and Sid, or number.
    fn name(&self) -> String {
        match &self.sid {
            Some(sid) if !sid.is_empty() => format!("{} `{}`", self.effect.as_str(), printable(sid)),
            _ => format!("{} statement {}", self.effect.as_str(), self.id.statement),
        }
    }

    /// `policy.json:3`
    fn place(&self) -> String {
        format!("{}:{}", printable(&self.policy), self.line)
    }

    /// Whether it would apply to an action that it names.
    fn lacks_the_action_alone(&self) -> bool {
        let mut faults = self.faults();
        faults.next().is_some_and(|fault| fault.element.ends_with("Action")) && faults.next().is_none()
    }

    fn outcome(&self) -> (&'static str, Tone) {
        match (self.applies(), self.effect) {
            (true, Effect::Allow) => ("applies", Tone::Good),
            (true, Effect::Deny) => ("applies", Tone::Bad),
            (false, _) => ("does not apply", Tone::Faint),
        }
    }
}

impl ClauseExplanation {
    /// The element; of a condition with its operator and key.
    fn title(&self) -> String {
        match &self.condition {
            Some(terms) => format!("{} {} {}", self.element, terms.operator, printable(&terms.key)),
            None => self.element.to_owned(),
        }
    }
}

/// What a variable stands for, and where that comes from.
fn resolved(variable: &VariableExplanation) -> String {
    let name = format!("${{{}}}", variable.name);
    match (&variable.value, &variable.source) {
        (Some(value), VariableSource::Key(key)) => format!("{name} is {}, from {key}", quoted(value)),
        (Some(value), _) => format!("{name} is {}, its default", quoted(value)),
        (None, VariableSource::Empty) => format!("{name} has no value: the key is empty"),
        (None, VariableSource::Multivalued) => format!("{name} has no value: the key is multivalued"),
        (None, _) => format!("{name} has no value: the key is absent"),
    }
}

/// The most characters of some texts, no more than a column may take.
fn width(texts: impl Iterator<Item = String>) -> usize {
    const MOST: usize = 60;
    texts.map(|text| text.chars().count()).max().unwrap_or(0).min(MOST)
}
