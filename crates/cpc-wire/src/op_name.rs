//! Finds the name of a line's operation before anything else of the line is looked at.

use crate::arena::Arena;
use crate::fields::Kind;
use crate::parse_error::{Expected, ParseError};
use crate::read::{Context, FromJson, Seed, refuse_scalars};
use core::fmt;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The text of the field `op` of an object; `None` when it has none. Reading stops at it, so that a line that
/// begins with its operation, as they usually do, is not read twice.
pub(crate) fn find_op<'a>(text: &'a str, arena: &'a Arena) -> Result<Option<&'a str>, ParseError> {
    let context = Context::new(arena);
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_any(OpVisitor { context: &context, found: &mut found });
    match read.and_then(|()| deserializer.end()) {
        _ if found.is_some() => Ok(found.filter(|op| !op.is_empty())),
        Ok(()) => Ok(None),
        Err(error) => Err(context.errors.explain(&error)),
    }
}

struct OpVisitor<'c, 'f, 'de> {
    context: &'c Context<'de>,
    found: &'f mut Option<&'de str>,
}

impl<'de> Visitor<'de> for OpVisitor<'_, '_, 'de> {
    type Value = ();

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Err(self.context.errors.refuse(Expected::Object))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(self.context.errors.refuse(Expected::Object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.context.errors.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Seed::<Name>::new(self.context))? {
            if name == Name::Op {
                let op = self.context.value(&mut map);
                *self.found = Some(self.context.errors.within_field("op", op)?);
                return Err(A::Error::custom(""));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Whether a field is the one that is looked for.
#[derive(PartialEq, Eq)]
enum Name {
    Op,
    Other,
}

impl<'de> FromJson<'de> for Name {
    const KIND: Kind = Kind::Text;

    fn from_json<D: Deserializer<'de>>(deserializer: D, _: &Context<'de>) -> Result<Name, D::Error> {
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
