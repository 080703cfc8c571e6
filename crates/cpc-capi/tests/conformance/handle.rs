//! A handle that frees itself.

use cpc::*;
use std::ptr;

pub(crate) struct Handle(pub(crate) *mut cpc_engine);

impl Handle {
    pub(crate) fn new() -> Handle {
        let mut engine = ptr::null_mut();
        let made = unsafe { cpc_engine_new(cpc_language::CPC_LANGUAGE_PT_BR as i32, &raw mut engine) };
        assert_eq!(made, cpc_result::CPC_OK);
        Handle(engine)
    }

    pub(crate) fn restore(snapshot: &[u8]) -> Handle {
        let bytes = cpc_text { data: snapshot.as_ptr().cast(), length: snapshot.len() };
        let mut engine = ptr::null_mut();
        assert_eq!(unsafe { cpc_engine_restore(bytes, 1, &raw mut engine) }, cpc_result::CPC_OK);
        Handle(engine)
    }

    /// What `write` leaves in a buffer.
    fn bytes(&self, write: impl FnOnce(*mut cpc_buffer) -> cpc_result) -> Vec<u8> {
        let mut buffer = cpc_buffer::default();
        assert_eq!(write(&raw mut buffer), cpc_result::CPC_OK);
        let bytes = unsafe { std::slice::from_raw_parts(buffer.data.cast::<u8>(), buffer.length) }.to_vec();
        unsafe { cpc_buffer_free(&raw mut buffer) };
        bytes
    }

    pub(crate) fn execute(&mut self, line: &str) -> String {
        let answer = self.bytes(|buffer| unsafe { cpc_engine_execute(self.0, cpc_text::of(line), buffer) });
        String::from_utf8(answer).unwrap()
    }

    pub(crate) fn snapshot(&self) -> Vec<u8> {
        self.bytes(|buffer| unsafe { cpc_engine_snapshot(self.0, buffer) })
    }

    pub(crate) fn digest(&self) -> cpc_digest {
        let mut digest = cpc_digest::default();
        assert_eq!(unsafe { cpc_engine_digest(self.0, &raw mut digest) }, cpc_result::CPC_OK);
        digest
    }

    pub(crate) fn sender_id(&self, sender: u32) -> String {
        String::from_utf8(self.bytes(|buffer| unsafe { cpc_engine_sender_id(self.0, sender, buffer) }))
            .unwrap()
    }

    /// The member that the last failure names.
    pub(crate) fn error_field(&self) -> String {
        let mut field = cpc_text::EMPTY;
        unsafe { cpc_engine_error(self.0, &raw mut field, ptr::null_mut()) };
        static_text(field)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        assert_eq!(unsafe { cpc_engine_free(self.0) }, cpc_result::CPC_OK);
    }
}

/// A static text of the library's.
pub(crate) fn static_text(text: cpc_text) -> String {
    if text.length == 0 {
        return String::new();
    }
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.length) };
    String::from_utf8(bytes.to_vec()).unwrap()
}
