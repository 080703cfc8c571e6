//! How entries, text locations and the end mark are encoded as columns and bytes, and how damage to them is detected.
//! Depends on nothing else of the gateway, so that it can be fuzzed alone.

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64;

/// What an entry's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// The body of a massivocpc request, as it was posted.
    Batch = 1,
    /// A command line without its time.
    Command = 2,
    /// The digest of the state at this point, which replays are checked against.
    Digest = 3,
    /// Several command lines without their times, with line ends between them: they are durable together or not at all.
    Lines = 4,
}

impl EntryKind {
    const fn from_number(number: i64) -> Option<EntryKind> {
        match number {
            1 => Some(EntryKind::Batch),
            2 => Some(EntryKind::Command),
            3 => Some(EntryKind::Digest),
            4 => Some(EntryKind::Lines),
            _ => None,
        }
    }
}

/// The body of an entry as it is stored: compressed if that makes it shorter.
#[derive(Clone, Debug)]
pub(crate) struct StoredBytes {
    pub(crate) bytes: Bytes,
    /// The length before compression, if it was compressed.
    pub(crate) plain_length: Option<u32>,
}

/// Shorter bodies are not compressed.
const MIN_COMPRESSED: usize = 1024;

impl StoredBytes {
    /// Compresses bytes. It takes about a microsecond a kilobyte, so large bodies are compressed off the runtime.
    pub(crate) fn new(bytes: Bytes) -> StoredBytes {
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() >= MIN_COMPRESSED);
        let packed = length.map(|_| lz4_flex::block::compress(&bytes)).filter(|it| it.len() < bytes.len());
        match packed {
            Some(packed) => StoredBytes { bytes: Bytes::from(packed), plain_length: length },
            None => StoredBytes { bytes, plain_length: None },
        }
    }

    /// How many bytes are stored.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The original bytes; `None` if [`new`](Self::new) cannot have made these.
    fn decompress(self) -> Option<Bytes> {
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
pub(crate) struct EntryRow {
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) kind: i64,
    pub(crate) sum: u64,
    pub(crate) body: StoredBytes,
}

impl EntryRow {
    /// The row of an entry.
    pub(crate) fn new(number: u64, at: u64, kind: EntryKind, body: StoredBytes) -> EntryRow {
        let sum = checksum(number, at, kind, &body.bytes);
        EntryRow { number, at, kind: kind as i64, sum, body }
    }

    /// The entry's kind and body; `None` if the row is damaged.
    pub(crate) fn open(self) -> Option<(EntryKind, Bytes)> {
        let kind = EntryKind::from_number(self.kind)?;
        if self.sum != checksum(self.number, self.at, kind, &self.body.bytes) {
            return None;
        }
        Some((kind, self.body.decompress()?))
    }
}

/// Covers the whole entry, its number included, so that no entry can stand in for another.
fn checksum(number: u64, at: u64, kind: EntryKind, bytes: &[u8]) -> u64 {
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

/// Which texts of an entry some dispatches have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LocatedItems {
    /// The entry's first message, its second, and so on.
    InOrder,
    /// These messages of the entry.
    Messages(Vec<u32>),
    /// Follow-ups: the dispatch that is followed up, and the stage.
    FollowUps(Vec<(u64, u8)>),
}

/// Where the text of one dispatch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextLocation {
    /// A message of an entry.
    Message {
        /// The entry.
        index: u64,
        /// Which of its messages, from 0.
        item: u32,
    },
    /// A follow-up text of the message of another dispatch.
    FollowUp {
        /// That dispatch.
        origin: u64,
        /// 1 or 2.
        stage: u8,
    },
}

impl LocatedItems {
    /// The columns `kind` and `items`.
    pub(crate) fn columns(&self) -> (i64, Option<Vec<u8>>) {
        match self {
            LocatedItems::InOrder => (0, None),
            LocatedItems::Messages(messages) => {
                (1, Some(messages.iter().flat_map(|message| message.to_le_bytes()).collect()))
            }
            LocatedItems::FollowUps(stages) => {
                let bytes = stages.iter().flat_map(|(origin, stage)| {
                    let [a, b, c, d, e, f, g, h] = origin.to_le_bytes();
                    [a, b, c, d, e, f, g, h, *stage]
                });
                (2, Some(bytes.collect()))
            }
        }
    }
}

/// The location of the dispatch `offset` after the first of its row, from the columns `entry`, `kind` and `items`; `None`
/// beyond the row's last.
pub(crate) fn locate(index: u64, kind: i64, items: Option<&[u8]>, offset: u64) -> Option<TextLocation> {
    let at = usize::try_from(offset).ok()?;
    match (kind, items) {
        // The row does not say how many there are; the entry does.
        (0, None) => Some(TextLocation::Message { index, item: u32::try_from(offset).ok()? }),
        (1, Some(items)) => {
            let item = items.as_chunks::<4>().0.get(at)?;
            Some(TextLocation::Message { index, item: u32::from_le_bytes(*item) })
        }
        (2, Some(items)) => {
            let [a, b, c, d, e, f, g, h, stage] = *items.as_chunks::<9>().0.get(at)?;
            let origin = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            Some(TextLocation::FollowUp { origin, stage })
        }
        _ => None,
    }
}

/// The end mark: the number of the log's last entry, and a checksum of it.
pub(crate) fn write_mark(last: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let (number, sum) = bytes.split_at_mut(8);
    number.copy_from_slice(&last.to_le_bytes());
    sum.copy_from_slice(&xxh3_64(number).to_le_bytes());
    bytes
}

/// The number in an end mark; `None` if it is damaged.
pub(crate) fn read_mark(bytes: &[u8]) -> Option<u64> {
    match bytes.as_chunks::<8>() {
        // An empty file: it was created, and then the disk was full.
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
            assert_eq!(StoredBytes::new(bytes.clone()).decompress().unwrap(), bytes);
        }
        assert!(StoredBytes::new(Bytes::from(text.clone())).len() * 5 < text.len());
    }

    #[test]
    fn bytes_that_were_never_compressed_are_not_decompressed() {
        for bytes in [&b""[..], b"\xff\xff\xff\xff", b"\x00"] {
            let packed = StoredBytes { bytes: Bytes::from_static(bytes), plain_length: Some(u32::MAX >> 8) };
            assert_eq!(packed.decompress().map(|bytes| bytes.len()), None);
        }
    }
}
