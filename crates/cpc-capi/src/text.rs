//! Texts that come in, and bytes that go out.

use crate::result::{CallError, cpc_result};
use core::ffi::{CStr, c_char};
use core::{ptr, slice};
use cpc_core::{Text, begins_visibly};

/// A text of the caller's, or a static one of the library's: UTF-8, `length` bytes, no NUL needed. NULL with length
/// 0 is the empty text. A text that goes in is read during the call and never kept.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct cpc_text {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub length: usize,
}

impl cpc_text {
    /// The empty text.
    pub const EMPTY: cpc_text = cpc_text { data: ptr::null(), length: 0 };

    /// A text of this program's.
    #[must_use]
    pub const fn of(text: &str) -> cpc_text {
        cpc_text { data: text.as_ptr().cast(), length: text.len() }
    }

    /// The bytes. `name` is the name of the text in errors.
    ///
    /// # Safety
    /// `data` is NULL, or there are `length` bytes for as long as `'a`.
    #[inline(always)]
    pub(crate) unsafe fn bytes<'a>(self, name: &'static str) -> Result<&'a [u8], CallError> {
        // The shortest way, because most texts of a message are absent.
        if self.length == 0 {
            return Ok(&[]);
        }
        if self.data.is_null() {
            return Err(CallError::Misuse(cpc_result::CPC_ERR_NULL, name));
        }
        if self.length > isize::MAX as usize {
            return Err(CallError::Misuse(cpc_result::CPC_ERR_TOO_LARGE, name));
        }
        // SAFETY: not NULL, and the caller says that there are so many bytes.
        Ok(unsafe { slice::from_raw_parts(self.data.cast(), self.length) })
    }

    /// The text. `name` is its name in errors.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    #[inline(always)]
    pub(crate) unsafe fn read<'a>(self, name: &'static str) -> Result<&'a str, CallError> {
        if self.length == 0 {
            return Ok("");
        }
        if self.length <= SHORT && !self.data.is_null() {
            // SAFETY: not NULL, and the caller says that there are so many bytes.
            if let Some(text) = short_ascii(unsafe { slice::from_raw_parts(self.data.cast(), self.length) }) {
                return Ok(text);
            }
        }
        // SAFETY: the caller sees to it.
        unsafe { self.read_any(name) }
    }

    /// As [`read`](Self::read), for any text.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    #[inline(never)]
    unsafe fn read_any<'a>(self, name: &'static str) -> Result<&'a str, CallError> {
        // SAFETY: the caller sees to it.
        utf8(unsafe { self.bytes(name) }?, name)
    }

    /// A template: its length if it is clear from its beginning that it is not blank, and otherwise its text.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    #[inline(always)]
    pub(crate) unsafe fn read_template<'a>(self, name: &'static str) -> Result<Text<'a>, CallError> {
        // SAFETY: the caller sees to it.
        let bytes = unsafe { self.bytes(name) }?;
        if bytes.is_empty() || begins_visibly(bytes) {
            return Ok(Text::OfLength(bytes.len()));
        }
        utf8(bytes, name).map(Text::Is)
    }

    /// A text of which only the length counts.
    #[inline(always)]
    pub(crate) const fn read_length(self, name: &'static str) -> Result<Text<'static>, CallError> {
        if self.length == 0 || !self.data.is_null() {
            return Ok(Text::OfLength(self.length));
        }
        Err(CallError::Misuse(cpc_result::CPC_ERR_NULL, name))
    }
}

impl Default for cpc_text {
    fn default() -> cpc_text {
        cpc_text::EMPTY
    }
}

/// Bytes as a text.
#[inline]
fn utf8<'a>(bytes: &'a [u8], name: &'static str) -> Result<&'a str, CallError> {
    str::from_utf8(bytes).map_err(|_| CallError::Misuse(cpc_result::CPC_ERR_UTF8, name))
}

/// The longest text that two overlapping reads of 8 bytes cover.
const SHORT: usize = 16;

/// Bytes as a text, if they are at most [`SHORT`] and all ASCII, as nearly every phone, number and code is. The general
/// check of UTF-8 goes byte by byte and takes several times as long for so few.
#[inline(always)]
fn short_ascii(bytes: &[u8]) -> Option<&str> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let all = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u64::from_ne_bytes(*first) | u64::from_ne_bytes(*last)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u64::from(u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last))
    } else {
        bytes.iter().fold(0, |all, byte| all | u64::from(*byte))
    };
    // SAFETY: ASCII is UTF-8.
    (all & HIGH == 0).then(|| unsafe { str::from_utf8_unchecked(bytes) })
}

