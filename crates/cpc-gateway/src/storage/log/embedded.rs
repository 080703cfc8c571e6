//! The log as a table in SQLite, in its write-ahead mode, synced at every append.

use super::coding::{self, StoredBytes, TextLocation, locate};
use super::entry::{Log, LogEntry, LogError, NewEntry, TextLocations};
use bytes::Bytes;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FILE: &str = "log.db";
/// The end mark: the number of the last entry known to be durable, and its checksum.
const MARK: &str = "log.mark";
/// SQLite's `application_id` and `user_version`: "CPCL", and the version of the tables.
const APPLICATION: i64 = 0x4350_434c;
const VERSION: i64 = 1;
/// How many entries are deleted at a time, so that appends need not wait for long.
const CUT_AT_ONCE: u64 = 2_000;
/// How often the write-ahead log is truncated at most; appends wait for that.
const TRUNCATE_EVERY: Duration = Duration::from_secs(60 * 60);

const TABLES: &str = "
    create table if not exists entry(
        number integer primary key, at integer not null, kind integer not null,
        plain integer, sum integer not null, body blob not null) strict;
    create table if not exists placed(
        first integer primary key, entry integer not null, kind integer not null, items blob) strict;
";

/// See [`Log`].
pub(crate) struct EmbeddedLog {
    connection: Connection,
    path: PathBuf,
    last: u64,
    /// The file of the end mark, opened when it is first written.
    mark: Option<File>,
    /// Whether entries were deleted since the write-ahead log was truncated.
    has_deleted: bool,
    truncated_at: Option<Instant>,
}

impl EmbeddedLog {
    /// Opens the log of a data folder, or makes one. With `sync` off an append survives the process, but perhaps
    /// not the machine.
    ///
    /// Entries that were never acknowledged may be missing at the end. If more are missing, this is an error, and the
    /// files stay untouched.
    pub(crate) fn open(folder: &Path, sync: bool) -> Result<EmbeddedLog, LogError> {
        let path = folder.join(FILE);
        let acknowledged = read_mark(folder)?;
        // SQLite treats an empty file as a new database, and then discards the write-ahead log beside it.
        let is_empty = fs::metadata(&path).map_or(0, |file| file.len()) == 0;
        if is_empty && acknowledged > 0 {
            return Err(LogError::Shortened { last: 0, acknowledged });
        }
        let connection = Connection::open(&path)?;
        // A damaged log must stay as it is for a repair, so nothing is checkpointed before it was found complete.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let is_new = is_new(&connection)?;
        if is_new && acknowledged > 0 {
            return Err(LogError::Shortened { last: 0, acknowledged });
        }
        let synchronous = if sync { "full" } else { "off" };
        connection.execute_batch(&format!(
            "pragma locking_mode=normal; pragma journal_mode=wal; pragma synchronous={synchronous}; \
             pragma secure_delete=on;"
        ))?;
        if is_new {
            create_tables(&connection)?;
        }
        let last = last_number(&connection)?;
        if last < acknowledged {
            return Err(LogError::Shortened { last, acknowledged });
        }
        Ok(EmbeddedLog { connection, path, last, mark: None, has_deleted: false, truncated_at: None })
    }

    /// The log was read completely: from now on it may be checkpointed.
    pub(crate) fn allow_checkpoints(&mut self) -> Result<(), LogError> {
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(())
    }

    /// A reader of the same log, for another thread.
    pub(crate) fn reader(&self) -> Result<LogReader, LogError> {
        LogReader::at(&self.path)
    }

    /// Writes the end mark. It is not synced: it must outlive the process, and may be behind after a power failure; so it
    /// takes microseconds.
    pub(crate) fn mark(&mut self) -> Result<(), LogError> {
        let file = match &mut self.mark {
            Some(file) => file,
            none => {
                let path = self.path.with_file_name(MARK);
                none.insert(OpenOptions::new().create(true).truncate(false).write(true).open(path)?)
            }
        };
        write_at_start(file, &coding::write_mark(self.last))?;
        Ok(())
    }

    /// Gives the space of deleted entries back to the disk.
    pub(crate) fn compact(&mut self) -> Result<(), LogError> {
        self.connection.execute_batch("vacuum; pragma wal_checkpoint(truncate);")?;
        Ok(())
    }

    /// Truncates the write-ahead log: while little is written, deleted entries would stay readable in it.
    fn truncate_wal(&mut self) -> Result<(), LogError> {
        if self.has_deleted && self.truncated_at.is_none_or(|at| at.elapsed() >= TRUNCATE_EVERY) {
            self.connection.execute_batch("pragma wal_checkpoint(truncate);")?;
            self.has_deleted = false;
            self.truncated_at = Some(Instant::now());
        }
        Ok(())
    }

