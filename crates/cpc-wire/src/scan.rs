//! The massivocpc body as nearly every system posts it, read in one pass straight into the engine's messages: the
//! document's fields, texts, numbers and booleans, in any order.
//!
//! What is read here means the same to the [general reader](crate::read), which takes several times as long. Whatever
//! is out of the ordinary (other fields, other types, anything malformed) is left to that one: it decides what is
//! allowed, and says what is wrong and where.
//!
//! The messages of a body mostly have the fields of its first, in its order. So from the second on, what stands before
//! a value is not read but compared with what stood there in the first ([`Head`]), and so is a text that was the same
//! in the message before: templates, contracts and operators mostly are. A message that is otherwise is read by itself.

use crate::arena::{Arena, List};
use crate::plain::plain_length;
use crate::shape::text_of;
use cpc_core::{Batch, IdMessage, Message, Text};

/// Reads a body; `None` if the general reader must.
pub(crate) fn read_body<'a>(text: &'a str, arena: &'a Arena) -> Option<Batch<'a>> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, arena };
    let body = scanner.body()?;
    scanner.skip_space();
    (scanner.at == text.len()).then_some(body)
}

/// A field of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Phone,
    IdMessage,
    ClientId,
    Contract,
    CloseTicket,
    SpecialistCode,
    MainTemplate,
    RetryTemplate,
    LastTemplate,
}

const FIELDS: usize = 9;

impl Field {
    fn named(name: &[u8]) -> Option<Field> {
        Some(match name {
            b"phone" => Field::Phone,
            b"idMessage" => Field::IdMessage,
            b"clientId" => Field::ClientId,
            b"contract" => Field::Contract,
            b"closeTicket" => Field::CloseTicket,
            b"specialistCode" => Field::SpecialistCode,
            b"mainTemplate" => Field::MainTemplate,
            b"retryTemplate" => Field::RetryTemplate,
            b"lastTemplate" => Field::LastTemplate,
            _ => return None,
        })
    }

    /// Puts a text into its place in a message.
    #[inline(always)]
    fn set<'a>(self, message: &mut Message<'a>, text: &'a str) {
        match self {
            Field::Phone => message.phone = text,
            Field::IdMessage => {
                message.id_message = if text.is_empty() { IdMessage::None } else { IdMessage::Text(text) };
            }
            Field::ClientId => message.client_id = text,
            Field::Contract => message.contract = Text::Is(text),
            Field::SpecialistCode => message.specialist_code = text,
            Field::MainTemplate => message.main_template = Text::Is(text),
            Field::RetryTemplate => message.retry_template = Text::Is(text),
            Field::LastTemplate => message.last_template = Text::Is(text),
            // It has no text.
            Field::CloseTicket => {}
        }
    }
}

const WORDS: usize = 4;
const WINDOW: usize = 8 * WORDS;

/// What stands before the value of a field, from the brace or comma on; for a text, its quote included.
#[derive(Clone, Copy)]
struct Head {
    /// Its first bytes, and ones where there are such.
    want: [u64; WORDS],
    mask: [u64; WORDS],
    length: usize,
    field: Field,
    is_text: bool,
}

/// How programs write the fields of a message, in the document's order.
const USUAL: [Head; FIELDS] = [
    Head::new(b"{\"phone\":\"", Field::Phone, true),
    Head::new(b",\"idMessage\":", Field::IdMessage, false),
    Head::new(b",\"clientId\":\"", Field::ClientId, true),
    Head::new(b",\"contract\":\"", Field::Contract, true),
    Head::new(b",\"closeTicket\":", Field::CloseTicket, false),
    Head::new(b",\"specialistCode\":\"", Field::SpecialistCode, true),
    Head::new(b",\"mainTemplate\":\"", Field::MainTemplate, true),
    Head::new(b",\"retryTemplate\":\"", Field::RetryTemplate, true),
    Head::new(b",\"lastTemplate\":\"", Field::LastTemplate, true),
];

