//! Reading JSON with exact places: what a value must be is said by its type, and the first value that does not
//! fit is noted with its path.
//!
//! serde_json does the parsing, and nothing is derived, for two reasons. An error must never repeat a value, because
//! values are personal data, and serde's own errors do; so a reader that finds something else than it expected notes
//! that in the [`ErrorSlot`] and stops, every enclosing object and array adds its segment to the path on the way out,
//! and serde never words an error about a value. And absent, `null` and `""` are the same thing here, which derived
//! readers could only be made to say field by field. While all goes well, nothing is spent on paths.
//!
//! A text is read at most once from front to back, ignored fields are skipped without recursion, and fields that are
//! read nest no deeper than the shapes do, so no depth of nesting can exhaust the stack. Texts are borrowed from the
//! JSON where they have no escapes; those that have, and lists, go to the [`Arena`].

use crate::arena::{Arena, List};
use crate::fields::{Field, Kind, place_of};
use crate::known::Known;
use crate::parse_error::{Expected, ParseError};
use core::cell::{Cell, RefCell};
use core::fmt;
use core::marker::PhantomData;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A type that says itself what JSON it is read from.
pub(crate) trait FromJson<'de>: Sized {
    /// What kind of JSON that is.
    const KIND: Kind;

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error>;
}

/// An object with a fixed set of fields. [`shape!`](crate::shape::shape) writes these.
pub(crate) trait Object<'de>: Default {
    /// Whether fields that are not declared are refused rather than ignored.
    const STRICT: bool;
    /// The fields, in the order of the declaration; at most 64.
    const FIELDS: &'static [Field];
    /// The names of those texts that may be known before the object is read.
    const KNOWN: &'static [&'static str];

    /// Reads the value of the field at that place.
    fn read_field<A: MapAccess<'de>>(
        &mut self,
        place: usize,
        map: &mut A,
        context: &Context<'de>,
    ) -> Result<(), A::Error>;

    /// Sets one of the fields that may be known already.
    fn set_known(&mut self, name: &str, text: &'de str);
}

/// What every reader is handed: where its texts and lists go, and where the first error goes.
pub(crate) struct Context<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) errors: ErrorSlot,
    /// Whether policies have the host's `hashKey`, and may have no other.
    pub(crate) has_own_hash_key: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn new(arena: &'a Arena) -> Context<'a> {
        Context { arena, errors: ErrorSlot::default(), has_own_hash_key: false }
    }

    /// The value of the field that `map` is at.
    pub(crate) fn value<T: FromJson<'a>, A: MapAccess<'a>>(&self, map: &mut A) -> Result<T, A::Error> {
        map.next_value_seed(Seed::new(self))
    }
}

/// A field that is left to the caller: its name and, when it has been there, its JSON.
pub(crate) type Left<'a> = Cell<(&'static str, Option<&'a str>)>;

/// Reads a whole text: one value and nothing after it.
pub(crate) fn read_text<'de, T: FromJson<'de>>(text: &'de str, arena: &'de Arena) -> Result<T, ParseError> {
    let context = Context::new(arena);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    T::from_json(&mut deserializer, &context)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| context.errors.explain(&error))
}

