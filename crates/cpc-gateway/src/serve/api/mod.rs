//! The gateway's HTTP: every route is one line in [`router`]. Handlers translate; what they are told they hand to the
//! tenant as command lines, and what it says they hand back.
//!
//! All of `/api` wants a token; `massivocpc` answers in the document's shape, everything else as command lines do.

mod commands;
mod dispatcher;
mod guard;
mod hooks;
mod named;
mod openapi;
mod queries;
mod reply;

use super::metrics::Metrics;
use super::tenant::Tenant;
use super::texts::Texts;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::routing::{get, post, put};
use cpc_http::{Limits, MASSIVOCPC_PATH, Massivocpc, ResponseProfile, Tokens};
use cpc_whatsapp::Options;
use cpc_wire::Language;
use dispatcher::TenantDispatcher;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::services::ServeDir;
use utoipa_swagger_ui::SwaggerUi;

pub(crate) use openapi::openapi;

/// Secrets of the WhatsApp webhooks.
pub(crate) struct WhatsappSecrets {
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
}

/// What handlers need.
pub(crate) struct App {
    pub(crate) tenant: Tenant,
    pub(crate) tokens: Tokens,
    pub(crate) texts: Arc<Texts>,
    pub(crate) limits: Limits,
    pub(crate) slots: Semaphore,
    /// The same for webhooks.
    pub(crate) hook_slots: Semaphore,
    pub(crate) language: Language,
    pub(crate) profile: ResponseProfile,
    pub(crate) translation: Options,
    pub(crate) whatsapp: Option<WhatsappSecrets>,
    /// Whether messages are posted to a webhook.
    pub(crate) posts: bool,
    /// The policy's `hashKey`, which is the gateway's own.
    pub(crate) hash_key: String,
    pub(crate) playground: Option<PathBuf>,
}

impl App {
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.tenant.shared().metrics
    }
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let endpoint = Massivocpc::new(TenantDispatcher::new(app.tenant.clone()), app.tokens.clone())
        .limits(app.limits)
        .profile(app.profile)
        .language(app.language);
    let api = Router::new()
        .route("/api/replies", post(commands::reply))
        .route("/api/reports", post(commands::report))
        .route("/api/operator-messages", post(commands::operator_message))
        .route("/api/opt-outs", post(commands::opt_out))
        .route("/api/opt-ins", post(commands::opt_in))
        .route("/api/erasures", post(commands::forget))
        .route("/api/unblocks", post(commands::force_unblock))
        .route("/api/imports", post(commands::import))
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
        .route_layer(from_fn_with_state(Arc::clone(&app), guard::admit));
    let open = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics));
    let mut all = api.merge(open);
    if app.whatsapp.is_some() {
        let hooks = get(hooks::handshake).post(hooks::notified);
        all = all.route("/webhooks/whatsapp", hooks);
    }
    if let Some(folder) = &app.playground {
        // Its files name each other from where the page is, so the page has to be where a folder is.
        let there = get(async || Redirect::permanent("/playground/"));
        all = all.route("/playground", there).nest_service("/playground/", ServeDir::new(folder));
    }
    all.method_not_allowed_fallback(reply::wrong_method)
        .fallback(reply::not_found)
        .layer(from_fn(guard::observe))
        .with_state(Arc::clone(&app))
        .merge(Router::new().route_service(MASSIVOCPC_PATH, endpoint))
        .layer(from_fn_with_state(app, guard::count))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi()))
        .layer(from_fn(guard::no_sniffing))
}

/// The process answers.
async fn healthz() -> Response {
    reply::text(StatusCode::OK, "ok\n")
}

/// Commands can be written: the log takes them, or did when it was last asked, and the clocks agree.
async fn readyz(State(app): State<Arc<App>>) -> Response {
    if !app.tenant.shared().is_writable() || app.tenant.is_closed() {
        return reply::text(StatusCode::SERVICE_UNAVAILABLE, "the log cannot be written\n");
    }
    match app.tenant.clocks().trouble() {
        None => reply::text(StatusCode::OK, "ready\n"),
        Some(trouble) => reply::text(StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    reply::text(StatusCode::OK, app.metrics().text())
}
