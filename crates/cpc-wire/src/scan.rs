//! The massivocpc body as nearly every system posts it, read in one pass: the document's members, texts, numbers and
//! booleans, in any order.
//!
//! What is read here means the same to the [general reader](crate::read), which takes twice as long. Whatever is
//! out of the ordinary (other members, other types, anything malformed) is left to that one: it decides what is
//! allowed, and says what is wrong and where.

use crate::plain::plain_length;
use crate::request::{BatchText, MessageText};
use crate::shape::{IdText, text_of};
use std::borrow::Cow;

/// Reads a body; `None` if the general reader must.
pub(crate) fn read_body(text: &str) -> Option<BatchText<'_>> {
    let mut scanner = Scanner { text, at: 0, learns: false, heads: Vec::new() };
    let body = scanner.body()?;
    scanner.skip_space();
    (scanner.at == text.len()).then_some(body)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether more than one message is read: the others mostly have the members of the second, in its order.
    learns: bool,
    /// How those begin, from the quote to the value.
    heads: Vec<(&'a [u8], Member)>,
}

/// A member of a message.
#[derive(Clone, Copy)]
enum Member {
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

const MEMBERS: usize = 9;

impl Member {
    fn named(name: &str) -> Option<Member> {
        Some(match name {
            "phone" => Member::Phone,
            "idMessage" => Member::IdMessage,
            "clientId" => Member::ClientId,
            "contract" => Member::Contract,
            "closeTicket" => Member::CloseTicket,
            "specialistCode" => Member::SpecialistCode,
            "mainTemplate" => Member::MainTemplate,
            "retryTemplate" => Member::RetryTemplate,
            "lastTemplate" => Member::LastTemplate,
            _ => return None,
        })
    }
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
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

    /// Where the text that begins here ends: at a quote, a backslash or a control character.
    #[inline]
    fn find_end(&self) -> usize {
        self.at + plain_length(self.rest())
    }

    /// The name of a member, and the colon after it.
    #[inline]
    fn name(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let end = self.find_end();
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        let name = self.text.get(self.at..end)?;
        self.at = end + 1;
        self.take(b':')?;
        self.skip_space();
        Some(name)
    }

    /// A text; empty if it is `null`.
    #[inline]
    fn text(&mut self) -> Option<Cow<'a, str>> {
        if self.peek()? != b'"' {
            return self.take_word("null").map(|()| Cow::Borrowed(""));
        }
        self.at += 1;
        let end = self.find_end();
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return self.escaped_text(end);
        }
        let text = self.text.get(self.at..end)?;
        self.at = end + 1;
        Some(Cow::Borrowed(text))
    }

    /// The text that begins here and is plain up to `end`.
    #[cold]
    fn escaped_text(&mut self, end: usize) -> Option<Cow<'a, str>> {
        let begin = self.at - 1;
        self.at = end;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => return None,
            }
            self.at = self.find_end();
        }
        self.at += 1;
        text_of(self.text.get(begin..self.at)?)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.take_word("true").map(|()| true),
            _ => self.take_word("false").map(|()| false),
        }
    }

    fn id(&mut self) -> Option<IdText<'a>> {
        if !self.peek()?.is_ascii_digit() {
            let text = self.text()?;
            return Some(if text.is_empty() { IdText::None } else { IdText::Text(text) });
        }
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.text.get(self.at..self.at + digits)?;
        self.at += digits;
        let is_whole = matches!(self.peek()?, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        let is_canonical = digits == 1 || !number.starts_with('0');
        if is_whole && is_canonical { number.parse().ok().map(IdText::Number) } else { None }
    }

    /// Which member of a message comes next, the `place`th of them; the scanner is at its value then.
    #[inline]
    fn member(&mut self, place: usize) -> Option<Member> {
        self.skip_space();
        if let Some((head, member)) = self.heads.get(place)
            && self.rest().starts_with(head)
        {
            self.at += head.len();
            return Some(*member);
        }
        let begin = self.at;
        let member = Member::named(self.name()?)?;
        if self.learns && self.heads.len() == place {
            self.heads.push((self.text.as_bytes().get(begin..self.at)?, member));
        }
        Some(member)
    }

    fn message(&mut self) -> Option<MessageText<'a>> {
        let mut message = MessageText::default();
        let mut seen = 0_u32;
        self.take(b'{')?;
        // A message with more members than there are has one twice.
        for place in 0..MEMBERS {
            let member = self.member(place)?;
            match member {
                Member::Phone => message.phone = self.text()?,
                Member::IdMessage => message.id_message = self.id()?,
                Member::ClientId => message.client_id = self.text()?,
                Member::Contract => message.contract = self.text()?,
                Member::CloseTicket => message.close_ticket = Some(self.flag()?),
                Member::SpecialistCode => message.specialist_code = self.text()?,
                Member::MainTemplate => message.main_template = self.text()?,
                Member::RetryTemplate => message.retry_template = self.text()?,
                Member::LastTemplate => message.last_template = self.text()?,
            }
            mark(&mut seen, member as u32)?;
            if !self.goes_on(b'}')? {
                return Some(message);
            }
        }
        None
    }

    fn messages(&mut self) -> Option<Vec<MessageText<'a>>> {
        let mut messages = Vec::new();
        self.take(b'[')?;
        let begin = self.at;
        loop {
            messages.push(self.message()?);
            if !self.goes_on(b']')? {
                return Some(messages);
            }
            if messages.len() == 1 {
                self.learns = true;
                // The others are about as long as the first, and no message is shorter than a few members.
                messages.reserve(self.rest().len() / (self.at - begin).max(64) + 1);
            }
        }
    }

    fn body(&mut self) -> Option<BatchText<'a>> {
        let empty = || Cow::Borrowed("");
        let mut body = BatchText {
            campaign: empty(),
            id_account: empty(),
            tag: empty(),
            messages: Vec::new(),
            atomic: false,
        };
        let mut seen = 0_u32;
        self.take(b'{')?;
        loop {
            let place = match self.name()? {
                "campaign" => {
                    body.campaign = self.text()?;
                    0
                }
                "idAccount" => {
                    body.id_account = self.text()?;
                    1
                }
                "tag" => {
                    body.tag = self.text()?;
                    2
                }
                "messages" => {
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

/// Notes that a member was there; `None` if it was before.
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

    type Told = (String, u8, String);

    /// All that a body says.
    fn told(batch: &BatchText<'_>) -> Vec<Told> {
        let head = (batch.campaign.to_string(), 0, format!("{}\n{}", batch.id_account, batch.tag));
        let message = |message: &MessageText<'_>| {
            let texts = [&message.client_id, &message.contract, &message.specialist_code];
            let templates = [&message.main_template, &message.retry_template, &message.last_template];
            let close = message.close_ticket.map_or(2, u8::from);
            (message.phone.to_string(), close, format!("{:?} {texts:?} {templates:?}", message.id_message))
        };
        core::iter::once(head).chain(batch.messages.iter().map(message)).collect()
    }

    /// Whether a body was read in one pass; what that read is what the general reader reads.
    fn is_read(text: &str) -> bool {
        let Some(batch) = read_body(text) else { return false };
        let general = parse_any(text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
        assert_eq!(told(&batch), told(&general), "{text}");
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

    /// The members of a message are expected where another one had them.
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
