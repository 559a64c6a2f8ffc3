//! A case file, read: its cases written out one by one, tables and `each` included.
//!
//! ```yaml
//! policies:
//!   identity: policy.json
//! request:
//!   principal: arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials
//!   resource_account: "111122223333"
//!   context:
//!     cognito-identity.amazonaws.com:sub: us-east-1:alice
//! cases:
//!   - name: reads an own object
//!     action: s3:GetObject
//!     resource: arn:aws:s3:::app-data/us-east-1:alice/photo.jpg
//!     expect: allowed
//! ```

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::evaluate::Layer;
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Source;

use super::super::case::Expectation;
use super::call::{self, AskedCall, CallFacts, Translate};
use super::policies::{Policies, joined};
use super::request::{self, RequestParts, text};
use super::yaml::{self, Node, Problem, Value};
use super::{each, table};

/// A case file.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// The path, as messages give it.
    pub path: PathBuf,
    /// The cases, in their order.
    pub checks: Vec<Check>,
    /// The different policies of the cases; a case names its own by number.
    pub policies: Vec<Policies>,
    /// Other files that were read for the cases: the key schemas of tables.
    pub beside: Vec<PathBuf>,
    /// Policies that are part of the scene: neither counted nor broken.
    pub props: Vec<PathBuf>,
    /// The broken copies that its author knows to go unnoticed.
    pub accepted: Vec<Accepted>,
}

/// One request and what is expected of it.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name; unique in its file.
    pub name: String,
    /// The line of the file in which it is written, from 1.
    pub line: usize,
    /// What is asked; of a call what its checks share.
    pub request: RequestParts,
    /// The API call that is asked about, if the case is in terms of one.
    pub call: Option<AskedCall>,
    /// What governs, by its place in [`TestFile::policies`].
    pub policies: usize,
    /// The expected decision.
    pub expect: Expectation,
    /// The Sid of the statement that is expected to decide.
    pub statement: Option<String>,
    /// The layer that is expected to decide, or to be without a needed Allow.
    pub layer: Option<Layer>,
    /// Keys that the request is expected to lack where policies read them.
    pub missing_keys: Option<Vec<String>>,
    /// Who asks, in the words of the file, for the matrix.
    pub who: String,
}

/// A surviving mutant that is known, and why it is.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The mutant's name, or the part of it that begins it.
    pub mutant: String,
    /// Why nothing is wrong with its survival.
    pub because: String,
    /// The line of the file, from 1.
    pub line: usize,
}

/// A case file that cannot be read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The text.
    pub source: Source,
    /// What is wrong and where.
    pub problem: Box<Diagnostic>,
}

/// What a case says so far: below are the defaults of its file, above it the row of its table.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) parts: RequestParts,
    pub(super) policies: Policies,
    pub(super) expect: Option<Expectation>,
    pub(super) statement: Option<String>,
    pub(super) layer: Option<Layer>,
    pub(super) missing_keys: Option<Vec<String>>,
    pub(super) who: Option<String>,
    /// The API call, as written.
    pub(super) call: Option<Node>,
    pub(super) facts: CallFacts,
    /// What is expected of each part of a call.
    pub(super) expect_each: Option<Vec<Expectation>>,
}

const MEMBERS: &str = "`policies`, `request`, `facts`, `cases`, `props` and `accepted_mutants`";

impl Check {
    /// The requests that must all be allowed: one, or those of a call's checks; none for a call that needs no permission.
    ///
    /// # Errors
    /// Why the call is refused.
    pub fn requests(&self) -> Result<&[RequestParts], &str> {
        match &self.call {
            None => Ok(std::slice::from_ref(&self.request)),
            Some(call) => call.refused.as_deref().map_or(Ok(&call.requests), Err),
        }
    }

    /// What is done: the action, or the operation of the call.
    pub fn done(&self) -> &str {
        let call = self.call.as_ref().map(|call| call.operation.as_str());
        call.or(self.request.action.as_deref()).unwrap_or_default()
    }

    /// The resources that it is done to.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.requests().unwrap_or_default().iter().filter_map(|parts| parts.resource.as_deref())
    }
}

impl TestFile {
    /// Reads a case file; the policies that it names are read when it is run.
    ///
    /// # Errors
    /// What is wrong first, with its place.
    ///
    /// ```
    /// use verdikt::suite::test::TestFile;
    /// let text = "policies: {identity: policy.json}\ncases:\n  - {name: a, principal: anonymous, action: s3:GetObject, \
    ///             resource: 'arn:aws:s3:::b/k', expect: denied}\n";
    /// let file = TestFile::parse("policies/a.test.yaml".as_ref(), text.to_owned())?;
    /// assert_eq!((file.checks[0].name.as_str(), file.checks[0].line), ("a", 3));
    /// # Ok::<(), verdikt::suite::test::Unreadable>(())
    /// ```
    pub fn parse(path: &Path, text: String) -> Result<Self, Unreadable> {
        Self::read(path, text, None)
    }

