//! The program on a log that an earlier one wrote.

use crate::support::{Folder, message};
use rusqlite::{Connection, params};
use std::process::Command;
use xxhash_rust::xxh3::xxh3_64;

/// Puts members that no operation has into a line of the log, as programs did that passed over them.
fn spoil(connection: &Connection, op: &str, members: &str) {
    let mut select = connection.prepare("select number, at, kind, body from entry where kind = 2").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    let rows: Vec<(i64, i64, i64, Vec<u8>)> = rows.map(Result::unwrap).collect();
    let mut found = 0;
    for (number, at, kind, body) in rows {
        let text = String::from_utf8(body).unwrap();
        let Some(rest) = text.strip_prefix(&format!(r#"{{"op":"{op}""#)) else { continue };
        let body = format!(r#"{{"op":"{op}",{members}{rest}"#).into_bytes();
        let mut head = Vec::new();
        for part in [number, at, xxh3_64(&body).cast_signed()] {
            head.extend_from_slice(&part.to_le_bytes());
        }
        head.push(u8::try_from(kind).unwrap());
        let sum = xxh3_64(&head).cast_signed();
        connection
            .execute("update entry set body = ?1, sum = ?2 where number = ?3", params![body, sum, number])
            .unwrap();
        found += 1;
    }
    assert!(found > 0, "{op}");
}

#[test]
fn lines_with_members_that_were_passed_over_once_are_passed_over_for_good() {
    let folder = Folder::new();
    let gateway = folder.serve(&[]);
    gateway.put("/api/wallets/emp1", r#"{"senders":[{"id":"5514990000001"}]}"#).ok();
    let line = message("5511988876204", r#""contract":"1091757""#).replacen('{', r#"{"op":"dispatch","#, 1);
    gateway.command(&line);
    gateway.dispatch(&message("5511988876205", "")).ok();
    gateway.post("/api/reports", r#"{"dispatch":2,"status":"sent"}"#).ok();
    let (state, outbox) = (gateway.command(r#"{"op":"stats"}"#), gateway.outbox());
    assert_eq!(outbox.len(), 1);
    gateway.kill();

    let connection = Connection::open(folder.file("log.db")).unwrap();
    spoil(&connection, "wallet", r#""description":{"of":"the wallet"}"#);
    spoil(&connection, "dispatch", r#""note":"n""#);
    spoil(&connection, "report", r#""errorCode":null,"messageId":"m""#);
    drop(connection);

    let gateway = folder.serve(&[]);
    assert_eq!(gateway.command(r#"{"op":"stats"}"#)["stats"], state["stats"]);
    assert_eq!(gateway.outbox(), outbox);
    gateway.stop();
    let dump = folder.run(&["log", "dump"]);
    assert!(dump.status.success(), "{dump:?}");
    let lines = folder.file("dump.jsonl");
    std::fs::write(&lines, dump.stdout).unwrap();
    let replayed = Command::new(env!("CARGO_BIN_EXE_cpc")).arg("replay").arg(lines).output().unwrap();
    assert!(replayed.status.success(), "{replayed:?}");
}
