//! Carrying out command lines on an engine.

use crate::answer::{write_answer, write_line_error, write_refusal};
use crate::line::parse_line;
use crate::reason::Language;
use crate::request::{Op, Query, Request};
use cpc_core::{
    CommandError, ContactView, Deadlines, DueFollowUp, Engine, ExplainRequest, Explanation, Outcome, Policy,
    Receipt, Sendable, Stats, Timestamp, WalletView,
};

/// What the engine said; the outcomes of a command or preview are beside it. Instants are the effective times.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// A command was applied.
    Applied(Receipt),
    /// A batch was previewed.
    Preview(Timestamp),
    /// What is known of a contact.
    Contact(Timestamp, ContactView),
    /// A wallet.
    Wallet(Timestamp, WalletView),
    /// Why a dispatch would be answered as it would.
    Explain(Timestamp, Box<Explanation>),
    /// The follow-ups that are due.
    DueFollowUps(Timestamp, Vec<DueFollowUp>),
    /// Whether a dispatch may still be sent.
    Sendable(Timestamp, Sendable),
    /// When something happens next.
    Deadline(Timestamp, Deadlines),
    /// The digest.
    Digest(Timestamp, u128),
    /// How much there is.
    Stats(Timestamp, Stats),
}

/// Carries out a request. `outcomes` is cleared, and has one outcome for every item of a command or preview.
///
/// # Errors
/// A [`CommandError`] of the whole request; nothing has changed.
pub fn perform(
    engine: &mut Engine,
    request: &Request<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<Answer, CommandError> {
    perform_at(engine, request.at, &request.op, outcomes)
}

/// Carries out an operation whose time the host says, as [`perform`] does a request.
///
/// # Errors
/// As [`perform`].
pub fn perform_at(
    engine: &mut Engine,
    at: i64,
    op: &Op<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<Answer, CommandError> {
    match op {
        Op::Command(command) => {
            command.with_core(|command| engine.apply(at, command, outcomes)).map(Answer::Applied)
        }
        Op::Query(query) => ask(engine, at, query, outcomes),
    }
}

/// Answers a query. `outcomes` is cleared, and has one outcome for every message of a preview.
///
/// # Errors
/// A [`CommandError`] of the query.
pub fn ask(
    engine: &Engine,
    at: i64,
    query: &Query<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<Answer, CommandError> {
    outcomes.clear();
    Ok(match query {
        Query::Preview(batch) => {
            Answer::Preview(batch.with_core(|batch| engine.preview(at, batch, outcomes))?)
        }
        Query::Contact(target) => {
            let (now, view) = engine.contact(at, target.as_core())?;
            Answer::Contact(now, view)
        }
        Query::Wallet { tag } => {
            let (now, view) = engine.wallet(at, tag)?;
            Answer::Wallet(now, view)
        }
        Query::Explain { phone, client_id, tag, specialist_code } => {
            let (now, explanation) =
                engine.explain(at, &ExplainRequest { phone, client_id, tag, specialist_code })?;
            Answer::Explain(now, Box::new(explanation))
        }
        Query::DueFollowUps { limit } => {
            let (now, due) = engine.due_follow_ups(at, *limit)?;
            Answer::DueFollowUps(now, due)
        }
        Query::Sendable { dispatch, client_id } => {
            let (now, sendable) = engine.sendable(at, *dispatch, client_id)?;
            Answer::Sendable(now, sendable)
        }
        Query::Deadline => {
            let (now, deadlines) = engine.deadlines(at)?;
            Answer::Deadline(now, deadlines)
        }
        Query::Digest => {
            let (now, digest) = engine.digest_at(at)?;
            Answer::Digest(now, digest)
        }
        Query::Stats => {
            let (now, stats) = engine.stats(at)?;
            Answer::Stats(now, stats)
        }
    })
}

/// An engine that takes command lines. It has the default policy until a line `policy` says otherwise, so that
/// such a line counts like every other command.
pub struct Session {
    engine: Engine,
    pub(crate) language: Language,
    outcomes: Vec<Outcome>,
}

impl Default for Session {
    fn default() -> Session {
        Session::new(Engine::new(Policy::default()))
    }
}

impl Session {
    /// A session on an engine, which may have a life behind it.
    #[must_use]
    pub const fn new(engine: Engine) -> Session {
        Session { engine, language: Language::PtBr, outcomes: Vec::new() }
    }

    /// Sets the language of all texts for people, `reason` and `message`; Portuguese by default.
    #[must_use]
    pub const fn language(mut self, language: Language) -> Session {
        self.language = language;
        self
    }

    /// Carries out one command line and appends its answer to `out`, without a line end. Every line has an
    /// answer; that of one that is refused begins with `{"error":`.
    pub fn execute(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let request = match parse_line(line) {
            Ok(request) => request,
            Err(error) => return write_line_error(&error, self.language, out),
        };
        match perform(&mut self.engine, &request, &mut self.outcomes) {
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
