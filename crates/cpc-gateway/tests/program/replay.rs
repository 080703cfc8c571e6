use crate::{LINES, cpc, file, run, run_with, stderr, stdout};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

const DIGEST: &str = r#"{"op":"digest","at":"2026-11-23T12:00:00-03:00"}"#;
const CLOCK: &str = r#"{"op":"clock","at":"2026-11-23T12:00:00-03:00"}"#;

fn answers(input: impl Into<Vec<u8>>) -> Vec<String> {
    let output = run_with(&["replay", "-"], input);
    assert!(output.status.success());
    assert_eq!(stderr(&output), "");
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn every_line_has_one_answer_and_nothing_else_is_printed() {
    let answers = answers(LINES);
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0], r#"{"seq":1,"at":1795434900000,"outcomes":[{"status":"applied","code":100}]}"#);
    assert!(
        answers[2]
            .contains(r#""status":"accepted","code":0,"phone":"5511988876204","dispatch":1,"sender":"s1""#)
    );
    assert!(answers[3].contains(r#""status":"contact_blocked","code":40"#));
}

#[test]
fn a_file_and_the_standard_input_are_answered_alike() {
    let path = file("alike.jsonl", LINES);
    let from_file = run(&["replay", path.to_str().unwrap()]);
    assert_eq!(stdout(&from_file), stdout(&run_with(&["replay", "-"], LINES)));
}

#[test]
fn blank_lines_are_passed_over_and_the_last_line_needs_no_end() {
    assert_eq!(answers(format!("\n{CLOCK}\r\n  \n{CLOCK}")).len(), 2);
    assert_eq!(answers("").len(), 0);
}

#[test]
fn a_bad_line_has_one_error_for_an_answer_and_changes_nothing() {
    let garbage = "x".repeat(10 << 20);
    let nested = "[".repeat(100_000);
    let deep = format!(r#"{{"op":"clock","at":1795435200000,"more":{nested}"#);
    let bad = [
        ("{", "invalid_json"),
        ("null", "invalid_field"),
        ("[]", "invalid_field"),
        (r#"{"op":"#, "invalid_json"),
        (r#"{"op":"fly","at":1795435200000}"#, "unknown_op"),
        (r#"{"at":1795435200000}"#, "invalid_field"),
        (r#"{"op":"clock"}"#, "invalid_field"),
        (r#"{"op":"clock","at":1795435200}"#, "timestamp_out_of_range"),
        (r#"{"op":"clock","at":99999999999999999999999999}"#, "timestamp_out_of_range"),
        (r#"{"op":"clock","at":"tomorrow"}"#, "invalid_field"),
        (r#"{"op":"clock","at":true}"#, "invalid_field"),
        (r#"{"op":"followUps","at":1795435200000,"limit":-1}"#, "invalid_field"),
        (
            r#"{"op":"report","at":1795435200000,"dispatch":18446744073709551616,"status":"sent"}"#,
            "invalid_field",
        ),
        (r#"{"op":"policy","at":1795435200000,"policy":{"windowMs":0}}"#, "invalid_policy"),
        (
            r#"{"op":"wallet","at":1795435200000,"tag":"emp1","senders":[{"id":"s1","weight":0}]}"#,
            "invalid_field",
        ),
        (garbage.as_str(), "invalid_json"),
        (nested.as_str(), "invalid_field"),
        (deep.as_str(), "invalid_field"),
    ];
    let mut input = LINES.to_owned();
    for (line, _) in &bad {
        input.push_str(&format!("{DIGEST}\n{line}\n"));
    }
    input.push_str(&format!("{DIGEST}\n{CLOCK}\n"));
    let answers = answers(input);
    assert_eq!(answers.len(), 4 + 2 * bad.len() + 2);
    let digest = &answers[4];
    for (pair, (line, name)) in answers[4..].chunks(2).zip(&bad) {
        let shown: String = line.chars().take(80).collect();
        assert_eq!(&pair[0], digest);
        assert!(pair[1].starts_with(&format!(r#"{{"error":"{name}","message":"#)), "{shown}: {}", pair[1]);
        assert!(pair[1].len() < 300);
    }
    assert_eq!(&answers[answers.len() - 2], digest);
    assert!(answers[answers.len() - 1].starts_with(r#"{"seq":5,"#));
}

#[test]
fn a_line_of_more_than_64_mib_is_refused_and_the_next_is_answered() {
    let mut input = vec![b' '; (64 << 20) + 1];
    input.extend_from_slice(format!("\n{CLOCK}\n").as_bytes());
    let answers = answers(input);
    assert_eq!(answers.len(), 2);
    assert!(answers[0].starts_with(r#"{"error":"line_too_long""#));
    assert!(answers[1].starts_with(r#"{"seq":1,"#));
}

#[test]
fn bytes_that_are_no_text_are_a_bad_line() {
    let answers = answers([b"\xff\xfe\n", CLOCK.as_bytes()].concat());
    assert!(answers[0].starts_with(r#"{"error":"invalid_json""#), "{}", answers[0]);
    assert!(answers[1].starts_with(r#"{"seq":1,"#));
}

#[test]
fn strict_stops_at_the_first_line_that_is_refused() {
    let input = format!("{CLOCK}\n{{\n{CLOCK}\n");
    let output = run_with(&["replay", "--strict", "-"], input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output).lines().count(), 2);
    assert_eq!(stderr(&output), "cpc: parou na resposta 2, uma recusa\n");
    let fine = run_with(&["replay", "--strict", "-"], LINES);
    assert_eq!(fine.status.code(), Some(0), "a message that is refused is no refused line");
}

#[test]
fn the_digest_is_the_last_answer() {
    let asked = answers(format!("{LINES}{}", r#"{"op":"digest","at":"2026-11-23T10:00:00-03:00"}"#));
    let output = run_with(&["replay", "--digest", "-"], LINES);
    assert_eq!(stdout(&output).lines().collect::<Vec<_>>(), asked);
    assert!(
        stdout(&run_with(&["replay", "--digest", "-"], "")).starts_with(r#"{"at":946684800000,"digest":""#)
    );
}

#[test]
fn each_answer_comes_before_the_next_line_is_written() {
    let mut child = cpc(&["replay", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for seq in 1..=3 {
        writeln!(input, "{CLOCK}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(&format!(r#"{{"seq":{seq},"#)));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn of_conformance_vectors_the_commands_are_taken() {
    let vectors = format!(
        "{{\"reset\":true,\"title\":\"one\"}}\n{{\"do\":{CLOCK},\"expect\":{{}}}}\n{{\"do\":{CLOCK},\"expect\":{{}}}}\n\
         {{\"reset\":true,\"title\":\"two\"}}\n{{\"title\":\"x\",\"do\":{CLOCK},\"expect\":{{}}}}\n{{\"title\":\"no command\"}}\n"
    );
    let answers = answers(vectors);
    let starts: Vec<&str> = answers.iter().map(|answer| &answer[..8]).collect();
    assert_eq!(starts, [r#"{"seq":1"#, r#"{"seq":2"#, r#"{"seq":1"#, r#"{"error""#]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for arguments in [["replay", "-"], ["demo", "--color=never"]] {
        let mut child = cpc(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut input = child.stdin.take().unwrap();
        // The program stops reading when its output is closed.
        while input.write_all(format!("{CLOCK}\n").repeat(10_000).as_bytes()).is_ok() {}
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(stderr(&output), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_that_cannot_be_written_are_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = cpc(&["replay", "-"]).stdin(Stdio::piped()).stdout(full).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{CLOCK}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).starts_with("cpc: a saída não pôde ser escrita"));
}
