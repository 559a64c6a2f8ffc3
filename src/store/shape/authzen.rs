//! The part of a manifest that says what subjects, actions and resources of `AuthZEN` are here.

use super::{Form, Member, Shape, Word, may, must};

const TYPE: Member = must("type", Form::Text(Word::Any), "the type, as callers say it");
const ID_KEY: Member = may("id_key", Form::Text(Word::Key), "the context key that its id becomes");
const PROPERTIES: Member =
    may("properties", Form::Keys, "the context keys that its properties become; others are passed over");

pub(super) static AUTHZEN: Shape = Shape {
    name: "authzen",
    about: "What the subjects, actions and resources of AuthZEN are here; nothing else can be asked by it",
    members: &[
        may("subject", Form::Tables(&SUBJECT), "the types of subjects"),
        may("resource", Form::Tables(&RESOURCE), "the types of resources"),
        may(
            "context",
            Form::Keys,
            "the context keys that members of `context` become; others are passed over",
        ),
    ],
};

static SUBJECT: Shape = Shape {
    name: "authzen.subject",
    about: "A type of subjects",
    members: &[
        TYPE,
        must("principal", Form::Text(Word::Template), "the ARN of the principal, with `{id}` for its id"),
        ID_KEY,
        PROPERTIES,
    ],
};

static RESOURCE: Shape = Shape {
    name: "authzen.resource",
    about: "A type of resources",
    members: &[
        TYPE,
        must(
            "arn",
            Form::Text(Word::Template),
            "the ARN, with `{id}` for its id, or `{path}` where that may hold slashes and colons",
        ),
        ID_KEY,
        PROPERTIES,
        may("action", Form::Tables(&ACTION), "the actions on it"),
    ],
};

static ACTION: Shape = Shape {
    name: "authzen.resource.action",
    about: "An action on resources of the type",
    members: &[
        must("name", Form::Text(Word::Any), "the name, as callers say it"),
        must("action", Form::Text(Word::Action), "the action"),
        PROPERTIES,
    ],
};
