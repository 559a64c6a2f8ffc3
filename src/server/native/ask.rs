//! A question as it stands in a body.

use std::borrow::Cow;
use std::sync::Arc;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value as Json, json as document};

use crate::decision_point::{Caller, PoolSession, Question};
use crate::request::document::{ContextDocument, Given, PrincipalText};
use crate::request::{Principal, ResourcePolicyMode};
use crate::service::{ApiCall, HttpRequest, Value};

use super::super::call::Call;
use super::super::openapi::{absent, given, one_of};
use super::super::refusal::Refusal;
use super::super::sessions::Held;
use super::answer::{Answer, CallAnswer, DecisionAnswer};
use super::json;
use super::object::{Object, read};
use super::session::SignIn;

/// A question: who asks (`principal`, `session` or `login`) and what for (`action` and `resource`, or `call`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = shape)]
pub(super) struct Ask<'a> {
    /// The ARN of a principal of the store, or an object of its facts; the caller vouches for it.
    #[schemars(schema_with = "principal")]
    principal: Option<PrincipalText>,
    /// The handle of a session, as `POST /v1/session` gave it.
    #[serde(borrow)]
    session: Option<Text<'a>>,
    /// A login, for this question alone.
    #[serde(borrow)]
    login: Option<Object<SignIn<'a>>>,
    /// `service:Name`, such as `s3:GetObject`.
    #[serde(borrow)]
    action: Option<Text<'a>>,
    /// An ARN, or `*`.
    #[serde(borrow)]
    resource: Option<Text<'a>>,
    /// The account that owns the resource; it must be the one that the store knows.
    #[serde(borrow)]
    resource_account: Option<Text<'a>>,
    /// Whether the resource-based policy itself must allow; if not said, the action decides.
    resource_policy_mode: Option<Mode>,
    /// Context keys: a string, number or boolean is a single-valued key, an array a multivalued one.
    #[serde(borrow, default)]
    #[schemars(schema_with = "values")]
    context: ContextDocument<'a>,
    /// An API call of S3 or DynamoDB, decided by all the checks that it makes.
    #[serde(borrow)]
    call: Option<Object<HttpCall<'a>>>,
}

/// Names with values, or arrays of them.
fn values(_: &mut SchemaGenerator) -> Schema {
    let one = document!({"type": ["string", "number", "boolean"]});
    json_schema!({"type": "object", "additionalProperties": {"anyOf": [one, {"type": "array", "items": one}]}})
}

fn base64(schema: &mut Schema) {
    let last = "[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=";
    schema.insert("pattern".to_owned(), format!("^([A-Za-z0-9+/]{{4}})*({last})?$").into());
}

fn one_body(schema: &mut Schema) {
    schema.insert("anyOf".to_owned(), document!([absent("body"), absent("body_base64")]));
}

/// An ARN, or what docs/case-format.md says of a principal as an object.
fn principal(_: &mut SchemaGenerator) -> Schema {
    let (text, is) = (document!({"type": ["string", "null"]}), document!({"type": ["boolean"]}));
    let named = document!({"type": "object", "required": ["arn"], "additionalProperties": false, "properties": {
        "arn": {"type": "string"}, "role_path": text, "unique_id": text, "federating_user": text,
        "service_linked": is, "management_account": is}});
    let web = document!({"type": "object", "required": ["kind", "provider"], "additionalProperties": false,
        "properties": {"kind": {"const": "webIdentity"}, "provider": {"type": "string"}}});
    json_schema!({"anyOf": [text, named, web]})
}

/// Who asks and what for, as `who` and `what` want it.
fn shape(schema: &mut Schema) {
    let all = |parts: Vec<Json>| document!({"allOf": parts});
    let question = all(vec![given("action"), given("resource"), absent("call")]);
    let others = ["action", "resource", "resource_account", "resource_policy_mode"].map(absent);
    let call = all([vec![given("call")], others.to_vec()].concat());
    let who = one_of(&["principal", "session", "login"]);
    schema.insert("allOf".to_owned(), document!([who, {"anyOf": [question, call]}]));
}

/// Text of the body.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Mode {
    MustAllow,
}

/// An API call as it stands on the wire.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_body)]
struct HttpCall<'a> {
    /// In capitals.
    #[serde(borrow)]
    method: Text<'a>,
    /// The authority that it was sent to.
    #[serde(borrow)]
    host: Option<Text<'a>>,
    /// Path and query, nothing decoded.
    #[serde(borrow)]
    target: Text<'a>,
    /// Headers by name, an array where one stands more than once.
    #[serde(borrow, default)]
    #[schemars(schema_with = "values")]
    headers: ContextDocument<'a>,
    /// The body as text.
    #[serde(borrow)]
    body: Option<Text<'a>>,
    /// The body in base64.
    #[serde(borrow)]
    #[schemars(with = "Option<String>", transform = base64)]
    body_base64: Option<Text<'a>>,
    /// Whether it came encrypted.
    secure: Option<bool>,
    /// The Region of tables that it names without ARN.
    #[serde(borrow)]
    region: Option<Text<'a>>,
    /// Their account.
    #[serde(borrow)]
    account: Option<Text<'a>>,
}

/// Who asks.
pub(super) enum Who {
    /// A principal that the caller vouches for.
    Principal(Principal),
    /// A session that is held.
    Held(Arc<Held>),
    /// A session of this question alone.
    Session(PoolSession),
}

/// What is asked for.
enum What<'a> {
    Question { action: &'a str, resource: &'a str },
    Call(&'a HttpCall<'a>),
}

