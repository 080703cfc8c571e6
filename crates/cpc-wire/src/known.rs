//! What is known of an object before it is read.

use crate::fields::{Field, place_of};
use crate::parse_error::{Expected, ParseError};
use core::fmt;

/// What a host knows of a command before it reads what was posted: its path says which command it is, and some of its
/// fields.
#[derive(Clone, Copy, Default)]
pub struct Known<'k> {
    /// The operation; `None` if the object itself says it.
    pub op: Option<&'k str>,
    /// Fields, by their names, that are in a path: the `tag` of a wallet, the `tag` and `id` of a sender, the `name` of a
    /// group. The object may not have them again.
    pub fields: &'k [(&'k str, &'k str)],
    /// The `hashKey` of policies, 32 hexadecimal digits, where the host has its own. A policy may have no other.
    pub hash_key: Option<&'k str>,
}

impl fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("op", &self.op).finish_non_exhaustive()
    }
}

impl<'k> Known<'k> {
    pub(crate) const NOTHING: Known<'static> = Known { op: None, fields: &[], hash_key: None };

    /// The operation, and nothing else.
    #[must_use]
    pub const fn op(op: &'k str) -> Known<'k> {
        Known { op: Some(op), ..Known::NOTHING }
    }

    /// The places of what is known among an object's fields, as bits; `allowed` are the names of those that may be known.
    pub(crate) fn places(&self, fields: &[Field], allowed: &[&str]) -> Result<u64, ParseError> {
        if let Some((name, _)) = self.fields.iter().find(|(name, _)| !allowed.contains(name)) {
            return Err(ParseError::field(*name, Expected::Known));
        }
        let names = self.op.map(|_| "op").into_iter().chain(self.fields.iter().map(|(name, _)| *name));
        Ok(names.filter_map(|name| place_of(fields, name)).fold(0, |places, place| places | 1 << place))
    }
}