impl Head {
    /// Of a text that is longer than a window, only the window is compared.
    const fn new(text: &[u8], field: Field, is_text: bool) -> Head {
        let words = [word(text, 0), word(text, 1), word(text, 2), word(text, 3)];
        let [(want0, mask0), (want1, mask1), (want2, mask2), (want3, mask3)] = words;
        let (want, mask) = ([want0, want1, want2, want3], [mask0, mask1, mask2, mask3]);
        Head { want, mask, length: text.len(), field, is_text }
    }

    /// Whether `rest` begins with it. Comparing whole words takes a fraction of what comparing bytes does. Near the end
    /// of a body there are not enough of them; what is there is read in another way.
    #[inline(always)]
    fn begins(&self, rest: &[u8]) -> bool {
        let Some(window) = rest.first_chunk::<WINDOW>() else { return false };
        let mut differ = 0;
        for ((bytes, want), mask) in window.as_chunks::<8>().0.iter().zip(&self.want).zip(&self.mask) {
            differ |= (u64::from_le_bytes(*bytes) ^ want) & mask;
        }
        differ == 0
    }
}

/// Eight bytes of a text, the first of them lowest, and ones where there are such.
const fn word(text: &[u8], index: usize) -> (u64, u64) {
    let (mut want, mut mask) = (0, 0);
    let (mut rest, mut place) = (text, 0);
    while let Some((byte, after)) = rest.split_first() {
        if place / 8 == index {
            want |= (*byte as u64) << (place % 8 * 8);
            mask |= 0xff << (place % 8 * 8);
        }
        (rest, place) = (after, place + 1);
    }
    (want, mask)
}

/// A field of the messages that are like the first.
struct Expected<'a> {
    head: Head,
    /// The text, last time.
    last: &'a str,
    /// Whether the text was the same as the one before when it was last looked at.
    repeats: bool,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    arena: &'a Arena,
}

impl<'a> Scanner<'a> {
    #[inline(always)]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte that is no white space, if it is this one.
    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn take_word(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    /// Whether another item follows in a list or object that `close` ends.
    #[inline]
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        self.skip_space();
        let next = self.peek()?;
        self.at += 1;
        if next == b',' { Some(true) } else { (next == close).then_some(false) }
    }

    /// The name of a field, and the colon after it; then the scanner is at its value.
    #[inline]
    fn name(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let rest = self.rest();
        let name = rest.get(..plain_length(rest))?;
        self.at += name.len();
        self.take_word("\"")?;
        self.take(b':')?;
        self.skip_space();
        Some(name)
    }

