//! Routes for axum.

use crate::dispatcher::Dispatcher;
use crate::endpoint::Massivocpc;
use crate::openapi::openapi;
use crate::request_id::request_id;
use crate::response::{JsonResponse, ResponseOptions};
use axum::Router;
use axum::routing::{any, get};
use bytes::Bytes;
use cpc_wire::RequestFailure;
use http::{HeaderMap, Response};
use http_body_util::Full;

/// Where the customer's document has the endpoint.
pub const MASSIVOCPC_PATH: &str = "/api/messages/massivocpc";

/// Where [`router`] serves the OpenAPI document.
pub const OPENAPI_PATH: &str = "/openapi.json";

/// The endpoint at [`MASSIVOCPC_PATH`] and its document at [`OPENAPI_PATH`], to be merged into an axum app of any
/// state. Other paths are the app's. One that has an OpenAPI document of its own mounts the endpoint alone:
/// `.route_service(MASSIVOCPC_PATH, endpoint)`.
pub fn router<S, D>(endpoint: Massivocpc<D>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    D: Dispatcher,
{
    let options = endpoint.options();
    // Made once; that it can be written is a test's business.
    let document = openapi().to_json().ok().map(Bytes::from);
    let served = move |headers: HeaderMap| {
        let answer = match document.clone() {
            Some(document) => JsonResponse::json(200, document),
            None => options.rejection(&RequestFailure::Internal.into()),
        };
        std::future::ready(respond(answer, &headers))
    };
    let refused = move |headers: HeaderMap| {
        std::future::ready(respond(options.method_not_allowed("GET, HEAD"), &headers))
    };
    Router::new().route_service(MASSIVOCPC_PATH, endpoint).route(OPENAPI_PATH, get(served).fallback(refused))
}

/// [`router`] as a whole application: every other path is a 404 of the same shape as the endpoint's own errors.
pub fn app<D: Dispatcher>(endpoint: Massivocpc<D>) -> Router {
    let options: ResponseOptions = endpoint.options();
    let missing = move |headers: HeaderMap| {
        let answer = options.rejection(&RequestFailure::NotFound.into());
        std::future::ready(respond(answer, &headers))
    };
    router(endpoint).fallback_service(any(missing))
}

fn respond(answer: JsonResponse, headers: &HeaderMap) -> Response<Full<Bytes>> {
    answer.into_response(&request_id(headers))
}
