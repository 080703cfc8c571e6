//! Why a call was refused, as JavaScript gets it.

use cpc_core::CommandError;
use wasm_bindgen::JsValue;

/// What a refused call throws; nothing has changed. The package turns it into a `CpcError`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    /// A name of [`CommandError::name`], or one of this boundary's own.
    code: &'static str,
    /// The member at fault.
    path: &'static str,
    /// What is wrong, without values.
    message: String,
}

impl Exception {
    /// A panic interrupted a command on the handle's engine.
    pub(crate) fn poisoned() -> Exception {
        let message = "a bug stopped a command halfway; free this engine and restore a snapshot";
        Exception { code: "poisoned", path: "", message: String::from(message) }
    }

    /// No engine has this handle: it was freed.
    pub(crate) fn freed() -> Exception {
        Exception { code: "freed", path: "", message: String::from("the engine was freed") }
    }

    /// A column or text does not fit.
    pub(crate) fn field(path: &'static str, message: &str) -> Exception {
        Exception { code: "invalid_field", path, message: format!("{path}: {message}") }
    }

    /// Bytes that are no snapshot.
    pub(crate) fn snapshot(message: String) -> Exception {
        Exception { code: "invalid_snapshot", path: "", message }
    }
}

impl From<CommandError> for Exception {
    fn from(refusal: CommandError) -> Exception {
        Exception {
            code: refusal.name(),
            path: refusal.field().unwrap_or_default(),
            message: refusal.to_string(),
        }
    }
}

/// Thrown as one text of three lines; the package takes it apart.
impl From<Exception> for JsValue {
    fn from(exception: Exception) -> JsValue {
        let Exception { code, path, message } = exception;
        JsValue::from_str(&format!("{code}\n{path}\n{message}"))
    }
}
