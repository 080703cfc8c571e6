//! Errors in the language of the person who reads them.

use cpc_http::TokenError;
use cpc_wire::Language;
use std::borrow::Cow;
use std::fmt::Display;

/// An error in both languages. Its `Display`, which is also what is logged, is the English text.
///
/// The texts of other crates' errors, such as those of files, are in English alone, and are quoted as they are.
pub(crate) trait Localized: Display {
    /// The Portuguese text.
    fn portuguese(&self) -> Cow<'_, str>;

    /// The text in a language.
    fn text(&self, language: Language) -> Cow<'_, str> {
        match language {
            Language::PtBr => self.portuguese(),
            Language::En => Cow::Owned(self.to_string()),
        }
    }
}

impl Localized for TokenError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            TokenError::BlankLabel => return Cow::Borrowed("o rótulo de um token está vazio"),
            TokenError::Malformed { label } => {
                format!(
                    "o token de {label:?} está vazio, ou não é só de caracteres ASCII visíveis sem espaços"
                )
            }
            TokenError::Shared { first, second } => format!("{first:?} e {second:?} têm o mesmo token"),
            // The enum is another crate's, and may grow.
            _ => self.to_string(),
        })
    }
}
