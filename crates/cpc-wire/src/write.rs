//! Writing JSON, straight into the caller's bytes. Fields that are absent are not written; nothing is `null`.

use crate::plain::plain_length;
use core::ops::Range;

/// An object that is being written; its brace closes when it goes out of scope.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Writes `{`, the fields that `write` writes, and `}`.
pub(crate) fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.push(b'{');
    write(&mut ObjectWriter { out, empty: true });
    out.push(b'}');
}

/// Writes `[`, each item, and `]`.
pub(crate) fn array<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

impl ObjectWriter<'_> {
    /// Begins a field; its value is written next. Names need no escapes.
    pub(crate) fn field(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Room for fields that are written otherwise; they begin without a comma, and there must be at least one.
    pub(crate) fn more(&mut self) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out
    }

    /// How many bytes have been written, those before the object included.
    pub(crate) fn length(&self) -> usize {
        self.out.len()
    }

    /// Writes fields again that were written at a place where, as here, other fields were before them.
    pub(crate) fn copy(&mut self, written: Range<usize>) {
        self.out.extend_from_within(written);
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        text(self.field(name), value);
    }

    pub(crate) fn number(&mut self, name: &str, value: impl itoa::Integer) {
        number(self.field(name), value);
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.field(name).extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn null(&mut self, name: &str) {
        self.field(name).extend_from_slice(b"null");
    }

    pub(crate) fn number_if(&mut self, name: &str, value: Option<impl itoa::Integer>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }
}

pub(crate) fn number(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a text with its quotes. Only quotes, backslashes and control characters have to be escaped.
pub(crate) fn text(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    let mut rest = value.as_bytes();
    while let Some((plain, special)) = rest.split_at_checked(plain_length(rest)) {
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else { break };
        escape(out, *byte);
        rest = after;
    }
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_survives_writing_and_reading() {
        let mut all: String = (0..=0x2100).filter_map(char::from_u32).collect();
        all.push_str("\u{10ffff}\u{fffd}\u{2028}😀\"\\");
        let mut out = Vec::new();
        text(&mut out, &all);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
        out.clear();
        text(&mut out, "a\"\u{1f}\n\r\t");
        assert_eq!(out, b"\"a\\\"\\u001f\\n\\r\\t\"");
    }

    #[test]
    fn fields_are_separated_and_absent_ones_are_left_out() {
        let mut out = Vec::new();
        object(&mut out, |object| {
            object.number_if("none", None::<u64>);
            object.number("a", 18_446_744_073_709_551_615_u64);
            object.text_if("none", None);
            object.flag("b", true);
            object.text("c", "5511");
            array(object.field("d"), [1, 2], |out, value: i32| number(out, value));
            array(object.field("e"), [""; 0], text);
        });
        assert_eq!(out, br#"{"a":18446744073709551615,"b":true,"c":"5511","d":[1,2],"e":[]}"#);
    }
}
