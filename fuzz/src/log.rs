//! The gateway's log as bytes: what was written is read as it was, what is not as it was written is noticed, and nothing
//! that can stand in a row or a mark makes a reader panic.

use crate::coding::{
    EntryKind, EntryRow, LocatedItems, StoredBytes, TextLocation, locate, read_mark, write_mark,
};
use crate::input::Input;
use bytes::Bytes;

/// Writes and reads what the bytes stand for, whole and damaged. Says how many rows were read.
pub fn drive(bytes: &[u8]) -> usize {
    let mut input = Input::new(bytes);
    let mut read = 0;
    while !input.is_empty() {
        read += match input.below(4) {
            0 | 1 => row(&mut input),
            2 => row_as_it_stands(&mut input),
            _ => {
                items(&mut input);
                mark(&mut input);
                0
            }
        };
    }
    read
}

/// A body: as it comes, or again and again, so that packing it is worth the work.
fn body(input: &mut Input<'_>) -> Bytes {
    let times = input.one_of(&[1, 1, 8, 300]);
    Bytes::from(input.bytes().repeat(times))
}

/// An entry that is written, read, and damaged.
fn row(input: &mut Input<'_>) -> usize {
    let kind = input.one_of(&[EntryKind::Batch, EntryKind::Command, EntryKind::Digest, EntryKind::Lines]);
    let (number, at) = (input.u64(), input.u64());
    let plain = body(input);
    let row = EntryRow::new(number, at, kind, StoredBytes::new(plain.clone()));
    assert_eq!(
        row.clone().open(),
        Some((kind, plain.clone())),
        "an entry is read otherwise than it was written"
    );
    assert!(row.body.len() <= plain.len(), "packed bytes take more room");
    let mut damaged = row;
    let stored = damaged.body.bytes.to_vec();
    let place = input.u64() as usize;
    match input.below(5) {
        0 => damaged.number ^= 1 << (place % 64),
        1 => damaged.at ^= 1 << (place % 64),
        2 => damaged.kind ^= 1 << (place % 64),
        3 => damaged.sum ^= 1 << (place % 64),
        _ => damaged.body.bytes = damage(stored, place, input).into(),
    }
    assert_eq!(damaged.open(), None, "damage is not noticed");
    1
}

/// Bytes that differ from these.
fn damage(mut bytes: Vec<u8>, place: usize, input: &mut Input<'_>) -> Vec<u8> {
    let length = bytes.len();
    match input.below(3) {
        0 if length > 0 => bytes[place % length] ^= 1 << input.below(8),
        1 if length > 0 => bytes.truncate(place % length),
        _ => bytes.insert(place % (length + 1), input.byte()),
    }
    bytes
}

/// A row of anything.
fn row_as_it_stands(input: &mut Input<'_>) -> usize {
    let plain_length = match input.below(3) {
        0 => None,
        1 => Some(u32::from(input.byte()) << input.below(8)),
        _ => Some(input.u64() as u32 >> 8),
    };
    let body = StoredBytes { plain_length, ..StoredBytes::new(Bytes::copy_from_slice(input.bytes())) };
    let likely = input.below(2) == 0;
    let (number, at, kind) = (input.u64(), input.u64(), i64::from(input.below(5)));
    let row = match kind {
        1 if likely => EntryRow::new(number, at, EntryKind::Batch, body),
        2 if likely => EntryRow::new(number, at, EntryKind::Command, body),
        _ => EntryRow { number, at, kind, sum: input.u64(), body },
    };
    match row.open() {
        Some((_, plain)) => {
            assert!(
                plain_length.is_none_or(|length| plain.len() == length as usize),
                "another length than it says"
            );
            1
        }
        None => 0,
    }
}

/// Where the texts of some dispatches are.
fn items(input: &mut Input<'_>) {
    let (index, count) = (input.u64(), u64::from(input.below(20)));
    let items = match input.below(3) {
        0 => LocatedItems::InOrder,
        1 => LocatedItems::Messages((0..count).map(|_| input.u64() as u32).collect()),
        _ => LocatedItems::FollowUps((0..count).map(|_| (input.u64(), input.byte())).collect()),
    };
    let (kind, bytes) = items.columns();
    for offset in 0..=count {
        let expected = match &items {
            LocatedItems::InOrder => Some(TextLocation::Message { index, item: offset as u32 }),
            LocatedItems::Messages(messages) => {
                messages.get(offset as usize).map(|item| TextLocation::Message { index, item: *item })
            }
            LocatedItems::FollowUps(stages) => stages
                .get(offset as usize)
                .map(|(origin, stage)| TextLocation::FollowUp { origin: *origin, stage: *stage }),
        };
        assert_eq!(locate(index, kind, bytes.as_deref(), offset), expected);
    }
    // Whatever stands in the columns.
    let (kind, offset) = (i64::from(input.below(4)), input.u64());
    let found = locate(index, kind, Some(input.bytes()), offset);
    assert!(found.is_none() || offset < 256, "a place beyond the bytes");
}

/// The mark of the log's end.
fn mark(input: &mut Input<'_>) {
    let last = input.u64();
    let written = write_mark(last);
    assert_eq!(read_mark(&written), Some(last));
    let place = input.u64() as usize;
    let damaged = damage(written.to_vec(), place, input);
    // A full disk leaves an empty file.
    assert!(read_mark(&damaged).is_none() || damaged.is_empty(), "a damaged mark is believed");
    let anything = input.bytes();
    let read = read_mark(anything);
    assert!(read.is_none_or(|last| anything.is_empty() && last == 0 || write_mark(last) == *anything));
}
