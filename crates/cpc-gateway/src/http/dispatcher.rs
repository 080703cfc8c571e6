//! The massivocpc endpoint's way to the engine.

use crate::engine::handle::{EngineHandle, Unavailable};
use crate::storage::log::StoredBytes;
use cpc_core::Outcome;
use cpc_http::{DispatchError, DispatchRequest, Dispatcher};
use std::time::Duration;

/// Bodies from this size on are compressed off the runtime, in bytes.
const LARGE: usize = 256 << 10;

/// Dispatches batches durably.
pub(super) struct DurableDispatcher {
    handle: EngineHandle,
}

impl DurableDispatcher {
    pub(super) const fn new(handle: EngineHandle) -> DurableDispatcher {
        DurableDispatcher { handle }
    }
}

impl Dispatcher for DurableDispatcher {
    async fn dispatch(&self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        let body = request.body().clone();
        let stored = if body.len() < LARGE {
            StoredBytes::new(body)
        } else {
            let storing = tokio::task::spawn_blocking(move || StoredBytes::new(body)).await;
            storing.map_err(|_| DispatchError::Internal)?
        };
        // A client that hangs up or times out does not stop it: a submitted batch is decided.
        match self.handle.dispatch(request, stored).await {
            Ok(decided) => Ok(decided?),
            Err(Unavailable) => Err(DispatchError::Unavailable { retry_after: Duration::from_secs(1) }),
        }
    }
}
