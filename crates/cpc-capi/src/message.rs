//! Messages that come in.

use crate::argument::{Inputs, versioned};
use crate::choice::check_flags;
use crate::result::CallError;
use crate::text::cpc_text;
use cpc_core::{IdMessage, Message};

/// `cpc_message.flags`: `closeTicket` is true, as it must be.
pub const CPC_MESSAGE_CLOSE_TICKET: u32 = 1;
/// `cpc_message.flags`: `id_message` is there.
pub const CPC_MESSAGE_HAS_ID: u32 = 2;

const KNOWN_FLAGS: u32 = CPC_MESSAGE_CLOSE_TICKET | CPC_MESSAGE_HAS_ID;

/// One message of a batch. An empty text is the same as an absent one.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct cpc_message {
    /// `sizeof(cpc_message)`.
    pub struct_size: u32,
    /// `CPC_MESSAGE_…`.
    pub flags: u32,
    /// The message's own number, which makes posting it again harmless.
    pub id_message: u64,
    // generated: texts of messages
    /// The phone, as posted, with its country; a `+` in front, spaces, dashes, dots, parentheses and what cannot be
    /// seen do not count.
    pub phone: cpc_text,
    /// The client; trimmed, up to 128 bytes.
    pub client_id: cpc_text,
    /// The contract; up to 128 bytes, and required by profile `strict`. The engine only looks how long it is.
    pub contract: cpc_text,
    /// The operator; not blank, up to 128 bytes.
    pub specialist_code: cpc_text,
    /// What is sent. Of the templates the engine only looks whether they are blank; it keeps none.
    pub main_template: cpc_text,
    /// What is sent when the contact stays silent; none if blank.
    pub retry_template: cpc_text,
    /// What is sent when it stays silent again; none if blank.
    pub last_template: cpc_text,
    // end
}

versioned!(cpc_message through last_template);

