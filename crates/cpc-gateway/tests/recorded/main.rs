//! The program on what an earlier one was recorded with: the same commands have the same answers, and lead to the same
//! state, to the byte. `README.md` says how the recording was made.
//!
//! `tests/serve/recorded.rs` does the same over HTTP, and the step `soak` of `cargo xtask test` with 100 000 lines.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod comparison;
mod sentences;

use comparison::{REWORDED, assert_as_recorded};
use cpc_wire::{Language, Session};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xxhash_rust::xxh3::xxh3_64;

const LANGUAGES: [&str; 2] = ["pt-BR", "en"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/data").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

/// What the program writes on its standard output; it must succeed.
fn cpc(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpc"));
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A copy of the recorded data folder, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn copy(name: &str) -> Folder {
        let to =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("recorded-{name}-{}", std::process::id()));
        copy(&path("folder"), &to);
        Folder(to)
    }

    fn run(&self, arguments: &[&str]) -> String {
        cpc(&[arguments, &["--lang", "en", "--data", self.0.to_str().unwrap()]].concat())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The demo is for people: where a sentence of it is reworded beyond what a row of `REWORDED` says, or folded
/// otherwise, its recording is edited. Its commands and answers, in lines that begin with an arrow, stay.
#[test]
fn the_demo_is_as_it_was() {
    for language in LANGUAGES {
        let (recorded, said) = (text(&format!("demo.{language}.txt")), cpc(&["demo", "--lang", language]));
        let exchanged = |demo: &str| -> String {
            demo.split_inclusive('\n')
                .filter(|line| line.starts_with("  → ") || line.starts_with("  ← "))
                .collect()
        };
        assert_eq!(exchanged(&recorded).lines().count(), 44);
        assert_as_recorded("what the demo sends and receives", &exchanged(&recorded), &exchanged(&said));
        assert_as_recorded("the demo", &recorded, &said);
    }
}

#[test]
fn every_line_of_the_script_has_its_answer() {
    let script = path("script.jsonl");
    for language in LANGUAGES {
        let said = cpc(&["replay", "--digest", "--lang", language, script.to_str().unwrap()]);
        assert_as_recorded("the script", &text(&format!("script.{language}.jsonl")), &said);
    }
}

#[test]
fn every_line_of_the_script_leads_to_the_state_it_led_to() {
    let (script, states) = (text("script.jsonl"), text("script.states"));
    let mut session = Session::default().language(Language::En);
    let (mut answer, mut snapshot, mut states) = (Vec::new(), Vec::new(), states.lines());
    for (index, line) in script.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        session.execute(line.as_bytes(), &mut answer);
        snapshot.clear();
        session.engine().snapshot(&mut snapshot);
        let sum = format!("{:016x}", xxh3_64(&snapshot));
        assert_eq!(Some(&*sum), states.next(), "the snapshot after line {}", index + 1);
    }
    assert_eq!(states.next(), None);
    assert!(snapshot == bytes("script.snapshot"), "the last snapshot");
}

/// All there was when it was recorded; what has been added since is for newer tests.
#[test]
fn the_script_has_every_operation_every_status_and_every_error() {
    let (script, answers) = (text("script.jsonl"), text("script.en.jsonl"));
    let operations = [
        "policy",
        "wallet",
        "sender",
        "group",
        "dispatch",
        "preview",
        "reply",
        "report",
        "operatorMessage",
        "followUps",
        "expire",
        "clock",
        "optOut",
        "optIn",
        "forget",
        "forceUnblock",
        "contact",
        "import",
        "explain",
        "dueFollowUps",
        "sendable",
        "deadline",
        "digest",
        "stats",
    ];
    for operation in operations {
        assert!(script.contains(&format!(r#"{{"op":"{operation}","#)), "{operation}");
    }
    let statuses = [
        "accepted",
        "invalid_phone",
        "invalid_field",
        "close_ticket_required",
        "empty_template",
        "opted_out",
        "undeliverable",
        "duplicate_in_batch",
        "already_accepted",
        "contact_blocked",
        "out_of_hours",
        "unknown_operator",
        "no_sender_available",
        "contacts_full",
        "not_attempted",
        "applied",
        "unchanged",
        "replied",
        "stale_reply",
        "moved",
        "released",
        "kept",
        "stale_report",
        "unknown_dispatch",
        "allowed",
        "manual_start_denied",
        "expired",
    ];
    for status in statuses {
        assert!(answers.contains(&format!(r#""status":"{status}""#)), "{status}");
    }
    // `too_many` and `line_too_long` need lines of megabytes: see the next test, and `tests/program/replay.rs`.
    let errors = [
        "invalid_json",
        "unknown_op",
        "invalid_field",
        "invalid_policy",
        "timestamp_out_of_range",
        "clock_jump",
        "unknown_wallet",
        "unknown_sender",
        "sender_taken",
        "invalid_phone",
        "empty_batch",
        "batch_too_large",
    ];
    for error in errors {
        assert!(answers.contains(&format!(r#"{{"error":"{error}""#)), "{error}");
    }
}

#[test]
fn a_wallet_of_too_many_senders_is_refused_as_it_was() {
    let senders: Vec<String> = (0..=100_000).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let line =
        format!(r#"{{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{}]}}"#, senders.join(","));
    let (mut session, mut answer) = (Session::default().language(Language::En), Vec::new());
    session.execute(line.as_bytes(), &mut answer);
    let recorded = r#"{"error":"too_many","message":"more than 100000 senders","field":"senders"}"#;
    assert_as_recorded("the line", recorded, std::str::from_utf8(&answer).unwrap());
}

#[test]
fn the_log_of_the_folder_can_be_read_and_replayed() {
    let folder = Folder::copy("dump");
    assert_eq!(folder.run(&["log", "verify"]), text("folder.verify.txt"));
    assert_eq!(folder.run(&["log", "dump"]), text("folder.dump.jsonl"));
    let dump = path("folder.dump.jsonl");
    let said = cpc(&["replay", "--digest", "--lang", "en", dump.to_str().unwrap()]);
    assert_as_recorded("the log", &text("folder.replayed.jsonl"), &said);
}

#[test]
fn the_folder_taken_up_makes_the_snapshot_it_made() {
    let folder = Folder::copy("compact");
    assert_eq!(folder.run(&["log", "compact"]), text("folder.compact.txt"));
    let made = fs::read(folder.0.join("snapshots/00000000000000000099.snapshot")).unwrap();
    assert!(made == bytes("folder.snapshot"));
}

#[test]
fn nothing_counts_as_reworded_that_was_never_said() {
    let names =
        ["demo.pt-BR.txt", "demo.en.txt", "script.pt-BR.jsonl", "script.en.jsonl", "folder.replayed.jsonl"];
    let said: String = names.into_iter().chain(["day.jsonl", "after.jsonl"]).map(text).collect();
    for (before, now) in REWORDED {
        assert!(said.contains(before) && before != now, "{before}");
    }
}
