//! The fields of commands and answers as JSON, in the order of the core's tables: a field is named there alone.

use crate::write::{ObjectWriter, number, object, text};
use cpc_core::value::{FieldKey, FieldValue, Fields, Items};
use cpc_core::{Engine, SenderRef};

/// Where the ids of senders are looked up. Commands name no sender by its number.
pub(crate) type Senders<'e> = Option<&'e Engine>;

/// Writes each field of an object that holds something.
pub(crate) fn write_fields(of: &dyn Fields, senders: Senders<'_>, object: &mut ObjectWriter<'_>) {
    of.each_field(&mut |field, value| write_field(field, value, senders, object));
}

/// Writes a field, if it holds something.
pub(crate) fn write_field(
    field: FieldKey,
    value: FieldValue<'_>,
    senders: Senders<'_>,
    object: &mut ObjectWriter<'_>,
) {
    match value {
        FieldValue::Absent => {}
        FieldValue::Boolean(false) if !field.required => {}
        // What has no name in JSON stands in the object itself.
        FieldValue::Object(inner) if field.name.is_empty() => write_fields(inner, senders, object),
        FieldValue::Null(first) if field.name.is_empty() => object.null(first),
        FieldValue::Null(_) => object.null(field.name),
        value => write_value(value, senders, object.field(field.name)),
    }
}

fn write_value(value: FieldValue<'_>, senders: Senders<'_>, out: &mut Vec<u8>) {
    match value {
        FieldValue::Boolean(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        FieldValue::Number(value) => number(out, value),
        FieldValue::Numeral(digits) => write_numeral(digits, out),
        FieldValue::Text(value) => text(out, value),
        FieldValue::Digits(digits) => text(out, itoa::Buffer::new().format(digits)),
        FieldValue::Signed(value) => number(out, value),
        FieldValue::Secret(key) => text(out, &format!("{key:032x}")),
        FieldValue::Offsets(offsets) => object(out, |object| {
            for (ddd, minutes) in offsets {
                object.number(itoa::Buffer::new().format(*ddd), *minutes);
            }
        }),
        FieldValue::Sender(number) => {
            let id = senders.map_or("", |engine| engine.sender_id(SenderRef::from_number(number)));
            text(out, id);
        }
        FieldValue::Object(of) => object(out, |object| write_fields(of, senders, object)),
        FieldValue::List(items) => write_items(items, senders, out),
        // A value of a newer core.
        _ => out.extend_from_slice(b"null"),
    }
}

fn write_items(items: &dyn Items, senders: Senders<'_>, out: &mut Vec<u8>) {
    out.push(b'[');
    let mut is_first = true;
    items.each_item(&mut |item| {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write_value(item, senders, out);
    });
    out.push(b']');
}

/// A number as it was posted; as a text if it is `1e999` or the like: many readers of JSON would refuse a whole answer
/// for a number beyond their floats, with what it says of every other message.
fn write_numeral(digits: &str, out: &mut Vec<u8>) {
    if digits.parse().is_ok_and(f64::is_finite) {
        out.extend_from_slice(digits.as_bytes());
    } else {
        text(out, digits);
    }
}