    fn insert(&mut self, entries: &[NewEntry], placed: &[TextLocations]) -> Result<(), LogError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached("insert into entry values(?1,?2,?3,?4,?5,?6)")?;
            for (number, entry) in (self.last + 1..).zip(entries) {
                let row = coding::EntryRow::new(number, entry.at, entry.kind, entry.body.clone());
                let StoredBytes { bytes, plain_length } = &row.body;
                insert.execute(params![
                    signed(number),
                    signed(row.at),
                    row.kind,
                    plain_length,
                    signed(row.sum),
                    &**bytes
                ])?;
            }
            let mut place =
                transaction.prepare_cached("insert or replace into placed values(?1,?2,?3,?4)")?;
            for TextLocations { first, index, items } in placed {
                let (kind, items) = items.columns();
                place.execute(params![signed(*first), signed(*index), kind, items])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

impl Log for EmbeddedLog {
    fn append(&mut self, entries: &[NewEntry], placed: &[TextLocations]) -> Result<(), LogError> {
        self.insert(entries, placed)?;
        self.last += entries.len() as u64;
        // The entries are durable without the mark as well.
        if let Err(error) = self.mark() {
            tracing::warn!(%error, "the end of the log could not be marked");
        }
        Ok(())
    }

    fn last(&self) -> u64 {
        self.last
    }

    fn cut(&mut self, through: u64) -> Result<bool, LogError> {
        let first: Option<i64> =
            self.connection.query_row("select min(number) from entry", [], |row| row.get(0))?;
        let Some(first) = first.map(unsigned).filter(|first| *first <= through) else {
            self.truncate_wal()?;
            return Ok(true);
        };
        let end = through.min(first + CUT_AT_ONCE - 1).min(self.last.saturating_sub(1));
        let transaction = self.connection.transaction()?;
        transaction.execute("delete from entry where number <= ?1", [signed(end)])?;
        transaction.execute("delete from placed where entry <= ?1", [signed(end)])?;
        transaction.commit()?;
        let is_all = end + 1 >= through.min(self.last);
        self.has_deleted = true;
        if is_all {
            self.truncate_wal()?;
        }
        Ok(is_all)
    }

    fn last_before(&self, instant: u64) -> Result<u64, LogError> {
        // Times rise with numbers, so a binary search finds it.
        let first: Option<i64> =
            self.connection.query_row("select min(number) from entry", [], |row| row.get(0))?;
        let Some(mut low) = first.map(|first| unsigned(first).saturating_sub(1)) else { return Ok(0) };
        let mut high = self.last;
        let mut at = self.connection.prepare_cached("select at from entry where number = ?1")?;
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let time: Option<i64> = at.query_row([signed(middle)], |row| row.get(0)).optional()?;
            let time = time.map(unsigned).ok_or(LogError::Missing { index: middle })?;
            if time < instant { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }
}

/// Reads a log while another connection may write it.
pub(crate) struct LogReader {
    connection: Connection,
}

impl LogReader {
    /// Opens the log of a data folder to read it.
    pub(crate) fn open(folder: &Path) -> Result<LogReader, LogError> {
        LogReader::at(&folder.join(FILE))
    }

    fn at(path: &Path) -> Result<LogReader, LogError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch("pragma query_only=on;")?;
        if !is_ours(&connection)? {
            return Err(LogError::Foreign);
        }
        Ok(LogReader { connection })
    }

    /// The numbers of the first and the last entry; `None` if there are none.
    pub(crate) fn range(&self) -> Result<Option<(u64, u64)>, LogError> {
        let range: (Option<i64>, Option<i64>) =
            self.connection.query_row("select min(number), max(number) from entry", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(range.0.zip(range.1).map(|(first, last)| (unsigned(first), unsigned(last))))
    }

    /// Visits every entry from number `from` on, in order. `from` must exist, unless it follows the last entry.
    pub(crate) fn each<E: From<LogError>>(
        &self,
        from: u64,
        mut visit: impl FnMut(LogEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut select = self
            .connection
            .prepare_cached(
                "select number, at, kind, plain, sum, body from entry where number >= ?1 order by number",
            )
            .map_err(LogError::from)?;
        let mut rows = select.query([signed(from)]).map_err(LogError::from)?;
        let last = self.range()?.map_or(0, |(_, last)| last);
        let mut expected = from;
        while let Some(row) = rows.next().map_err(LogError::from)? {
            let entry = read_entry(row)?;
            if entry.index != expected {
                return Err(LogError::Missing { index: expected }.into());
            }
            expected += 1;
            visit(entry)?;
        }
        // A damaged B-tree may end early.
        if expected <= last {
            return Err(LogError::Missing { index: expected }.into());
        }
        Ok(())
    }

    /// One entry.
    pub(crate) fn entry(&self, number: u64) -> Result<LogEntry, LogError> {
        let mut select = self
            .connection
            .prepare_cached("select number, at, kind, plain, sum, body from entry where number = ?1")?;
        let mut rows = select.query([signed(number)])?;
        rows.next()?.map_or(Err(LogError::Missing { index: number }), read_entry)
    }

    /// Where the text of a dispatch is; `None` if the log does not have it, or no longer.
    pub(crate) fn locate(&self, dispatch: u64) -> Result<Option<TextLocation>, LogError> {
        let mut select = self.connection.prepare_cached(
            "select first, entry, kind, items from placed where first <= ?1 order by first desc limit 1",
        )?;
        let mut rows = select.query([signed(dispatch)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (first, index) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
        let items = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        Ok(locate(index, row.get(2)?, items, dispatch - first))
    }

    /// The problems that SQLite's own integrity check reports.
    pub(crate) fn check(&self) -> Result<Vec<String>, LogError> {
        let mut check = self.connection.prepare("pragma integrity_check")?;
        let found = check.query_map([], |row| row.get::<_, String>(0))?;
        let found: Vec<String> = found.collect::<Result<_, _>>()?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }
}

/// Whether the database is empty; a file that is not a log is refused, and not touched.
fn is_new(connection: &Connection) -> Result<bool, LogError> {
    let tables: i64 = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && !is_ours(connection)? {
        return Err(LogError::Foreign);
    }
    Ok(tables == 0)
}

fn create_tables(connection: &Connection) -> Result<(), LogError> {
    connection.execute_batch(&format!(
        "begin; pragma application_id={APPLICATION}; pragma user_version={VERSION}; {TABLES} commit;"
    ))?;
    Ok(())
}

fn is_ours(connection: &Connection) -> Result<bool, LogError> {
    let number = |name: &str| connection.query_row(&format!("pragma {name}"), [], |row| row.get::<_, i64>(0));
    Ok(number("application_id")? == APPLICATION && number("user_version")? == VERSION)
}

fn last_number(connection: &Connection) -> Result<u64, LogError> {
    let last: Option<i64> = connection.query_row("select max(number) from entry", [], |row| row.get(0))?;
    Ok(last.map_or(0, unsigned))
}

fn read_entry(row: &Row<'_>) -> Result<LogEntry, LogError> {
    let (index, at) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
    let body = StoredBytes { bytes: Bytes::from(row.get::<_, Vec<u8>>(5)?), plain_length: row.get(3)? };
    let row = coding::EntryRow { number: index, at, kind: row.get(2)?, sum: unsigned(row.get(4)?), body };
    let (kind, body) = row.open().ok_or(LogError::Damaged { index })?;
    Ok(LogEntry { index, at, kind, body })
}

fn write_at_start(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)
}

/// The last entry known to have been acknowledged; 0 if the mark is damaged, as it only serves to detect missing entries.
fn read_mark(folder: &Path) -> Result<u64, LogError> {
    let bytes = match fs::read(folder.join(MARK)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    Ok(coding::read_mark(&bytes).unwrap_or_else(|| {
        tracing::warn!(
            "the mark of the log's end is damaged; whether entries are missing there is not known"
        );
        0
    }))
}

/// SQLite's integers are signed; numbers and times stay far below that.
const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

const fn unsigned(number: i64) -> u64 {
    number.cast_unsigned()
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> LogError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => LogError::DiskFull,
            Some(ErrorCode::ReadOnly) => LogError::ReadOnly,
            Some(ErrorCode::NotADatabase) => LogError::Foreign,
            _ => LogError::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::coding::EntryKind;
    use super::*;

    fn holds(folder: &Path, text: &[u8]) -> bool {
        fs::read_dir(folder).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes.windows(text.len()).any(|window| window == text)
        })
    }

    #[test]
    fn of_an_entry_that_is_forgotten_nothing_stays_on_the_disk() {
        let folder = std::env::temp_dir().join(format!("cpc-forgotten-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut log = EmbeddedLog::open(&folder, true).unwrap();
        for (number, text) in (1..).zip(["an old text", "a younger text", "the last text"]) {
            // Long enough for pages of its own.
            let text = format!("{text} {}", "\u{e7}".repeat(400)).into_bytes();
            let body = StoredBytes { bytes: Bytes::from(text.repeat(10)), plain_length: None };
            log.append(&[NewEntry { at: number, kind: EntryKind::Command, body }], &[]).unwrap();
        }
        assert!(holds(&folder, b"an old text"));
        assert!(log.cut(1).unwrap());
        assert!(!holds(&folder, b"an old text"));
        assert!(holds(&folder, b"a younger text"));
        drop(log);
        fs::remove_dir_all(&folder).unwrap();
    }
}
