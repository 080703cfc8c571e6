//! What a durable append costs in the embedded databases that could keep the gateway's log, beside a bare file; and how
//! long each takes to open again and to read the log back.
//!
//! ```text
//! cargo run --release --manifest-path benches/stores/Cargo.toml --target-dir target/stores -- FOLDER
//! ```
//!
//! FOLDER is on the disk to be measured, and is made and removed. The stores take turns, in blocks, so that a busy
//! machine is equally busy for all; medians are shown as ratios to the bare file's.

use fjall::{Database as Fjall, Keyspace, KeyspaceCreateOptions, PersistMode};
use redb::{Database as Redb, Durability, ReadableDatabase, TableDefinition};
use rusqlite::Connection;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// An entry of one message, and one of a batch of some thousand, compressed.
const SIZES: [usize; 2] = [300, 50_000];
const BLOCKS: u64 = 8;
const BLOCK: u64 = 150;

trait Store {
    /// Appends an entry, and syncs it if asked to.
    fn append(&mut self, number: u64, entry: &[u8], sync: bool) -> Done;
    /// Reads all entries; how many bytes they have.
    fn read(&self) -> Done<usize>;
}

struct Bare(File);

impl Store for Bare {
    fn append(&mut self, _: u64, entry: &[u8], sync: bool) -> Done {
        self.0.write_all(entry)?;
        if sync {
            self.0.sync_data()?;
        }
        Ok(())
    }

    fn read(&self) -> Done<usize> {
        Ok(usize::try_from(self.0.metadata()?.len())?)
    }
}

struct InFjall(Fjall, Keyspace);

impl Store for InFjall {
    fn append(&mut self, number: u64, entry: &[u8], sync: bool) -> Done {
        let mut batch = self.0.batch().durability(sync.then_some(PersistMode::SyncData));
        batch.insert(&self.1, number.to_be_bytes(), entry);
        Ok(batch.commit()?)
    }

    fn read(&self) -> Done<usize> {
        let mut bytes = 0;
        for entry in self.1.iter() {
            bytes += entry.value()?.len();
        }
        Ok(bytes)
    }
}

const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("log");

struct InRedb(Redb);

impl Store for InRedb {
    fn append(&mut self, number: u64, entry: &[u8], sync: bool) -> Done {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(if sync { Durability::Immediate } else { Durability::None })?;
        transaction.open_table(TABLE)?.insert(number, entry)?;
        Ok(transaction.commit()?)
    }

    fn read(&self) -> Done<usize> {
        let transaction = self.0.begin_read()?;
        let mut bytes = 0;
        for entry in transaction.open_table(TABLE)?.range::<u64>(..)? {
            bytes += entry?.1.value().len();
        }
        Ok(bytes)
    }
}

struct InSqlite(Connection);

impl Store for InSqlite {
    fn append(&mut self, number: u64, entry: &[u8], sync: bool) -> Done {
        self.0.pragma_update(None, "synchronous", if sync { "full" } else { "off" })?;
        let mut insert = self.0.prepare_cached("insert into log values(?1, ?2)")?;
        insert.execute((number.cast_signed(), entry))?;
        Ok(())
    }

    fn read(&self) -> Done<usize> {
        let mut select = self.0.prepare("select entry from log order by number")?;
        let mut rows = select.query(())?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += row.get_ref(0)?.as_blob()?.len();
        }
        Ok(bytes)
    }
}

const NAMES: [&str; 4] = ["bare file", "SQLite", "fjall", "redb"];

fn open(name: &str, folder: &Path) -> Done<Box<dyn Store>> {
    let path = folder.join(name.replace(' ', "-"));
    fs::create_dir_all(&path)?;
    Ok(match name {
        "SQLite" => {
            let connection = Connection::open(path.join("log.db"))?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection
                .execute_batch("create table if not exists log(number integer primary key, entry blob)")?;
            Box::new(InSqlite(connection))
        }
        "fjall" => {
            let database = Fjall::builder(path).open()?;
            let keyspace = database.keyspace("log", KeyspaceCreateOptions::default)?;
            Box::new(InFjall(database, keyspace))
        }
        "redb" => Box::new(InRedb(Redb::create(path.join("log.redb"))?)),
        _ => Box::new(Bare(File::options().create(true).append(true).open(path.join("log"))?)),
    })
}

fn main() -> Done {
    let folder = std::env::args().nth(1).map(PathBuf::from).ok_or("which folder?")?.join("stores");
    println!(
        "{:>9}  {:<10} {:>10} {:>7} {:>10} {:>7} {:>10} {:>10}",
        "bytes", "", "synced", "ratio", "not", "ratio", "open", "read"
    );
    for size in SIZES {
        measure(&folder.join(size.to_string()), size)?;
    }
    Ok(fs::remove_dir_all(folder)?)
}

fn measure(folder: &Path, size: usize) -> Done {
    let mut stores = NAMES.map(|name| (name, Vec::new(), Vec::new()));
    let mut opened: Vec<Box<dyn Store>> = NAMES.iter().map(|name| open(name, folder)).collect::<Done<_>>()?;
    let entry = noise(size);
    let mut number = 0;
    for sync in [true, false].repeat(usize::try_from(BLOCKS)?) {
        for (store, (_, synced, unsynced)) in opened.iter_mut().zip(&mut stores) {
            for entry_number in number..number + BLOCK {
                let began = Instant::now();
                store.append(entry_number, &entry, sync)?;
                if sync { &mut *synced } else { &mut *unsynced }.push(began.elapsed());
            }
        }
        number += BLOCK;
    }
    drop(opened);
    let mut bare = None;
    for (name, synced, unsynced) in stores {
        let (synced, unsynced) = (median(synced), median(unsynced));
        let (bare_synced, bare_unsynced) = *bare.get_or_insert((synced, unsynced));
        let began = Instant::now();
        let store = open(name, folder)?;
        let to_open = began.elapsed();
        let began = Instant::now();
        assert_eq!(store.read()?, size * usize::try_from(number)?, "{name} lost something");
        let (one, other) = (ratio(synced, bare_synced), ratio(unsynced, bare_unsynced));
        println!(
            "{size:>9}  {name:<10} {synced:>10.1?} {one:>7.2} {unsynced:>10.1?} {other:>7.2} {to_open:>10.1?} {:>10.1?}",
            began.elapsed()
        );
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.swap_remove(times.len() / 2)
}

fn ratio(time: Duration, bare: Duration) -> f64 {
    time.as_secs_f64() / bare.as_secs_f64()
}

/// Bytes that do not compress, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}
