use crate::{run, stderr, stdout};

#[test]
fn help_has_examples_and_exit_codes_in_both_languages() {
    for command in [&[][..], &["replay"], &["demo"], &["explain"], &["check"], &["completions"]] {
        for (language, examples, codes) in
            [("pt-BR", "Exemplos:", "Códigos de saída:"), ("en", "Examples:", "Exit codes:")]
        {
            let output = run(&[command, &["--help", "--lang", language]].concat());
            assert_eq!(output.status.code(), Some(0), "{command:?}");
            assert!(stdout(&output).contains(examples) && stdout(&output).contains(codes), "{command:?}");
        }
    }
}

#[test]
fn wrong_arguments_are_named_and_end_with_2() {
    for (arguments, named) in [
        (&["fly"][..], "comando desconhecido: fly"),
        (&["replay"], "falta: <ARQUIVO>"),
        (&["replay", "-", "--fast"], "argumento desconhecido: --fast"),
        (&["demo", "--lang", "fr"], "valor inválido para --lang <IDIOMA>: 'fr'"),
        (&["check", "--profile", "x", "-"], "valor inválido para --profile <PERFIL>: 'x'"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains(named), "{}", stderr(&output));
    }
    assert_eq!(run(&[]).status.code(), Some(2));
}

#[test]
fn a_file_that_cannot_be_read_ends_with_3() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    for arguments in [
        &["replay", "/does/not/exist"][..],
        &["check", "/does/not/exist"],
        &["replay", folder],
        &["check", folder],
        &["explain", folder, "--phone", "1", "--tag", "a", "--operator", "b"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).starts_with("cpc: ") && stderr(&output).contains("não pôde ser lido"));
    }
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("replay") && stdout(&output).contains("explain"), "{shell}");
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(stdout(&run(&["--version"])), concat!("cpc ", env!("CARGO_PKG_VERSION"), "\n"));
}
