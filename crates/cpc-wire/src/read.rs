//! Reading JSON with exact places: what a value must be is said by its type, and the first value that does not
//! fit is noted with its path.
//!
//! serde_json does the parsing. Its own error texts about values would repeat the values, and values are
//! personal data; so nothing here lets serde report one. A reader that finds something else than it expected
//! leaves a note ([`Notes`]) and stops; on the way out every enclosing object and array adds its own segment to
//! the path. Nothing is spent on paths while all goes well.
//!
//! A text is read at most once from front to back, ignored members are skipped without recursion, and members
//! that are read nest no deeper than the shapes do, so no depth of nesting can exhaust the stack.

use crate::line_error::{Expected, LineError};
use core::cell::RefCell;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;

/// A type that says itself what JSON it is read from.
pub(crate) trait Read<'de>: Sized {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error>;
}

/// An object with a fixed set of members. [`shape!`](crate::shape::shape) writes these.
pub(crate) trait Object<'de>: Default {
    /// A member, by its place in the declaration.
    type Member: Copy;
    /// Whether members that are not declared are refused rather than ignored.
    const STRICT: bool;

    fn find(name: &str) -> Option<Self::Member>;
    fn name(member: Self::Member) -> &'static str;
    /// One bit for each member, to see which have been there.
    fn bit(member: Self::Member) -> u64;
    fn read_member<A: MapAccess<'de>>(
        &mut self,
        member: Self::Member,
        map: &mut A,
        notes: &Notes,
    ) -> Result<(), A::Error>;
}

/// Reads a whole text: one value and nothing after it.
pub(crate) fn read_text<'de, T: Read<'de>>(text: &'de str) -> Result<T, LineError> {
    let notes = Notes::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    T::read(&mut deserializer, &notes)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| notes.explain(&error))
}

/// The text that bytes hold: UTF-8, without a byte order mark.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, LineError> {
    let refuse = |message: &str, before: &[u8]| {
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        LineError::InvalidJson { message: String::from(message), line, column }
    };
    let text = core::str::from_utf8(bytes)
        .map_err(|error| refuse("not UTF-8", bytes.get(..error.valid_up_to()).unwrap_or_default()))?;
    match text.starts_with('\u{feff}') {
        true => Err(refuse("a byte order mark", &[])),
        false => Ok(text),
    }
}

/// What was found not to fit.
#[derive(Default)]
pub(crate) struct Notes(RefCell<Option<Misfit>>);

struct Misfit {
    expected: Expected,
    /// From the inside out.
    path: Vec<Segment>,
}

enum Segment {
    Member(Cow<'static, str>),
    Index(usize),
}

impl Notes {
    /// Notes that something else was expected here, and stops the reading.
    pub(crate) fn refuse<E: Error>(&self, expected: Expected) -> E {
        *self.0.borrow_mut() = Some(Misfit { expected, path: Vec::new() });
        E::custom("")
    }

    /// Says what a result belongs to, should it be a refusal.
    fn within<T, E>(&self, result: Result<T, E>, segment: impl FnOnce() -> Segment) -> Result<T, E> {
        if result.is_err()
            && let Some(misfit) = self.0.borrow_mut().as_mut()
        {
            misfit.path.push(segment());
        }
        result
    }

    pub(crate) fn within_member<T, E>(
        &self,
        name: impl Into<Cow<'static, str>>,
        result: Result<T, E>,
    ) -> Result<T, E> {
        self.within(result, || Segment::Member(name.into()))
    }

    pub(crate) fn explain(&self, error: &serde_json::Error) -> LineError {
        match self.0.take() {
            Some(misfit) => misfit.into(),
            // Only errors of syntax come here; serde_json words them without repeating the text.
            None => {
                let message = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                let message = String::from(message.strip_suffix(&place).unwrap_or(&message));
                LineError::InvalidJson { message, line: error.line(), column: error.column().max(1) }
            }
        }
    }
}

impl From<Misfit> for LineError {
    fn from(misfit: Misfit) -> LineError {
        let mut path = String::new();
        for segment in misfit.path.iter().rev() {
            match segment {
                Segment::Member(name) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    path.extend([dot, name]);
                }
                Segment::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        let expected = misfit.expected;
        match path.strip_prefix("policy.") {
            Some(path) if expected.is_about_the_value() => {
                LineError::InvalidPolicy { path: String::from(path), expected }
            }
            _ => LineError::InvalidField { path, expected },
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
    Text(Cow<'a, str>),
}

/// Reads a scalar that `fit` accepts.
pub(crate) fn scalar<'de, D, T, F>(
    deserializer: D,
    notes: &Notes,
    expected: Expected,
    fit: F,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(Scalar<'de>) -> Option<T>,
{
    deserializer.deserialize_any(ScalarVisitor { notes, expected, fit, made: PhantomData })
}

struct ScalarVisitor<'n, T, F> {
    notes: &'n Notes,
    expected: Expected,
    fit: F,
    made: PhantomData<T>,
}

impl<'de, T, F: FnOnce(Scalar<'de>) -> Option<T>> ScalarVisitor<'_, T, F> {
    fn take<E: Error>(self, value: Scalar<'de>) -> Result<T, E> {
        (self.fit)(value).ok_or_else(|| self.notes.refuse(self.expected))
    }
}

impl<'de, T, F: FnOnce(Scalar<'de>) -> Option<T>> Visitor<'de> for ScalarVisitor<'_, T, F> {
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
        self.take(Scalar::Text(Cow::Owned(String::from(value))))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<T, E> {
        self.take(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(self.notes.refuse(self.expected))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(self.notes.refuse(self.expected))
    }
}

/// Hands a [`Read`] type to serde.
pub(crate) struct Seed<'n, T> {
    notes: &'n Notes,
    made: PhantomData<T>,
}

impl<'n, T> Seed<'n, T> {
    pub(crate) const fn new(notes: &'n Notes) -> Seed<'n, T> {
        Seed { notes, made: PhantomData }
    }
}

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.notes)
    }
}

