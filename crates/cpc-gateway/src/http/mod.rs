//! The gateway's HTTP: every route is one line in [`router`]. Handlers translate requests into commands and queries, and
//! replies into responses.
//!
//! All of `/api` requires a token. `massivocpc` answers in the shape of the customer's document, every other route in that
//! of command lines.

pub(crate) mod app;
mod commands;
mod dispatcher;
pub(crate) mod listener;
mod middleware;
mod openapi;
mod path_params;
mod queries;
mod response;
mod whatsapp_webhook;

use app::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::{get, post, put};
use cpc_http::{MASSIVOCPC_PATH, Massivocpc};
use dispatcher::DurableDispatcher;
use openapi::openapi;
use std::sync::Arc;
use tower_http::services::ServeDir;
use utoipa_swagger_ui::SwaggerUi;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let endpoint = Massivocpc::new(DurableDispatcher::new(app.handle.clone()), app.tokens.clone())
        .limits(app.limits)
        .profile(app.profile)
        .language(app.language);
    let language = app.language;
    let api = Router::new()
        .route("/api/replies", post(commands::reply))
        .route("/api/reports", post(commands::report))
        .route("/api/operator-messages", commands::route("operatorMessage"))
        .route("/api/opt-outs", commands::route("optOut"))
        .route("/api/opt-ins", commands::route("optIn"))
        .route("/api/erasures", commands::route("forget"))
        .route("/api/unblocks", commands::route("forceUnblock"))
        .route("/api/imports", commands::route("import"))
        .route("/api/commands", post(commands::any))
        .route("/api/policy", put(commands::policy))
        .route("/api/groups/{name}", put(commands::group))
        .route(
            "/api/wallets/{tag}",
            get(queries::wallet).put(commands::wallet).delete(commands::remove_wallet),
        )
        .route("/api/wallets/{tag}/senders/{id}", put(commands::sender).delete(commands::remove_sender))
        .route("/api/wallets", get(queries::wallets))
        .route("/api/contacts/{phone}", get(queries::contact))
        .route("/api/clients/{clientId}", get(queries::client))
        .route("/api/follow-ups", get(queries::follow_ups))
        .route("/api/outbox", get(queries::outbox))
        // Admission has read the body, within `limits.max_body`; axum would refuse what is above 2 MiB once more, in a
        // shape of its own.
        .route_layer(DefaultBodyLimit::disable())
        .route_layer(app.admission.layer(move |failure| response::failure(failure, language)));
    let open = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics));
    let mut all = api.merge(open);
    if app.whatsapp.is_some() {
        let hooks = get(whatsapp_webhook::handshake).post(whatsapp_webhook::notified);
        all = all.route("/webhooks/whatsapp", hooks);
    }
    if let Some(folder) = &app.playground {
        // The page links its files by relative paths, so it must be served below a folder.
        let there = get(async || Redirect::permanent("/playground/"));
        all = all.route("/playground", there).nest_service("/playground/", ServeDir::new(folder));
    }
    all.method_not_allowed_fallback(response::method_not_allowed)
        .fallback(response::not_found)
        .layer(from_fn(middleware::observe))
        .with_state(Arc::clone(&app))
        .merge(Router::new().route_service(MASSIVOCPC_PATH, endpoint))
        .layer(from_fn_with_state(app, middleware::count))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi()))
        .layer(from_fn(middleware::no_sniffing))
}

/// 200 while the process answers.
async fn healthz() -> Response {
    response::text(StatusCode::OK, "ok\n")
}

/// 200 while commands can be written: the last append succeeded, and the clocks agree.
async fn readyz(State(app): State<Arc<App>>) -> Response {
    if !app.handle.shared().is_writable() || app.handle.is_closed() {
        return response::text(StatusCode::SERVICE_UNAVAILABLE, "the log cannot be written\n");
    }
    match app.handle.clock_skew().alert() {
        None => response::text(StatusCode::OK, "ready\n"),
        Some(alert) => response::text(StatusCode::SERVICE_UNAVAILABLE, format!("{alert}\n")),
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    response::text(StatusCode::OK, app.metrics().text())
}
