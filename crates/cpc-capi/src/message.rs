//! Messages that come in.

use crate::argument::{Sized32, check_size, sized};
use crate::choice::check_flags;
use crate::result::Failure;
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
    /// The phone, as posted.
    pub phone: cpc_text,
    /// The client; up to 128 bytes.
    pub client_id: cpc_text,
    /// The contract; up to 128 bytes. The engine only looks at how long it is, and keeps nothing of it.
    pub contract: cpc_text,
    /// The operator; not blank, up to 128 bytes.
    pub specialist_code: cpc_text,
    /// What is sent. Of templates the engine only looks whether they are blank, and no further than it must to tell;
    /// it does not keep them.
    pub main_template: cpc_text,
    /// What is sent when the contact stays silent; none if blank.
    pub retry_template: cpc_text,
    /// What is sent when it stays silent again; none if blank.
    pub last_template: cpc_text,
}

sized!(cpc_message);

impl cpc_message {
    /// Adds messages as the engine takes them.
    ///
    /// # Safety
    /// Their texts can be read for as long as `'a`.
    pub(crate) unsafe fn read_all<'a>(
        given: &[Self],
        messages: &mut Vec<Message<'a>>,
    ) -> Result<(), Failure> {
        messages.reserve(given.len());
        let places = messages.spare_capacity_mut();
        for (message, place) in given.iter().zip(places) {
            // SAFETY: the caller sees to all texts; the place is the vector's own.
            if !unsafe { message.read_usual(place.as_mut_ptr()) } {
                // SAFETY: the caller sees to all texts.
                place.write(unsafe { message.read_any() }?);
            }
        }
        // SAFETY: there is room for all, and all members of all of them have just been written.
        unsafe { messages.set_len(messages.len() + given.len()) };
        Ok(())
    }

    /// Writes the message as the engine takes it, if nothing is wrong with it and all of it is as nearly always; tells
    /// whether all of it was written. Member by member, because together they do not fit into a processor's registers.
    ///
    /// # Safety
    /// Its texts can be read for as long as `'a`, and `place` can be written to.
    #[inline(always)]
    unsafe fn read_usual<'a>(&self, place: *mut Message<'a>) -> bool {
        if self.struct_size != cpc_message::SIZE || self.flags & !KNOWN_FLAGS != 0 {
            return false;
        }
        // SAFETY: a place that can be written to has members that can.
        let (phone, client, contract, operator, templates) = unsafe {
            (
                &raw mut (*place).phone,
                &raw mut (*place).client_id,
                &raw mut (*place).contract,
                &raw mut (*place).specialist_code,
                [
                    &raw mut (*place).main_template,
                    &raw mut (*place).retry_template,
                    &raw mut (*place).last_template,
                ],
            )
        };
        for (text, place) in [(self.phone, phone), (self.client_id, client), (self.specialist_code, operator)]
        {
            // SAFETY: the caller sees to all texts.
            let Some(text) = (unsafe { text.short_ascii() }) else { return false };
            // SAFETY: as above.
            unsafe { place.write(text) };
        }
        for (text, place) in
            [self.main_template, self.retry_template, self.last_template].into_iter().zip(templates)
        {
            // SAFETY: the caller sees to all texts.
            if !unsafe { text.is_empty_or_visible() } {
                return false;
            }
            // SAFETY: as above.
            unsafe { place.write(text.stand_in()) };
        }
        // SAFETY: as above.
        unsafe {
            contract.write(self.contract.as_long_as());
            (&raw mut (*place).id_message).write(self.id_message());
            (&raw mut (*place).close_ticket).write(Some(self.closes_ticket()));
        }
        self.contract.is_there()
    }

    /// The message as the engine takes it.
    ///
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    #[cold]
    unsafe fn read_any<'a>(&self) -> Result<Message<'a>, Failure> {
        check_size::<cpc_message>(self.struct_size, "messages")?;
        check_flags(self.flags, KNOWN_FLAGS)?;
        // SAFETY: the caller sees to all texts.
        let read = |text: cpc_text, name| unsafe { text.read(name) };
        // SAFETY: the caller sees to all texts.
        let template = |text: cpc_text, name| unsafe { text.read_template(name) };
        Ok(Message {
            phone: read(self.phone, "phone")?,
            id_message: self.id_message(),
            client_id: read(self.client_id, "clientId")?,
            contract: self.contract.read_length("contract")?,
            close_ticket: Some(self.closes_ticket()),
            specialist_code: read(self.specialist_code, "specialistCode")?,
            main_template: template(self.main_template, "mainTemplate")?,
            retry_template: template(self.retry_template, "retryTemplate")?,
            last_template: template(self.last_template, "lastTemplate")?,
        })
    }

    const fn id_message(&self) -> IdMessage<'static> {
        if self.flags & CPC_MESSAGE_HAS_ID != 0 {
            IdMessage::Number(self.id_message)
        } else {
            IdMessage::None
        }
    }

    const fn closes_ticket(&self) -> bool {
        self.flags & CPC_MESSAGE_CLOSE_TICKET != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::cpc_result::{self, *};
    use cpc_core::is_blank;

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
            last_template: cpc_text::EMPTY,
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
        unsafe { cpc_message::read_all(&[message], &mut messages) }.map_err(Failure::result)?;
        Ok(messages[0])
    }

    /// What the engine looks at.
    fn seen<'a>(message: &Message<'a>) -> (&'a str, IdMessage<'a>, &'a str, usize, &'a str, [bool; 3]) {
        let templates = [message.main_template, message.retry_template, message.last_template].map(is_blank);
        let Message { phone, id_message, client_id, contract, specialist_code, .. } = *message;
        (phone, id_message, client_id, contract.len(), specialist_code, templates)
    }

    #[test]
    fn the_usual_way_reads_what_the_other_does() {
        let long = "5".repeat(200);
        for place in 0..7 {
            for text in [
                "",
                "1",
                "abcd",
                "12345678",
                "1234567890123456",
                "12345678901234567",
                &long,
                "é",
                "🙏 a",
                " ",
            ] {
                let mut message = message();
                *texts(&mut message)[place] = cpc_text::of(text);
                let slowly = unsafe { message.read_any() }.unwrap();
                assert_eq!(seen(&read(message).unwrap()), seen(&slowly), "{place} {text}");
                assert_eq!(read(message).unwrap().close_ticket, Some(true));
            }
        }
        let bare = cpc_message { struct_size: cpc_message::SIZE, ..cpc_message::default() };
        let read = read(bare).unwrap();
        assert_eq!(seen(&read), ("", IdMessage::None, "", 0, "", [true; 3]));
        assert_eq!(read.close_ticket, Some(false));
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
        let size = cpc_message { struct_size: cpc_message::SIZE - 8, ..message() };
        assert_eq!(read(size).err(), Some(CPC_ERR_STRUCT_SIZE));
        let flags = cpc_message { flags: 4, ..message() };
        assert_eq!(read(flags).err(), Some(CPC_ERR_UNKNOWN_VALUE));
    }

    #[test]
    fn a_contract_is_too_long_when_its_text_is() {
        for length in [0, 1, 127, 128, 129, 5_000] {
            let text = "c".repeat(length);
            let message = cpc_message { contract: cpc_text::of(&text), ..message() };
            assert_eq!(read(message).unwrap().contract.len(), length.min(129));
        }
    }
}
