//! Command lines from a stream: one answer a line, one line in memory at a time.

use crate::answer::write_line_error;
use crate::execute::Session;
use crate::parse_error::ParseError;
use std::io::{self, BufRead, Read, Write};

/// The longest line that a [`Runner`] takes by default: 64 MiB.
pub const DEFAULT_LINE_LIMIT: usize = 64 << 20;

/// How long the longest end of a line is, CR and LF.
const LONGEST_END: u64 = 2;

/// Reads command lines, carries them out and writes their answers.
///
/// Memory is bounded by the longest line and its answer, besides the engine's own. Blank lines are passed over;
/// every other line has exactly one answer line.
pub struct Runner {
    session: Session,
    line_limit: usize,
    line: Vec<u8>,
    answer: Vec<u8>,
    lines: u64,
    refused: u64,
}

impl Runner {
    /// A runner of a session, for lines of up to [`DEFAULT_LINE_LIMIT`] bytes.
    #[must_use]
    pub const fn new(session: Session) -> Runner {
        Runner {
            session,
            line_limit: DEFAULT_LINE_LIMIT,
            line: Vec::new(),
            answer: Vec::new(),
            lines: 0,
            refused: 0,
        }
    }

    /// Sets the most bytes a line may have, its end not counted. A longer one is answered `line_too_long` and
    /// passed over.
    #[must_use]
    pub const fn line_limit(mut self, bytes: usize) -> Runner {
        self.line_limit = bytes;
        self
    }

    /// Reads the next line that is not blank and writes its answer; `false` at the end of the input.
    ///
    /// # Errors
    /// Those of `input` and `output`.
    pub fn step(&mut self, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<bool> {
        loop {
            let Some(fits) = self.read_line(input)? else { return Ok(false) };
            if fits && self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.answer.clear();
            if fits {
                self.session.execute(&self.line, &mut self.answer);
            } else {
                let error = ParseError::LineTooLong { limit: self.line_limit };
                write_line_error(&error, self.session.language, &mut self.answer);
            }
            self.lines += 1;
            self.refused += u64::from(self.answer.starts_with(b"{\"error\":"));
            self.answer.push(b'\n');
            output.write_all(&self.answer)?;
            return Ok(true);
        }
    }

    /// Runs to the end of the input.
    ///
    /// # Errors
    /// Those of `input` and `output`.
    pub fn run(&mut self, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
        while self.step(input, output)? {}
        output.flush()
    }

    /// How many lines were answered.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of them were refused as a whole.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The session, when all lines are read.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Reads one line; `None` at the end of the input, `Some(false)` if it is too long, and then skipped.
    fn read_line(&mut self, input: &mut impl BufRead) -> io::Result<Option<bool>> {
        self.line.clear();
        let most = u64::try_from(self.line_limit).unwrap_or(u64::MAX).saturating_add(LONGEST_END);
        if input.by_ref().take(most).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let is_whole = self.line.pop_if(|byte| *byte == b'\n').is_some();
        if is_whole {
            self.line.pop_if(|byte| *byte == b'\r');
        }
        let fits = self.line.len() <= self.line_limit;
        if !is_whole && !fits {
            input.skip_until(b'\n')?;
        }
        Ok(Some(fits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &str, limit: usize) -> (Vec<String>, Runner) {
        let mut runner = Runner::new(Session::default()).line_limit(limit);
        let mut output = Vec::new();
        let mut input = io::BufReader::with_capacity(7, input.as_bytes());
        runner.run(&mut input, &mut output).unwrap();
        let answers = String::from_utf8(output).unwrap();
        (answers.lines().map(String::from).collect(), runner)
    }

    const CLOCK: &str = r#"{"op":"clock","at":1795435200000}"#;

    #[test]
    fn every_line_has_one_answer_and_blank_ones_have_none() {
        let (answers, runner) = run(&format!("{CLOCK}\n\n  \r\nx\n{CLOCK}"), 1000);
        assert_eq!(answers.len(), 3);
        assert!(answers[1].starts_with(r#"{"error":"invalid_json""#));
        assert!(answers[2].starts_with(r#"{"seq":2,"#));
        assert_eq!((runner.lines(), runner.refused()), (3, 1));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        for input in
            [String::from(CLOCK), format!("{CLOCK}\n"), format!("{CLOCK}\r\n"), format!("\n{CLOCK}\n\n")]
        {
            let (answers, _) = run(&input, CLOCK.len());
            assert_eq!(answers.len(), 1);
            assert!(answers[0].starts_with(r#"{"seq":1,"#));
        }
        let mut output = Vec::new();
        let long = format!("{CLOCK}{}", " ".repeat(1 << 20));
        Runner::new(Session::default()).run(&mut long.as_bytes(), &mut output).unwrap();
        assert!(output.starts_with(br#"{"seq":1,"#));
    }

    #[test]
    fn its_session_has_a_life_behind_it() {
        let (_, runner) = run(&format!("{CLOCK}\n{CLOCK}\n"), 1000);
        assert_eq!((runner.lines(), runner.refused()), (2, 0));
        assert_eq!(runner.session().engine().seq(), 2);
        assert_eq!(runner.into_session().into_engine().seq(), 2);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let limit = CLOCK.len();
        let long = "x".repeat(limit + 1);
        let (answers, _) = run(&format!("{CLOCK}\n{long}\n{long}{long}\n{CLOCK}\n{long}"), limit);
        let refused = format!(r#"{{"error":"line_too_long","message":"linha com mais de {limit} bytes"}}"#);
        assert_eq!(answers.len(), 5);
        for index in [1, 2, 4] {
            assert_eq!(answers[index], refused);
        }
        assert!(answers[3].starts_with(r#"{"seq":2,"#));
    }
}
