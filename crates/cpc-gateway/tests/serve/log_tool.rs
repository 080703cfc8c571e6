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
fn what_is_posted_is_logged_with_what_only_readers_of_the_log_need() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.post("/api/opt-outs", r#"{ "reason":"asked", "phone":"5511911110001", "clientId":null }"#).ok();
    gateway.post("/api/replies", r#"{"phone":"5511911110002","text":"a secret"}"#).ok();
    gateway.put("/api/groups/bm%201", r#"{"dailyLimit":5}"#).ok();
    let more = message("5511911110003", r#""contract":"1","mine":{"n":1.50}"#);
    let dispatch = more.replacen('{', r#"{"op":"dispatch","#, 1);
    gateway.command(&dispatch);
    let dump = folder.run(&["log", "dump"]);
    let lines: Vec<&str> = stdout(&dump).lines().map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(
        lines[lines.len() - 4..],
        [
            r#""op":"optOut","phone":"5511911110001","reason":"asked"}"#,
            r#""op":"reply","phone":"5511911110002"}"#,
            r#""op":"group","name":"bm 1","dailyLimit":5}"#,
            &dispatch[1..],
        ]
    );
}

#[test]
fn a_command_that_was_posted_on_many_lines_is_dumped_on_one() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.command(" {\r\n \"op\": \"optOut\",\n \"phone\": \"5511911110001\"\n}\n");
    let state = gateway.command(r#"{"op":"digest"}"#);
    let dump = folder.run(&["log", "dump"]);
    let last = stdout(&dump).lines().last().unwrap().split_once(',').unwrap().1;
    assert_eq!(last, r#"   "op": "optOut",  "phone": "5511911110001" }"#);
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

fn sum(number: i64, at: i64, kind: i64, body: &[u8]) -> i64 {
    let mut head = Vec::new();
    for part in [number, at, xxh3_64(body).cast_signed()] {
        head.extend_from_slice(&part.to_le_bytes());
    }
    head.push(u8::try_from(kind).unwrap());
    xxh3_64(&head).cast_signed()
}

/// Puts a line at the end of a log, some ms after its last entry; says which entry it is.
fn append(folder: &Folder, after: i64, line: &str) -> i64 {
    let connection = Connection::open(folder.file("log.db")).unwrap();
    let (last, at): (i64, i64) = connection
        .query_row("select number, at from entry order by number desc limit 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let (number, at) = (last + 1, at + after);
    let sum = sum(number, at, 2, line.as_bytes());
    connection
        .execute("insert into entry values(?1,?2,2,null,?3,?4)", params![number, at, sum, line.as_bytes()])
        .unwrap();
    number
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Makes the entries of a log up to one as old as they would be after so many days.
fn age(folder: &Folder, days: i64, last: i64) {
    let connection = Connection::open(folder.file("log.db")).unwrap();
    let mut select =
        connection.prepare("select number, at, kind, body from entry where number <= ?1").unwrap();
    let rows =
        select.query_map([last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    let rows: Vec<(i64, i64, i64, Vec<u8>)> = rows.map(Result::unwrap).collect();
    for (number, at, kind, body) in rows {
        let at = at - days * DAY;
        let sum = sum(number, at, kind, &body);
        connection
            .execute("update entry set at = ?1, sum = ?2 where number = ?3", params![at, sum, number])
            .unwrap();
    }
}

/// What a compaction says is left.
fn compacted(folder: &Folder) -> String {
    let compacted = folder.run(&["log", "compact", "--set", "log.keep_days=10"]);
    assert!(compacted.status.success(), "{compacted:?}");
    stdout(&compacted).trim().to_owned()
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
        assert_eq!(compacted(&folder), "entries 1 to 33 are left");
    }
    fs::remove_dir_all(folder.file("snapshots")).unwrap();
    age(&folder, 20, 33);
    // As long as there is one snapshot, the beginning of the log stands for the second; and nothing is old yet, whatever
    // this machine's clock says.
    assert_eq!(compacted(&folder), "entries 1 to 33 are left");
    append(&folder, 1, r#"{"op":"clock"}"#);
    assert_eq!(compacted(&folder), "entries 1 to 34 are left");
    append(&folder, 20 * DAY - 60_000, r#"{"op":"clock"}"#);
    let before = size();
    assert_eq!(compacted(&folder), "entries 35 to 35 are left");
    assert!(size() * 4 < before, "{} of {before}", size());
    let gateway = folder.serve(&[]);
    assert_eq!(
        (gateway.state("5511911110010"), gateway.state("5511911110011")),
        ("suppressed".into(), "expired".into())
    );
}

#[test]
fn compacting_leaves_the_texts_of_messages_that_are_still_to_be_sent() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    let wallet = format!(r#"{{"windowMs":{},"senders":[{{"id":"s1"}}]}}"#, 12 * DAY);
    gateway.put("/api/wallets/emp1", &wallet).ok();
    gateway.dispatch(&message("5511988876204", r#""retryTemplate":"Ainda aí?""#)).ok();
    gateway.kill();
    let entry = append(&folder, 1, r#"{"op":"clock"}"#) - 1;
    age(&folder, 12, entry + 1);
    append(&folder, 12 * DAY, r#"{"op":"followUps"}"#);
    compacted(&folder);
    let last = append(&folder, 1, r#"{"op":"clock"}"#);
    assert_eq!(compacted(&folder), format!("entries {entry} to {last} are left"));
    let gateway = folder.serve(&[]);
    assert_eq!(gateway.outbox()[0]["text"], "Ainda aí?");
}