    /// Reads a case file that may have cases in terms of API calls.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which refuses such cases.
    pub fn parse_with_calls(path: &Path, text: String, translate: Translate) -> Result<Self, Unreadable> {
        Self::read(path, text, Some(translate))
    }

    fn read(path: &Path, text: String, translate: Option<Translate>) -> Result<Self, Unreadable> {
        let read = yaml::parse(&text).and_then(|root| read(path, &root, translate));
        read.map_err(|problem| {
            let problem = Box::new(problem.diagnostic(&text));
            Unreadable { source: Source::new(path.display().to_string(), text), problem }
        })
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.source.position(self.problem.span.start);
        write!(
            formatter,
            "{}: line {}, column {}: {}",
            self.source.name(),
            at.line,
            at.column,
            self.problem.message
        )
    }
}

impl std::error::Error for Unreadable {}

fn read(path: &Path, root: &Node, translate: Option<Translate>) -> Result<TestFile, Problem> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let defaults = defaults(root, folder)?;
    let cases = root.get("cases").ok_or_else(|| root.problem("a case file without `cases`"))?;
    let mut file = TestFile {
        path: path.to_owned(),
        checks: Vec::new(),
        policies: Vec::new(),
        beside: defaults.facts.files.clone(),
        props: props(root, folder)?,
        accepted: accepted(root)?,
    };
    let mut names = HashSet::new();
    for node in cases.items() {
        for draft in case(&defaults, node, folder)? {
            file.beside.extend(draft.facts.files.iter().skip(defaults.facts.files.len()).cloned());
            if !names.insert(draft.name.clone()) {
                return Err(node.problem(format!("a second case with the name `{}`", draft.name)));
            }
            file.add(draft, node, translate)?;
        }
    }
    if file.checks.is_empty() {
        return Err(cases.problem("no case").help("a file that tests nothing must not pass"));
    }
    Ok(file)
}

/// What all cases of a file say.
fn defaults(root: &Node, folder: &Path) -> Result<Draft, Problem> {
    let members =
        root.mapping().ok_or_else(|| root.problem(format!("a case file is a mapping with {MEMBERS}")))?;
    let mut draft = Draft::new(root.line);
    for (name, value) in members {
        match name.text().unwrap_or_default() {
            "policies" => draft.policies = Policies::read(value, folder)?,
            "request" => draft.parts = request_member(value)?,
            "facts" => draft.facts = draft.facts.overlaid(value, folder)?,
            "cases" | "props" | "accepted_mutants" => {}
            other => {
                let problem = name.problem(format!("`{other}` is no member of a case file"));
                return Err(problem.help(format!("the members are {MEMBERS}")));
            }
        }
    }
    Ok(draft)
}

fn request_member(node: &Node) -> Result<RequestParts, Problem> {
    let mut parts = RequestParts::default();
    for (name, value) in node.mapping().ok_or_else(|| node.problem("`request` is a mapping"))? {
        let text = name.text().unwrap_or_default();
        if !parts.take(text, value)? {
            let help = format!("the members are {}", list(&request::MEMBERS));
            return Err(name.problem(format!("`{text}` is no member of a request")).help(help));
        }
    }
    Ok(parts)
}

pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The cases that an item of `cases` stands for.
fn case(defaults: &Draft, node: &Node, folder: &Path) -> Result<Vec<Draft>, Problem> {
    let members = node.mapping().ok_or_else(|| node.problem("a case is a mapping"))?;
    let mut draft = Draft { line: node.line, ..defaults.clone() };
    let mut parts = RequestParts::default();
    for (name, value) in members {
        let text = name.text().unwrap_or_default();
        let is_known = match text {
            "policies" => {
                draft.policies = draft.policies.overlaid(&Policies::read(value, folder)?);
                true
            }
            "facts" => {
                draft.facts = draft.facts.overlaid(value, folder)?;
                true
            }
            "table" | "each" => true,
            // The matrix of `each` is read with its axes.
            "expect" if node.get("each").is_some() => true,
            _ => draft.take(text, value)? || parts.take(text, value)?,
        };
        if !is_known {
            let help = "the members are `name`, `expect`, `statement`, `layer`, `missing_keys`, `policies`, `table`, `each`, \
                        `call`, `facts`, and those of a request";
            return Err(name.problem(format!("`{text}` is no member of a case")).help(help));
        }
    }
    draft.parts = draft.parts.overlaid(&parts);
    if draft.name.is_empty() {
        return Err(node.problem("a case without `name`"));
    }
    match (node.get("table"), node.get("each")) {
        (Some(_), Some(each)) => Err(each.problem("`each` beside `table`").help("write two cases")),
        (Some(table), None) => table::rows(&draft, table),
        (None, Some(each)) => each::cells(&draft, each, node.get("expect")),
        (None, None) => Ok(vec![draft]),
    }
}

