//! What goes wrong on a network: never an allow that the library would not give, never a wrong class of status, and nobody
//! else waits for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use verdikt::server::Methods;

use super::client::request;
use super::process::{client, serve};
use super::world::{World, allowed};

fn quick(config: &mut verdikt::server::Config) {
    config.limits.head_time = Duration::from_millis(300);
    config.limits.body_time = Duration::from_millis(300);
}

#[test]
fn slow_heads_are_cut_off() {
    let world = World::with(quick);
    let begun = Instant::now();
    for start in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"POST /v1/decide HTTP/1.1\r\nHost: local"] {
        let mut client = world.client();
        client.send(start).unwrap();
        assert!(client.try_answer().is_none_or(|answer| answer.status == 408), "{start:?}");
    }
    // One that sends a byte now and then gains nothing by it.
    let mut drop_by_drop = world.client();
    drop_by_drop.send(b"GET /healthz HTTP/1.1\r\n").unwrap();
    let begun_drops = Instant::now();
    while drop_by_drop.send(b"X-A: b\r\n").is_ok() {
        assert!(begun_drops.elapsed() < Duration::from_secs(10), "drops are borne for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(world.client().post("/v1/decide", &allowed()).status, 200);
}

#[test]
fn slow_bodies_are_answered_408() {
    let world = World::with(quick);
    let mut client = world.client();
    let whole = request("POST", "/v1/decide", &[("Content-Type", "application/json")], allowed().as_bytes());
    let begun = Instant::now();
    client.send(&whole[..whole.len() - 5]).unwrap();
    let answer = client.answer();
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (408, Some("BODY_TOO_SLOW")));
    assert!(begun.elapsed() < Duration::from_secs(8), "its own limit, not the route's");
}

/// One that brings a byte now and then gains nothing by it.
#[test]
fn bodies_drop_by_drop_are_answered_408() {
    let world = World::with(quick);
    let mut client = world.client();
    let whole = request("POST", "/v1/decide", &[("Content-Type", "application/json")], allowed().as_bytes());
    let (start, drops) = whole.split_at(whole.len() - allowed().len());
    client.send(start).unwrap();
    let begun = Instant::now();
    for drop in drops.chunks(1) {
        if begun.elapsed() > Duration::from_secs(1) || client.send(drop).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(client.answer().status, 408);
}

/// Lines that do not come: the answers up to there, and no end of the answer.
#[test]
fn slow_lines_break_the_answer_off() {
    let world = World::with(quick);
    let mut client = world.client();
    let head = "POST /v1/decide/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    let line = allowed().replace('\n', " ") + "\n";
    client.send(format!("{head}{:x}\r\n{line}\r\n", line.len()).as_bytes()).unwrap();
    assert_eq!(client.head().unwrap().0, 200);
    assert!(client.chunk().unwrap().starts_with(b"{\"allowed\":true"));
    assert!(client.is_ended(), "no last chunk");
}

#[test]
fn bodies_that_end_early_are_no_questions() {
    let world = World::start();
    let mut client = world.client();
    let whole = request("POST", "/v1/decide", &[("Content-Type", "application/json")], allowed().as_bytes());
    client.send(&whole[..whole.len() - 5]).unwrap();
    client.close_sending();
    assert!(client.try_answer().is_none_or(|answer| answer.status == 400));
}

/// In a process of its own, for a process may have so many files open.
#[test]
fn five_thousand_idle_connections_keep_nobody_from_being_answered() {
    let (_served, address) = serve(&["--listen", "127.0.0.1:0"]);
    let connect = || TcpStream::connect(address.parse::<SocketAddr>().unwrap());
    let idle: Vec<_> = (0..5_000).map_while(|_| connect().ok()).collect();
    assert!(idle.len() >= 500, "the system lets this test open {} connections", idle.len());
    let begun = Instant::now();
    let mut client = client(&address);
    for _ in 0..20 {
        assert_eq!(client.post("/v1/decide", &allowed()).json()["allowed"], true);
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn heads_that_are_too_large_or_malformed_are_refused() {
    let world = World::start();
    for (head, statuses) in [
        (format!("GET /healthz HTTP/1.1\r\nX-A: {}\r\n\r\n", "a".repeat(64 * 1024)), [431, 400]),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)), [414, 431]),
        ("nonsense\r\n\r\n".to_owned(), [400, 400]),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), [400, 505]),
        ("POST /v1/decide HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(), [400, 400]),
        ("POST /v1/decide HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".to_owned(), [400, 400]),
        ("POST /v1/decide HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(), [400, 415]),
    ] {
        let mut client = world.client();
        client.send(head.as_bytes()).unwrap();
        let answer = client.try_answer();
        let shown = &head[..head.len().min(60)];
        assert!(answer.is_none_or(|answer| statuses.contains(&answer.status)), "{shown}");
    }
    assert_eq!(world.client().get("/healthz").status, 200);
}

