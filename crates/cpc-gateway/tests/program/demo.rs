use crate::{cpc, run, run_with, stderr, stdout};

#[test]
fn piped_it_is_plain_and_tells_every_stage() {
    for language in ["pt-BR", "en"] {
        let output = run(&["demo", "--lang", language]);
        assert!(output.status.success());
        assert_eq!(stderr(&output), "");
        let text = stdout(&output);
        assert!(!text.contains('\u{1b}'));
        let mut rest = text;
        for stage in [
            "✓ accepted",
            "• already_accepted",
            "✗ contact_blocked",
            "✗ manual_start_denied",
            "✓ replied",
            "✓ allowed",
            "✓ accepted",
            "• expired",
            r#""stage":1,"origin":2"#,
            r#""stage":2,"origin":2"#,
            "• expired",
            "✗ no_sender_available",
            "■■ 2/2",
            "dailyLimit",
            "• opted_out",
            "✗ contact_blocked",
            "✗ duplicate_in_batch",
            "✗ invalid_phone",
            "✗ invalid_field",
            "✗ close_ticket_required",
            "✗ opted_out",
            "! accepted",
            "✗ no_sender_available",
            "✓ accepted",
            "✗ unknown_wallet",
            "digest",
            "DR D",
        ] {
            let at =
                rest.find(stage).unwrap_or_else(|| panic!("{language}: no {stage} after the one before"));
            rest = &rest[at + stage.len()..];
        }
    }
}

#[test]
fn it_speaks_the_language_asked_for() {
    assert!(stdout(&run(&["demo"])).contains("Contato bloqueado"));
    assert!(stdout(&run(&["demo", "--lang", "en"])).contains("Contact blocked"));
}

#[test]
fn its_lines_replayed_have_the_answers_it_shows() {
    let demo = run(&["demo"]);
    let marked = |mark: &str| {
        let lines = stdout(&demo).lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(stdout(&run_with(&["replay", "-"], marked("  → "))), marked("  ← "));
}

#[test]
fn colours_are_there_only_when_asked_for() {
    let coloured = run(&["demo", "--color", "always"]);
    assert!(stdout(&coloured).contains('\u{1b}'));
    assert!(!stdout(&run(&["demo", "--color", "never"])).contains('\u{1b}'));
    let forced = cpc(&["demo"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!stdout(&forced).contains('\u{1b}'));
    // With the colours taken away, the text is the same.
    let mut plain = String::new();
    let mut rest = stdout(&coloured);
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, stdout(&run(&["demo"])));
}
