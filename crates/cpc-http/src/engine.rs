//! A dispatcher for hosts without a store.

use crate::dispatcher::{DispatchError, DispatchRequest, Dispatcher};
use crate::offload;
use cpc_core::{Engine, Outcome};
use cpc_wire::RequestFailure;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// Decides on an engine in memory, which the host shares: it keeps a clone of the [`Arc`] to set up wallets, and
/// to report replies and deliveries.
///
/// **It is not durable.** When the process ends, all contacts are forgotten, and may be written to again at once. It is
/// made for tests, trials and demonstrations; a host that sends real messages stores each batch before it answers, in a
/// [`Dispatcher`] of its own.
///
/// It sends nothing either. To send accepted messages, wrap it, and both ask it and handle the outcomes in one task, as
/// the example `foreign_app` does: a batch stays decided when the client hangs up, and would otherwise never be sent.
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

    /// Decides at once if the batch is small and the engine is not locked.
    fn decide_here(&self, request: &DispatchRequest) -> Option<Result<Vec<Outcome>, DispatchError>> {
        if offload::is_large(request.body().len()) {
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
        let decided = offload::off_the_runtime(move || this.decide_when_free(&request)).await;
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
