//! The decision log: a line of JSON a decision, to a file or standard output. One thread writes; a decision never waits for
//! it, and what there is no room for is counted and left out.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::decision_point::{AskError, Entries, InForce};
use crate::evaluate::{Decision, Outcome};
use crate::service::Value;
use crate::text::fold::eq_folded;

use super::call::Call;
use super::metrics::Metrics;
use super::watch::{Notice, Notices};

/// Calls whose lines wait for the writer.
const WAITING: usize = 16 * 1024;
/// Bytes of a usual line.
const LINE: usize = 768;
/// Bytes of one call's lines that are sent before it has ended.
const TOGETHER: usize = 64 * 1024;
/// Bytes that wait for it.
const WAITING_BYTES: usize = 32 * 1024 * 1024;
/// How long the writer rests when nothing waits: no decision has to wake it.
const REST: Duration = Duration::from_millis(10);

/// Where the log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// Standard output.
    Stdout,
    /// The end of a file.
    File(PathBuf),
}

/// Which decisions are logged. A decision that differs in the candidate store always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogMode {
    /// Every one.
    Full,
    /// One of so many.
    Sampled(u32),
    /// Those that are not allowed.
    Denies,
}

/// What is logged, and where.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Where.
    pub target: LogTarget,
    /// Which decisions.
    pub mode: LogMode,
    /// Context keys whose values are not told.
    pub masked: Vec<String>,
}

/// The log.
#[derive(Debug)]
pub(super) struct DecisionLog {
    mode: LogMode,
    masked: Vec<String>,
    seen: AtomicU32,
    waiting_bytes: Arc<AtomicUsize>,
    is_reopened: Arc<AtomicBool>,
    lines: Option<SyncSender<Lines>>,
    writer: Option<JoinHandle<()>>,
}

/// Lines of one call, which go to the writer together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    count: u64,
}

/// A decision to be told.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) call: &'a Call,
    pub(super) principal: &'a str,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: [Entries<'a>; 2],
    pub(super) decision: Decision,
    pub(super) shadow: Option<(&'a InForce, &'a Result<Decision, AskError>)>,
}

impl DecisionLog {
    /// Opens the log and starts its writer.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(settings: &LogSettings, metrics: &Metrics, notices: &Notices) -> io::Result<Self> {
        let (sink, is_torn) = open(&settings.target)?;
        let (lines, received) = sync_channel(WAITING);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let is_reopened = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            sink,
            is_torn,
            target: settings.target.clone(),
            received,
            waiting_bytes: Arc::clone(&waiting_bytes),
            is_reopened: Arc::clone(&is_reopened),
            is_late: false,
            drops: metrics.log_drops.clone(),
            reopen_failures: metrics.log_reopen_failures.clone(),
            notices: notices.clone(),
        };
        let writer = std::thread::Builder::new().name("decision-log".to_owned()).spawn(|| writer.run())?;
        Ok(Self {
            mode: settings.mode,
            masked: settings.masked.clone(),
            seen: AtomicU32::new(0),
            waiting_bytes,
            is_reopened,
            lines: Some(lines),
            writer: Some(writer),
        })
    }

    /// Whether a decision is logged.
    pub(super) fn wants(&self, outcome: Outcome, differs: bool) -> bool {
        differs
            || match self.mode {
                LogMode::Full => true,
                LogMode::Denies => outcome != Outcome::Allowed,
                LogMode::Sampled(every) => {
                    self.seen.fetch_add(1, Ordering::Relaxed).checked_rem(every).is_none_or(|rest| rest == 0)
                }
            }
    }

    /// Adds a decision to the lines of its call, and sends them if they are many.
    pub(super) fn write(&self, metrics: &Metrics, lines: &mut Lines, told: &Told<'_>) {
        let before = lines.bytes.len();
        lines.bytes.reserve(LINE);
        if serde_json::to_writer(&mut lines.bytes, &Entry { told, masked: &self.masked }).is_err() {
            lines.bytes.truncate(before);
            metrics.log_drops.inc();
            return;
        }
        lines.bytes.push(b'\n');
        lines.count = lines.count.saturating_add(1);
        if lines.bytes.len() > TOGETHER {
            self.send(metrics, std::mem::take(lines));
        }
    }

    /// Hands lines to the writer, or counts that there was no room.
    pub(super) fn send(&self, metrics: &Metrics, lines: Lines) {
        let (bytes, count) = (lines.bytes.len(), lines.count);
        let Some(sender) = self.lines.as_ref().filter(|_| count > 0) else { return };
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting > WAITING_BYTES || sender.try_send(lines).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            metrics.log_drops.inc_by(count);
        }
    }

    /// Opens the file again, after somebody moved it away.
    pub(super) fn reopen(&self) {
        self.is_reopened.store(true, Ordering::Relaxed);
    }
}

