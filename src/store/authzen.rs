//! What the subjects, actions and resources of `AuthZEN` are here: a table in the manifest. What it does not name cannot
//! be asked; no text of a caller becomes an action or a context key's name, and an id becomes a part of an ARN where the
//! table says so alone.

use crate::policy::Spanned;
use crate::text::arn::Arn;
use crate::text::diagnostic::excerpt;

use super::read::{Table, Text};

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authzen {
    subjects: Vec<AuthzenSubject>,
    resources: Vec<AuthzenResource>,
    /// What members of `context` become.
    pub context: ContextKeys,
}

/// A type of subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthzenSubject {
    kind: Text,
    principal: Template,
    /// The context key that the id becomes.
    pub id_key: Option<String>,
    /// What its properties become.
    pub properties: ContextKeys,
}

/// A type of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthzenResource {
    kind: Text,
    arn: Template,
    /// The context key that the id becomes.
    pub id_key: Option<String>,
    /// What its properties become.
    pub properties: ContextKeys,
    actions: Vec<AuthzenAction>,
}

/// An action on resources of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthzenAction {
    name: Text,
    /// `service:Name`
    pub action: String,
    /// What its properties become.
    pub properties: ContextKeys,
}

/// Names of callers, and the context keys that they stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextKeys(Vec<(String, String)>);

/// An id that its type does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what}'s id {} {problem}", excerpt(.id))]
pub struct IdError {
    what: &'static str,
    id: String,
    problem: &'static str,
}

/// An ARN with a place for an id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Template {
    before: String,
    place: Place,
    after: String,
    written: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// None: the ARN is whole.
    None,
    /// One part between slashes or colons.
    Id,
    /// The rest.
    Path,
}

impl Authzen {
    /// The type of subjects of a name.
    pub fn subject(&self, kind: &str) -> Option<&AuthzenSubject> {
        self.subjects.iter().find(|one| one.kind.value == kind)
    }

    /// The type of resources of a name.
    pub fn resource(&self, kind: &str) -> Option<&AuthzenResource> {
        self.resources.iter().find(|one| one.kind.value == kind)
    }

    /// What must stand once, by what it is.
    pub(super) fn names(&self) -> Vec<(&'static str, Text)> {
        let subjects = self.subjects.iter().map(|one| ("subject type of AuthZEN", one.kind.clone()));
        let resources = self.resources.iter().map(|one| ("resource type of AuthZEN", one.kind.clone()));
        let actions = self.resources.iter().flat_map(|resource| {
            resource.actions.iter().map(|action| {
                let value = format!("{}:{}", resource.kind.value, action.name.value);
                ("action of AuthZEN", Spanned { value, span: action.name.span })
            })
        });
        subjects.chain(resources).chain(actions).collect()
    }

    /// The principals that the templates would name, with some id.
    pub(super) fn principals(&self) -> impl Iterator<Item = Text> {
        self.subjects.iter().map(|one| {
            let Template { before, place, after, written } = &one.principal;
            let id = if *place == Place::None { "" } else { "id" };
            Spanned { value: format!("{before}{id}{after}"), span: written.span }
        })
    }
}

impl AuthzenSubject {
    /// The principal's ARN. What IAM takes in a name is taken alone, so that no id leads to another ARN's part.
    ///
    /// # Errors
    /// The id has other characters.
    pub fn principal(&self, id: &str) -> Result<String, IdError> {
        let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte);
        if self.principal.place != Place::None && !id.bytes().all(is_named) {
            let problem = "has other characters than letters, digits and `_+=,.@-`";
            return Err(IdError { what: "subject", id: id.to_owned(), problem });
        }
        self.principal.fill("subject", id)
    }
}

impl AuthzenResource {
    /// The ARN.
    ///
    /// # Errors
    /// The id does not fit into its place.
    pub fn arn(&self, id: &str) -> Result<String, IdError> {
        self.arn.fill("resource", id)
    }

    /// The action of a name.
    pub fn action(&self, name: &str) -> Option<&AuthzenAction> {
        self.actions.iter().find(|one| one.name.value == name)
    }
}

impl ContextKeys {
    /// The names, and the keys that they stand for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, key)| (name.as_str(), key.as_str()))
    }
}

impl Template {
    /// A template that its member's form was checked of.
    fn of(written: Text) -> Self {
        let parts = |mark| written.value.split_once(mark);
        let (before, place, after) = match (parts("{id}"), parts("{path}")) {
            (Some((before, after)), _) => (before, Place::Id, after),
            (None, Some((before, after))) => (before, Place::Path, after),
            (None, None) => (written.value.as_str(), Place::None, ""),
        };
        Self { before: before.to_owned(), place, after: after.to_owned(), written }
    }

    fn fill(&self, what: &'static str, id: &str) -> Result<String, IdError> {
        let refuse = |problem| Err(IdError { what, id: id.to_owned(), problem });
        if id.is_empty() {
            return refuse("is empty");
        }
        match self.place {
            Place::None => Ok(self.before.clone()),
            Place::Id if id.contains(['/', ':']) => {
                refuse("has a slash or a colon, which its type does not take")
            }
            Place::Id | Place::Path => Ok(format!("{}{id}{}", self.before, self.after)),
        }
    }
}

/// Reads the table.
pub(super) fn read(table: Table<'_>) -> Spanned<Authzen> {
    let value = Authzen {
        subjects: table.tables("subject").filter_map(subject).collect(),
        resources: table.tables("resource").filter_map(resource).collect(),
        context: keys(table, "context"),
    };
    Spanned { value, span: table.span }
}

fn subject(table: Table<'_>) -> Option<AuthzenSubject> {
    Some(AuthzenSubject {
        kind: table.text("type")?,
        principal: Template::of(table.text("principal")?),
        id_key: table.text("id_key").map(|key| key.value),
        properties: keys(table, "properties"),
    })
}

fn resource(table: Table<'_>) -> Option<AuthzenResource> {
    let action = |table: Table<'_>| {
        Some(AuthzenAction {
            name: table.text("name")?,
            action: table.text("action")?.value,
            properties: keys(table, "properties"),
        })
    };
    Some(AuthzenResource {
        kind: table.text("type")?,
        arn: Template::of(table.text("arn")?),
        id_key: table.text("id_key").map(|key| key.value),
        properties: keys(table, "properties"),
        actions: table.tables("action").filter_map(action).collect(),
    })
}

fn keys(table: Table<'_>, member: &str) -> ContextKeys {
    ContextKeys(table.tags(member))
}

/// The account and the partition of an ARN.
pub(super) fn home(text: &Text) -> Option<(Text, String)> {
    let arn = Arn::parse(&text.value)?;
    let account = Spanned { value: arn.account().to_owned(), span: text.span };
    Some((account, arn.partition().to_owned()))
}