impl cpc_message {
    /// Reads messages as the engine takes them, in place of those in `messages`.
    ///
    /// # Safety
    /// Their texts can be read for as long as `'a`.
    pub(crate) unsafe fn read_all<'a>(
        given: &Inputs<'_, Self>,
        messages: &mut Vec<Message<'a>>,
    ) -> Result<(), CallError> {
        messages.clear();
        messages.reserve(given.len());
        given.try_for_each(|message| {
            messages.push(Message::default());
            // SAFETY: the caller sees to all texts.
            messages.last_mut().map_or(Ok(()), |place| unsafe { message.read(place) })
        })
    }

    /// Reads the message into its place: member by member, because all of them together do not fit into registers.
    ///
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    #[inline(always)]
    unsafe fn read<'a>(&self, place: &mut Message<'a>) -> Result<(), CallError> {
        check_flags(self.flags, KNOWN_FLAGS)?;
        // SAFETY: the caller sees to all texts.
        let read = |text: cpc_text, name| unsafe { text.read(name) };
        // SAFETY: the caller sees to all texts.
        let template = |text: cpc_text, name| unsafe { text.read_template(name) };
        place.id_message = self.id_message();
        place.close_ticket = Some(self.flags & CPC_MESSAGE_CLOSE_TICKET != 0);
        // generated: reading of messages
        place.phone = read(self.phone, "phone")?;
        place.client_id = read(self.client_id, "clientId")?;
        place.contract = self.contract.read_length("contract")?;
        place.specialist_code = read(self.specialist_code, "specialistCode")?;
        place.main_template = template(self.main_template, "mainTemplate")?;
        place.retry_template = template(self.retry_template, "retryTemplate")?;
        place.last_template = template(self.last_template, "lastTemplate")?;
        // end
        Ok(())
    }

    const fn id_message(&self) -> IdMessage<'static> {
        if self.flags & CPC_MESSAGE_HAS_ID != 0 {
            IdMessage::Number(self.id_message)
        } else {
            IdMessage::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argument::Versioned;
    use crate::result::cpc_result::{self, *};

    fn message() -> cpc_message {
        cpc_message {
            struct_size: cpc_message::SIZE,
            flags: KNOWN_FLAGS,
            id_message: 7,
            phone: cpc_text::of("5511988876204"),
            client_id: cpc_text::of("12345678"),
            contract: cpc_text::of("778899"),
            specialist_code: cpc_text::of("admin"),
            main_template: cpc_text::of("Olá"),
            retry_template: cpc_text::of("Última chance"),
            ..cpc_message::default()
        }
    }

    fn texts(message: &mut cpc_message) -> [&mut cpc_text; 7] {
        let cpc_message { phone, client_id, contract, specialist_code, .. } = message;
        let cpc_message { main_template, retry_template, last_template, .. } = message;
        [phone, client_id, specialist_code, contract, main_template, retry_template, last_template]
    }

    fn of_bytes(bytes: &[u8]) -> cpc_text {
        cpc_text { data: bytes.as_ptr().cast(), length: bytes.len() }
    }

    fn read(message: cpc_message) -> Result<Message<'static>, cpc_result> {
        let mut messages = Vec::new();
        let given = unsafe { Inputs::new(&raw const message, 1, "messages") }.map_err(CallError::result)?;
        unsafe { cpc_message::read_all(&given, &mut messages) }.map_err(CallError::result)?;
        Ok(messages[0])
    }

    #[test]
    fn every_text_is_read() {
        let long = "5".repeat(200);
        for place in 0..7 {
            for text in ["", "1", "abcd", "1234567890123456", "12345678901234567", &long, "é", "🙏 a", " "]
            {
                let mut message = message();
                *texts(&mut message)[place] = cpc_text::of(text);
                let read = read(message).unwrap();
                let found = [read.phone, read.client_id, read.specialist_code];
                assert!(place > 2 || found[place] == text, "{place} {text}");
                let templates = [read.main_template, read.retry_template, read.last_template];
                assert!(place < 4 || templates[place - 4].is_blank() == text.trim().is_empty());
                assert!(place != 3 || read.contract.len() == text.len());
                assert_eq!((read.id_message, read.close_ticket), (IdMessage::Number(7), Some(true)));
            }
        }
        let bare = cpc_message { struct_size: cpc_message::SIZE, ..cpc_message::default() };
        let read = read(bare).unwrap();
        assert_eq!((read.phone, read.id_message, read.close_ticket), ("", IdMessage::None, Some(false)));
        assert!(read.main_template.is_blank() && read.contract.is_empty());
    }

    #[test]
    fn a_text_that_is_none_is_refused_wherever_it_is() {
        for place in 0..7 {
            let with = |text| {
                let mut message = message();
                *texts(&mut message)[place] = text;
                read(message).err()
            };
            let nothing = cpc_text { data: core::ptr::null(), length: 3 };
            assert_eq!(with(nothing), Some(CPC_ERR_NULL), "{place}");
            for bytes in [&b"\xFF"[..], b"\xC3", b"abcd\xC3(", b"abcdefgh\xFF", b"abcdefgh\xFFabcdefgh"] {
                // Of a template no more is looked at than it takes, and of a contract only how long it is.
                let is_looked_at = place < 3 || place > 3 && !bytes[0].is_ascii();
                assert_eq!(with(of_bytes(bytes)), is_looked_at.then_some(CPC_ERR_UTF8), "{place} {bytes:?}");
            }
        }
    }

    #[test]
    fn sizes_and_flags_are_checked() {
        let size = cpc_message { struct_size: cpc_message::FIRST_SIZE - 8, ..message() };
        assert_eq!(read(size).err(), Some(CPC_ERR_STRUCT_SIZE));
        let flags = cpc_message { flags: 4, ..message() };
        assert_eq!(read(flags).err(), Some(CPC_ERR_UNKNOWN_VALUE));
    }
}