/// Reads a whole text that is an object. The same as [`read_text`] in half the code: what else a JSON value can be needs no
/// visits here. Fields that are known already count as if they had been there; those that are left to the caller are
/// handed to it.
pub(crate) fn read_object<'de, O: Object<'de>>(
    text: &'de str,
    known: &Known<'_>,
    left: &[Left<'de>],
    arena: &'de Arena,
) -> Result<O, ParseError> {
    let context = Context { has_own_hash_key: known.hash_key.is_some(), ..Context::new(arena) };
    let seen = known.places(O::FIELDS, O::KNOWN)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let visitor = ObjectVisitor { context: &context, seen, left, made: PhantomData };
    let read: Result<Option<O>, _> = (&mut deserializer).deserialize_map(visitor);
    let ended = read.and_then(|object| deserializer.end().map(|()| object));
    let mut object = match ended {
        Ok(Some(object)) => object,
        Ok(None) => return Err(ParseError::field("", Expected::Object)),
        Err(error) => return Err(context.errors.explain(&error)),
    };
    if !O::KNOWN.is_empty() {
        known.fields.iter().for_each(|(name, text)| object.set_known(name, arena.text(text)));
    }
    Ok(object)
}

/// The text that bytes hold: UTF-8, without a byte order mark.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, ParseError> {
    let refuse = |message: &str, before: &[u8]| {
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        ParseError::InvalidJson { message: String::from(message), line, column }
    };
    let text = match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text,
        // The standard library says where.
        Err(_) => core::str::from_utf8(bytes)
            .map_err(|error| refuse("not UTF-8", bytes.get(..error.valid_up_to()).unwrap_or_default()))?,
    };
    match text.starts_with('\u{feff}') {
        true => Err(refuse("a byte order mark", &[])),
        false => Ok(text),
    }
}

/// The first value that did not fit, if one did not.
#[derive(Default)]
pub(crate) struct ErrorSlot(RefCell<Option<FieldError>>);

struct FieldError {
    expected: Expected,
    /// From the inside out.
    path: Vec<Segment>,
}

enum Segment {
    Field(Cow<'static, str>),
    Index(usize),
}

impl ErrorSlot {
    /// Notes that something else was expected here, and stops the reading.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse<E: Error>(&self, expected: Expected) -> E {
        *self.0.borrow_mut() = Some(FieldError { expected, path: Vec::new() });
        E::custom("")
    }

    /// Says what a result belongs to, should it be an error.
    fn within<T, E>(&self, result: Result<T, E>, segment: impl FnOnce() -> Segment) -> Result<T, E> {
        if result.is_err() {
            self.add(segment());
        }
        result
    }

    #[cold]
    #[inline(never)]
    fn add(&self, segment: Segment) {
        if let Some(error) = self.0.borrow_mut().as_mut() {
            error.path.push(segment);
        }
    }

    pub(crate) fn within_field<T, E>(
        &self,
        name: impl Into<Cow<'static, str>>,
        result: Result<T, E>,
    ) -> Result<T, E> {
        self.within(result, || Segment::Field(name.into()))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn explain(&self, error: &serde_json::Error) -> ParseError {
        match self.0.take() {
            Some(error) => error.into(),
            // Of a text that is no object: all other readers note what they expected.
            None if error.is_data() => ParseError::field("", Expected::Object),
            // Only errors of syntax come here; serde_json words them without repeating the text.
            None => {
                let message = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                let message = String::from(message.strip_suffix(&place).unwrap_or(&message));
                ParseError::InvalidJson { message, line: error.line(), column: error.column().max(1) }
            }
        }
    }
}

impl From<FieldError> for ParseError {
    fn from(error: FieldError) -> ParseError {
        let mut path = String::new();
        for segment in error.path.iter().rev() {
            match segment {
                Segment::Field(name) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    path.extend([dot, name]);
                }
                Segment::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        let expected = error.expected;
        match path.strip_prefix("policy.") {
            Some(path) if expected.is_about_the_value() => {
                ParseError::InvalidPolicy { path: String::from(path), expected }
            }
            _ => ParseError::InvalidField { path, expected },
        }
    }
}

/// A value that is neither array nor object.
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(&'a str),
}

/// Reads a scalar that `fit` accepts.
pub(crate) fn scalar<'de, D, T, F>(
    deserializer: D,
    context: &Context<'de>,
    expected: Expected,
    fit: F,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(Scalar<'de>) -> Option<T>,
{
    deserializer.deserialize_any(ScalarVisitor { context, expected, fit, made: PhantomData })
}

struct ScalarVisitor<'c, 'de, T, F> {
    context: &'c Context<'de>,
    expected: Expected,
    fit: F,
    made: PhantomData<T>,
}

impl<'de, T, F: FnOnce(Scalar<'de>) -> Option<T>> ScalarVisitor<'_, 'de, T, F> {
    fn take<E: Error>(self, value: Scalar<'de>) -> Result<T, E> {
        (self.fit)(value).ok_or_else(|| self.context.errors.refuse(self.expected))
    }
}

impl<'de, T, F: FnOnce(Scalar<'de>) -> Option<T>> Visitor<'de> for ScalarVisitor<'_, 'de, T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        self.take(Scalar::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.take(Scalar::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.take(Scalar::Unsigned(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.take(Scalar::Negative(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.take(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        let text = self.context.arena.text(value);
        self.take(Scalar::Text(text))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<T, E> {
        self.take(Scalar::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(self.context.errors.refuse(self.expected))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(self.context.errors.refuse(self.expected))
    }
}

/// Hands a [`FromJson`] type to serde.
pub(crate) struct Seed<'c, 'de, T> {
    context: &'c Context<'de>,
    made: PhantomData<T>,
}

impl<'c, 'de, T> Seed<'c, 'de, T> {
    pub(crate) const fn new(context: &'c Context<'de>) -> Seed<'c, 'de, T> {
        Seed { context, made: PhantomData }
    }
}

impl<'de, T: FromJson<'de>> DeserializeSeed<'de> for Seed<'_, 'de, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::from_json(deserializer, self.context)
    }
}

