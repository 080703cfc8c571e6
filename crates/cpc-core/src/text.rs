//! What the texts of commands must be like.

/// The most bytes of an id: a client's, a sender's, an operator's, a tag.
pub(crate) const MAX_ID: usize = 128;
/// The most bytes of a campaign's name.
pub(crate) const MAX_CAMPAIGN: usize = 256;

/// Whether a text is empty or only white space.
#[must_use]
#[inline]
pub fn is_blank(text: &str) -> bool {
    !begins_visibly(text) && text.chars().all(char::is_whitespace)
}

/// Whether a text's first byte is a letter, a digit or a sign of ASCII: nearly always, and told at once.
#[inline]
fn begins_visibly(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_graphic)
}

/// A client id without the white space around it.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    if text.is_empty() || begins_visibly(text) && text.as_bytes().last().is_some_and(u8::is_ascii_graphic) {
        return text;
    }
    text.trim()
}

/// Whether a text names something: not blank, and not too long.
#[inline]
pub(crate) fn is_name(text: &str, max: usize) -> bool {
    text.len() <= max && !is_blank(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §2.5
    #[test]
    fn the_quick_ways_agree_with_the_standard_library() {
        for text in [
            "",
            " ",
            "a",
            " a",
            "a ",
            "a b",
            "é",
            "\u{a0}",
            "\u{a0}a",
            "a\u{2003}",
            "é ",
            "\t\n",
            "a\u{3000}b",
        ] {
            assert_eq!(trimmed(text), text.trim(), "{text:?}");
            assert_eq!(is_blank(text), text.trim().is_empty(), "{text:?}");
        }
    }
}