impl Drop for DecisionLog {
    /// Writes what waits.
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

struct Writer {
    sink: File,
    /// Whether what it was last written is a line without its end.
    is_torn: bool,
    target: LogTarget,
    received: Receiver<Lines>,
    waiting_bytes: Arc<AtomicUsize>,
    is_reopened: Arc<AtomicBool>,
    /// Whether the file was to be opened again and could not be.
    is_late: bool,
    drops: Counter,
    reopen_failures: Counter,
    notices: Notices,
}

/// Opens what is written to, and tells whether a process that ended, or a full disk, left a line without its end there.
fn open(target: &LogTarget) -> io::Result<(File, bool)> {
    match target {
        LogTarget::Stdout => Ok((File::from(io::stdout().as_fd().try_clone_to_owned()?), false)),
        LogTarget::File(path) => {
            let file = OpenOptions::new().append(true).create(true).open(path)?;
            let is_torn = file.metadata()?.is_file() && ends_within_line(path).unwrap_or(false);
            Ok((file, is_torn))
        }
    }
}

fn ends_within_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Writes as much as is taken, and tells how much that is.
fn write(sink: &mut File, bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while !rest.is_empty() {
        match sink.write(rest) {
            Ok(0) => break,
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    bytes.len().saturating_sub(rest.len())
}

impl Writer {
    fn run(mut self) {
        let mut together = Vec::new();
        loop {
            let mut is_over = false;
            while together.len() < 1024 * 1024 {
                match self.received.try_recv() {
                    Ok(more) => together.extend_from_slice(&more.bytes),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        is_over = true;
                        break;
                    }
                }
            }
            let is_idle = together.is_empty();
            self.flush(&mut together);
            if is_over {
                return;
            }
            if is_idle {
                std::thread::sleep(REST);
            }
        }
    }

    fn flush(&mut self, together: &mut Vec<u8>) {
        self.reopen();
        self.append(together);
        self.waiting_bytes.fetch_sub(together.len(), Ordering::Relaxed);
        together.clear();
    }

    /// Opens the file again if that was asked for. Where it cannot be opened that is told once, the file of before goes on
    /// taking lines, and it is tried again before the next ones.
    fn reopen(&mut self) {
        let is_asked = self.is_reopened.swap(false, Ordering::Relaxed);
        if !is_asked && !self.is_late {
            return;
        }
        match open(&self.target) {
            Ok((sink, is_torn)) => (self.sink, self.is_torn, self.is_late) = (sink, is_torn, false),
            Err(error) => {
                self.is_late = true;
                if is_asked {
                    self.reopen_failures.inc();
                    self.notices.tell(Notice::LogNotReopened(error));
                }
            }
        }
    }

    /// Appends lines, and counts those that are not taken. One that was begun is ended first, so that it spoils no other.
    fn append(&mut self, lines: &[u8]) {
        if self.is_torn && !lines.is_empty() {
            self.is_torn = write(&mut self.sink, b"\n") == 0;
        }
        let written = if self.is_torn { 0 } else { write(&mut self.sink, lines) };
        let (taken, left) = lines.split_at_checked(written).unwrap_or((lines, &[]));
        self.is_torn |= taken.last().is_some_and(|last| *last != b'\n');
        self.drops.inc_by(memchr::memchr_iter(b'\n', left).count() as u64);
    }
}

/// A line.
struct Entry<'a> {
    told: &'a Told<'a>,
    masked: &'a [String],
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Told { call, principal, action, resource, context, decision, shadow } = self.told;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &call.now)?;
        map.serialize_entry("contract", call.route.contract.name)?;
        map.serialize_entry("revision", call.moment.revision())?;
        if let Some(client) = &call.client.0 {
            map.serialize_entry("client", &**client)?;
        }
        if let Some(id) = call.request_id() {
            map.serialize_entry("request_id", shown(id))?;
        }
        map.serialize_entry("principal", shown(principal))?;
        map.serialize_entry("action", shown(action))?;
        map.serialize_entry("resource", shown(resource))?;
        if context.iter().any(|entries| !entries.is_empty()) {
            map.serialize_entry("context", &Masked { context: *context, masked: self.masked })?;
        }
        map.serialize_entry("decision", decision)?;
        if let Some((by, other)) = shadow {
            map.serialize_entry("candidate", &Candidate { by, other })?;
        }
        map.end()
    }
}

