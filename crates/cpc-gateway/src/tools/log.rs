//! `cpc log`: verifies, dumps or compacts a log.

use super::error::Verdict;
use crate::engine::outbox::Outbox;
use crate::engine::recovery::{RecoveryError, recover};
use crate::engine::snapshots::{SnapshotStore, decode};
use crate::localized::Localized;
use crate::storage::command_json::with_time;
use crate::storage::data_folder::{DataFolder, DataFolderError};
use crate::storage::log::{EmbeddedLog, EntryKind, Log, LogError, LogReader, TextLocation};
use crate::storage::stored_command::{read_stored, read_stored_lines};
use cpc_core::{Command, Timestamp};
use cpc_wire::{Arena, Language, parse_body, write_command};
use std::borrow::Cow;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Why `cpc log` failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogToolError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Localized for LogToolError {
    fn portuguese(&self) -> Cow<'_, str> {
        match self {
            LogToolError::Log(error) => error.portuguese(),
            LogToolError::Recovery(error) => error.portuguese(),
            LogToolError::Folder(error) => error.portuguese(),
            LogToolError::File(error) => Cow::Owned(error.to_string()),
        }
    }
}

/// The words of the report, in one language.
struct Words {
    entries: &'static str,
    to: &'static str,
    snapshot_of: &'static str,
    problem: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::PtBr => {
            Words { entries: "entradas", to: "a", snapshot_of: "snapshot da entrada", problem: "problema" }
        }
        Language::En => {
            Words { entries: "entries", to: "to", snapshot_of: "snapshot of entry", problem: "problem" }
        }
    }
}

/// Checks every entry and every snapshot, also while a gateway runs.
pub(crate) fn verify(data: &Path, language: Language, out: &mut impl Write) -> Result<Verdict, LogToolError> {
    let words = words(language);
    let reader = LogReader::open(data)?;
    let mut problems = reader.check()?;
    let range = reader.range()?;
    let first = range.map_or(1, |(first, _)| first);
    let mut entries = 0_u64;
    if let Err(error) = reader.each::<LogError>(first, |_| {
        entries += 1;
        Ok(())
    }) {
        problems.push(error.text(language).into_owned());
    }
    let range = range.map_or(String::new(), |(first, last)| format!(" ({first} {} {last})", words.to));
    writeln!(out, "{}: {entries}{range}", words.entries)?;
    for (index, path) in SnapshotStore::of(data).list()? {
        match decode(&fs::read(path)?) {
            Ok((state, _)) => {
                writeln!(out, "{} {index}: {:032x}", words.snapshot_of, state.engine.digest())?;
            }
            Err(error) => problems.push(format!("{} {index}: {}", words.snapshot_of, error.text(language))),
        }
    }
    for problem in &problems {
        writeln!(out, "{}: {problem}", words.problem)?;
    }
    Ok(if problems.is_empty() { Verdict::Fine } else { Verdict::Problems })
}

/// Writes the log as command lines, which `cpc replay` takes.
pub(crate) fn dump(data: &Path, out: impl Write) -> Result<Verdict, LogToolError> {
    let reader = LogReader::open(data)?;
    let mut out = BufWriter::new(out);
    let Some((first, _)) = reader.range()? else { return Ok(Verdict::Fine) };
    let mut line = Vec::new();
    reader.each::<LogToolError>(first, |entry| {
        line.clear();
        match entry.kind {
            EntryKind::Batch => {
                let arena = Arena::new();
                let batch = parse_body(&entry.body, &arena);
                let batch = batch.map_err(|_| LogError::Damaged { index: entry.index })?;
                let at = Timestamp::from(entry.at.cast_signed());
                write_command(&Command::Dispatch(batch), Some(at), &mut line);
            }
            EntryKind::Command => {
                let stored = read_stored(entry.body).map_err(|_| LogError::Damaged { index: entry.index })?;
                line = with_time(stored.line(), entry.at);
            }
            // Line by line: `cpc replay` then executes them one after the other, as they were.
            EntryKind::Lines => {
                let damaged = |_| LogError::Damaged { index: entry.index };
                for stored in read_stored_lines(&entry.body).map_err(damaged)? {
                    if !line.is_empty() {
                        line.push(b'\n');
                    }
                    line.extend_from_slice(&with_time(stored.line(), entry.at));
                }
            }
            EntryKind::Digest => return Ok(()),
        }
        line.push(b'\n');
        out.write_all(&line)?;
        Ok(())
    })?;
    out.flush()?;
    Ok(Verdict::Fine)
}

/// The oldest entry with the text of a message that is still to be sent.
fn oldest_text(outbox: &Outbox, reader: &LogReader) -> Result<Option<u64>, LogError> {
    let mut oldest = None;
    for message in outbox.after(0) {
        let place = match message.place {
            Some(TextLocation::FollowUp { origin, .. }) => reader.locate(origin)?,
            None => reader.locate(message.dispatch)?,
            known => known,
        };
        if let Some(TextLocation::Message { index, .. }) = place {
            oldest = Some(oldest.map_or(index, |oldest: u64| oldest.min(index)));
        }
    }
    Ok(oldest)
}

/// Takes a snapshot, deletes entries that are needed neither for a start nor for their texts, and gives the space back to
/// the disk. Not while a gateway runs.
pub(crate) fn compact(
    data: &Path,
    keep_ms: u64,
    language: Language,
    out: &mut impl Write,
) -> Result<Verdict, LogToolError> {
    // Fails without a log, before one is created.
    drop(LogReader::open(data)?);
    let folder = DataFolder::open(data)?;
    let mut log = EmbeddedLog::open(folder.path(), true)?;
    let snapshots = SnapshotStore::of(folder.path());
    let recovered = recover(&mut log, &snapshots)?;
    let last = log.last();
    if last > recovered.settled {
        let (bytes, _) = crate::engine::snapshots::encode(&recovered.state, last);
        snapshots.write(last, &bytes)?;
    }
    // By the engine's clock: the machine's may be wrong, and deleting cannot be undone.
    let clock = recovered.state.engine.clock().map_or(0, Timestamp::as_millis);
    let expired = log.last_before(clock.saturating_sub(keep_ms))?;
    let unsent = oldest_text(&recovered.state.outbox, &log.reader()?)?.map_or(last, |oldest| oldest - 1);
    let through = snapshots.superseded()?.min(expired).min(unsent);
    while !log.cut(through)? {}
    log.compact()?;
    log.mark()?;
    let first = log.reader()?.range()?.map_or(last, |(first, _)| first);
    match language {
        Language::PtBr => writeln!(out, "restam as entradas {first} a {last}")?,
        Language::En => writeln!(out, "entries {first} to {last} are left")?,
    }
    Ok(Verdict::Fine)
}
