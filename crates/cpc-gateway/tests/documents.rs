//! The documents agree with the code, in both languages: the tables of statuses and states are those of the engine, and
//! the example in JSON is answered as it stands there. (The examples in Rust are documentation tests of this crate.)
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use cpc_core::{GateState, Status};
use cpc_wire::{Language, Session, status_text};

const READMES: [&str; 2] = [include_str!("../../../README.md"), include_str!("../../../README.pt-BR.md")];

const STATUSES: [(&str, Language); 2] = [
    (include_str!("../../../docs/statuses.md"), Language::En),
    (include_str!("../../../docs/statuses.pt-BR.md"), Language::PtBr),
];

const COMMAND_LINES: [(&str, Language); 2] = [
    (include_str!("../../../docs/command-lines.md"), Language::En),
    (include_str!("../../../docs/command-lines.pt-BR.md"), Language::PtBr),
];

/// The cells of every row of every table.
fn rows(document: &str) -> impl Iterator<Item = Vec<&str>> {
    document.lines().filter_map(|line| {
        let cells = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(cells.split('|').map(str::trim).collect())
    })
}

#[test]
fn the_tables_of_statuses_have_every_status_once_with_its_number_and_text() {
    for (document, language) in STATUSES {
        let shown: Vec<(&str, &str, &str)> = rows(document)
            .filter(|cells| cells[0].parse::<u8>().is_ok())
            .map(|cells| (cells[0], cells[1], cells[2]))
            .collect();
        let expected: Vec<(String, String, &str)> = Status::ALL
            .into_iter()
            .map(|status| {
                (status.code().to_string(), format!("`{}`", status.name()), status_text(status, language))
            })
            .collect();
        let expected: Vec<(&str, &str, &str)> =
            expected.iter().map(|(code, name, text)| (code.as_str(), name.as_str(), *text)).collect();
        assert_eq!(shown, expected, "{language:?}");
    }
}

#[test]
fn the_table_of_states_has_every_state_once() {
    for (document, language) in STATUSES {
        let mut shown: Vec<&str> = rows(document)
            .map(|cells| cells[0])
            .filter(|cell| cell.starts_with('`') && !cell.contains(' '))
            .collect();
        let mut expected: Vec<String> =
            GateState::ALL.into_iter().map(|state| format!("`{}`", state.name())).collect();
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected, "{language:?}");
    }
}

#[test]
fn the_example_is_answered_to_the_letter() {
    for (document, language) in COMMAND_LINES {
        let mut session = Session::default().language(language);
        let lines: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix("→ ")).collect();
        let answers: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix("← ")).collect();
        assert!(!lines.is_empty() && lines.len() == answers.len());
        for (line, expected) in lines.into_iter().zip(answers) {
            let mut answer = Vec::new();
            session.execute(line.as_bytes(), &mut answer);
            assert_eq!(String::from_utf8(answer).unwrap(), expected);
        }
    }
}

#[test]
fn the_first_lines_say_what_the_letters_mean_and_what_they_do_not() {
    for readme in READMES {
        let start: String = readme.lines().take(6).collect::<Vec<_>>().join(" ");
        assert!(start.contains("*contato por cliente*") && start.contains("*contato com a pessoa certa*"));
    }
}