    /// The text that begins here, behind its quote.
    fn text(&mut self) -> Option<&'a str> {
        let end = self.at + plain_length(self.rest());
        if self.bytes.get(end) != Some(&b'"') {
            return self.escaped_text(end);
        }
        let text = self.text.get(self.at..end)?;
        self.at = end + 1;
        Some(text)
    }

    /// The text that begins here and is plain up to `end`.
    #[cold]
    fn escaped_text(&mut self, end: usize) -> Option<&'a str> {
        let begin = self.at - 1;
        self.at = end;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => return None,
            }
            self.at += plain_length(self.rest());
        }
        self.at += 1;
        text_of(self.text.get(begin..self.at)?, self.arena)
    }

    /// A text with its quote, or `null`, which is an empty one.
    fn text_or_null(&mut self) -> Option<&'a str> {
        if self.peek()? != b'"' {
            return self.take_word("null").map(|()| "");
        }
        self.at += 1;
        self.text()
    }

    #[inline(always)]
    fn flag(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.take_word("true").map(|()| true),
            _ => self.take_word("false").map(|()| false),
        }
    }

    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        let begin = self.at;
        let mut number = 0_u64;
        while let Some(digit) = self.peek().map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
            self.at += 1;
        }
        let digits = self.at - begin;
        let is_canonical = digits == 1 || digits > 1 && self.bytes.get(begin) != Some(&b'0');
        let is_whole = matches!(self.peek()?, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        (is_canonical && is_whole).then_some(number)
    }

    /// A message, whatever order its fields have. `learn` is handed the head of every field.
    #[inline(always)]
    fn message(&mut self, mut learn: impl FnMut(&'a [u8], Field, bool)) -> Option<Message<'a>> {
        let mut message = Message::default();
        let mut seen = 0_u32;
        let mut usual = USUAL.iter();
        let mut separator = b'{';
        // The heads of later fields begin with a comma.
        if self.peek()? != b'{' {
            return None;
        }
        // A message with more fields than there are has one twice.
        for _ in 0..FIELDS {
            let begin = self.at;
            let rest = self.rest();
            let field = match usual.find(|head| head.begins(rest)) {
                Some(head) => {
                    // Whether it is a text is looked at below.
                    self.at += head.length - usize::from(head.is_text);
                    head.field
                }
                None => {
                    self.take(separator)?;
                    Field::named(self.name()?)?
                }
            };
            separator = b',';
            mark(&mut seen, field as u32)?;
            let is_text = self.peek()? == b'"';
            self.at += usize::from(is_text);
            learn(self.bytes.get(begin..self.at)?, field, is_text);
            match field {
                Field::CloseTicket => message.close_ticket = Some(self.flag()?),
                _ if is_text => field.set(&mut message, self.text()?),
                Field::IdMessage if self.peek()?.is_ascii_digit() => {
                    message.id_message = IdMessage::Number(self.number()?);
                }
                // An absent text.
                _ => self.take_word("null")?,
            }
            let end = self.at;
            if !self.goes_on(b'}')? {
                return Some(message);
            }
            // The comma belongs to the head of the next field.
            self.at = end;
        }
        None
    }

    /// A message that has these fields in this order; `None` if it is otherwise.
    #[inline(always)]
    fn like_the_first(&mut self, fields: &mut [Expected<'a>], message: &mut Message<'a>) -> Option<()> {
        for expected in fields {
            let Head { field, length, is_text, .. } = expected.head;
            if !expected.head.begins(self.rest()) {
                return None;
            }
            self.at += length;
            match field {
                _ if is_text => field.set(message, self.text_like_the_last(expected)?),
                Field::CloseTicket => message.close_ticket = Some(self.flag()?),
                Field::IdMessage => message.id_message = IdMessage::Number(self.number()?),
                // A text that was absent in the first is absent here.
                _ => self.take_word("null")?,
            }
        }
        if self.peek()? != b'}' {
            self.skip_space();
        }
        (self.peek()? == b'}').then(|| self.at += 1)
    }

    /// The text that begins here, which is compared before it is read if the one before was the same as its own.
    #[inline(always)]
    fn text_like_the_last(&mut self, expected: &mut Expected<'a>) -> Option<&'a str> {
        if expected.repeats && self.repeated(expected.last) {
            return Some(expected.last);
        }
        let end = self.at + plain_length(self.rest());
        if self.bytes.get(end) != Some(&b'"') {
            // A text that had escapes is not what stands in the body: nothing can be compared with it.
            (expected.last, expected.repeats) = ("", false);
            return self.escaped_text(end);
        }
        let text = self.text.get(self.at..end)?;
        self.at = end + 1;
        expected.repeats = text == expected.last;
        expected.last = text;
        Some(text)
    }

    /// Whether the text that begins here is this one; then it is passed over.
    #[inline(always)]
    fn repeated(&mut self, last: &str) -> bool {
        let Some((text, after)) = self.rest().split_at_checked(last.len()) else { return false };
        let is_it = after.first() == Some(&b'"') && text == last.as_bytes();
        if is_it {
            self.at += last.len() + 1;
        }
        is_it
    }

    fn messages(&mut self) -> Option<&'a [Message<'a>]> {
        self.take(b'[')?;
        self.skip_space();
        let begin = self.at;
        let mut messages: List<'a, Message<'a>> = self.arena.list(1);
        // Of a body that has one message, nothing is to be learnt.
        messages.push(self.message(|_, _, _| {})?);
        if !self.goes_on(b']')? {
            return Some(messages.finish());
        }
        let next = core::mem::replace(&mut self.at, begin);
        let mut fields = Vec::with_capacity(FIELDS);
        let mut are_short = true;
        self.message(|head, field, is_text| {
            are_short &= head.len() <= WINDOW;
            fields.push(Expected { head: Head::new(head, field, is_text), last: "", repeats: true });
        })?;
        self.at = next;
        // The others are about as long as the first, and no message is shorter than a few fields.
        messages.reserve(self.rest().len() / (next - begin).max(64) + 1);
        loop {
            self.skip_space();
            let begin = self.at;
            messages.push(Message::default());
            let message = messages.last_mut()?;
            if !are_short || self.like_the_first(&mut fields, message).is_none() {
                self.at = begin;
                *message = self.another_message()?;
            }
            if !self.goes_on(b']')? {
                return Some(messages.finish());
            }
        }
    }

    #[cold]
    fn another_message(&mut self) -> Option<Message<'a>> {
        self.message(|_, _, _| {})
    }

    fn body(&mut self) -> Option<Batch<'a>> {
        let mut body = Batch { campaign: "", id_account: "", tag: "", messages: &[], atomic: false };
        let mut seen = 0_u32;
        self.take(b'{')?;
        loop {
            let place = match self.name()? {
                b"campaign" => {
                    body.campaign = self.text_or_null()?;
                    0
                }
                b"idAccount" => {
                    body.id_account = self.text_or_null()?;
                    1
                }
                b"tag" => {
                    body.tag = self.text_or_null()?;
                    2
                }
                b"messages" => {
                    body.messages = self.messages()?;
                    3
                }
                _ => return None,
            };
            mark(&mut seen, place)?;
            if !self.goes_on(b'}')? {
                return (seen >> 3 & 1 == 1).then_some(body);
            }
        }
    }
}

