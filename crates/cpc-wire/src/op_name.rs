//! Finds the name of a line's operation before anything else of the line is looked at.

use crate::line_error::{Expected, LineError};
use crate::read::{Notes, Read, Seed, refuse_scalars};
use core::fmt;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;

/// The text of the member `op` of an object; `None` when it has none. Reading stops at it, so that a line that
/// begins with its operation, as they usually do, is not read twice.
pub(crate) fn find_op(text: &str) -> Result<Option<Cow<'_, str>>, LineError> {
    let notes = Notes::default();
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(OpVisitor { notes: &notes, found: &mut found });
    match read.and_then(|()| deserializer.end()) {
        _ if found.is_some() => Ok(found.filter(|op| !op.is_empty())),
        Ok(()) => Ok(None),
        Err(error) => Err(notes.explain(&error)),
    }
}

struct OpVisitor<'n, 'f, 'de> {
    notes: &'n Notes,
    found: &'f mut Option<Cow<'de, str>>,
}

impl<'de> Visitor<'de> for OpVisitor<'_, '_, 'de> {
    type Value = ();

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Err(self.notes.refuse(Expected::Object))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(self.notes.refuse(Expected::Object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.notes.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Seed::<Name>::new(self.notes))? {
            if name == Name::Op {
                let op = map.next_value_seed(Seed::new(self.notes));
                *self.found = Some(self.notes.within_member("op", op)?);
                return Err(A::Error::custom(""));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Whether a member is the one that is looked for.
#[derive(PartialEq, Eq)]
enum Name {
    Op,
    Other,
}

impl<'de> Read<'de> for Name {
    fn read<D: Deserializer<'de>>(deserializer: D, _: &Notes) -> Result<Name, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(if name == "op" { Name::Op } else { Name::Other })
    }
}