impl<'de, O: Object<'de>> FromJson<'de> for O {
    const KIND: Kind = Kind::Object(O::FIELDS);

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<O, D::Error> {
        let object: Option<O> = FromJson::from_json(deserializer, context)?;
        object.ok_or_else(|| context.errors.refuse(Expected::Object))
    }
}

/// An object; `null` and `""` are the same as its absence.
impl<'de, O: Object<'de>> FromJson<'de> for Option<O> {
    const KIND: Kind = Kind::Object(O::FIELDS);

    fn from_json<D: Deserializer<'de>>(
        deserializer: D,
        context: &Context<'de>,
    ) -> Result<Option<O>, D::Error> {
        deserializer.deserialize_any(ObjectVisitor { context, seen: 0, left: &[], made: PhantomData })
    }
}

struct ObjectVisitor<'c, 'de, O> {
    context: &'c Context<'de>,
    /// The places of the fields that are known already, as bits.
    seen: u64,
    left: &'c [Left<'de>],
    made: PhantomData<O>,
}

/// The visits of values that a container's reader does not expect.
macro_rules! refuse_scalars {
    ($expected:expr) => {
        $crate::read::refuse_scalars!($expected; visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64);
    };
    ($expected:expr; $($visit:ident: $kind:ty),*) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a container")
        }

        $(fn $visit<E: Error>(self, _: $kind) -> Result<Self::Value, E> {
            Err(self.context.errors.refuse($expected))
        })*
    };
}

pub(crate) use refuse_scalars;

impl<'de, O: Object<'de>> Visitor<'de> for ObjectVisitor<'_, 'de, O> {
    type Value = Option<O>;

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.context.errors.refuse(Expected::Object)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.context.errors.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let ObjectVisitor { context, mut seen, left, .. } = self;
        let keys = FieldSeed { fields: O::FIELDS, is_strict: O::STRICT, left, errors: &context.errors };
        let mut object = O::default();
        while let Some((place, field)) = next_field(keys, &mut seen, &mut map)? {
            context.errors.within_field(field.name, object.read_field(place, &mut map, context))?;
        }
        Ok(Some(object))
    }
}

