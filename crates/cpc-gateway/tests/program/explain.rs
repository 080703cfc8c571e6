use crate::{LINES, file, run, stdout};

fn explain(name: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let path = file(name, LINES);
    let fixed = ["--lang", "en", "--tag", "emp1", "--operator", "admin"];
    let output = run(&[&["explain", path.to_str().unwrap()], &fixed[..], arguments].concat());
    (output.status.code(), stdout(&output).to_owned())
}

#[test]
fn a_blocked_contact_is_explained_with_its_facts_and_what_would_free_it() {
    let (code, text) = explain("blocked.jsonl", &["--phone", "551188876204", "--client-id", "c1"]);
    assert_eq!(code, Some(0));
    for part in [
        "2026-11-23 10:00:00 (Brasília time): to 551188876204, from wallet emp1, by operator admin",
        "✗ contact_blocked (40): Contact blocked until 2026-11-24 09:00:00 (Brasília time)",
        "what would lift it: A reply of the contact",
        "Phone 551188876204",
        "blocked until          Tue 11-24 09:00",
        "last contact           Mon 11-23 09:00, dispatch 1, from s1",
        "follow-ups pending     1",
        "Client c1",
        "✗ s1  daily limit reached; free at Tue 11-24 09:00",
        "✗ s2  paused\n",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn a_contact_that_may_be_written_to_is_explained_too() {
    let (code, text) =
        explain("free.jsonl", &["--phone", "5511988876204", "--at", "2026-11-24T09:00:00-03:00"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("✓ accepted (0)")
            && text.contains("expired, unanswered")
            && text.contains("✓ s1  can send"),
        "{text}"
    );
}

#[test]
fn a_question_that_cannot_be_answered_is_refused() {
    let (code, text) = explain("time.jsonl", &["--phone", "5511988876204", "--at", "yesterday"]);
    assert_eq!(code, Some(1), "{text}");
    let path = file("wallet.jsonl", LINES);
    let output = run(&[
        "explain",
        path.to_str().unwrap(),
        "--phone",
        "5511988876204",
        "--tag",
        "emp9",
        "--operator",
        "a",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "✗ carteira (tag) desconhecida\n");
}

#[test]
fn lines_that_were_refused_are_mentioned() {
    let path = file("refused.jsonl", &format!("{LINES}{{\n"));
    let output = run(&[
        "explain",
        path.to_str().unwrap(),
        "--phone",
        "5511988876204",
        "--tag",
        "emp1",
        "--operator",
        "a",
    ]);
    assert!(stdout(&output).starts_with("! 1 "), "{}", stdout(&output));
}
