//! What the texts of commands must be like.

/// The most bytes of an id: a client's, a sender's, an operator's, a tag.
pub(crate) const MAX_ID: usize = 128;
/// The most bytes of a campaign's name.
pub(crate) const MAX_CAMPAIGN: usize = 256;

/// Whether a text is empty or only white space.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Whether a text names something: not blank, and not too long.
pub(crate) fn is_name(text: &str, max: usize) -> bool {
    text.len() <= max && !is_blank(text)
}
