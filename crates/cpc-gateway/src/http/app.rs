//! The state that all handlers share.

use crate::delivery::message_texts::MessageTexts;
use crate::delivery::signature::is_signature;
use crate::engine::handle::EngineHandle;
use crate::engine::metrics::Metrics;
use axum::http::HeaderMap;
use cpc_http::{Admission, Limits, ResponseProfile, Tokens};
use cpc_whatsapp::Options;
use cpc_wire::Language;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The header of Meta's signatures.
const SIGNATURE: &str = "x-hub-signature-256";
/// The longest notification, in bytes; Meta's have 3 MB at most.
const MAX_NOTIFICATION: usize = 4 << 20;
/// How long a notification may take to arrive. Meta sends them at once.
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

/// The webhook of WhatsApp: its secrets, and its own admission.
pub(crate) struct WhatsappWebhook {
    pub(super) app_secret: String,
    pub(super) verify_token: String,
    /// Only requests that claim to be signed are read. They have slots of their own: anybody may post them, and must not
    /// take those of the API's clients.
    pub(super) admission: Admission,
}

impl WhatsappWebhook {
    /// The webhook with these secrets, within the limits of all requests.
    pub(crate) fn new(app_secret: &str, verify_token: &str, limits: Limits) -> WhatsappWebhook {
        let limits = limits
            .max_body(MAX_NOTIFICATION.min(limits.max_body))
            .timeout(NOTIFICATION_TIMEOUT.min(limits.timeout));
        let claims_signature = |headers: &HeaderMap| signature_of(headers).map(|_| Arc::from("whatsapp"));
        WhatsappWebhook {
            app_secret: app_secret.to_owned(),
            verify_token: verify_token.to_owned(),
            admission: Admission::authenticated_by(claims_signature, limits).any_media_type(),
        }
    }
}

/// The signature that a notification claims to have.
pub(super) fn signature_of(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(SIGNATURE)?.to_str().ok()?;
    Some(value).filter(|value| is_signature(value))
}

/// The state of all handlers.
pub(crate) struct App {
    pub(crate) handle: EngineHandle,
    pub(crate) tokens: Tokens,
    pub(crate) texts: Arc<MessageTexts>,
    pub(crate) limits: Limits,
    /// The admission of all routes of the API but massivocpc, which has its own.
    pub(crate) admission: Admission,
    pub(crate) language: Language,
    pub(crate) profile: ResponseProfile,
    /// How events of WhatsApp, and error codes, are translated.
    pub(crate) translation: Options,
    pub(crate) whatsapp: Option<WhatsappWebhook>,
    /// Whether the gateway posts messages to a webhook.
    pub(crate) posts: bool,
    /// The policy's `hashKey`, which the gateway sets.
    pub(crate) hash_key: String,
    pub(crate) playground: Option<PathBuf>,
}

impl App {
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.handle.shared().metrics
    }
}