/// Bodies that are no question, on every route: a status of the caller's fault or a plain answer, never the service's.
#[test]
fn malformed_bodies_on_every_route() {
    let world = World::start();
    let deep = "[".repeat(200_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{\"principal\": {\"arn\": {}}}",
        deep.as_bytes(),
        b"{\"a\": 1e999999}",
        b"{\"session\": \"\\ud800\"}",
    ];
    for route in world.running.routes() {
        let path = route.path.replace("{*rest}", "rest");
        let method = route.methods.example();
        for kind in ["application/json", "application/x-ndjson", "application/x-www-form-urlencoded", ""] {
            for body in bodies.iter().filter(|body| body.len() <= route.body_limit) {
                let mut client = world.client();
                let answer = client.ask(method.as_str(), &path, &[("Content-Type", kind)], body);
                let shown = String::from_utf8_lossy(&body[..body.len().min(30)]);
                assert!(answer.status < 500, "{path} {kind} {shown}: {}", answer.text());
                assert!(!answer.text().contains("\"allowed\":true"), "{path} {kind} {shown}");
                assert!(!answer.text().contains("\"decision\":true"), "{path} {kind} {shown}");
                let is_open = route.methods == Methods::Get && answer.status == 200;
                assert!(is_open || answer.status != 200 || route.methods != Methods::Get, "{path}");
            }
        }
    }
}

#[test]
fn more_requests_than_there_is_room_for_are_answered_503() {
    let world = World::with(|config| {
        config.limits.in_flight = 2;
        config.limits.body_time = Duration::from_secs(20);
    });
    let mut waiting: Vec<_> = (0..2).map(|_| world.client()).collect();
    for client in &mut waiting {
        client.begin("/v1/decide", &allowed());
    }
    let shed = world.client().post("/v1/decide", &allowed());
    assert_eq!(
        (shed.json()["error"]["code"].as_str(), shed.header("retry-after")),
        (Some("OVERLOADED"), Some("1"))
    );
    assert_eq!(world.client().get("/healthz").status, 200);
    for client in &mut waiting {
        client.send(allowed().as_bytes()).unwrap();
        assert_eq!(client.answer().json()["allowed"], true);
    }
    assert_eq!(world.client().post("/v1/decide", &allowed()).status, 200);
}

/// HTTP/2 has no end of a connection at rest, and pings are no requests.
#[test]
fn connections_at_rest_are_ended_whatever_they_ping() {
    let world = World::with(quick);
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    };
    // GET /healthz, by the static table of HPACK.
    let head = [&[0x82, 0x86, 0x04, 8][..], b"/healthz", &[0x01, 9], b"localhost"].concat();
    let mut preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    preface.extend([frame(4, 0, 0, &[]), frame(1, 5, 1, &head)].concat());
    stream.write_all(&preface).unwrap();
    let begun = Instant::now();
    let mut answered = false;
    let mut header = [0; 9];
    while stream.read_exact(&mut header).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "a connection at rest is borne for ever");
        let length = usize::from(header[1]) << 8 | usize::from(header[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        match (header[3], header[4]) {
            (6, 0) => stream.write_all(&frame(6, 1, 0, &payload)).unwrap_or_default(),
            (1, _) => answered = true,
            _ => {}
        }
    }
    assert!(answered);
}

/// Answers that nobody takes are not held for ever.
#[test]
fn who_reads_nothing_is_cut_off() {
    let world = World::with(quick);
    let mut client = world.client();
    // Its answer is the longest: what the system holds of answers is soon full.
    let requests = request("GET", "/openapi.json", &[], b"").repeat(100);
    client.give_up_sending_after(Duration::from_mins(1));
    let begun = Instant::now();
    while client.send(&requests).is_ok() {}
    assert!(begun.elapsed() < Duration::from_secs(50), "it was cut off by the service");
}
