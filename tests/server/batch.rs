//! `POST /v1/decide/batch`.

use super::client::request;
use super::world::{World, allowed, denied};

const LINES: (&str, &str) = ("Content-Type", "application/x-ndjson");

fn line(question: &str) -> String {
    question.replace('\n', " ")
}

#[test]
fn an_array_is_answered_in_its_order() {
    let world = World::start();
    let mut client = world.client();
    let questions = format!("[{}, {}, {{}}, {}]", allowed(), denied(), allowed());
    let answer = client.post("/v1/decide/batch", &questions);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answers = answer.json();
    let told = |place: usize| answers[place]["decision"].as_str();
    assert_eq!([told(0), told(1), told(3)], [Some("allowed"), Some("implicitDeny"), Some("allowed")]);
    assert_eq!(answers[2]["error"]["code"], "INVALID_QUESTION");
    assert_eq!(client.post("/v1/decide/batch", "[]").text(), "[]");
    assert_eq!(client.post("/v1/decide/batch", "{}").status, 400);
    assert_eq!(client.post("/v1/decide/batch", "[{]").status, 400);
}

#[test]
fn lines_are_answered_in_their_order() {
    let world = World::start();
    let lines = [line(&allowed()), line(&denied()), String::new(), "nonsense".to_owned(), line(&allowed())];
    let answer = world.client().ask("POST", "/v1/decide/batch", &[LINES], lines.join("\n").as_bytes());
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    let answers: Vec<serde_json::Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["decision"], "allowed");
    assert_eq!(answers[1]["decision"], "implicitDeny");
    assert_eq!(answers[2]["error"]["code"], "INVALID_JSON");
    assert_eq!(answers[3]["decision"], "allowed");
}

/// The first line is answered before the second is sent.
#[test]
fn lines_are_answered_as_they_come() {
    let world = World::start();
    let mut client = world.client();
    let head = "POST /v1/decide/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    client.send(head.as_bytes()).unwrap();
    client.send(chunk(&format!("{}\n", line(&allowed()))).as_bytes()).unwrap();
    assert_eq!(client.head().unwrap().0, 200);
    assert!(client.chunk().unwrap().starts_with(b"{\"allowed\":true"));
    client.send(chunk(&format!("{}\n", line(&denied()))).as_bytes()).unwrap();
    assert!(client.chunk().unwrap().starts_with(b"{\"allowed\":false"));
    client.send(b"0\r\n\r\n").unwrap();
    assert_eq!(client.chunk().unwrap(), b"");
}

/// An answer that is not whole must not look as if it were.
#[test]
fn a_line_without_end_breaks_the_answer_off() {
    let world = World::start();
    let mut client = world.client();
    let body = format!("{}\n{}", line(&allowed()), "x".repeat(600 * 1024));
    let _ = client.send(&request("POST", "/v1/decide/batch", &[LINES], body.as_bytes())[..]);
    assert!(client.try_answer().is_none());
}

/// A thousand questions of two kinds: none takes the place of another.
#[test]
fn long_batches_keep_their_order() {
    let world = World::start();
    let kinds: Vec<bool> =
        (0..1_000_u32).map(|number| number.wrapping_mul(2_654_435_761) >> 31 == 0).collect();
    let questions: Vec<String> =
        kinds.iter().map(|is_allowed| line(&if *is_allowed { allowed() } else { denied() })).collect();
    let array = world.client().post("/v1/decide/batch", &format!("[{}]", questions.join(",")));
    let told: Vec<bool> = array.json().as_array().unwrap().iter().map(|one| one["allowed"] == true).collect();
    assert_eq!(told, kinds);
    let lines = world.client().ask("POST", "/v1/decide/batch", &[LINES], questions.join("\n").as_bytes());
    let told: Vec<bool> = lines.text().lines().map(|line| line.starts_with("{\"allowed\":true")).collect();
    assert_eq!(told, kinds);
}

/// An array is held whole, and so has a limit of its own; lines have not.
#[test]
fn an_array_has_a_limit_of_its_own() {
    let world = World::start();
    let question = line(&allowed());
    let long = format!("[{question}{}]", " ".repeat(8 * 1024 * 1024));
    assert_eq!(world.client().post("/v1/decide/batch", &long).status, 413);
    let lines = format!("{question}\n").repeat(3) + &"\n".repeat(8 * 1024 * 1024);
    let answer = world.client().ask("POST", "/v1/decide/batch", &[LINES], lines.as_bytes());
    assert_eq!((answer.status, answer.text().lines().count()), (200, 3));
}

/// The answers of an array are held until all are there: a small body must not make a huge answer.
#[test]
fn an_array_has_so_many_questions_and_no_more() {
    let world = World::start();
    let questions = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    let full = world.client().post("/v1/decide/batch", &questions(10_000));
    assert_eq!((full.status, full.json().as_array().unwrap().len()), (200, 10_000));
    let over = world.client().post("/v1/decide/batch", &questions(10_001));
    assert_eq!((over.status, over.json()["error"]["code"].as_str()), (413, Some("TOO_MANY_QUESTIONS")));
}

/// A question has the limit that it has alone, and the others are answered.
#[test]
fn a_question_that_is_too_long_is_told_in_its_place() {
    let world = World::start();
    let long = allowed().replacen('{', &format!("{{{}", " ".repeat(512 * 1024)), 1);
    assert_eq!(world.client().post("/v1/decide", &long).status, 413);
    let answer = world.client().post("/v1/decide/batch", &format!("[{}, {long}, {}]", allowed(), allowed()));
    let answers = answer.json();
    assert_eq!((&answers[0]["allowed"], &answers[2]["allowed"]), (&true.into(), &true.into()));
    assert_eq!(answers[1]["error"]["code"], "BODY_TOO_LARGE");
}
