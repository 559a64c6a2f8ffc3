//! How far a long batch is: a bar on standard error, if that is a terminal. It comes after a moment, has no colours,
//! and leaves nothing on the screen.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::render::Terminal;

/// What is done by then needs no bar.
const MOMENT: Duration = Duration::from_millis(300);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Files,
}

/// A bar that may be shown.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// When it began, while it is still to be shown.
    hidden_since: Option<Instant>,
    /// Whether the output goes to the same screen.
    shares_screen: bool,
}

impl Progress {
    /// Of so much; unknown, it is never shown.
    pub(super) fn new(terminal: Terminal, total: Option<u64>, unit: Unit) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let is_shown = is_shown(terminal.is_quiet(), io::stderr().is_terminal() && !is_dumb, total);
        let target = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(total, target).with_style(style(unit));
        let shares_screen = is_shown && io::stdout().is_terminal();
        Self { bar, hidden_since: is_shown.then(Instant::now), shares_screen }
    }

    /// So much more is done.
    pub(super) fn advance(&mut self, by: usize) {
        if self.hidden_since.is_some_and(|since| since.elapsed() >= MOMENT) {
            self.hidden_since = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(by as u64);
    }

    /// Writes to standard output, with the bar out of its way if that is the same screen.
    pub(super) fn beside_output<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.shares_screen { self.aside(write) } else { write() }
    }

    /// Writes to the terminal, with the bar out of its way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn is_shown(is_quiet: bool, on_terminal: bool, total: Option<u64>) -> bool {
    !is_quiet && on_terminal && total.is_some()
}

fn style(unit: Unit) -> ProgressStyle {
    let template = match unit {
        Unit::Bytes => "{bar:40} {bytes} of {total_bytes}, {eta} left",
        Unit::Files => "{bar:40} {pos} of {len} files, {eta} left",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_somebody_looks_and_the_end_is_known() {
        assert!(is_shown(false, true, Some(1)));
        assert!(!is_shown(true, true, Some(1)));
        assert!(!is_shown(false, false, Some(1)));
        assert!(!is_shown(false, true, None));
    }

    #[test]
    fn the_templates_are_read() {
        for unit in [Unit::Bytes, Unit::Files] {
            let bar = ProgressBar::with_draw_target(Some(9), ProgressDrawTarget::hidden());
            bar.with_style(style(unit)).inc(1);
        }
        assert!(ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left").is_ok());
    }
}
