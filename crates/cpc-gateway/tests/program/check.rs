use crate::{file, run, run_with, stdout};

const GOOD: &str = cpc_http::EXAMPLE_REQUEST;

#[test]
fn the_documents_example_has_nothing_wrong() {
    let output = run_with(&["check", "-"], GOOD);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "✓ -: 0 erros, 0 avisos\n");
}

#[test]
fn the_documents_table_asks_for_more_than_its_example_has() {
    let output = run_with(&["check", "--profile", "strict", "--lang", "en", "-"], GOOD);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("-:5:16: error: messages[0].clientId: "), "{}", stdout(&output));
}

#[test]
fn every_problem_has_its_place() {
    let bad = GOOD
        .replace("\"closeTicket\": true", "\"closeTicket\": false")
        .replace("  }]", "  },\n  {\"phone\": \"5520988876204\", \"closeTicket\": true, \"specialistCode\": \"a\", \"mainTemplate\": \"\"}]");
    let path = file("bad.json", &bad);
    let path = path.to_str().unwrap();
    let output = run(&["check", path]);
    assert_eq!(output.status.code(), Some(1));
    let expected = [
        ":5:16: erro: messages[0].closeTicket: closeTicket deve ser true",
        ":14:3: erro: messages[1].phone: Número inválido",
        ":14:3: aviso: messages[1].mainTemplate: mainTemplate está vazio: a mensagem será enviada vazia",
    ];
    let mut text: String = expected.map(|line| format!("{path}{line}\n")).concat();
    text.push_str(&format!("✗ {path}: 2 erros, 1 aviso\n"));
    assert_eq!(stdout(&output), text);
}

#[test]
fn a_warning_alone_is_no_problem() {
    let output = run_with(
        &["check", "-"],
        GOOD.replace("Olá, seu contrato", "").replace("mainTemplate\": \"", "mainTemplate\": \"\",\"x\": \""),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("aviso"));
}

#[test]
fn what_is_no_json_or_of_another_shape_is_said_with_its_line() {
    let output = run_with(&["check", "--lang", "en", "-"], GOOD.replace("\"tag\":", "tag:"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("-:4:3: error: not JSON"), "{}", stdout(&output));
    let output = run_with(&["check", "--lang", "en", "-"], GOOD.replace("true", "\"true\""));
    assert!(
        stdout(&output).starts_with("-:5:16: error: messages[0].closeTicket: expected boolean"),
        "{}",
        stdout(&output)
    );
    for text in ["", "[]", "null", "{}", "\u{feff}{}"] {
        assert_eq!(run_with(&["check", "-"], text).status.code(), Some(1), "{text}");
    }
}