/// What the candidate store would have decided.
struct Candidate<'a> {
    by: &'a InForce,
    other: &'a Result<Decision, AskError>,
}

impl Serialize for Candidate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("revision", &self.by.revision().to_string())?;
        match self.other {
            Ok(decision) => map.serialize_entry("decision", decision)?,
            Err(error) => map.serialize_entry("error", error.code())?,
        }
        map.end()
    }
}

/// Context keys, their values hidden where they are chosen to be or hold tokens.
struct Masked<'a> {
    context: [Entries<'a>; 2],
    masked: &'a [String],
}

const HIDDEN: &str = "***";
/// How a token begins: `{"` in base64, and the first bits of a name.
const TOKEN: &[u8] = b"eyJ";
/// Its query is whatever the page before had in its own: codes and tokens too.
const REFERER: &str = "aws:referer";

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.context.iter().copied().flatten() {
            let is_masked = self.masked.iter().any(|masked| eq_folded(masked, name));
            let is_url = eq_folded(REFERER, name);
            let name = shown(name);
            match value {
                Value::One(_) if is_masked => map.serialize_entry(name, HIDDEN)?,
                Value::One(text) => map.serialize_entry(name, &value_shown(text, is_url))?,
                Value::Many(_) if is_masked => map.serialize_entry(name, &[HIDDEN])?,
                Value::Many(texts) => map.serialize_entry(name, &Texts { texts, is_url })?,
            }
        }
        map.end()
    }
}

struct Texts<'a> {
    texts: &'a [String],
    /// Whether they are URLs whose queries are hidden.
    is_url: bool,
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts = serializer.serialize_seq(Some(self.texts.len()))?;
        for text in self.texts {
            texts.serialize_element(&value_shown(text, self.is_url))?;
        }
        texts.end()
    }
}

/// The value of a context key; of a URL whose query may hold secrets, what stands before the query.
fn value_shown(text: &str, is_url: bool) -> Cow<'_, str> {
    match text.split_once('?').filter(|_| is_url) {
        Some((before, _)) => Cow::Owned(format!("{}?{HIDDEN}", shown(before))),
        None => Cow::Borrowed(shown(text)),
    }
}

/// A text, unless a token stands in it.
fn shown(text: &str) -> &str {
    if holds_token(text.as_bytes()) { HIDDEN } else { text }
}

/// Whether a signed or encrypted token stands somewhere in a text: the beginning of a JSON object in base64url, a part of
/// its own, and a dot behind it.
fn holds_token(text: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    memchr::memmem::find_iter(text, TOKEN).any(|start| {
        let rest = text.get(start.saturating_add(TOKEN.len())..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_base64(byte)).count();
        length > 0 && rest.get(length) == Some(&b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::{shown, value_shown};

    #[test]
    fn texts_that_hold_tokens_are_hidden() {
        let signed = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
        let encrypted = "eyJhbGciOiJSU0EtT0FFUCJ9.a-_b.aXY.dGV4dA.dGFn";
        let padded = "eyJhbGciOiJFUzI1NiJ9==.eyJzdWIiOiJhIn0=.c2ln";
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
        for token in [signed, encrypted, padded, unsigned] {
            for text in
                [token.to_owned(), format!("Bearer {token}"), format!("a/{token}/b"), format!("eyJ {token}")]
            {
                assert_eq!(shown(&text), "***", "{text}");
            }
        }
        for text in ["eyJ", "eyJ.a", "eyJab", "eyJa/b.c", "us-east-1:alice", "a.b.c", "eyj1.b.c", ""] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn of_a_url_the_query_is_hidden() {
        assert_eq!(value_shown("https://app.example/a?code=secret", true), "https://app.example/a?***");
        assert_eq!(value_shown("https://app.example/a", true), "https://app.example/a");
        assert_eq!(value_shown("https://app.example/a?b", false), "https://app.example/a?b");
    }
}
