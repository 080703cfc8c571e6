//! The massivocpc endpoint's way to the tenant.

use crate::engine::handle::{Tenant, Unavailable};
use crate::storage::log::Packed;
use cpc_core::Outcome;
use cpc_http::{DispatchError, DispatchRequest, Dispatcher};
use std::time::Duration;

/// Bodies from this size on are packed where they hold up nobody.
const LARGE: usize = 256 << 10;

/// Decides on the tenant, durably.
pub(super) struct TenantDispatcher {
    tenant: Tenant,
}

impl TenantDispatcher {
    pub(super) const fn new(tenant: Tenant) -> TenantDispatcher {
        TenantDispatcher { tenant }
    }
}

impl Dispatcher for TenantDispatcher {
    async fn dispatch(&self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
        let body = request.body().clone();
        let packed = if body.len() < LARGE {
            Packed::new(body)
        } else {
            let packing = tokio::task::spawn_blocking(move || Packed::new(body)).await;
            packing.map_err(|_| DispatchError::Internal)?
        };
        // Whoever hangs up or waits too long does not stop it: what was submitted is decided.
        match self.tenant.batch(request, packed).await {
            Ok(decided) => Ok(decided?),
            Err(Unavailable) => Err(DispatchError::Unavailable { retry_after: Duration::from_secs(1) }),
        }
    }
}
