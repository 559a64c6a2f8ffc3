//! A client of HTTP/1.1 that sends what it is told to, right or wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// A connection to the service.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes as they are.
    pub(super) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Sending that takes longer fails.
    pub(super) fn give_up_sending_after(&self, time: Duration) {
        self.stream.get_ref().set_write_timeout(Some(time)).unwrap();
    }

    /// Sends no more.
    pub(super) fn close_sending(&self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Sends a request with a body, and its length.
    pub(super) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send(&request(method, path, headers, body)).unwrap();
        self.answer()
    }

    /// Sends a POST of a JSON body up to the body, until the service asks for that: it then works on the request.
    pub(super) fn begin(&mut self, path: &str, body: &str) {
        let headers = [("Content-Type", "application/json"), ("Expect", "100-continue")];
        let whole = request("POST", path, &headers, body.as_bytes());
        self.send(whole.get(..whole.len() - body.len()).unwrap()).unwrap();
        assert_eq!(self.head().unwrap().0, 100);
    }

    /// A JSON body, by POST.
    pub(super) fn post(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    /// The next answer.
    pub(super) fn answer(&mut self) -> Answer {
        self.try_answer().expect("an answer")
    }

    /// The next answer; none if the connection ends.
    pub(super) fn try_answer(&mut self) -> Option<Answer> {
        let (status, headers) = self.head()?;
        let mut answer = Answer { status, headers, body: Vec::new() };
        answer.body = if answer.header("transfer-encoding").is_some() {
            self.chunks()?
        } else {
            let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
            self.exactly(length)?
        };
        Some(answer)
    }

    /// The status and the headers of the next answer.
    pub(super) fn head(&mut self) -> Option<(u16, Vec<(String, String)>)> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else { return Some((status, headers)) };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// Whether the service ended the connection.
    pub(super) fn is_ended(&mut self) -> bool {
        let mut rest = Vec::new();
        matches!(self.stream.read_to_end(&mut rest), Ok(0))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(length) if length > 0 => Some(line.trim_end().to_owned()),
            _ => None,
        }
    }

    fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok().map(|()| body)
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Some(body);
            }
            body.extend(chunk);
        }
    }

    /// The next piece of a body in pieces; the last is empty.
    pub(super) fn chunk(&mut self) -> Option<Vec<u8>> {
        let length = usize::from_str_radix(&self.line()?, 16).unwrap();
        let chunk = self.exactly(length)?;
        self.line()?;
        Some(chunk)
    }
}

/// A request as bytes.
pub(super) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    [text.as_bytes(), b"\r\n", body].concat()
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