/// The next field that is read; others are passed over, or left to the caller. Not generic over the object, like the
/// reader of names.
#[inline(never)]
fn next_field<'de, A: MapAccess<'de>>(
    keys: FieldSeed<'_, 'de>,
    seen: &mut u64,
    map: &mut A,
) -> Result<Option<(usize, &'static Field)>, A::Error> {
    while let Some(place) = map.next_key_seed(keys)? {
        let Some(field) = keys.fields.get(place) else {
            leave(keys.left.get(place - keys.fields.len()), map)?;
            continue;
        };
        if *seen & 1 << place != 0 {
            return keys.errors.within_field(field.name, Err(keys.errors.refuse(Expected::Once)));
        }
        *seen |= 1 << place;
        return Ok(Some((place, field)));
    }
    Ok(None)
}

/// Passes over a value, or leaves it to the caller.
fn leave<'de, A: MapAccess<'de>>(field: Option<&Left<'de>>, map: &mut A) -> Result<(), A::Error> {
    match field {
        Some(field) => {
            let json: &'de RawValue = map.next_value()?;
            field.set((field.get().0, Some(json.get())));
        }
        None => drop(map.next_value::<IgnoredAny>()?),
    }
    Ok(())
}

/// The name of a field, as its place among those of an object, and after them among those that are left to the caller; of
/// one that is ignored, the place after all. Not generic over the object: one reader of names for all of them is a tenth
/// of the code.
#[derive(Clone, Copy)]
struct FieldSeed<'c, 'de> {
    fields: &'static [Field],
    is_strict: bool,
    left: &'c [Left<'de>],
    errors: &'c ErrorSlot,
}

/// The longest name of an unknown field that an error repeats.
const LONGEST_NAME: usize = 64;

fn shortened(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_, 'de> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_, 'de> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        if let Some(place) = place_of(self.fields, name) {
            return Ok(place);
        }
        // A field is left to the caller once.
        match self.left.iter().position(|field| field.get() == (name, None)) {
            None if self.is_strict => {
                self.errors.within_field(shortened(name), Err(self.errors.refuse(Expected::Known)))
            }
            place => Ok(self.fields.len() + place.unwrap_or(self.left.len())),
        }
    }
}

/// The names of those fields of an object that a shape does not have, in their order; of anything else, an error.
pub(crate) struct Undeclared<O> {
    pub(crate) names: Vec<String>,
    of: PhantomData<O>,
}

impl<'de, O: Object<'de>> FromJson<'de> for Undeclared<O> {
    const KIND: Kind = Kind::Object(O::FIELDS);

    fn from_json<D: Deserializer<'de>>(deserializer: D, _: &Context<'de>) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UndeclaredVisitor(PhantomData))
    }
}

struct UndeclaredVisitor<O>(PhantomData<O>);

impl<'de, O: Object<'de>> Visitor<'de> for UndeclaredVisitor<O> {
    type Value = Undeclared<O>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            map.next_value::<IgnoredAny>()?;
            if place_of(O::FIELDS, &name).is_none() {
                names.push(shortened(&name));
            }
        }
        Ok(Undeclared { names, of: PhantomData })
    }
}

/// A list; `null` and `""` are the same as its absence.
impl<'de, T: FromJson<'de> + Copy + 'de> FromJson<'de> for Option<&'de [T]> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn from_json<D: Deserializer<'de>>(deserializer: D, context: &Context<'de>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor { context, made: PhantomData })
    }
}

struct ListVisitor<'c, 'de, T> {
    context: &'c Context<'de>,
    made: PhantomData<T>,
}

impl<'de, T: FromJson<'de> + Copy + 'de> Visitor<'de> for ListVisitor<'_, 'de, T> {
    type Value = Option<&'de [T]>;

    refuse_scalars!(Expected::Array);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.context.errors.refuse(Expected::Array)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.context.errors.refuse(Expected::Array))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let context = self.context;
        let mut list: List<'de, T> = context.arena.list(0);
        loop {
            let item = items.next_element_seed(Seed::<T>::new(context));
            match context.errors.within(item, || Segment::Index(list.len()))? {
                Some(item) => list.push(item),
                None => return Ok(Some(list.finish())),
            }
        }
    }
}
