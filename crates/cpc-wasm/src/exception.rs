//! Why a call was refused, as JavaScript gets it.

use cpc_core::Refusal;
use wasm_bindgen::JsValue;

/// A refused call: nothing has changed. The package makes a `CpcError` of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// A name of [`Refusal::name`], or one of this boundary's own.
    code: &'static str,
    /// The member at fault.
    path: &'static str,
    /// What is wrong, without values.
    message: String,
}

impl Failure {
    /// The handle's engine was lost to a panic in the midst of a command.
    pub(crate) fn poisoned() -> Failure {
        let message = "a bug stopped a command halfway; free this engine and restore a snapshot";
        Failure { code: "poisoned", path: "", message: String::from(message) }
    }

    /// No engine has this handle: it was freed.
    pub(crate) fn freed() -> Failure {
        Failure { code: "freed", path: "", message: String::from("the engine was freed") }
    }

    /// A column or text does not fit.
    pub(crate) fn field(path: &'static str, message: &str) -> Failure {
        Failure { code: "invalid_field", path, message: format!("{path}: {message}") }
    }

    /// Bytes that are no snapshot.
    pub(crate) fn snapshot(message: String) -> Failure {
        Failure { code: "invalid_snapshot", path: "", message }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure {
            code: refusal.name(),
            path: refusal.field().unwrap_or_default(),
            message: refusal.to_string(),
        }
    }
}

/// Thrown as one text of three lines; the package takes it apart.
impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        let Failure { code, path, message } = failure;
        JsValue::from_str(&format!("{code}\n{path}\n{message}"))
    }
}