/// A static text for C, NULL if there is none.
pub(crate) fn static_text(text: Option<&'static CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

/// Bytes that the library writes and the caller owns. It begins as zeros (`cpc_buffer b = {0};`) and is handed in
/// again and again: each call replaces what it holds and keeps its memory, so that after a while nothing is
/// allocated any more. Only the library changes its members. `cpc_buffer_free` ends it.
///
/// There is no NUL at the end.
#[repr(C)]
#[derive(Debug)]
pub struct cpc_buffer {
    /// The first byte; NULL as long as nothing was written.
    pub data: *mut c_char,
    /// How many bytes there are.
    pub length: usize,
    /// How many bytes there is room for.
    pub capacity: usize,
}

impl Default for cpc_buffer {
    fn default() -> cpc_buffer {
        cpc_buffer { data: ptr::null_mut(), length: 0, capacity: 0 }
    }
}

impl cpc_buffer {
    /// Takes the memory out, empty, and leaves zeros behind.
    ///
    /// # Safety
    /// The buffer is as zeros or the library left it.
    unsafe fn take(&mut self) -> Result<Vec<u8>, CallError> {
        let cpc_buffer { data, length, capacity } = core::mem::take(self);
        if data.is_null() {
            if length != 0 || capacity != 0 {
                *self = cpc_buffer { data, length, capacity };
                return Err(CallError::Misuse(cpc_result::CPC_ERR_NULL, "buffer"));
            }
            return Ok(Vec::new());
        }
        // SAFETY: not NULL, so the memory is that of a vector that `put` took apart.
        Ok(unsafe { Vec::from_raw_parts(data.cast(), 0, capacity) })
    }

    /// Puts a vector's bytes in.
    fn put(&mut self, bytes: Vec<u8>) {
        if bytes.capacity() == 0 {
            return;
        }
        let mut bytes = core::mem::ManuallyDrop::new(bytes);
        *self =
            cpc_buffer { data: bytes.as_mut_ptr().cast(), length: bytes.len(), capacity: bytes.capacity() };
    }

    /// Lets `write` fill the buffer, whose memory it gets empty.
    ///
    /// # Safety
    /// The buffer is as zeros or the library left it.
    pub(crate) unsafe fn fill<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R, CallError> {
        // SAFETY: the caller sees to it.
        let mut bytes = unsafe { self.take() }?;
        let result = write(&mut bytes);
        self.put(bytes);
        Ok(result)
    }
}

/// Gives a buffer's memory back and leaves zeros behind, so that freeing it again does nothing. NULL is allowed. No other
/// thread may use the buffer meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_buffer_free(buffer: *mut cpc_buffer) {
    if buffer.is_null() || !buffer.is_aligned() {
        return;
    }
    // SAFETY: not NULL, aligned, and the caller's alone.
    let buffer = unsafe { &mut *buffer };
    // SAFETY: the caller hands in zeros, or what the library wrote.
    drop(unsafe { buffer.take() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_result::*;

    fn result<T>(result: Result<T, CallError>) -> cpc_result {
        result.err().map_or(CPC_OK, CallError::result)
    }

    #[test]
    fn every_length_and_place_of_a_byte_is_seen() {
        for length in 0..40 {
            let text = "5".repeat(length);
            assert_eq!(unsafe { cpc_text::of(&text).read("x") }, Ok(text.as_str()));
            for place in 0..length {
                let mut bytes = text.clone().into_bytes();
                bytes[place] = 0xFF;
                assert_eq!(result(unsafe { of_bytes(&bytes).read("x") }), CPC_ERR_UTF8, "{length} {place}");
            }
        }
        assert_eq!(unsafe { cpc_text::of("Olá").read("x") }, Ok("Olá"));
    }

    #[test]
    fn a_template_is_as_blank_as_its_text_and_read_no_further_than_needed() {
        for text in
            ["", " ", "\n\t", "a", "Olá", " a", "Á", "\u{a0}", "\u{a0}b", "{{1}} olá", "Última", "🙏", "é"]
        {
            let read = unsafe { cpc_text::of(text).read_template("x") }.unwrap();
            assert_eq!((read.is_blank(), read.len()), (text.trim().is_empty(), text.len()), "{text:?}");
        }
        for bytes in [&b" \xFF"[..], b"\xFF", b"\xC3", b"\xF0\x9F"] {
            assert_eq!(result(unsafe { of_bytes(bytes).read_template("x") }), CPC_ERR_UTF8);
        }
        for bytes in [&b"a\xFF"[..], b"\xC3\xA9\xFF", b"\xF0\x9F\x99\x8F\xFF"] {
            assert_eq!(result(unsafe { of_bytes(bytes).read_template("x") }), CPC_OK);
        }
    }

    fn of_bytes(bytes: &[u8]) -> cpc_text {
        cpc_text { data: bytes.as_ptr().cast(), length: bytes.len() }
    }

    #[test]
    fn null_is_the_empty_text_and_no_other() {
        let null = |length| cpc_text { data: ptr::null(), length };
        assert_eq!(unsafe { null(0).read("x") }, Ok(""));
        assert_eq!(result(unsafe { null(1).read("x") }), CPC_ERR_NULL);
        let endless = cpc_text { length: usize::MAX, ..cpc_text::of("a") };
        assert_eq!(result(unsafe { endless.read("x") }), CPC_ERR_TOO_LARGE);
    }

    #[test]
    fn a_buffer_keeps_its_memory_and_can_be_freed_twice() {
        let mut buffer = cpc_buffer::default();
        unsafe { buffer.fill(|out| out.extend_from_slice(b"a long text")) }.unwrap();
        let before = (buffer.data, buffer.capacity);
        unsafe { buffer.fill(|out| out.extend_from_slice(b"short")) }.unwrap();
        assert_eq!((buffer.data, buffer.capacity, buffer.length), (before.0, before.1, 5));
        for _ in 0..2 {
            unsafe { cpc_buffer_free(&raw mut buffer) };
            assert!(buffer.data.is_null() && buffer.length == 0 && buffer.capacity == 0);
        }
        unsafe { cpc_buffer_free(ptr::null_mut()) };
    }

    #[test]
    fn a_buffer_that_was_never_made_is_refused() {
        let mut buffer = cpc_buffer { length: 3, ..cpc_buffer::default() };
        assert_eq!(result(unsafe { buffer.fill(|_| ()) }), CPC_ERR_NULL);
    }
}
