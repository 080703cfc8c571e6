//! Integers and texts as bytes.

use alloc::vec::Vec;
use xxhash_rust::xxh3::Xxh3;

/// Where bytes go: a snapshot, or the hash of one. Not generic over which: the writers of sections would be
/// compiled twice, and a comparison a field costs nothing beside them.
pub(super) struct Sink {
    buffer: Vec<u8>,
    /// What is hashed, when the buffer is long enough, and not kept.
    hash: Option<Xxh3>,
    longest: usize,
}

/// How much is hashed at once; hashing a few bytes takes as long as hashing a hundred.
const HASHED_AT_ONCE: usize = 4096;

impl Sink {
    /// Appends to bytes, and keeps them.
    pub(super) const fn keeping(buffer: Vec<u8>) -> Sink {
        Sink { buffer, hash: None, longest: usize::MAX }
    }

    /// Hashes the bytes.
    pub(super) fn hashing() -> Sink {
        Sink {
            buffer: Vec::with_capacity(2 * HASHED_AT_ONCE),
            hash: Some(Xxh3::new()),
            longest: HASHED_AT_ONCE,
        }
    }

    pub(super) const fn kept(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// The bytes that are kept.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// The hash of all bytes, 0 if they are kept.
    pub(super) fn into_digest(mut self) -> u128 {
        self.hash_buffer();
        self.hash.map_or(0, |hash| hash.digest128())
    }

    #[cold]
    #[inline(never)]
    fn hash_buffer(&mut self) {
        if let Some(hash) = &mut self.hash {
            hash.update(&self.buffer);
            self.buffer.clear();
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= self.longest {
            self.hash_buffer();
        }
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn u128(&mut self, value: u128) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_le_bytes());
    }

    /// A value that may be missing: 0, or 1 and the value.
    pub(super) fn option(&mut self, value: Option<u64>) {
        self.bool(value.is_some());
        if let Some(value) = value {
            self.u64(value);
        }
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.u32(text.len() as u32);
        self.bytes(text);
    }

    /// How many items follow.
    pub(super) fn count(&mut self, count: usize) {
        self.u64(count as u64);
    }
}

/// Something in the bytes cannot be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invalid;

/// Bytes that are read from front to back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a>(pub(super) &'a [u8]);

impl<'a> Source<'a> {
    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Invalid> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Invalid)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Invalid)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Invalid> {
        let [value] = self.array()?;
        Ok(value)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Invalid> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Invalid),
        }
    }

    pub(super) fn u32(&mut self) -> Result<u32, Invalid> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Invalid> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn u128(&mut self) -> Result<u128, Invalid> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    pub(super) fn i32(&mut self) -> Result<i32, Invalid> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(super) fn option(&mut self) -> Result<Option<u64>, Invalid> {
        if self.bool()? { self.u64().map(Some) } else { Ok(None) }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Invalid> {
        let length = self.u32()? as usize;
        core::str::from_utf8(self.bytes(length)?).map_err(|_| Invalid)
    }

    /// How many items of at least `size` bytes follow: never more than there are bytes for.
    pub(super) fn count(&mut self, size: usize) -> Result<usize, Invalid> {
        let count = usize::try_from(self.u64()?).map_err(|_| Invalid)?;
        if count > self.0.len() / size { Err(Invalid) } else { Ok(count) }
    }

    pub(super) fn end(&self) -> Result<(), Invalid> {
        if self.0.is_empty() { Ok(()) } else { Err(Invalid) }
    }
}

pub(super) fn ensure(holds: bool) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid) }
}
