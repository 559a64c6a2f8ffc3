//! `POST /v1/decide`.

use super::world::{World, allowed, denied};

#[test]
fn requests_are_decided() {
    let world = World::start();
    let mut client = world.client();
    let answer = client.post("/v1/decide", &allowed());
    assert_eq!(
        (answer.status, answer.json()["decision"].as_str()),
        (200, Some("allowed")),
        "{}",
        answer.text()
    );
    let answer = client.post("/v1/decide", &denied());
    assert_eq!((answer.status, answer.json()["decision"].as_str()), (200, Some("implicitDeny")));
}
