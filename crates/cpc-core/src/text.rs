//! What the texts of commands must be like.

use crate::schema::Kind;
use crate::value::{Described, FieldValue};

/// The most bytes of an id: a client's, a sender's, an operator's, a tag.
pub(crate) const MAX_ID: usize = 128;
/// The most bytes of a campaign's name.
pub(crate) const MAX_CAMPAIGN: usize = 256;

/// A text of a message that the engine checks but never keeps: the text itself, or only its length, where the host
/// keeps the text to itself.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// The text itself.
    Is(&'a str),
    /// A text of so many bytes that is not blank; with 0 bytes, no text.
    OfLength(usize),
}

// A message has four of them, and a batch a thousand messages.
const _: () = assert!(size_of::<Text<'_>>() == size_of::<&str>());

impl<'a> Text<'a> {
    /// The text; `None` if only its length is known.
    #[must_use]
    pub const fn as_str(self) -> Option<&'a str> {
        match self {
            Text::Is(text) => Some(text),
            Text::OfLength(_) => None,
        }
    }

    /// Whether it is empty or only white space.
    #[must_use]
    #[inline]
    pub fn is_blank(self) -> bool {
        match self {
            Text::Is(text) => is_blank(text),
            Text::OfLength(length) => length == 0,
        }
    }

    /// How many bytes it has.
    #[must_use]
    #[inline]
    pub const fn len(self) -> usize {
        match self {
            Text::Is(text) => text.len(),
            Text::OfLength(length) => length,
        }
    }

    /// Whether it has no bytes: the same as an absent text.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl Described for Text<'_> {
    const KIND: Kind = Kind::Text;
    const REQUIRED: bool = false;

    fn value(&self) -> FieldValue<'_> {
        match self {
            Text::Is(text) => text.value(),
            Text::OfLength(_) => FieldValue::Absent,
        }
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Text::Is("")
    }
}

impl<'a> From<&'a str> for Text<'a> {
    #[inline]
    fn from(text: &'a str) -> Text<'a> {
        Text::Is(text)
    }
}

/// Whether a text is empty or only white space.
#[must_use]
#[inline]
pub fn is_blank(text: &str) -> bool {
    !begins_with_graphic_ascii(text.as_bytes()) && text.chars().all(char::is_whitespace)
}

/// Whether bytes, of which no more need be UTF-8, begin with a character that is not white space. A text that does is
/// not blank, whatever follows: a host that has only bytes need not check the rest of a long template.
#[must_use]
#[inline]
pub fn begins_visibly(bytes: &[u8]) -> bool {
    match bytes {
        [first, ..] if first.is_ascii_graphic() => true,
        // U+00C0 to U+00FF, the accented letters that a template in Portuguese may begin with.
        [0xc3, 0x80..0xc0, ..] => true,
        _ => first_char(bytes).is_some_and(|first| !first.is_whitespace()),
    }
}

#[cold]
fn first_char(bytes: &[u8]) -> Option<char> {
    const LONGEST_CHAR: usize = 4;
    let start = bytes.get(..bytes.len().min(LONGEST_CHAR))?;
    start.utf8_chunks().next()?.valid().chars().next()
}

/// Whether the first byte is a letter, a digit or a sign of ASCII, as of nearly every text.
#[inline]
fn begins_with_graphic_ascii(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_graphic)
}

/// A client id without the white space around it.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    if text.is_empty() || begins_with_graphic_ascii(bytes) && bytes.last().is_some_and(u8::is_ascii_graphic) {
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
            "Última",
            "ÿ",
            "🙏",
            "\u{1}",
        ] {
            assert_eq!(trimmed(text), text.trim(), "{text:?}");
            assert_eq!(is_blank(text), text.trim().is_empty(), "{text:?}");
            assert_eq!(Text::Is(text).is_blank(), is_blank(text), "{text:?}");
            let first = text.chars().next();
            assert_eq!(begins_visibly(text.as_bytes()), first.is_some_and(|first| !first.is_whitespace()));
        }
    }

    #[test]
    fn only_the_first_character_must_be_utf8() {
        for bytes in [&b"a\xFF"[..], b"\xC3\xA9\xFF", "🙏".as_bytes(), b"\xF0\x9F\x99\x8F\xFF"] {
            assert!(begins_visibly(bytes), "{bytes:?}");
        }
        for bytes in [&b""[..], b"\xFF", b"\xC3", b" a", b"\xF0\x9F", b"\xC2\xA0a", b"\x80a"] {
            assert!(!begins_visibly(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn a_text_of_a_length_is_blank_only_if_it_has_none() {
        assert!(Text::OfLength(0).is_blank() && Text::OfLength(0).is_empty() && Text::default().is_blank());
        assert!(!Text::OfLength(1).is_blank() && Text::from(" ").is_blank());
        assert_eq!([Text::OfLength(7).len(), Text::Is("é").len(), Text::default().len()], [7, 2, 0]);
    }
}
