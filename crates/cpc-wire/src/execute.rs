//! Carrying out command lines on an engine.

use crate::answer::{Answer, write_answer, write_line_error, write_refusal};
use crate::arena::Arena;
use crate::line::parse_line;
use crate::op::{Op, Request};
use crate::text::Language;
use cpc_core::Timestamp;
use cpc_core::{CommandError, Engine, Outcome, Policy, Query};

/// Carries out a request. `outcomes` is cleared, and has one outcome for every item of a command.
///
/// # Errors
/// A [`CommandError`] of the whole request; nothing has changed.
pub fn execute(
    engine: &mut Engine,
    request: &Request<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<Answer, CommandError> {
    execute_at(engine, request.at, &request.op, outcomes)
}

/// Carries out an operation whose time the host says, as [`execute`] does a request.
///
/// # Errors
/// As [`execute`].
pub fn execute_at(
    engine: &mut Engine,
    at: impl Into<Timestamp>,
    op: &Op<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<Answer, CommandError> {
    outcomes.clear();
    match op {
        Op::Command(command) => engine.apply(at, command, outcomes).map(Answer::Applied),
        Op::Query(request) => query(engine, at, request),
    }
}

/// Answers a query.
///
/// # Errors
/// A [`CommandError`] of the query.
pub fn query(engine: &Engine, at: impl Into<Timestamp>, query: &Query<'_>) -> Result<Answer, CommandError> {
    engine.query(at, query).map(|(now, view)| Answer::View(now, view))
}

/// An engine that takes command lines. It has the default policy until a line `policy` says otherwise, so that
/// such a line counts like every other command.
pub struct Session {
    engine: Engine,
    pub(crate) language: Language,
    outcomes: Vec<Outcome>,
    arena: Arena,
}

impl Default for Session {
    fn default() -> Session {
        Session::new(Engine::new(Policy::default()))
    }
}

impl Session {
    /// A session on an engine, which may have a life behind it.
    #[must_use]
    pub fn new(engine: Engine) -> Session {
        Session { engine, language: Language::PtBr, outcomes: Vec::new(), arena: Arena::new() }
    }

    /// Sets the language of all texts for people, `reason` and `message`; Portuguese by default.
    #[must_use]
    pub fn language(mut self, language: Language) -> Session {
        self.language = language;
        self
    }

    /// Carries out one command line and appends its answer to `out`, without a line end. Every line has an
    /// answer; that of one that is refused begins with `{"error":`.
    pub fn execute(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.arena.clear();
        let request = match parse_line(line, &self.arena) {
            Ok(request) => request,
            Err(error) => return write_line_error(&error, self.language, out),
        };
        match execute(&mut self.engine, &request, &mut self.outcomes) {
            Ok(answer) => {
                write_answer(&self.engine, &request.op, &answer, &self.outcomes, self.language, out);
            }
            Err(refusal) => write_refusal(&refusal, self.language, out),
        }
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to be changed other than by lines.
    pub const fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// The engine, when the session is over.
    #[must_use]
    pub fn into_engine(self) -> Engine {
        self.engine
    }
}