impl<'de, O: Object<'de>> Read<'de> for O {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<O, D::Error> {
        let object: Option<O> = Read::read(deserializer, notes)?;
        object.ok_or_else(|| notes.refuse(Expected::Object))
    }
}

/// An object; `null` and `""` are the same as its absence.
impl<'de, O: Object<'de>> Read<'de> for Option<O> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Option<O>, D::Error> {
        deserializer.deserialize_any(ObjectVisitor { notes, made: PhantomData })
    }
}

struct ObjectVisitor<'n, O> {
    notes: &'n Notes,
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
            Err(self.notes.refuse($expected))
        })*
    };
}

pub(crate) use refuse_scalars;

impl<'de, O: Object<'de>> Visitor<'de> for ObjectVisitor<'_, O> {
    type Value = Option<O>;

    refuse_scalars!(Expected::Object);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.notes.refuse(Expected::Object)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.notes.refuse(Expected::Object))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let notes = self.notes;
        let mut object = O::default();
        let mut seen = 0_u64;
        while let Some(member) = map.next_key_seed(KeySeed::<O> { notes, made: PhantomData })? {
            let Some(member) = member else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = O::name(member);
            if seen & O::bit(member) != 0 {
                return notes.within_member(name, Err(notes.refuse(Expected::Once)));
            }
            seen |= O::bit(member);
            notes.within_member(name, object.read_member(member, &mut map, notes))?;
        }
        Ok(Some(object))
    }
}

struct KeySeed<'n, O> {
    notes: &'n Notes,
    made: PhantomData<O>,
}

/// The longest name of an unknown member that an error repeats.
const LONGEST_NAME: usize = 64;

fn shortened(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

impl<'de, O: Object<'de>> DeserializeSeed<'de> for KeySeed<'_, O> {
    type Value = Option<O::Member>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, O: Object<'de>> Visitor<'de> for KeySeed<'_, O> {
    type Value = Option<O::Member>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        match O::find(name) {
            None if O::STRICT => {
                self.notes.within_member(shortened(name), Err(self.notes.refuse(Expected::Known)))
            }
            member => Ok(member),
        }
    }
}

/// The names of those members of an object that a shape does not have, in their order; of anything else, an error.
pub(crate) struct Undeclared<O> {
    pub(crate) names: Vec<String>,
    of: PhantomData<O>,
}

impl<'de, O: Object<'de>> Read<'de> for Undeclared<O> {
    fn read<D: Deserializer<'de>>(deserializer: D, _: &Notes) -> Result<Self, D::Error> {
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
            if O::find(&name).is_none() {
                names.push(shortened(&name));
            }
        }
        Ok(Undeclared { names, of: PhantomData })
    }
}

/// A list; `null` and `""` are the same as its absence.
impl<'de, T: Read<'de>> Read<'de> for Option<Vec<T>> {
    fn read<D: Deserializer<'de>>(deserializer: D, notes: &Notes) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor { notes, made: PhantomData })
    }
}

struct ListVisitor<'n, T> {
    notes: &'n Notes,
    made: PhantomData<T>,
}

impl<'de, T: Read<'de>> Visitor<'de> for ListVisitor<'_, T> {
    type Value = Option<Vec<T>>;

    refuse_scalars!(Expected::Array);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { Err(self.notes.refuse(Expected::Array)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.notes.refuse(Expected::Array))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let notes = self.notes;
        let mut list = Vec::new();
        loop {
            let item = items.next_element_seed(Seed::<T>::new(notes));
            match notes.within(item, || Segment::Index(list.len()))? {
                Some(item) => list.push(item),
                None => return Ok(Some(list)),
            }
        }
    }
}