type OwnedEntries<'a> = Vec<(Cow<'a, str>, Value)>;

impl Text<'_> {
    fn of<'b>(text: Option<&'b Text<'_>>) -> Option<&'b str> {
        text.map(|text| &*text.0)
    }
}

impl<'a> Ask<'a> {
    /// Reads a body.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        read(body).map(|Object(ask)| ask)
    }

    /// Who asks.
    pub(super) async fn who(&self, call: &Call) -> Result<Who, Refusal> {
        match (&self.principal, &self.session, &self.login) {
            (Some(principal), None, None) => Ok(Who::Principal(principal.0.clone())),
            (None, Some(handle), None) => call.app.sessions.find(&handle.0, call.now).map(Who::Held),
            (None, None, Some(Object(login))) => login.sign_in_once(call).await.map(Who::Session),
            _ => Err(unclear("say who asks by one of `principal`, `session` and `login`")),
        }
    }

    /// The handle, if the question is a held session's.
    pub(super) fn handle(&self) -> Option<&str> {
        Text::of(self.session.as_ref()).filter(|_| self.principal.is_none() && self.login.is_none())
    }

    pub(super) fn decide(&self, call: &Call, who: &Who) -> Result<Answer, Refusal> {
        let context = self.context();
        Ok(match self.what()? {
            What::Question { action, resource } => {
                let question = self.question(action, resource, &context);
                Answer::Decision(DecisionAnswer::of(call.decide(&who.caller(), &question)?))
            }
            What::Call(http) => {
                let api = http.translate(call, who)?;
                let decision = call.decide_call(&who.caller(), &api, &context)?;
                Answer::Call(CallAnswer::of(&api, &decision))
            }
        })
    }

    pub(super) fn explain(&self, call: &Call, who: &Who) -> Result<Response, Refusal> {
        let context = self.context();
        match self.what()? {
            What::Question { action, resource } => {
                let question = self.question(action, resource, &context);
                json(&call.explain(&who.caller(), &question)?)
            }
            What::Call(http) => {
                let api = http.translate(call, who)?;
                json(&call.explain_call(&who.caller(), &api, &context)?)
            }
        }
    }

    fn what(&self) -> Result<What<'_>, Refusal> {
        let is_owned = self.resource_account.is_some() || self.resource_policy_mode.is_some();
        match (&self.action, &self.resource, &self.call) {
            (Some(action), Some(resource), None) => {
                Ok(What::Question { action: &action.0, resource: &resource.0 })
            }
            (None, None, Some(Object(http))) if !is_owned => Ok(What::Call(http)),
            _ => Err(unclear("say what is asked by `action` and `resource`, or by `call` alone")),
        }
    }

    fn question<'b>(
        &'b self,
        action: &'b str,
        resource: &'b str,
        context: &'b OwnedEntries<'b>,
    ) -> Question<'b> {
        let mut question = Question::new(action, resource).with_context(context);
        question.resource_account = Text::of(self.resource_account.as_ref());
        question.resource_policy_mode =
            self.resource_policy_mode.map(|Mode::MustAllow| ResourcePolicyMode::MustAllow);
        question
    }

    fn context(&self) -> OwnedEntries<'_> {
        let entries = self.context.entries.iter().map(|(name, value)| {
            let value = match value {
                Given::One(text) => Value::One(text.clone().into_owned()),
                Given::Many(texts) => {
                    Value::Many(texts.iter().map(|text| text.clone().into_owned()).collect())
                }
            };
            (Cow::Borrowed(&**name), value)
        });
        entries.collect()
    }
}

impl Who {
    pub(super) fn caller(&self) -> Caller<'_> {
        match self {
            Self::Principal(principal) => Caller::principal(principal),
            Self::Held(held) => Caller::Session(held.session().live()),
            Self::Session(session) => Caller::Session(session.live()),
        }
    }

    fn account(&self) -> Option<&str> {
        match self.caller() {
            Caller::Session(session) => session.facts().principal().account(),
            Caller::Principal { principal, .. } => principal.account(),
        }
    }
}

impl HttpCall<'_> {
    /// The checks that the call makes.
    fn translate<'b>(&'b self, call: &'b Call, who: &'b Who) -> Result<ApiCall, Refusal> {
        let decoded = self.decoded()?;
        let text = |text: &'b Option<Text<'_>>| Text::of(text.as_ref());
        let facts = call.call_facts(text(&self.host), text(&self.region), text(&self.account), who.account());
        let headers = self.headers.entries.iter().flat_map(|(name, value)| {
            let values = match value {
                Given::One(text) => std::slice::from_ref(text),
                Given::Many(texts) => texts,
            };
            values.iter().map(|value| (&**name, &**value))
        });
        let http = HttpRequest {
            method: &self.method.0,
            authority: Text::of(self.host.as_ref()),
            target: &self.target.0,
            headers: headers.collect(),
            body: decoded.as_deref(),
            secure: self.secure,
        };
        Ok(call.moment.in_force.translate(&http, &facts)?)
    }

    fn decoded(&self) -> Result<Option<Cow<'_, [u8]>>, Refusal> {
        match (&self.body, &self.body_base64) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(Cow::Borrowed(text.0.as_bytes()))),
            (None, Some(text)) => {
                let bytes = STANDARD.decode(&*text.0);
                bytes.map(|bytes| Some(bytes.into())).map_err(|_| unclear("`body_base64` is not base64"))
            }
            _ => Err(unclear("give one of `body` and `body_base64`")),
        }
    }
}

fn unclear(message: &str) -> Refusal {
    Refusal::bad_request("INVALID_QUESTION", message)
}
