//! Admission: what a request passes before it is handled. Credentials, media type, overload, size and time, in this order.
//!
//! [`Massivocpc`](crate::Massivocpc) has it built in. A host puts its other routes behind the same checks with an
//! [`Admission`] of its own, as a tower layer or by calling [`Admission::admit`].

use crate::body::{is_plain_json, read_body};
use crate::limits::Limits;
use crate::tokens::Tokens;
use bytes::Bytes;
use cpc_wire::RequestFailure;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Span;

type Authenticate = dyn Fn(&HeaderMap) -> Option<Arc<str>> + Send + Sync;

/// The checks that a request passes before it is handled. Clones share the tokens and the limit of concurrent requests.
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use cpc_http::{Admission, Limits, Tokens};
/// use http::{Response, StatusCode};
///
/// let tokens = Tokens::new([("crm", "s3cret-of-the-crm")])?;
/// let admission = Admission::new(tokens, Limits::default());
/// let app: Router = Router::new().route("/mine", post(|body: String| async { body })).route_layer(admission.layer(
///     |failure| {
///         let mut response = Response::new(Body::from(failure.name()));
///         *response.status_mut() = StatusCode::from_u16(failure.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
///         response
///     },
/// ));
/// # Ok::<(), cpc_http::TokenError>(())
/// ```
#[derive(Clone)]
pub struct Admission {
    authenticate: Arc<Authenticate>,
    limits: Limits,
    slots: Arc<Semaphore>,
    takes_any_media_type: bool,
}

/// A request that was admitted, its body read. It counts as one of [`Limits::max_concurrent`] requests until it is
/// dropped.
#[derive(Debug)]
pub struct Admitted {
    /// The label of the client's token.
    pub client: Arc<str>,
    /// The whole body.
    pub body: Bytes,
    /// When the request has taken longer than [`Limits::timeout`].
    pub(crate) deadline: Instant,
    pub(crate) slot: OwnedSemaphorePermit,
}

impl Admission {
    /// Admits requests that have one of the tokens and, if their method has a body, are JSON.
    #[must_use]
    pub fn new(tokens: Tokens, limits: Limits) -> Admission {
        Admission::authenticated_by(move |headers| tokens.holder(headers), limits)
    }

    /// As [`new`](Self::new), with other credentials than tokens: a function of the headers that returns the client's
    /// label, or `None` for a 401. The label is logged.
    pub fn authenticated_by(
        authenticate: impl Fn(&HeaderMap) -> Option<Arc<str>> + Send + Sync + 'static,
        limits: Limits,
    ) -> Admission {
        Admission {
            authenticate: Arc::new(authenticate),
            limits,
            slots: Arc::new(limits.slots()),
            takes_any_media_type: false,
        }
    }

    /// Does not check that the body is JSON.
    #[must_use]
    pub fn any_media_type(self) -> Admission {
        Admission { takes_any_media_type: true, ..self }
    }

    /// The same checks with other limits; requests admitted by clones made before do not count.
    pub(crate) fn with_limits(self, limits: Limits) -> Admission {
        Admission { limits, slots: Arc::new(limits.slots()), ..self }
    }

    /// Checks a request and reads its body. Records the client's label as `token` in the current span, if that has such a
    /// field.
    ///
    /// # Errors
    /// The first check that failed: [`Unauthorized`](RequestFailure::Unauthorized),
    /// [`UnsupportedMediaType`](RequestFailure::UnsupportedMediaType), [`Overloaded`](RequestFailure::Overloaded),
    /// [`BodyTooLarge`](RequestFailure::BodyTooLarge), [`BodyIncomplete`](RequestFailure::BodyIncomplete) or
    /// [`BodyTimeout`](RequestFailure::BodyTimeout).
    pub async fn admit<B: Body>(&self, head: &Parts, body: B) -> Result<Admitted, RequestFailure> {
        let client = (self.authenticate)(&head.headers).ok_or(RequestFailure::Unauthorized)?;
        Span::current().record("token", &*client);
        let has_body = matches!(head.method, Method::POST | Method::PUT | Method::PATCH);
        if has_body && !self.takes_any_media_type && !is_plain_json(&head.headers) {
            return Err(RequestFailure::UnsupportedMediaType);
        }
        // Before the body is read: the number of slots bounds how many bodies are in memory.
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        let slot = slot.map_err(|_| RequestFailure::Overloaded)?;
        let deadline = self.limits.deadline();
        let body = timeout_at(deadline, read_body(body, self.limits.max_body)).await;
        let body = body.map_err(|_| RequestFailure::BodyTimeout)??;
        Ok(Admitted { client, body, deadline, slot })
    }

    /// These checks as a tower layer. Requests that are not admitted, or take longer than [`Limits::timeout`], are
    /// answered with what `reject` makes of the failure.
    #[must_use]
    pub fn layer<F, R>(&self, reject: F) -> AdmissionLayer<F>
    where
        F: Fn(RequestFailure) -> Response<R>,
    {
        AdmissionLayer { admission: self.clone(), reject }
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// [`Admission`] as a tower layer, made by [`Admission::layer`].
#[derive(Clone, Debug)]
pub struct AdmissionLayer<F> {
    admission: Admission,
    reject: F,
}

impl<S, F: Clone> Layer<S> for AdmissionLayer<F> {
    type Service = AdmissionService<S, F>;

    fn layer(&self, inner: S) -> AdmissionService<S, F> {
        AdmissionService { inner, layer: self.clone() }
    }
}

/// A service behind [`Admission`]: it gets requests whose body has been read.
#[derive(Clone, Debug)]
pub struct AdmissionService<S, F> {
    inner: S,
    layer: AdmissionLayer<F>,
}

impl<S, F, B, R> Service<Request<B>> for AdmissionService<S, F>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    F: Fn(RequestFailure) -> Response<R> + Clone + Send + 'static,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready must be the one that is called.
        let unready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, unready);
        let AdmissionLayer { admission, reject } = self.layer.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let Admitted { body, deadline, slot, .. } = match admission.admit(&head, body).await {
                Ok(admitted) => admitted,
                Err(failure) => return Ok(reject(failure)),
            };
            let handled = timeout_at(deadline, inner.call(Request::from_parts(head, B::from(body)))).await;
            drop(slot);
            handled.unwrap_or_else(|_| Ok(reject(RequestFailure::Timeout)))
        })
    }
}
