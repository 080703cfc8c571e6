//! `cpc log`: looking at a log, and making it smaller.

use super::data_folder::{DataFolder, FolderError};
use super::line::with_time;
use super::log::{EmbeddedLog, Kind, Log, LogError, LogReader, Place};
use super::outbox::Outbox;
use super::recovery::{RecoveryError, recover};
use super::snapshots::{Snapshots, decode};
use super::stored_line::{read_stored, read_stored_lines};
use super::told;
use crate::failure::Verdict;
use cpc_core::Timestamp;
use cpc_wire::{Language, parse_body, write_batch_line};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Why a log could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// What is written about a log, in a language.
struct Words {
    entries: &'static str,
    to: &'static str,
    snapshot_of: &'static str,
    problem: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::PtBr => {
            Words { entries: "entradas", to: "a", snapshot_of: "retrato da entrada", problem: "problema" }
        }
        Language::En => {
            Words { entries: "entries", to: "to", snapshot_of: "snapshot of entry", problem: "problem" }
        }
    }
}

/// Checks every entry and every snapshot; while a gateway runs, too.
pub(crate) fn verify(data: &Path, language: Language, out: &mut impl Write) -> Result<Verdict, ToolError> {
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
        problems.push(told(&error, language));
    }
    let range = range.map_or(String::new(), |(first, last)| format!(" ({first} {} {last})", words.to));
    writeln!(out, "{}: {entries}{range}", words.entries)?;
    for (index, path) in Snapshots::of(data).list()? {
        match decode(&fs::read(path)?) {
            Ok((machine, _)) => {
                writeln!(out, "{} {index}: {:032x}", words.snapshot_of, machine.engine.digest())?;
            }
            Err(error) => problems.push(format!("{} {index}: {}", words.snapshot_of, told(&error, language))),
        }
    }
    for problem in &problems {
        writeln!(out, "{}: {problem}", words.problem)?;
    }
    Ok(if problems.is_empty() { Verdict::Fine } else { Verdict::Problems })
}

/// Writes the log as command lines, which `cpc replay` takes.
pub(crate) fn dump(data: &Path, out: impl Write) -> Result<Verdict, ToolError> {
    let reader = LogReader::open(data)?;
    let mut out = BufWriter::new(out);
    let Some((first, _)) = reader.range()? else { return Ok(Verdict::Fine) };
    let mut line = Vec::new();
    reader.each::<ToolError>(first, |entry| {
        line.clear();
        match entry.kind {
            Kind::Batch => {
                let batch = parse_body(&entry.body).map_err(|_| LogError::Damaged { index: entry.index })?;
                write_batch_line(entry.at, &batch, &mut line);
            }
            Kind::Line => {
                let stored = read_stored(entry.body).map_err(|_| LogError::Damaged { index: entry.index })?;
                line = with_time(stored.text(), entry.at);
            }
            // Line by line: `cpc replay` then carries them out one after the other, as they were.
            Kind::Lines => {
                let damaged = |_| LogError::Damaged { index: entry.index };
                for stored in read_stored_lines(&entry.body).map_err(damaged)? {
                    if !line.is_empty() {
                        line.push(b'\n');
                    }
                    line.extend_from_slice(&with_time(stored.text(), entry.at));
                }
            }
            Kind::Digest => return Ok(()),
        }
        line.push(b'\n');
        out.write_all(&line)?;
        Ok(())
    })?;
    out.flush()?;
    Ok(Verdict::Fine)
}

/// The oldest entry that has the text of a message which is still to be sent.
fn oldest_text(outbox: &Outbox, reader: &LogReader) -> Result<Option<u64>, LogError> {
    let mut oldest = None;
    for send in outbox.after(0) {
        let place = match send.place {
            Some(Place::FollowUp { origin, .. }) => reader.place(origin)?,
            None => reader.place(send.dispatch)?,
            known => known,
        };
        if let Some(Place::Message { index, .. }) = place {
            oldest = Some(oldest.map_or(index, |oldest: u64| oldest.min(index)));
        }
    }
    Ok(oldest)
}

/// Takes a snapshot, forgets what neither a start nor a text that is still kept needs, and gives the room back to the
/// disk. Not while a gateway runs.
pub(crate) fn compact(
    data: &Path,
    keep_ms: u64,
    language: Language,
    out: &mut impl Write,
) -> Result<Verdict, ToolError> {
    // Where there is no log, none is made.
    drop(LogReader::open(data)?);
    let folder = DataFolder::open(data)?;
    let mut log = EmbeddedLog::open(folder.path(), true)?;
    let snapshots = Snapshots::of(folder.path());
    let recovered = recover(&mut log, &snapshots)?;
    let last = log.last();
    if last > recovered.settled {
        let (bytes, _) = super::snapshots::encode(&recovered.machine, last);
        snapshots.write(last, &bytes)?;
    }
    // By the engine's clock: this machine's may be wrong, and what is cut is gone.
    let clock = recovered.machine.engine.clock().map_or(0, Timestamp::as_millis);
    let expired = log.last_before(clock.saturating_sub(keep_ms))?;
    let unsent = oldest_text(&recovered.machine.outbox, &log.reader()?)?.map_or(last, |oldest| oldest - 1);
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
