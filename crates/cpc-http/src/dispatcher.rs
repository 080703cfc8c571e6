//! The host's side: the trait that decides about a batch.

use bytes::Bytes;
use cpc_core::{Batch, CommandError, Outcome};
use cpc_wire::{Arena, ParseError, parse_body};
use self_cell::{MutBorrow, self_cell};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Decides about batches: the host's engine, with whatever store it keeps.
///
/// ```
/// use cpc_core::{Outcome, Status};
/// use cpc_http::{DispatchError, DispatchRequest, Dispatcher};
///
/// /// Accepts everything and sends nothing, as for a client's own tests.
/// struct Sandbox;
///
/// impl Dispatcher for Sandbox {
///     async fn dispatch(&self, request: DispatchRequest) -> Result<Vec<Outcome>, DispatchError> {
///         let messages = request.batch().messages.len();
///         Ok(vec![Outcome::new(Status::Accepted); messages])
///     }
/// }
/// ```
pub trait Dispatcher: Send + Sync + 'static {
    /// Decides about a batch: one outcome a message, in order. The client learns of them when this returns, so a
    /// durable host has stored the batch before.
    ///
    /// The future is dropped where it waits when the request takes longer than
    /// [`Limits::timeout`](crate::Limits::timeout), or when the client hangs up. Work that must not be cancelled
    /// belongs in a task of its own, CPU-bound work in the blocking pool. A panic reaches the server, which
    /// usually closes the connection.
    fn dispatch(
        &self,
        request: DispatchRequest,
    ) -> impl Future<Output = Result<Vec<Outcome>, DispatchError>> + Send;
}

impl<D: Dispatcher> Dispatcher for Arc<D> {
    fn dispatch(
        &self,
        request: DispatchRequest,
    ) -> impl Future<Output = Result<Vec<Outcome>, DispatchError>> + Send {
        (**self).dispatch(request)
    }
}

/// Why there are no outcomes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// The engine refused the batch as a whole: 404 for an unknown wallet, 413 for too many messages, 503 for
    /// the host's own time, else 400. Nothing has changed.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// The client asks more often than the host allows: 429 with `Retry-After`. Nothing has changed.
    #[error("the client asks too often")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// The engine or its store cannot be reached: 503 with `Retry-After`. The response says that the batch may have
    /// been accepted, and to repeat it with the same `idMessage`.
    #[error("the engine or its store cannot be reached")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// A bug that was detected: 500. The host logs its details.
    #[error("internal error")]
    Internal,
}

self_cell! {
    /// A batch, together with the bytes and the arena that it borrows from.
    struct OwnedBatch {
        owner: (Bytes, MutBorrow<Arena>),

        #[covariant]
        dependent: Batch,
    }
}

/// A batch to be decided, and the label of its sender. Clones share it. `Debug` shows none of its content.
///
/// It counts as one of [`Limits::max_concurrent`](crate::Limits::max_concurrent) requests until its last clone is
/// dropped, so work that outlives the response still counts.
#[derive(Clone)]
pub struct DispatchRequest {
    posted: Arc<OwnedBatch>,
    request_id: Arc<str>,
    token_label: Arc<str>,
    /// Held until the last clone is dropped.
    _slot: Option<Arc<OwnedSemaphorePermit>>,
}

impl DispatchRequest {
    /// Parses a body that did not come through the endpoint, for tests of a [`Dispatcher`].
    ///
    /// # Errors
    /// What is wrong with the body, and where.
    pub fn new(body: Bytes, request_id: &str, token_label: &str) -> Result<DispatchRequest, ParseError> {
        Ok(DispatchRequest {
            posted: parse(body)?,
            request_id: Arc::from(request_id),
            token_label: Arc::from(token_label),
            _slot: None,
        })
    }

    pub(crate) fn read(
        body: Bytes,
        request_id: Arc<str>,
        token_label: Arc<str>,
        slot: OwnedSemaphorePermit,
    ) -> Result<DispatchRequest, ParseError> {
        let posted = parse(body)?;
        Ok(DispatchRequest { posted, request_id, token_label, _slot: Some(Arc::new(slot)) })
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> &Batch<'_> {
        self.posted.borrow_dependent()
    }

    /// The body as it was posted, for a log. It is known to parse.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.posted.borrow_owner().0
    }

    /// The request's id, which the response repeats in `x-request-id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The label of the client's token.
    #[must_use]
    pub fn token_label(&self) -> &str {
        &self.token_label
    }
}

impl fmt::Debug for DispatchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DispatchRequest")
            .field("request_id", &self.request_id)
            .field("token_label", &self.token_label)
            .field("messages", &self.batch().messages.len())
            .finish_non_exhaustive()
    }
}

fn parse(body: Bytes) -> Result<Arc<OwnedBatch>, ParseError> {
    let owner = (body, MutBorrow::new(Arena::new()));
    OwnedBatch::try_new(owner, |(body, arena)| parse_body(body, arena.borrow_mut())).map(Arc::new)
}
