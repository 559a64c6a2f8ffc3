//! Answering lines on several threads, the answers in the order of the lines.
//!
//! ```text
//! each thread: takes its turn to read a piece, answers it ── answers ──> writer, this thread: in order, to the output
//!    ^──────────────────────────── done with ────────────────────────────────┘
//! ```
//! Bounded: there is a fixed number of batches, and while the lines in them are more than [`HELD`] no more is read.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::ThreadPool;

use super::error::CliError;
use super::input::Input;
use super::pieces::{Piece, Pieces, READ};
use super::progress::{Progress, Unit};
use super::render::{self, Audience, Terminal};
use super::threads::Threads;

/// Batches a thread: one that it works on, and some that wait for their turn to be written.
const BATCHES: usize = 4;

/// Bytes of lines in all batches over which nothing more is read.
const HELD: usize = 64 * 1024 * 1024;

/// Answers lines; each thread has its own.
pub(super) trait Answerer: Send + 'static {
    /// One more that answers every line alike.
    fn another(&self) -> Self;

    /// Appends the answer to a line, with its line end.
    fn answer(&mut self, line: &[u8], number: usize, out: &mut Vec<u8>) -> Finding;
}

/// What came of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is as it should be.
    Good,
    /// It is not as expected.
    Unexpected,
    /// Nothing was expected, and it cannot be decided.
    Undecided,
}

/// How many lines came out how.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) lines: usize,
    pub(super) unexpected: usize,
    pub(super) undecided: usize,
}

/// A piece of the input with its answers.
#[derive(Default)]
struct Batch {
    place: usize,
    /// Bytes of its lines, also when it is emptied: what the reader counts.
    size: usize,
    piece: Piece,
    out: Vec<u8>,
    tally: Tally,
}

/// A step of the work.
enum Event {
    /// A piece; from a thread to the writer, with its answers.
    Batch(Batch),
    /// So many pieces were read; why no more were.
    End(usize, Result<(), CliError>),
}

/// Answers every line of an input to standard output.
pub(super) fn answer_lines(
    input: &Input,
    limit: usize,
    answerer: impl Answerer,
    threads: Threads,
    terminal: Terminal,
) -> Result<Tally, CliError> {
    let pieces = input.pieces(limit)?;
    let size = input.size();
    let mut writer = Writer { progress: Progress::new(terminal, size, Unit::Bytes), tally: Tally::default() };
    // What fits into one piece wakes no threads.
    let threads = if size.is_some_and(|size| size <= READ as u64) { Threads::one() } else { threads };
    match threads.pool() {
        Some(pool) => start(pieces, &answerer, &pool).write_by(&mut writer),
        None => in_turn(pieces, answerer, &mut writer),
    }?;
    Ok(writer.tally)
}

fn in_turn(mut pieces: Pieces, mut answerer: impl Answerer, writer: &mut Writer) -> Result<(), CliError> {
    let mut batch = Batch::default();
    while pieces.next(&mut batch.piece)? {
        batch.answer(&mut answerer);
        if writer.write(&batch)? == Audience::Left {
            break;
        }
        batch.clear();
    }
    Ok(())
}

/// Reads pieces; the threads share it.
struct Reader {
    pieces: Pieces,
    free: Receiver<Batch>,
    waiting: Vec<Batch>,
    /// Bytes of lines in all batches that are not free.
    held: usize,
    /// Pieces so far.
    count: usize,
    is_over: bool,
}

/// The writer's end of the pipeline.
struct Answers {
    told: Receiver<Event>,
    done_with: Sender<Batch>,
}

