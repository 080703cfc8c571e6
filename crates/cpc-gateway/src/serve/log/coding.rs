//! What the log's database holds as bytes and sums, and how damage to them is noticed. The database itself, and who reads
//! and writes it, is another matter; so this depends on nothing else of the gateway.

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

/// What an entry's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The body of a massivocpc request, as it was posted.
    Batch = 1,
    /// A command line without its time.
    Line = 2,
    /// The digest of the state as it is here, to check replays by.
    Digest = 3,
    /// Several command lines without their times, with line ends between them: they are durable together or not at all.
    Lines = 4,
}

impl Kind {
    const fn from_number(number: i64) -> Option<Kind> {
        match number {
            1 => Some(Kind::Batch),
            2 => Some(Kind::Line),
            3 => Some(Kind::Digest),
            4 => Some(Kind::Lines),
            _ => None,
        }
    }
}

/// Bytes as they are stored: compressed where that helps.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) bytes: Bytes,
    /// How long they are unpacked, if they were packed.
    pub(crate) plain_length: Option<u32>,
}

/// Less is not worth the work.
const WORTH_PACKING: usize = 1024;

impl Packed {
    /// Packs bytes. Takes about a microsecond a kilobyte, so whoever has a large body does it off the runtime.
    pub(crate) fn new(bytes: Bytes) -> Packed {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() >= WORTH_PACKING);
        let packed = length.map(|_| lz4_flex::block::compress(&bytes)).filter(|it| it.len() < bytes.len());
        match packed {
            Some(packed) => Packed { bytes: Bytes::from(packed), plain_length: length },
            None => Packed { bytes, plain_length: None },
        }
    }

    /// How many bytes are stored.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes as they were; `None` if they cannot have been packed by [`new`](Self::new).
    fn unpack(self) -> Option<Bytes> {
        match self.plain_length {
            None => Some(self.bytes),
            Some(length) => {
                let length = usize::try_from(length).ok()?;
                let plain = lz4_flex::block::decompress(&self.bytes, length).ok()?;
                (plain.len() == length).then(|| Bytes::from(plain))
            }
        }
    }
}

/// A row of the entries' table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) kind: i64,
    pub(crate) sum: u64,
    pub(crate) body: Packed,
}

impl Row {
    /// The row of an entry.
    pub(crate) fn new(number: u64, at: u64, kind: Kind, body: Packed) -> Row {
        let sum = checksum(number, at, kind, &body.bytes);
        Row { number, at, kind: kind as i64, sum, body }
    }

    /// What the entry is; `None` if the row is not as it was written.
    pub(crate) fn open(self) -> Option<(Kind, Bytes)> {
        let kind = Kind::from_number(self.kind)?;
        if self.sum != checksum(self.number, self.at, kind, &self.body.bytes) {
            return None;
        }
        Some((kind, self.body.unpack()?))
    }
}

/// Over all that an entry is, its number included, so that none can stand for another.
fn checksum(number: u64, at: u64, kind: Kind, bytes: &[u8]) -> u64 {
    let mut head = [0; 25];
    for (place, byte) in head.iter_mut().zip(
        [number.to_le_bytes(), at.to_le_bytes(), xxh3_64(bytes).to_le_bytes()]
            .into_iter()
            .flatten()
            .chain([kind as u8]),
    ) {
        *place = byte;
    }
    xxh3_64(&head)
}

/// What of its entry each of some dispatches is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// The entry's first message, its second, and so on.
    InOrder,
    /// These messages of the entry.
    Messages(Vec<u32>),
    /// Follow-ups: of which dispatch, and which stage.
    FollowUps(Vec<(u64, u8)>),
}

/// Where the text of one dispatch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A message of an entry.
    Message {
        /// The entry.
        index: u64,
        /// Which of its messages, from 0.
        item: u32,
    },
    /// A stage of another dispatch.
    FollowUp {
        /// That dispatch.
        origin: u64,
        /// 1 or 2.
        stage: u8,
    },
}

impl Items {
    /// The columns `kind` and `items`.
    pub(crate) fn columns(&self) -> (i64, Option<Vec<u8>>) {
        match self {
            Items::InOrder => (0, None),
            Items::Messages(messages) => {
                (1, Some(messages.iter().flat_map(|message| message.to_le_bytes()).collect()))
            }
            Items::FollowUps(stages) => {
                let bytes = stages.iter().flat_map(|(origin, stage)| {
                    let [a, b, c, d, e, f, g, h] = origin.to_le_bytes();
                    [a, b, c, d, e, f, g, h, *stage]
                });
                (2, Some(bytes.collect()))
            }
        }
    }
}

/// The place of the dispatch that is `offset` after the first of its row, of the columns `entry`, `kind` and `items`. One
/// that is beyond the row's last is not known.
pub(crate) fn find_place(index: u64, kind: i64, items: Option<&[u8]>, offset: u64) -> Option<Place> {
    let at = usize::try_from(offset).ok()?;
    match (kind, items) {
        // How many there are, the entry itself knows.
        (0, None) => Some(Place::Message { index, item: u32::try_from(offset).ok()? }),
        (1, Some(items)) => {
            let item = items.as_chunks::<4>().0.get(at)?;
            Some(Place::Message { index, item: u32::from_le_bytes(*item) })
        }
        (2, Some(items)) => {
            let [a, b, c, d, e, f, g, h, stage] = *items.as_chunks::<9>().0.get(at)?;
            let origin = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            Some(Place::FollowUp { origin, stage })
        }
        _ => None,
    }
}

/// The mark of the log's end: the number of its last entry, and a checksum of that.
pub(crate) fn write_mark(last: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let (number, sum) = bytes.split_at_mut(8);
    number.copy_from_slice(&last.to_le_bytes());
    sum.copy_from_slice(&xxh3_64(number).to_le_bytes());
    bytes
}

/// What a mark says; `None` if it is damaged.
pub(crate) fn read_mark(bytes: &[u8]) -> Option<u64> {
    match bytes.as_chunks::<8>() {
        // It was made, and then the disk was full.
        ([], []) => Some(0),
        ([number, sum], []) if u64::from_le_bytes(*sum) == xxh3_64(number) => {
            Some(u64::from_le_bytes(*number))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were_and_texts_take_less_room() {
        let text = r#"{"phone":"5511988876204","mainTemplate":"Olá, seu contrato"}"#.repeat(100);
        for bytes in [Bytes::new(), Bytes::from_static(b"x"), Bytes::from(text.clone())] {
            assert_eq!(Packed::new(bytes.clone()).unpack().unwrap(), bytes);
        }
        assert!(Packed::new(Bytes::from(text.clone())).len() * 5 < text.len());
    }

    #[test]
    fn what_was_never_packed_is_not_unpacked() {
        for bytes in [&b""[..], b"\xff\xff\xff\xff", b"\x00"] {
            let packed = Packed { bytes: Bytes::from_static(bytes), plain_length: Some(u32::MAX >> 8) };
            assert_eq!(packed.unpack().map(|bytes| bytes.len()), None);
        }
    }
}
