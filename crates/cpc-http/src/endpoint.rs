//! The endpoint, as a service: a request goes through it from top to bottom of `Massivocpc::decide`.

use crate::admission::{Admission, Admitted};
use crate::dispatcher::{DispatchError, DispatchRequest, Dispatcher};
use crate::limits::Limits;
use crate::offload;
use crate::request_id::request_id;
use crate::response::{JsonResponse, Rejection, ResponseOptions};
use crate::tokens::Tokens;
use bytes::Bytes;
use cpc_core::Outcome;
use cpc_wire::{Language, RequestFailure, ResponseProfile, write_response};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;
use tracing::{Instrument, error, info, info_span};

/// The massivocpc endpoint over a [`Dispatcher`]: a [`Service`] for any path, or see [`router`](crate::router()).
///
/// It must run in a Tokio runtime with its timer. Clones share the dispatcher, the tokens and the limit of
/// concurrent requests.
///
/// ```
/// use cpc_core::{Engine, Policy};
/// use cpc_http::{EngineDispatcher, Limits, Massivocpc, ResponseProfile, Tokens};
/// use std::sync::{Arc, Mutex};
///
/// let engine = Arc::new(Mutex::new(Engine::new(Policy::default())));
/// let dispatcher = EngineDispatcher::new(engine, || 1_795_435_200_000);
/// let endpoint = Massivocpc::new(dispatcher, Tokens::new([("crm", "s3cret-of-the-crm")])?)
///     .limits(Limits::default().max_body(4 << 20))
///     .profile(ResponseProfile::Spec);
/// # Ok::<(), cpc_http::TokenError>(())
/// ```
pub struct Massivocpc<D> {
    dispatcher: Arc<D>,
    admission: Admission,
    options: ResponseOptions,
}

impl<D: Dispatcher> Massivocpc<D> {
    /// An endpoint with the default [`Limits`], full responses, in Portuguese.
    pub fn new(dispatcher: D, tokens: Tokens) -> Massivocpc<D> {
        Massivocpc {
            dispatcher: Arc::new(dispatcher),
            admission: Admission::new(tokens, Limits::default()),
            options: ResponseOptions::default(),
        }
    }

    /// Sets the limits. Clones made before keep theirs.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Massivocpc<D> {
        Massivocpc { admission: self.admission.with_limits(limits), ..self }
    }

    /// Sets the response profile: all fields, or only those of the customer's document.
    #[must_use]
    pub fn profile(mut self, profile: ResponseProfile) -> Massivocpc<D> {
        self.options.profile = profile;
        self
    }

    /// Sets the language of `message` and `reason`.
    #[must_use]
    pub fn language(mut self, language: Language) -> Massivocpc<D> {
        self.options.language = language;
        self
    }

    pub(crate) const fn options(&self) -> ResponseOptions {
        self.options
    }

    /// Serves one request.
    async fn answer<B: Body>(self, request: Request<B>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let id = request_id(&head.headers);
        // Nothing of the request is logged but its id: paths and headers may hold anything.
        let span = info_span!("massivocpc", request_id = &*id, token = tracing::field::Empty);
        async {
            let began = Instant::now();
            let answer = match head.method {
                Method::POST => self.decide(&head, body, &id).await,
                _ => Ok(self.options.method_not_allowed("POST")),
            };
            let answer = answer.unwrap_or_else(|rejection| self.options.rejection(&rejection));
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            info!(status = answer.status(), code = answer.code, micros, "answered");
            answer.into_response(&id)
        }
        .instrument(span)
        .await
    }

    async fn decide<B: Body>(&self, head: &Parts, body: B, id: &Arc<str>) -> Result<JsonResponse, Rejection> {
        let Admitted { client, body, deadline, slot } = self.admission.admit(head, body).await?;

        let (length, id) = (body.len(), Arc::clone(id));
        let reading = offload::run(length, move || DispatchRequest::read(body, id, client, slot));
        // Parsing timed out only because it queued behind other work.
        let read = timeout_at(deadline, reading).await.map_err(|_| RequestFailure::Overloaded)??;
        let request = read.map_err(Rejection::Unreadable)?;

        let deciding = self.dispatcher.dispatch(request.clone());
        let outcomes = timeout_at(deadline, deciding).await.map_err(|_| RequestFailure::Timeout)??;

        // Once decided, the response is written without a time-out, so that the client learns of it.
        self.write(request, outcomes).await
    }

    async fn write(
        &self,
        request: DispatchRequest,
        outcomes: Vec<Outcome>,
    ) -> Result<JsonResponse, Rejection> {
        let messages = request.batch().messages.len();
        if outcomes.len() != messages {
            error!(messages, outcomes = outcomes.len(), "the dispatcher did not answer every message");
            return Err(RequestFailure::Internal.into());
        }
        let processed = outcomes.iter().filter(|outcome| outcome.status.is_success()).count();
        info!(messages, processed, "decided");
        let ResponseOptions { profile, language } = self.options;
        let written = offload::run(request.body().len(), move || {
            let mut body = Vec::new();
            let status = write_response(request.batch(), &outcomes, profile, language, &mut body);
            JsonResponse::json(status, body)
        });
        Ok(written.await?)
    }
}

impl<D: Dispatcher, B> Service<Request<B>> for Massivocpc<D>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    /// Always ready: overload is answered with 503 instead of back-pressure.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answered = self.clone().answer(request);
        Box::pin(async move { Ok(answered.await) })
    }
}

impl<D> Clone for Massivocpc<D> {
    fn clone(&self) -> Massivocpc<D> {
        Massivocpc {
            dispatcher: Arc::clone(&self.dispatcher),
            admission: self.admission.clone(),
            options: self.options,
        }
    }
}

impl<D> fmt::Debug for Massivocpc<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Massivocpc")
            .field("admission", &self.admission)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl From<DispatchError> for Rejection {
    fn from(error: DispatchError) -> Rejection {
        match error {
            DispatchError::Refused(refusal) => Rejection::Refused(refusal),
            DispatchError::RateLimited { retry_after } => {
                Rejection::Request { failure: RequestFailure::RateLimited, retry_after: Some(retry_after) }
            }
            DispatchError::Unavailable { retry_after } => {
                Rejection::Request { failure: RequestFailure::Unavailable, retry_after: Some(retry_after) }
            }
            DispatchError::Internal => RequestFailure::Internal.into(),
        }
    }
}