/// Begins to read and to answer. The threads are not waited for: if nobody reads the answers any more, the program ends
/// while one of them may still wait for a line.
fn start<A: Answerer>(pieces: Pieces, answerer: &A, pool: &ThreadPool) -> Answers {
    let (events, told) = channel();
    let (done_with, free) = channel();
    for _ in 0..pool.current_num_threads().saturating_mul(BATCHES) {
        // The other end is here.
        let _ = done_with.send(Batch::default());
    }
    let reader = Reader { pieces, free, waiting: Vec::new(), held: 0, count: 0, is_over: false };
    let reader = Arc::new(Mutex::new(reader));
    for _ in 0..pool.current_num_threads() {
        let (answerer, reader, events) = (answerer.another(), Arc::clone(&reader), events.clone());
        // A panic in there ends the program: no line goes missing unseen.
        pool.spawn(move || work(answerer, &reader, &events));
    }
    Answers { told, done_with }
}

/// What each thread does until the input ends or nobody reads the answers any more.
fn work(mut answerer: impl Answerer, reader: &Mutex<Reader>, events: &Sender<Event>) {
    loop {
        let next = reader.lock().unwrap_or_else(PoisonError::into_inner).next();
        let event = match next {
            Some(Event::Batch(mut batch)) => {
                batch.answer(&mut answerer);
                Event::Batch(batch)
            }
            Some(end) => end,
            None => return,
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

impl Reader {
    /// The next piece, still to be answered, or once the end; then, or without a writer, nothing.
    fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        let mut batch = self.next_free()?;
        let read = self.pieces.next(&mut batch.piece);
        if !matches!(read, Ok(true)) {
            self.is_over = true;
            return Some(Event::End(self.count, read.map(drop)));
        }
        (batch.place, batch.size) = (self.count, batch.piece.len());
        self.held = self.held.saturating_add(batch.size);
        self.count = self.count.saturating_add(1);
        Some(Event::Batch(batch))
    }

    /// A batch that is done with; waits until there is one and the bound allows to read more.
    fn next_free(&mut self) -> Option<Batch> {
        while self.waiting.is_empty() || self.held > HELD {
            let batch = self.free.recv().ok()?;
            self.held = self.held.saturating_sub(batch.size);
            self.waiting.push(batch);
        }
        self.waiting.pop()
    }
}

impl Answers {
    /// Writes what the threads answer in order, until the end or until nobody reads it.
    fn write_by(&self, writer: &mut Writer) -> Result<(), CliError> {
        let mut early = BTreeMap::new();
        let (mut next, mut end) = (0, None);
        loop {
            while let Some(mut batch) = early.remove(&next) {
                if writer.write(&batch)? == Audience::Left {
                    return Ok(());
                }
                next += 1;
                batch.clear();
                // The reader may have come to the end.
                let _ = self.done_with.send(batch);
            }
            if end.as_ref().is_some_and(|(count, _)| *count == next) {
                return end.map_or(Ok(()), |(_, result)| result);
            }
            match self.told.recv() {
                Ok(Event::Batch(batch)) => drop(early.insert(batch.place, batch)),
                Ok(Event::End(count, result)) => end = Some((count, result)),
                // The reader cannot end without saying so; were it so, lines would be missing.
                Err(_) => return Err(CliError::Output(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }
}

impl Batch {
    fn answer(&mut self, answerer: &mut impl Answerer) {
        for (number, line) in self.piece.lines() {
            let finding = answerer.answer(line, number, &mut self.out);
            self.tally.lines += 1;
            self.tally.unexpected += usize::from(finding == Finding::Unexpected);
            self.tally.undecided += usize::from(finding == Finding::Undecided);
        }
    }

    /// Empties it; memory that long answers needed is given back.
    fn clear(&mut self) {
        if self.out.capacity() > 4 * READ {
            self.out = Vec::new();
        }
        self.out.clear();
        self.piece.clear(&[]);
        self.tally = Tally::default();
    }
}

/// Writes answers and counts what came out.
struct Writer {
    progress: Progress,
    tally: Tally,
}

impl Writer {
    fn write(&mut self, batch: &Batch) -> Result<Audience, CliError> {
        let audience = self.progress.beside_output(|| render::write(&batch.out))?;
        self.progress.advance(batch.piece.len());
        self.tally.lines += batch.tally.lines;
        self.tally.unexpected += batch.tally.unexpected;
        self.tally.undecided += batch.tally.undecided;
        Ok(audience)
    }
}
