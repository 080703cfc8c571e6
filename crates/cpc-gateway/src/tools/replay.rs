//! `cpc replay`: command lines in, one answer a line out, nothing else on the standard output.
//!
//! A line that is refused is answered and the replay goes on, unless it is strict. Answers are written out whenever
//! the next line has not arrived: a host that talks to this program line by line gets each answer before it writes
//! on, and a file of a million lines is still written in large pieces.

use super::error::{ToolError, Verdict, open};
use super::progress::Progress;
use cpc_core::Timestamp;
use cpc_wire::{DEFAULT_LINE_LIMIT, Language, Runner, Session};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

/// The size of the input and output buffers, in bytes.
const BUFFER: usize = 1 << 16;

/// Answers every line of a file.
pub(crate) fn run(file: &str, strict: bool, digest: bool, language: Language) -> Result<Verdict, ToolError> {
    let mut replay = Replay::open(file, language)?;
    let mut output = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    let mut progress = Progress::start();
    let (mut answer, mut refused) = (Vec::new(), false);
    while !(strict && refused) {
        if !replay.has_next() {
            output.flush().map_err(ToolError::Output)?;
        }
        answer.clear();
        if !replay.step(&mut answer)? {
            break;
        }
        output.write_all(&answer).map_err(ToolError::Output)?;
        refused |= is_refused(&answer);
        progress.advance();
    }
    if digest {
        answer.clear();
        replay.digest(&mut answer);
        output.write_all(&answer).map_err(ToolError::Output)?;
    }
    output.flush().map_err(ToolError::Output)?;
    progress.clear();
    if !(strict && refused) {
        return Ok(Verdict::Fine);
    }
    let answers = progress.lines();
    // If printing fails, the exit code and the last answer still show it.
    let _ = match language {
        Language::PtBr => writeln!(io::stderr(), "cpc: parou na resposta {answers}, uma recusa"),
        Language::En => writeln!(io::stderr(), "cpc: stopped at answer {answers}, a refusal"),
    };
    Ok(Verdict::Problems)
}

/// Whether an answer says that its line was refused as a whole.
pub(crate) fn is_refused(answer: &[u8]) -> bool {
    answer.starts_with(b"{\"error\":")
}

/// Executes command lines one after the other.
pub(crate) struct Replay {
    file: String,
    input: BufReader<Box<dyn Read>>,
    runner: Runner,
    language: Language,
    /// Whether the lines are conformance vectors; then, the one being read.
    vectors: Option<Vec<u8>>,
}

/// A line of a conformance file: a fresh start, or a command beside the answer expected of it.
#[derive(Deserialize)]
struct Vector<'a> {
    reset: Option<bool>,
    #[serde(borrow, rename = "do")]
    command: Option<&'a RawValue>,
}

impl Replay {
    /// The lines of a file, from its beginning; `-` is the standard input.
    pub(crate) fn open(file: &str, language: Language) -> Result<Replay, ToolError> {
        let mut input = BufReader::with_capacity(BUFFER, open(file)?);
        let start = input.fill_buf().map_err(|error| ToolError::Input { file: file.to_owned(), error })?;
        let vectors = start.starts_with(b"{\"reset\":").then(Vec::new);
        Ok(Replay { file: file.to_owned(), input, runner: runner(language), language, vectors })
    }

    /// Whether the next line is already buffered, so that reading it does not wait for its writer.
    fn has_next(&self) -> bool {
        self.input.buffer().contains(&b'\n')
    }

    /// Carries out the next line and writes its answer; `false` after the last.
    pub(crate) fn step(&mut self, answer: &mut Vec<u8>) -> Result<bool, ToolError> {
        let result = match self.vectors.take() {
            None => self.runner.step(&mut self.input, answer),
            Some(mut row) => {
                let result = self.step_vector(&mut row, answer);
                self.vectors = Some(row);
                result
            }
        };
        result.map_err(|error| ToolError::Input { file: self.file.clone(), error })
    }

    fn step_vector(&mut self, row: &mut Vec<u8>, answer: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            row.clear();
            if (&mut self.input).take(DEFAULT_LINE_LIMIT as u64).read_until(b'\n', row)? == 0 {
                return Ok(false);
            }
            let vector = serde_json::from_slice(row).unwrap_or(Vector { reset: None, command: None });
            if vector.reset == Some(true) {
                self.runner = runner(self.language);
                continue;
            }
            // Anything but a vector is executed as a command line, which reports its error.
            let mut command = vector.command.map_or(&**row, |command| command.get().as_bytes());
            if self.runner.step(&mut command, answer)? {
                return Ok(true);
            }
        }
    }

    /// Writes the digest of the state as the query `digest` at the clock is answered; an engine that nothing
    /// happened to has no clock, and is asked at the first instant there is.
    fn digest(self, answer: &mut Vec<u8>) {
        let mut session = self.into_session();
        let at = session.engine().clock().unwrap_or(Timestamp::MIN);
        session.execute(format!(r#"{{"op":"digest","at":{at}}}"#).as_bytes(), answer);
        answer.push(b'\n');
    }

    /// The engine as the lines left it.
    pub(crate) fn into_session(self) -> Session {
        self.runner.into_session()
    }
}

fn runner(language: Language) -> Runner {
    Runner::new(Session::default().language(language))
}
