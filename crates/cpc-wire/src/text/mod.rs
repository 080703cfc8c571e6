//! What answers and errors say to people, in Portuguese and in English.

mod error;
mod instant;
mod status;

pub use error::refusal_text;
pub use instant::format_instant;
pub use status::{reason, remedy, status_text};

/// A language of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Portuguese as written in Brazil.
    #[default]
    PtBr,
    /// English.
    En,
}

impl Language {
    /// By its tag: `pt-BR`, `pt`, `en`, `en-US`…, whatever the case.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match () {
            () if primary.eq_ignore_ascii_case("pt") => Some(Language::PtBr),
            () if primary.eq_ignore_ascii_case("en") => Some(Language::En),
            () => None,
        }
    }

    pub(crate) const fn choose(self, pt_br: &'static str, en: &'static str) -> &'static str {
        match self {
            Language::PtBr => pt_br,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_by_tag() {
        assert_eq!(Language::from_tag("pt-BR"), Some(Language::PtBr));
        assert_eq!(Language::from_tag("EN_us"), Some(Language::En));
        assert_eq!(Language::from_tag("es"), None);
    }
}