impl Draft {
    fn new(line: usize) -> Self {
        Self {
            name: String::new(),
            line,
            parts: RequestParts::default(),
            policies: Policies::default(),
            expect: None,
            statement: None,
            layer: None,
            missing_keys: None,
            who: None,
            call: None,
            facts: CallFacts::default(),
            expect_each: None,
        }
    }

    /// Takes over a member of the case itself; whether there is one of that name.
    pub(super) fn take(&mut self, name: &str, node: &Node) -> Result<bool, Problem> {
        match name {
            "name" => self.name = text(name, node)?.unwrap_or_default(),
            "expect" if matches!(node.value, Value::Sequence(_)) => {
                let decision =
                    |item: &Node| expectation(item)?.ok_or_else(|| item.problem("no decision here"));
                self.expect_each = Some(node.items().iter().map(decision).collect::<Result<_, _>>()?);
            }
            "expect" => (self.expect, self.expect_each) = (expectation(node)?, None),
            "call" => self.call = (!node.is_null()).then(|| node.clone()),
            "statement" => self.statement = text(name, node)?,
            "layer" => self.layer = layer(node)?,
            "missing_keys" => self.missing_keys = missing_keys(node)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A decision by its name; `null` is none.
pub(super) fn expectation(node: &Node) -> Result<Option<Expectation>, Problem> {
    if node.is_null() {
        return Ok(None);
    }
    let read = node.text().and_then(|text| serde_json::from_value(text.into()).ok());
    let help = "the decisions are `allowed`, `explicitDeny`, `implicitDeny`, `denied` for either, and `error` for what is refused";
    read.map(Some).ok_or_else(|| node.problem("no decision").help(help))
}

fn layer(node: &Node) -> Result<Option<Layer>, Problem> {
    if node.is_null() {
        return Ok(None);
    }
    let found = Layer::ALL.into_iter().find(|layer| node.text() == Some(layer.as_str()));
    let help = format!("the layers are {}", list(&Layer::ALL.map(Layer::as_str)));
    found.map(Some).ok_or_else(|| node.problem("no layer").help(help))
}

fn missing_keys(node: &Node) -> Result<Option<Vec<String>>, Problem> {
    if node.is_null() {
        return Ok(None);
    }
    let key =
        |item: &Node| item.text().map(str::to_owned).ok_or_else(|| item.problem("a context key is a text"));
    node.items().iter().map(key).collect::<Result<_, _>>().map(Some)
}

fn props(root: &Node, folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let items = root.get("props").map(Node::items).unwrap_or_default();
    let path = |item: &Node| {
        let text = item.text().ok_or_else(|| item.problem("a prop is the path of a policy"))?;
        Ok(joined(folder, text))
    };
    items.iter().map(path).collect()
}

fn accepted(root: &Node) -> Result<Vec<Accepted>, Problem> {
    let Some(node) = root.get("accepted_mutants") else { return Ok(Vec::new()) };
    let help = "each is a mapping with `mutant`, the name that `--mutate` shows, and `because`";
    let one = |item: &Node| {
        let member =
            |name| item.get(name).and_then(Node::text).filter(|text| !text.is_empty()).map(str::to_owned);
        match (member("mutant"), member("because")) {
            (Some(mutant), Some(because)) => Ok(Accepted { mutant, because, line: item.line }),
            _ => Err(item.problem("a mutant without its name or without a reason").help(help)),
        }
    };
    node.items().iter().map(one).collect()
}

impl TestFile {
    fn add(&mut self, draft: Draft, node: &Node, translate: Option<Translate>) -> Result<(), Problem> {
        if draft.expect.is_none() && draft.expect_each.is_none() {
            let problem = node.problem(format!("the case `{}` without `expect`", draft.name));
            return Err(problem.help("say what must be decided"));
        }
        let Some(call) = draft.call.clone() else {
            return self.push(draft, None, node);
        };
        let cases = call::written_out(draft, &call, translate)?;
        cases.into_iter().try_for_each(|(draft, call)| self.push(draft, Some(call), node))
    }

    fn push(&mut self, draft: Draft, call: Option<AskedCall>, node: &Node) -> Result<(), Problem> {
        let help = "a list is for a call whose parts are done by themselves";
        let expect = draft.expect.filter(|_| draft.expect_each.is_none());
        let expect = expect.ok_or_else(|| node.problem("`expect` is one decision").help(help))?;
        let known = self.policies.iter().position(|policies| *policies == draft.policies);
        let policies = known.unwrap_or_else(|| {
            self.policies.push(draft.policies);
            self.policies.len().saturating_sub(1)
        });
        self.checks.push(Check {
            name: draft.name,
            line: draft.line,
            who: draft.who.unwrap_or_else(|| draft.parts.principal_text()),
            request: draft.parts,
            call,
            policies,
            expect,
            statement: draft.statement,
            layer: draft.layer,
            missing_keys: draft.missing_keys,
        });
        Ok(())
    }
}
