//! The state that all handlers share.

use crate::delivery::message_texts::MessageTexts;
use crate::engine::handle::EngineHandle;
use crate::engine::metrics::Metrics;
use crate::serve::whatsapp::Reader;
use cpc_http::{Limits, ResponseProfile, Tokens};
use cpc_wire::Language;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Secrets of the WhatsApp webhooks.
pub(crate) struct WhatsappSecrets {
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
}

/// The state of all handlers.
pub(crate) struct App {
    pub(crate) handle: EngineHandle,
    pub(crate) tokens: Tokens,
    pub(crate) texts: Arc<MessageTexts>,
    pub(crate) limits: Limits,
    pub(crate) slots: Semaphore,
    /// The slots of webhooks: a client without a token must not take those of the API.
    pub(crate) hook_slots: Semaphore,
    pub(crate) language: Language,
    pub(crate) profile: ResponseProfile,
    pub(crate) reader: Reader,
    pub(crate) whatsapp: Option<WhatsappSecrets>,
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
