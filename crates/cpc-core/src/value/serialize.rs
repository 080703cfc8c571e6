//! The feature `serde`: outcomes, views, policies and commands as any format that serde writes, made of the same rows as
//! their JSON. They are read by `cpc-wire`, whose errors name the field and repeat no value.

use crate::value::{Described, FieldKey, FieldValue, Fields, Items};
use alloc::format;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// Where the ids of senders are looked up, by the numbers that outcomes and views have.
pub(crate) trait SenderIds {
    fn sender_id(&self, number: u32) -> &str;
}

/// `None` where senders stay numbers.
pub(crate) type Senders<'a> = Option<&'a dyn SenderIds>;

/// What a field holds, to be serialized.
struct Held<'a> {
    value: FieldValue<'a>,
    senders: Senders<'a>,
}

impl Serialize for Held<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            FieldValue::Absent | FieldValue::Null(_) => serializer.serialize_none(),
            FieldValue::Boolean(value) => serializer.serialize_bool(value),
            FieldValue::Number(value) => serializer.serialize_u64(value),
            FieldValue::Signed(value) => serializer.serialize_i64(value),
            FieldValue::Numeral(text) | FieldValue::Text(text) => serializer.serialize_str(text),
            FieldValue::Digits(digits) => serializer.collect_str(&digits),
            FieldValue::Secret(key) => serializer.collect_str(&format_args!("{key:032x}")),
            FieldValue::Offsets(offsets) => serializer.collect_map(offsets.iter().map(named)),
            FieldValue::Sender(number) => match self.senders {
                Some(senders) => serializer.serialize_str(senders.sender_id(number)),
                None => serializer.serialize_u32(number),
            },
            FieldValue::Object(fields) => serialize_fields(fields, self.senders, serializer),
            FieldValue::List(items) => serialize_items(items, self.senders, serializer),
        }
    }
}

/// An area code is a name, and those are texts.
fn named((ddd, minutes): (&u8, &i16)) -> (alloc::string::String, i16) {
    (format!("{ddd}"), *minutes)
}

pub(crate) fn serialize_fields<S: Serializer>(
    fields: &dyn Fields,
    senders: Senders<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let mut result = Ok(());
    add_fields(fields, senders, &mut map, &mut result);
    result?;
    map.end()
}

/// Adds what is there, as JSON has it, until one field fails.
fn add_fields<M: SerializeMap>(
    fields: &dyn Fields,
    senders: Senders<'_>,
    map: &mut M,
    result: &mut Result<(), M::Error>,
) {
    fields.each_field(&mut |FieldKey { name, required, .. }, value| {
        if result.is_err() {
            return;
        }
        *result = match value {
            FieldValue::Absent => return,
            FieldValue::Boolean(false) if !required => return,
            // What has no name stands in the object itself.
            FieldValue::Object(inner) if name.is_empty() => return add_fields(inner, senders, map, result),
            FieldValue::Null(first) if name.is_empty() => map.serialize_entry(first, &None::<()>),
            value => map.serialize_entry(name, &Held { value, senders }),
        };
    });
}

fn serialize_items<S: Serializer>(
    items: &dyn Items,
    senders: Senders<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(None)?;
    let mut result = Ok(());
    items.each_item(&mut |value| {
        if result.is_ok() {
            result = sequence.serialize_element(&Held { value, senders });
        }
    });
    result?;
    sequence.end()
}

/// A value as its row describes it.
pub(crate) fn serialize<S: Serializer>(value: &impl Described, serializer: S) -> Result<S::Ok, S::Error> {
    Held { value: value.value(), senders: None }.serialize(serializer)
}
