//! The progress of a replay, on a terminal that shows nothing else.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two looks at the clock.
const LINES: u64 = 256;
/// Between two updates.
const PAUSE: Duration = Duration::from_millis(200);

/// A line on the standard error that is written over and over; nothing where that is not a terminal, or where the
/// answers go to one as well.
pub(crate) struct Progress {
    start: Instant,
    next: Instant,
    lines: u64,
    shown: bool,
    wanted: bool,
}

impl Progress {
    /// Nothing done yet.
    pub(crate) fn start() -> Progress {
        let now = Instant::now();
        let wanted = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Progress { start: now, next: now + PAUSE, lines: 0, shown: false, wanted }
    }

    /// One line more.
    pub(crate) fn advance(&mut self) {
        self.lines += 1;
        if self.wanted && self.lines.is_multiple_of(LINES) {
            self.show();
        }
    }

    /// How many lines there were.
    pub(crate) const fn lines(&self) -> u64 {
        self.lines
    }

    fn show(&mut self) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + PAUSE;
        self.shown = true;
        let rate = u128::from(self.lines) * 1000 / (now - self.start).as_millis().max(1);
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(io::stderr(), "\r{} ({}/s)\x1b[K", self.lines, rate);
    }

    /// Leaves the terminal as it was.
    pub(crate) fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
