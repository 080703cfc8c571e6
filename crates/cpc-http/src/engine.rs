//! A dispatcher for hosts without a store.

use crate::dispatcher::{DispatchError, DispatchRequest, Dispatcher};
use crate::work;
use cpc_core::{Engine, Outcome};
use cpc_wire::RequestFailure;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// Decides on an engine in memory, which the host shares: it keeps a clone of the [`Arc`] to set up wallets, and
/// to report replies and deliveries.
///
/// **It is not durable.** When the process ends, who was written to is forgotten, and everybody may be written to
/// again at once. It is made for tests, trials and demonstrations; whoever sends real messages stores each batch
/// before it is answered, in a [`Dispatcher`] of their own.
///
/// It sends nothing either. To send what is accepted, wrap it: ask it, then look at the outcomes, both in a task of its
/// own, as the example `foreign_app` does. What has been decided stays decided when the client hangs up, and would
/// otherwise never be sent.
///
/// After a panic while the engine was locked, its state cannot be trusted, and every request is answered with
/// 503.
#[derive(Clone)]
pub struct EngineDispatcher {
    engine: Arc<Mutex<Engine>>,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl EngineDispatcher {
    /// Decides on `engine`, at the time that `clock` says: milliseconds since the Unix epoch. The clock is read
    /// while the engine is locked, so it must be quick, and must not use the engine.
    pub fn new(
        engine: Arc<Mutex<Engine>>,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> EngineDispatcher {
        EngineDispatcher { engine, clock: Arc::new(clock) }
    }

    fn decide(
        &self,
        mut engine: MutexGuard<'_, Engine>,
        request: &DispatchRequest,
    ) -> Result<Vec<Outcome>, DispatchError> {
        let mut outcomes = Vec::with_capacity(request.batch().messages.len());
        let at = (self.clock)();
        engine.dispatch(at, request.batch(), &mut outcomes)?;
        Ok(outcomes)
    }

    /// Decides at once if that takes no time: the batch is small, and nobody else has the engine.
    fn decide_here(&self, request: &DispatchRequest) -> Option<Result<Vec<Outcome>, DispatchError>> {
        if work::is_large(request.body().len()) {
            return None;
        }
        match self.engine.try_lock() {
            Ok(engine) => Some(self.decide(engine, request)),
            Err(TryLockError::Poisoned(_)) => Some(Err(unavailable())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn decide_when_free(&self, request: &DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        match self.engine.lock() {
            Ok(engine) => self.decide(engine, request),
            Err(_) => Err(unavailable()),
        }
    }
}

impl Dispatcher for EngineDispatcher {
    async fn dispatch(&self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        if let Some(decided) = self.decide_here(&request) {
            return decided;
        }
        let this = self.clone();
        let decided = work::off_the_runtime(move || this.decide_when_free(&request)).await;
        decided.unwrap_or_else(|failure| match failure {
            RequestFailure::Internal => Err(DispatchError::Internal),
            _ => Err(unavailable()),
        })
    }
}

impl fmt::Debug for EngineDispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineDispatcher").finish_non_exhaustive()
    }
}

const fn unavailable() -> DispatchError {
    DispatchError::Unavailable { retry_after: Duration::from_secs(10) }
}
