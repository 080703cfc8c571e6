//! What the operator decides: settings, and the tokens of clients.

pub(crate) mod setting_docs;
pub(crate) mod settings;
pub(crate) mod token_file;
