//! `/v1/decide/batch`: many questions in one body, answered in their order. As lines (`application/x-ndjson`) they are
//! answered as they come, and no more than a few of them are held at a time; as an array they are held whole. A question
//! that cannot be asked is answered in its place. All of a batch is decided by one revision of the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Limited};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::call::{Call, too_large};
use super::super::openapi::{About, schema};
use super::super::refusal::{ErrorBody, Refusal};
use super::super::route::{Route, Routes};
use super::super::sessions::Held;
use super::answer::Answer;
use super::ask::{Ask, Who};
use super::{DECIDE, json_bytes};

/// The most bytes of an array, and the most questions: its answers are held until all are there.
const ARRAY: usize = 8 * 1024 * 1024;
const QUESTIONS: usize = 10_000;
/// How many questions are answered before other requests have their turn.
const TURN: usize = 256;
/// Pieces of an answer that wait for a reader.
const WAITING: usize = 4;
const LINES: &str = "application/x-ndjson";

const BATCH: Route = Route {
    path: "/v1/decide/batch",
    body_limit: 64 * 1024 * 1024,
    time_limit: Duration::from_mins(2),
    about: About {
        summary: "Decides many questions, each answered in its place: an array, or lines that are answered as they come.",
        request: Some(questions),
        request_types: &["application/json", LINES],
        answer: Some(schema::<Vec<Item<'_>>>),
        ..About::JSON
    },
    ..DECIDE
};

/// The questions; what is none is answered in its place.
fn questions(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"anyOf": [generator.subschema_for::<Ask<'_>>(), {}]}})
}

/// What stands in the place of a question.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Item<'a> {
    Answer(Answer),
    Error(ErrorBody<'a>),
}

/// Why lines are not answered to their end: the answer breaks off, so that nobody takes it for whole.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(&'static str);

/// The session of the question before, which is mostly that of the next.
type Last = Option<(String, Arc<Held>)>;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.route(BATCH, decide)
}

async fn decide(call: Call) -> Result<Response, Refusal> {
    if call.has_type(LINES) { Ok(lines(call)) } else { array(call).await }
}

async fn array(mut call: Call) -> Result<Response, Refusal> {
    call.route.body_limit = ARRAY;
    let body = call.json().await?;
    let items: Vec<&RawValue> = serde_json::from_slice(&body).map_err(|error| Refusal::json(&error))?;
    if items.len() > QUESTIONS {
        let message = format!("there are more than {QUESTIONS} questions: send them as lines ({LINES})");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_MANY_QUESTIONS", message));
    }
    let mut answers = Vec::with_capacity(items.len().saturating_mul(96).saturating_add(2));
    let mut last = Last::default();
    answers.push(b'[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            answers.push(b',');
        }
        answer(&call, item.get().as_bytes(), &mut last, &mut answers).await;
        if place % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
    }
    answers.push(b']');
    Ok(json_bytes(answers.into()))
}

/// Answers lines while they come.
fn lines(call: Call) -> Response {
    let (sender, channel) = Channel::<Bytes, Broken>::new(WAITING);
    tokio::spawn(async move { answer_lines(call, sender).await });
    let mut response = Response::new(Body::new(channel));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(LINES));
    response
}

async fn answer_lines(mut call: Call, mut sender: Sender<Bytes, Broken>) {
    let ends = Instant::now() + call.route.time_limit;
    if let Err(broken) = answer_each_line(&mut call, &mut sender, ends).await {
        sender.abort(broken);
    }
}

async fn answer_each_line(
    call: &mut Call,
    sender: &mut Sender<Bytes, Broken>,
    ends: Instant,
) -> Result<(), Broken> {
    let mut body = Limited::new(call.take_body(), call.route.body_limit);
    let (mut rest, mut last) = (Vec::new(), Last::default());
    loop {
        // Asked here too: of lines that are there already nobody waits for the next.
        let left = ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Broken("the answers took too long"));
        }
        let time = call.app.config.limits.body_time.min(left);
        let frame = tokio::time::timeout(time, body.frame())
            .await
            .map_err(|_| Broken("the lines came too slowly"))?;
        let is_end = frame.is_none();
        if let Some(frame) = frame {
            let frame = frame.map_err(|_| Broken("the body ended early, or is too long"))?;
            rest.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        }
        let whole = if is_end { rest.len() } else { memchr::memrchr(b'\n', &rest).map_or(0, |end| end + 1) };
        let answers = answer_whole(call, rest.get(..whole).unwrap_or_default(), &mut last).await;
        rest.drain(..whole);
        if rest.len() > DECIDE.body_limit {
            return Err(Broken("a line is too long"));
        }
        if !answers.is_empty() {
            let sent = tokio::time::timeout(time, sender.send_data(answers.into())).await;
            sent.map_err(|_| Broken("nobody reads the answers"))?
                .map_err(|_| Broken("nobody reads the answers"))?;
        }
        if is_end {
            return Ok(());
        }
    }
}

async fn answer_whole(call: &Call, lines: &[u8], last: &mut Last) -> Vec<u8> {
    let mut answers = Vec::new();
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for (place, line) in lines.enumerate() {
        answer(call, line, last, &mut answers).await;
        answers.push(b'\n');
        if place % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
    }
    answers
}

/// Answers one question.
async fn answer(call: &Call, question: &[u8], last: &mut Last, answers: &mut Vec<u8>) {
    let refusal;
    let item = match decided(call, question, last).await {
        Ok(answer) => Item::Answer(answer),
        Err(error) => {
            refusal = error;
            Item::Error(refusal.body())
        }
    };
    let before = answers.len();
    if serde_json::to_writer(&mut *answers, &item).is_err() {
        // Nothing of a half-written answer may stand.
        answers.truncate(before);
        answers.extend_from_slice(br#"{"error":{"code":"INTERNAL_ERROR","message":"please report it"}}"#);
    }
}

async fn decided(call: &Call, question: &[u8], last: &mut Last) -> Result<Answer, Refusal> {
    if question.len() > DECIDE.body_limit {
        return Err(too_large(DECIDE.body_limit));
    }
    let ask = Ask::parse(question)?;
    if let (Some(handle), Some((own, held))) = (ask.handle(), &*last)
        && handle == own
    {
        return ask.decide(call, &Who::Held(Arc::clone(held)));
    }
    let who = ask.who(call).await?;
    if let (Some(handle), Who::Held(held)) = (ask.handle(), &who) {
        *last = Some((handle.to_owned(), Arc::clone(held)));
    }
    ask.decide(call, &who)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use axum::http::Request;

    use crate::server::config::Config;
    use crate::server::guard;
    use crate::server::state::App;

    use super::*;

    /// Lines that come without a pause have no more time than others.
    #[test]
    fn lines_are_answered_until_the_time_is_over() {
        let mut config = Config::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/photo-app"));
        config.listen = vec!["127.0.0.1:0".parse().unwrap()];
        let app = Arc::new(App::open(&config).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for (time_limit, is_whole) in [(Duration::from_mins(1), true), (Duration::ZERO, false)] {
            let route = Route { time_limit, ..BATCH };
            let request = Request::builder().header("content-type", LINES).body(Body::from("{}\n{}\n"));
            let asked = guard::answer(&app, &route, request.unwrap(), decide);
            let answered = runtime.block_on(async { asked.await.into_body().collect().await });
            assert_eq!(answered.is_ok(), is_whole, "{time_limit:?}");
        }
    }
}
