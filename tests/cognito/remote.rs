//! Keys fetched from a server on this machine: cached, fetched again, bounded.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use verdikt::cognito::{KeySource, KeysError, RemoteJwks, RemoteSettings};

use crate::signer::trusted;

const NOW: i64 = 1_000_000;

/// A server that answers every request with what it is told to.
struct Server {
    url: String,
    answer: Arc<Mutex<Vec<u8>>>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    /// Bytes that are not there yet are the client's to wait for.
    fn new(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shared, count) = (answer.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                count.fetch_add(1, Ordering::SeqCst);
                let answer = shared.lock().unwrap().clone();
                if answer.is_empty() {
                    // Says nothing for long.
                    thread::spawn(move || {
                        thread::sleep(Duration::from_secs(20));
                        drop(stream);
                    });
                } else {
                    let _ = stream.write_all(&answer);
                }
            }
        });
        Self { url, answer, asked }
    }

    fn answers(&self, answer: Vec<u8>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn keys(&self) -> RemoteJwks {
        let settings = RemoteSettings { timeout: Duration::from_secs(2), ..RemoteSettings::default() };
        RemoteJwks::new(&self.url, settings).unwrap()
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn good() -> Vec<u8> {
    ok(&trusted().jwks_text())
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

#[track_caller]
fn failed(keys: &RemoteJwks, part: &str) {
    let error = keys.key("key-1", NOW).unwrap_err();
    assert!(matches!(error, KeysError::Fetch { .. } | KeysError::Refused(_)), "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn keys_are_fetched_once_and_kept() {
    let server = Server::new(good());
    let keys = server.keys();
    assert_eq!(server.asked(), 0);
    for later in [0, 1, 3_599] {
        assert_eq!(keys.key("key-1", NOW + later).unwrap().algorithm_name(), "RS256");
    }
    assert_eq!(server.asked(), 1);
    keys.key("key-1", NOW + 3_600).unwrap();
    assert_eq!(server.asked(), 2);
}

#[test]
fn an_unknown_kid_fetches_once_an_interval() {
    let server = Server::new(good());
    let keys = server.keys();
    keys.key("key-1", NOW).unwrap();
    for later in 0..60 {
        assert!(matches!(keys.key(&format!("made-up-{later}"), NOW + later), Err(KeysError::UnknownKey(_))));
    }
    assert_eq!(server.asked(), 1);
    assert!(keys.key("made-up", NOW + 60).is_err());
    assert!(keys.key("made-up", NOW + 61).is_err());
    assert_eq!(server.asked(), 2);
}

#[test]
fn a_rotated_key_is_found() {
    let server = Server::new(good());
    let keys = server.keys();
    keys.key("key-1", NOW).unwrap();
    let rotated = serde_json::json!({"keys": [trusted().jwk("key-2", "RS256")]}).to_string();
    server.answers(ok(&rotated));
    keys.key("key-2", NOW + 60).unwrap();
    assert!(matches!(keys.key("key-1", NOW + 61), Err(KeysError::UnknownKey(_))));
}

#[test]
fn old_keys_serve_while_the_issuer_is_down_but_not_for_ever() {
    let server = Server::new(good());
    let keys = server.keys();
    keys.key("key-1", NOW).unwrap();
    server.answers(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec());
    keys.key("key-1", NOW + 3_600).unwrap();
    assert_eq!(server.asked(), 2);
    keys.key("key-1", NOW + 3_601).unwrap();
    assert_eq!(server.asked(), 2, "a failed attempt waits");
    keys.key("key-1", NOW + 3_600 + 86_399).unwrap();
    assert!(keys.key("key-1", NOW + 3_600 + 86_400).is_err());
    server.answers(good());
    keys.key("key-1", NOW + 3_600 + 86_460).unwrap();
}

#[test]
fn a_key_set_that_is_too_large_is_refused() {
    let large = format!("{}{}", trusted().jwks_text(), " ".repeat(300_000));
    failed(&Server::new(ok(&large)).keys(), "more than");
    // Without a length told before.
    let endless = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{large}").into_bytes();
    failed(&Server::new(endless).keys(), "more than");
}

#[test]
fn a_slow_server_is_not_waited_for() {
    let started = Instant::now();
    failed(&Server::new(Vec::new()).keys(), "too long");
    let stalls = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".to_vec();
    let server = Server::new(stalls);
    assert!(server.keys().key("key-1", NOW).is_err());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::new(good());
    for to in [other.url.as_str(), "https://evil.example/keys", "//evil.example/keys", "ftp://127.0.0.1/keys"]
    {
        failed(&Server::new(redirect(to)).keys(), "redirects to");
    }
    assert_eq!(other.asked(), 0);
}

#[test]
fn redirects_of_the_same_host_are_few() {
    let server = Server::new(redirect("/keys"));
    failed(&server.keys(), "redirects more than 3 times");
    assert_eq!(server.asked(), 4);
}

#[test]
fn an_answer_that_is_no_key_set_is_refused() {
    failed(&Server::new(ok("<html>")).keys(), "refused");
    failed(&Server::new(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".to_vec()).keys(), "404");
    failed(&Server::new(b"nonsense\r\n\r\n".to_vec()).keys(), "cannot be fetched");
}

#[test]
fn only_https_but_for_this_machine() {
    let new = |url: &str| RemoteJwks::new(url, RemoteSettings::default()).is_ok();
    for url in ["https://example.com/keys", "http://127.0.0.1:1/k", "http://localhost/k", "http://[::1]:9/k"]
    {
        assert!(new(url), "{url}");
    }
    for url in [
        "http://example.com/keys",
        "http://127.0.0.1.example.com/k",
        "http://localhost.example.com/k",
        "https://user:pw@example.com/k",
        "file:///etc/passwd",
        "/keys",
        "",
    ] {
        assert!(!new(url), "{url}");
    }
}