/// Notes that a field was there; `None` if it was before.
fn mark(seen: &mut u32, place: u32) -> Option<()> {
    let before = *seen;
    *seen |= 1 << place;
    (*seen != before).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::massivocpc::parse_any;

    const MESSAGE: &str = r#"{"phone":"5511988876204","idMessage":1234,"clientId":"c 1","contract":"109","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, \"seu\" contrato \u00e9 este","retryTemplate":null,"lastTemplate":""}"#;

    fn body_of(messages: &str) -> String {
        format!(r#"{{"campaign":"teste","idAccount":"1","tag":"emp1","messages":[{messages}]}}"#)
    }

    /// Whether a body was read in one pass; what that read is what the general reader reads.
    fn is_read(text: &str) -> bool {
        let arena = Arena::new();
        let Some(batch) = read_body(text, &arena) else { return false };
        let general = parse_any(text, &arena).unwrap_or_else(|error| panic!("{error:?}: {text}"));
        assert_eq!(format!("{batch:?}"), format!("{general:?}"), "{text}");
        true
    }

    #[test]
    fn the_common_forms_are_read_in_one_pass() {
        let two = format!("{MESSAGE},{}", MESSAGE.replace(",\"", ", \n\t\"").replace("1234", "\"1234\""));
        assert!(is_read(&body_of(&two)));
        let other_order = r#"{"closeTicket":false,"idMessage":null,"phone":"1","mainTemplate":"x"}"#;
        assert!(is_read(&body_of(other_order)));
        let last = format!(" {{ \"messages\" : [ {MESSAGE} ] , \"tag\" : \"emp1\" }} \r\n");
        assert!(is_read(&last));
        for id in ["0", "18446744073709551615", "\"\"", "\"a\\\\b\""] {
            assert!(is_read(&body_of(&MESSAGE.replace("1234", id))), "{id}");
        }
    }

    #[test]
    fn whatever_is_unusual_is_left_to_the_general_reader() {
        for id in ["-1", "1.5", "1e3", "00", "01", "18446744073709551616", "true", "[]"] {
            assert!(!is_read(&body_of(&MESSAGE.replace("1234", id))), "{id}");
        }
        for (what, other) in [
            ("\"contract\":\"109\"", "\"contract\":109"),
            ("\"contract\"", "\"other\""),
            ("\"contract\"", "\"phone\""),
            ("true", "null"),
            ("\\u00e9", "\\x"),
            ("c 1", "c\t1"),
            ("}", ",}"),
        ] {
            assert!(!is_read(&body_of(&MESSAGE.replace(what, other))), "{what} {other}");
        }
        for text in ["", "{}", "[]", r#"{"tag":"a"}"#, &body_of(""), &format!("{}x", body_of(MESSAGE))] {
            assert!(!is_read(text), "{text}");
        }
    }

    /// The fields of a message are expected where another one had them.
    #[test]
    fn messages_are_read_whatever_others_were_like() {
        let one = r#"{"phone":"1","tag":"x"}"#;
        assert!(!is_read(&body_of(&format!("{MESSAGE},{MESSAGE},{one}"))));
        let others = [
            r#"{"phone" : "2", "closeTicket":true}"#,
            r#"{"closeTicket":false,"phone":"3"}"#,
            r#"{"phone":"4"}"#,
            r#"{"phones":"5"}"#,
            r#"{"phone":"6","phone":"7"}"#,
            r#"{"phone":"8","closeTicket":true,"contract":"9"}"#,
        ];
        let mut read = 0;
        for first in others {
            for second in others {
                for third in others {
                    read += u32::from(is_read(&body_of(&[first, second, third].join(", "))));
                }
            }
        }
        assert_eq!(read, 4_u32.pow(3));
    }

    /// What a text looks like in the body is not what it says where it has escapes.
    #[test]
    fn a_text_is_not_taken_for_one_with_escapes() {
        let message = |text: &str| format!(r#"{{"phone":"{text}","contract":"{text}"}}"#);
        for texts in [
            [r"a\u0041", r"a\u0041", r"a\u0041", r"a\u0041"],
            ["x", r"\u0041\\n", r"\u0041\\n", r"A\n"],
            ["x", r"A\\n", r"A\n", "A"],
            ["x", r"\n", "", ""],
        ] {
            assert!(is_read(&body_of(&texts.map(message).join(","))), "{texts:?}");
        }
    }

    /// What stands before a field is compared with its brace or comma, of which each has its place.
    #[test]
    fn braces_and_commas_are_looked_at() {
        let message =
            r#"{"phone":"1","clientId":"2","contract":"3","mainTemplate":"44444444444444444444444444"}"#;
        let broken = [
            message.replace('{', ","),
            message.replace(r#"{"phone":"1""#, ""),
            message.replace(",\"clientId", "{\"clientId"),
            message.replace(",\"contract", "\"contract"),
            message.replace(",\"contract", ",,\"contract"),
            message.replace('}', ""),
            message.replace('}', ",}"),
            message.replace('{', "{{"),
        ];
        for broken in broken {
            assert!(!is_read(&body_of(&broken)), "{broken}");
            assert!(!is_read(&body_of(&format!("{message},{broken},{message}"))), "{broken}");
            assert!(!is_read(&body_of(&format!("{broken},{message}"))), "{broken}");
        }
        assert!(is_read(&body_of(&[message, message, message].join(","))));
    }

    #[test]
    fn spaces_and_fields_may_be_anywhere() {
        let message =
            r#"{ "phone" : "1" , "retryTemplate" : null , "closeTicket" : true , "idMessage" : 7 }"#;
        for other in [
            message.replace('1', "2"),
            message.replace(" , ", ",\n                                          "),
            message.replace("null", "\"x\""),
            message.replace('7', "\"7\""),
            message.replace('7', "null"),
        ] {
            assert!(
                is_read(&body_of(&[message, message, &other, message, &other, &other].join(" , "))),
                "{other}"
            );
        }
        let wide = message.replace(" , ", " ,\n                                    ");
        assert!(is_read(&body_of(&[&*wide, &wide, &wide].join(","))));
    }

    /// Every byte of a body replaced by every one that means something, and every beginning of it.
    #[test]
    fn nothing_is_read_otherwise_than_by_the_general_reader() {
        let short = r#"{"phone":"1","idMessage":2,"closeTicket":true}"#;
        let body = body_of(&[MESSAGE, short, short, short].join(","));
        let mut read = 0;
        for place in 0..body.len() {
            for byte in *b"\"\\{}[],:0189-.eEntfu \n\x1f/a" {
                let mut bytes = body.clone().into_bytes();
                bytes[place] = byte;
                read += u32::from(core::str::from_utf8(&bytes).is_ok_and(is_read));
            }
            assert!(!body.is_char_boundary(place) || !is_read(&body[..place]));
        }
        assert!(read > 1_000, "{read}");
    }
}
