//! `cpc log`, beside a gateway and after it.

use crate::support::{Folder, cpc, message};
use rusqlite::{Connection, params};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};
use xxhash_rust::xxh3::xxh3_64;

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// The last answer of a replay.
fn replayed(lines: &str) -> Value {
    let mut command = cpc(&["replay", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, lines) = (child.stdin.take().unwrap(), lines.to_owned());
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    serde_json::from_str(stdout(&output).lines().last().unwrap()).unwrap()
}

#[test]
fn what_is_dumped_replays_to_the_state_of_the_gateway() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for number in 1..=5 {
        let more = format!(r#""clientId":"c{number}","retryTemplate":"{}""#, "Ainda aí? ".repeat(200));
        gateway.dispatch(&message(&format!("551191111000{number}"), &more)).ok();
    }
    gateway.post("/api/replies", r#"{"phone":"551191111001"}"#).ok();
    gateway.post("/api/opt-outs", r#"{"phone":"5511911110002"}"#).ok();
    gateway.post("/api/erasures", r#"{"phone":"5511911110002"}"#).ok();
    gateway.post("/api/reports", r#"{"dispatch":3,"status":"failed","fault":"contact"}"#).ok();
    // Refused, and in the log all the same.
    gateway.dispatch(&message("5511911110004", "").replace("emp1", "other"));
    let state = gateway.command(r#"{"op":"digest"}"#);

    let verified = folder.run(&["log", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
    let dump = folder.run(&["log", "dump"]);
    let lines = format!("{}{{\"op\":\"digest\",\"at\":{}}}\n", stdout(&dump), state["at"]);
    assert_eq!(replayed(&lines), state);
}

#[test]
fn a_flipped_bit_is_found() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.dispatch(&message("5511988876204", r#""contract":"find-this-text""#)).ok();
    gateway.stop();
    assert!(folder.run(&["log", "verify"]).status.success());
    let whole = folder.copy();

    let mut bytes = fs::read(folder.file("log.db")).unwrap();
    let place = bytes.windows(14).position(|window| window == b"find-this-text").unwrap();
    bytes[place] ^= 1;
    fs::write(folder.file("log.db"), bytes).unwrap();
    let verified = folder.run(&["log", "verify"]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    assert!(stdout(&verified).contains("is damaged"), "{verified:?}");

    let snapshot = &whole.snapshots()[0];
    let mut bytes = fs::read(snapshot).unwrap();
    bytes[60] ^= 1;
    fs::write(snapshot, bytes).unwrap();
    let verified = whole.run(&["log", "verify"]);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    assert!(stdout(&verified).contains("problem: snapshot of entry"), "{verified:?}");
}

/// Makes a log as old as it would be after so many days.
fn age(folder: &Folder, days: i64) {
    let connection = Connection::open(folder.file("log.db")).unwrap();
    let mut select = connection.prepare("select number, at, kind, body from entry").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    let rows: Vec<(i64, i64, i64, Vec<u8>)> = rows.map(Result::unwrap).collect();
    for (number, at, kind, body) in rows {
        let at = at - days * 24 * 60 * 60 * 1000;
        let mut head = Vec::new();
        for part in [number, at, xxh3_64(&body).cast_signed()] {
            head.extend_from_slice(&part.to_le_bytes());
        }
        head.push(u8::try_from(kind).unwrap());
        let sum = xxh3_64(&head).cast_signed();
        connection
            .execute("update entry set at = ?1, sum = ?2 where number = ?3", params![at, sum, number])
            .unwrap();
    }
}

#[test]
fn compacting_forgets_what_is_old_and_nothing_else() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    for number in 10..40 {
        // Texts that do not compress well.
        let text: String =
            (0..400_u64).map(|part| format!("{:x}", xxh3_64(&(part * number).to_le_bytes()))).collect();
        gateway.dispatch(&message(&format!("55119111100{number}"), "").replace("Oi", &text)).ok();
    }
    gateway.post("/api/opt-outs", r#"{"phone":"5511911110010"}"#).ok();
    gateway.kill();
    // What is young is kept, however often it is asked.
    let size = || fs::metadata(folder.file("log.db")).unwrap().len();
    for _ in 0..2 {
        let compacted = folder.run(&["log", "compact"]);
        assert!(stdout(&compacted).contains("entries 1 to 33 are left"), "{compacted:?}");
    }
    fs::remove_dir_all(folder.file("snapshots")).unwrap();
    age(&folder, 20);
    let before = size();
    let compacted = folder.run(&["log", "compact", "--set", "log.keep_days=10"]);
    assert!(stdout(&compacted).contains("entries 33 to 33 are left"), "{compacted:?}");
    assert!(size() * 4 < before, "{} of {before}", size());
    let gateway = folder.serve(&[]);
    assert_eq!(
        (gateway.state("5511911110010"), gateway.state("5511911110011")),
        ("suppressed".into(), "expired".into())
    );
}
