//! The program on data folders that are not as it left them: it finds its way back to the same state, or it says what
//! is wrong and touches nothing. Never is something lost in silence.

use crate::support::{Folder, Gateway, message};
use rusqlite::{Connection, params};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use xxhash_rust::xxh3::xxh3_64;

/// A folder as some gateway left it, and the state that it had.
struct Left {
    folder: Folder,
    state: Vec<Value>,
}

const CONTACTS: usize = 12;

/// What is known of every contact, and how much its sender has sent.
fn state(gateway: &Gateway) -> Vec<Value> {
    let contacts =
        (0..2 * CONTACTS).map(|number| gateway.get(&format!("/api/contacts/{}", phone(number))).json());
    let contacts = contacts.map(|contact| contact["contact"].clone());
    contacts.chain([gateway.get("/api/wallets/emp1").json()["wallet"].clone()]).collect()
}

fn phone(number: usize) -> String {
    format!("55119111100{number:02}")
}

fn dispatch(gateway: &Gateway, from: usize) {
    for number in from..from + CONTACTS {
        gateway.dispatch(&message(&phone(number), &format!(r#""clientId":"c{number}""#))).ok();
    }
}

/// After a power cut: all of it is in the write-ahead log, and there is no snapshot.
fn killed() -> &'static Left {
    static LEFT: OnceLock<Left> = OnceLock::new();
    LEFT.get_or_init(|| {
        let folder = Folder::new();
        let gateway = folder.serve(&[]);
        dispatch(&gateway, 0);
        let state = state(&gateway);
        gateway.kill();
        Left { folder, state }
    })
}

/// After it ended in order, twice: there are two snapshots, and the whole log.
fn stopped() -> &'static Left {
    static LEFT: OnceLock<Left> = OnceLock::new();
    LEFT.get_or_init(|| {
        let folder = Folder::new();
        let gateway = folder.serve(&[]);
        dispatch(&gateway, 0);
        gateway.stop();
        let gateway = folder.serve(&[]);
        dispatch(&gateway, CONTACTS);
        let state = state(&gateway);
        gateway.stop();
        assert_eq!(folder.snapshots().len(), 2);
        Left { folder, state }
    })
}

/// Changes the bytes of a file.
fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Flips a bit in the middle of a file.
fn flip_middle(path: &Path) {
    change(path, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
}

fn database(folder: &Folder) -> Connection {
    Connection::open(folder.file("log.db")).unwrap()
}

/// The number and the time of the last entry.
fn last(folder: &Folder) -> (i64, i64) {
    let row = "select max(number), max(at) from entry";
    database(folder).query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// Writes an entry as a gateway would.
fn append(folder: &Folder, number: i64, at: i64, kind: u8, body: &[u8]) {
    let mut head = Vec::new();
    for part in [number, at, xxh3_64(body).cast_signed()] {
        head.extend_from_slice(&part.to_le_bytes());
    }
    head.push(kind);
    let sum = xxh3_64(&head).cast_signed();
    let entry = params![number, at, kind, sum, body];
    database(folder).execute("insert into entry values(?1, ?2, ?3, null, ?4, ?5)", entry).unwrap();
}

/// It must refuse to start for this reason, and leave everything as it is.
fn refuses(folder: &Folder, reason: &str) {
    let before = folder.content();
    let said = folder.refusal();
    assert!(said.contains(reason), "{said}");
    assert!(folder.content() == before, "files were changed: {said}");
}

/// It must start, and have lost nothing.
fn has_everything(folder: &Folder, left: &Left) -> String {
    let gateway = folder.serve(&[]);
    assert_eq!(state(&gateway), left.state);
    gateway.stop()
}

/// Either of the two; says whether it started.
fn loses_nothing_in_silence(folder: &Folder, left: &Left, case: &str) -> bool {
    let before = folder.content();
    match folder.try_serve(&[]) {
        Ok(gateway) => {
            assert_eq!(state(&gateway), left.state, "{case}: {}", gateway.stderr());
            true
        }
        Err(refused) => {
            let said = refused.stderr;
            assert_eq!(refused.status.code(), Some(3), "{case}: {said}");
            assert!(said.contains("cpc: ") && said.contains("log"), "{case}: {said}");
            assert!(folder.content() == before, "{case}: files were changed: {said}");
            false
        }
    }
}

#[test]
fn a_folder_that_is_as_it_was_left_has_everything() {
    for left in [killed(), stopped()] {
        has_everything(&left.folder.copy(), left);
    }
}

#[test]
fn a_write_ahead_log_that_is_cut_off_anywhere_is_noticed() {
    let left = killed();
    let length = fs::read(left.folder.file("log.db-wal")).unwrap().len();
    for (numerator, less) in [(0, 0), (1, 0), (5, 100), (10, 0), (16, 1), (16, 4096)] {
        let folder = left.folder.copy();
        change(&folder.file("log.db-wal"), |bytes| {
            bytes.truncate((length * numerator / 16).saturating_sub(less))
        });
        refuses(&folder, "were acknowledged");
    }
}

#[test]
fn a_bit_that_flips_in_the_write_ahead_log_is_noticed() {
    let left = killed();
    let length = fs::read(left.folder.file("log.db-wal")).unwrap().len();
    let mut noticed = 0;
    for place in (0..8).map(|eighth| length * eighth / 8 + 1234).chain([0, 9, length - 1]) {
        let folder = left.folder.copy();
        change(&folder.file("log.db-wal"), |bytes| bytes[place] ^= 0x10);
        noticed +=
            u32::from(!loses_nothing_in_silence(&folder, left, &format!("bit at {place} of {length}")));
    }
    // Every frame has a checksum; at most what is behind the last one does not matter.
    assert!(noticed >= 10, "{noticed}");
}

#[test]
fn a_database_that_is_cut_off_or_has_a_flipped_bit_loses_nothing_in_silence() {
    let left = stopped();
    let length = fs::read(left.folder.file("log.db")).unwrap().len();
    for snapshots in [true, false] {
        let damaged = |case: &str, damage: &dyn Fn(&mut Vec<u8>)| {
            let folder = left.folder.copy();
            if !snapshots {
                fs::remove_dir_all(folder.file("snapshots")).unwrap();
            }
            change(&folder.file("log.db"), damage);
            loses_nothing_in_silence(&folder, left, &format!("{case}, snapshots: {snapshots}"))
        };
        for quarter in 0..4 {
            let end = length * quarter / 4 + usize::from(quarter > 0) * 77;
            let started = damaged(&format!("cut off at {end}"), &|bytes| bytes.truncate(end));
            assert!(!started, "cut off at {end}");
        }
        for tenth in 0..10 {
            let place = length * tenth / 10 + 50;
            damaged(&format!("bit at {place}"), &|bytes| bytes[place] ^= 4);
        }
    }
}

#[test]
fn without_its_newest_snapshot_the_one_before_will_do_and_without_both_the_whole_log() {
    let left = stopped();
    for (broken, said) in [(1, "replayed=12"), (2, "replayed=26")] {
        let folder = left.folder.copy();
        for snapshot in folder.snapshots().iter().rev().take(broken) {
            flip_middle(snapshot);
        }
        let stderr = has_everything(&folder, left);
        assert_eq!(stderr.matches("a snapshot cannot be used").count(), broken, "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
}

#[test]
fn without_snapshots_a_log_that_does_not_go_back_to_the_beginning_will_not_do() {
    let folder = stopped().folder.copy();
    database(&folder).execute("delete from entry where number <= 5", []).unwrap();
    // One that reaches the beginning of the log is enough.
    has_everything(&folder, stopped());
    for snapshot in folder.snapshots() {
        flip_middle(&snapshot);
    }
    refuses(&folder, "the log begins at entry 6, and no snapshot that reaches there can be read");
}

#[test]
fn entries_that_are_missing_in_the_middle_or_at_the_end_are_noticed() {
    let last = |folder: &Folder| -> i64 {
        database(folder).query_row("select max(number) from entry", [], |row| row.get(0)).unwrap()
    };
    let folder = killed().folder.copy();
    database(&folder).execute("delete from entry where number = 7", []).unwrap();
    refuses(&folder, "log entry 7 is missing");

    let folder = stopped().folder.copy();
    let end = last(&folder);
    database(&folder).execute("delete from entry where number = ?1", [end]).unwrap();
    refuses(
        &folder,
        &format!("the log ends at entry {}, but entries up to {end} were acknowledged", end - 1),
    );

    // Without its mark there are still the snapshots.
    database(&folder).execute("delete from entry where number > 15", []).unwrap();
    fs::remove_file(folder.file("log.mark")).unwrap();
    refuses(&folder, "the log ends at entry 15, before the snapshot of entry");

    // SQLite would take an empty file for a new database.
    let folder = killed().folder.copy();
    change(&folder.file("log.db"), Vec::clear);
    refuses(&folder, "the log ends at entry 0, but entries up to 14 were acknowledged");
}

#[test]
fn a_digest_that_is_another_than_it_was_is_not_served() {
    let folder = killed().folder.copy();
    let (number, at) = last(&folder);
    append(&folder, number + 1, at, 3, &[7; 16]);
    refuses(&folder, &format!("the digest at log entry {} is another", number + 1));
}

#[test]
fn a_file_that_is_no_log_is_left_alone() {
    let folder = Folder::new();
    fs::write(folder.file("log.db"), "This is somebody's letter, not a log. ".repeat(200)).unwrap();
    fs::write(
        folder.file("gateway.json"),
        r#"{"instance":"a1b2c3d4","hashKey":"00000000000000000000000000000001"}"#,
    )
    .unwrap();
    refuses(&folder, "not a log of this version");
    fs::remove_file(folder.file("log.db")).unwrap();
    database(&folder)
        .execute_batch("create table letter(text); insert into letter values('Dear …')")
        .unwrap();
    refuses(&folder, "not a log of this version");
}

#[test]
fn two_gateways_do_not_share_a_folder() {
    let folder = Folder::new();
    let first = folder.serve(&[]);
    let said = folder.refusal();
    assert!(said.contains("the data folder is in use by another process"), "{said}");
    let compact = folder.run(&["log", "compact"]);
    assert!(String::from_utf8_lossy(&compact.stderr).contains("in use"), "{compact:?}");
    // The first one does not mind.
    first.dispatch(&message("5511988876204", "")).ok();
}

#[test]
fn a_log_from_a_time_that_is_yet_to_come_is_heard_of_and_nothing_is_accepted_for_then() {
    let folder = killed().folder.copy();
    let (number, at) = last(&folder);
    let hour = 3_600_000;
    append(&folder, number + 1, at + hour, 2, br#"{"op":"clock"}"#);
    let gateway = folder.serve(&[]);
    let ready = gateway.request("GET", "/readyz").send();
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("the last command is ahead of the clock"), "{}", ready.text());
    let batch = message("5511988876204", "");
    assert_eq!(gateway.dispatch(&batch).status, 503);
    let line = format!(r#"{{"op":"dispatch",{}"#, &batch[1..]);
    assert_eq!(gateway.post("/api/commands", &line).status, 503);
    assert_eq!(gateway.state("5511988876204"), "free");
    // What does not wait for a time is taken as ever.
    let reply = gateway.post("/api/replies", &format!(r#"{{"phone":"{}"}}"#, phone(0)));
    assert_eq!(reply.ok().outcome(), "replied");
    crate::support::eventually("it is seen", || gateway.metric("cpc_clock_ahead_seconds") > 3_000);
    assert!(gateway.stop().contains("ERROR"));
}
