//! The program `cpc` as its users run it: arguments and standard input in, standard output and exit code out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod check;
mod demo;
mod explain;
mod replay;
mod usage;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The program, in a language that does not depend on where the test runs.
fn cpc(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpc"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it with nothing to read.
fn run(arguments: &[&str]) -> Output {
    cpc(arguments).output().unwrap()
}

/// Runs it with a text to read.
fn run_with(arguments: &[&str], input: impl Into<Vec<u8>>) -> Output {
    let mut child = cpc(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.into());
    // From another thread: neither side may wait for the other for ever.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// A file of this test run.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A wallet, a dispatch, and another that is blocked.
const LINES: &str = r#"{"op":"wallet","at":"2026-11-23T08:55:00-03:00","tag":"emp1","senders":[{"id":"s1","dailyLimit":1},{"id":"s2"}]}
{"op":"sender","at":"2026-11-23T08:55:00-03:00","tag":"emp1","id":"s2","state":"paused"}
{"op":"dispatch","at":"2026-11-23T09:00:00-03:00","campaign":"c","tag":"emp1","messages":[{"phone":"5511988876204","clientId":"c1","closeTicket":true,"specialistCode":"admin","mainTemplate":"Oi","retryTemplate":"Oi?"}]}
{"op":"dispatch","at":"2026-11-23T10:00:00-03:00","campaign":"c","tag":"emp1","messages":[{"phone":"5511988876204","closeTicket":true,"specialistCode":"admin","mainTemplate":"Oi"}]}
"#;
