//! An endpoint with a wallet, and clients for it.

use axum::body::Body;
use bytes::Bytes;
use cpc_core::{Command, Engine, Outcome, Policy, SenderSetup, Status, WalletSetup};
use cpc_http::{DispatchError, DispatchRequest, Dispatcher, EngineDispatcher, Massivocpc, Tokens, app};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

pub(crate) const AT: i64 = 1_795_435_200_000;
pub(crate) const PATH: &str = cpc_http::MASSIVOCPC_PATH;
pub(crate) const TOKEN: &str = "a-token-of-the-crm";
pub(crate) const EXAMPLE: &str = cpc_http::EXAMPLE_REQUEST;

pub(crate) fn engine(policy: Policy) -> Arc<Mutex<Engine>> {
    let mut engine = Engine::new(policy);
    let senders = [SenderSetup { id: "5514990000001", ..SenderSetup::default() }];
    let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
    engine.apply(AT, &Command::Wallet(wallet), &mut Vec::new()).unwrap();
    Arc::new(Mutex::new(engine))
}

pub(crate) fn tokens() -> Tokens {
    Tokens::new([("crm", TOKEN), ("erp", "a-token-of-the-erp")]).unwrap()
}

pub(crate) fn over<D: Dispatcher>(dispatcher: D) -> Massivocpc<D> {
    Massivocpc::new(dispatcher, tokens())
}

pub(crate) fn endpoint() -> Massivocpc<EngineDispatcher> {
    over(EngineDispatcher::new(engine(Policy::default()), || AT))
}

/// A dispatcher that answers what a function says.
pub(crate) struct Answering<F>(pub(crate) F);

impl<F, R> Dispatcher for Answering<F>
where
    F: Fn(DispatchRequest) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<Outcome>, DispatchError>> + Send,
{
    fn dispatch(
        &self,
        request: DispatchRequest,
    ) -> impl Future<Output = Result<Vec<Outcome>, DispatchError>> + Send {
        (self.0)(request)
    }
}

/// Accepts everything.
pub(crate) fn accept(request: &DispatchRequest) -> Vec<Outcome> {
    vec![Outcome::new(Status::Accepted); request.batch().messages.len()]
}

/// A request as it should be.
pub(crate) fn post(body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(PATH)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `code` of the one error of a request that failed as a whole.
    pub(crate) fn code(&self) -> String {
        String::from(self.json()["errors"][0]["code"].as_str().unwrap_or_default())
    }
}

pub(crate) async fn read<B>(response: Response<B>) -> Answered
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answered { status: head.status.as_u16(), headers: head.headers, body }
}

/// Sends a request to the endpoint, mounted as a whole app, and checks what is true of every answer.
pub(crate) async fn send<D: Dispatcher>(endpoint: &Massivocpc<D>, request: Request<Body>) -> Answered {
    let answering = app(endpoint.clone()).oneshot(request);
    let bounded = tokio::time::timeout(Duration::from_secs(120), answering);
    let answered = read(bounded.await.expect("an answer in time").unwrap()).await;
    assert_eq!(answered.header("content-type"), Some("application/json"));
    let id = answered.header("x-request-id").unwrap();
    assert!((8..=128).contains(&id.len()), "{id}");
    answered
}
