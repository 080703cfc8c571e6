//! Limits on requests: size, time, number.

use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The endpoint's limits. A request that exceeds one is refused with the status named, and nothing is dispatched, except
/// for the time-out.
///
/// How many messages a batch may have is a rule, `maxBatch` of the engine's policy (100 000): 413
/// `batch_too_large`.
///
/// At most `max_concurrent × max_body` bytes of bodies are held at once, 1 GiB by default, and what was parsed of
/// them (about 250 bytes a message) and is written in answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of a request body; more is a 413 `body_too_large`. Default: 32 MiB, enough for 100 000
    /// messages of some 300 bytes. A body whose length is announced is refused unread.
    pub max_body: usize,
    /// How long a request may take, from its head to its decision; default: 30 s. Then it is a 503:
    /// `body_timeout` if the body has not come (nothing was dispatched), `timeout` if the
    /// [`Dispatcher`](crate::Dispatcher) has not answered (the batch may have been accepted). Above a day it is
    /// a day.
    pub timeout: Duration,
    /// The most requests that are being read, decided or answered at once; one more is a 503 `overloaded`.
    /// Requests without a valid token do not count. Default: 32. At least 1.
    pub max_concurrent: usize,
}

/// The longest time-out; longer ones would overflow the clocks of some systems.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_body: 32 << 20, timeout: Duration::from_secs(30), max_concurrent: 32 }
    }
}

impl Limits {
    /// With another [`max_body`](Self::max_body).
    #[must_use]
    pub const fn max_body(self, max_body: usize) -> Limits {
        Limits { max_body, ..self }
    }

    /// With another [`timeout`](Self::timeout).
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Limits {
        Limits { timeout, ..self }
    }

    /// With another [`max_concurrent`](Self::max_concurrent).
    #[must_use]
    pub const fn max_concurrent(self, max_concurrent: usize) -> Limits {
        Limits { max_concurrent, ..self }
    }

    /// When a request that begins now has taken too long.
    pub(crate) fn deadline(self) -> Instant {
        Instant::now() + self.timeout.min(LONGEST)
    }

    /// One permit for every concurrent request.
    pub(crate) fn slots(self) -> Semaphore {
        Semaphore::new(self.max_concurrent.clamp(1, Semaphore::MAX_PERMITS))
    }
}
