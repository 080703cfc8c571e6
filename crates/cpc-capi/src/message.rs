//! Messages that come in.

use crate::argument::{check_size, sized};
use crate::choice::check_flags;
use crate::result::Failure;
use crate::text::cpc_text;
use cpc_core::{IdMessage, Message};

/// `cpc_message.flags`: `closeTicket` is true, as it must be.
pub const CPC_MESSAGE_CLOSE_TICKET: u32 = 1;
/// `cpc_message.flags`: `id_message` is there.
pub const CPC_MESSAGE_HAS_ID: u32 = 2;

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
    /// The contract; up to 128 bytes. Only the policy's profile `strict` looks at it.
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
    /// The message as the engine takes it.
    ///
    /// # Safety
    /// Its texts can be read for as long as `'a`.
    #[inline(always)]
    pub(crate) unsafe fn read<'a>(&self) -> Result<Message<'a>, Failure> {
        check_size::<cpc_message>(self.struct_size, "messages")?;
        check_flags(self.flags, CPC_MESSAGE_CLOSE_TICKET | CPC_MESSAGE_HAS_ID)?;
        let number = self.flags & CPC_MESSAGE_HAS_ID != 0;
        // SAFETY: the caller sees to all texts.
        let read = |text: cpc_text, name| unsafe { text.read(name) };
        // SAFETY: the caller sees to all texts.
        let template = |text: cpc_text, name| unsafe { text.read_template(name) };
        Ok(Message {
            phone: read(self.phone, "phone")?,
            id_message: if number { IdMessage::Number(self.id_message) } else { IdMessage::None },
            client_id: read(self.client_id, "clientId")?,
            contract: read(self.contract, "contract")?,
            close_ticket: Some(self.flags & CPC_MESSAGE_CLOSE_TICKET != 0),
            specialist_code: read(self.specialist_code, "specialistCode")?,
            main_template: template(self.main_template, "mainTemplate")?,
            retry_template: template(self.retry_template, "retryTemplate")?,
            last_template: template(self.last_template, "lastTemplate")?,
        })
    }
}
