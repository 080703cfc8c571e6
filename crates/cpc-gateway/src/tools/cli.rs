//! The arguments of `cpc`, parsed.

use super::help::command_line;
use clap::error::{ContextKind, ErrorKind};
use clap::{ArgMatches, ColorChoice};
use clap_complete::Shell;
use cpc_core::Profile;
use cpc_wire::Language;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A subcommand and its arguments.
#[derive(Debug)]
pub(crate) enum Action {
    /// Answers command lines.
    Replay {
        /// Where they are; `-` is the standard input.
        file: String,
        /// Whether the first refused line ends the replay.
        strict: bool,
        /// Whether the digest of the state is the last answer.
        digest: bool,
    },
    /// Plays the life of a contact.
    Demo,
    /// Explains why a contact may or may not be written to.
    Explain(ExplainArguments),
    /// Looks for mistakes in a massivocpc body.
    Check {
        /// Where it is; `-` is the standard input.
        file: String,
        /// Which members are required.
        profile: Profile,
    },
    /// Runs the gateway.
    Serve {
        /// Where the settings come from.
        settings: SettingSources,
        /// Whether to print the settings and end.
        print_config: bool,
    },
    /// Verifies, dumps or compacts a log.
    Log {
        /// Which task.
        task: LogTask,
        /// Where it is.
        settings: SettingSources,
    },
    /// Creates a token.
    NewToken {
        /// Its label.
        label: String,
        /// Where the data folder is.
        settings: SettingSources,
    },
    /// Prints the completions of a shell.
    Completions(Shell),
}

/// What `cpc log` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogTask {
    Verify,
    Dump,
    Compact,
}

/// Where settings come from.
#[derive(Debug, Default)]
pub(crate) struct SettingSources {
    /// A file.
    pub(crate) file: Option<PathBuf>,
    /// `name=value`, over all else.
    pub(crate) values: Vec<String>,
}

/// The arguments of `explain`.
#[derive(Debug)]
pub(crate) struct ExplainArguments {
    /// Where the commands that lead there are; `-` is the standard input.
    pub(crate) file: String,
    /// The contact's phone.
    pub(crate) phone: String,
    /// The wallet.
    pub(crate) tag: String,
    /// The operator.
    pub(crate) operator: String,
    /// The client; empty is none.
    pub(crate) client_id: String,
    /// When: milliseconds or RFC 3339; the time of the last command if absent.
    pub(crate) at: Option<String>,
}

/// The parsed arguments.
#[derive(Debug)]
pub(crate) struct CliOptions {
    pub(crate) language: Language,
    pub(crate) color: ColorChoice,
    pub(crate) action: Action,
}

/// Parses the arguments.
///
/// # Errors
/// The text of `--help` and `--version`, too, comes as an error.
pub(crate) fn parse(arguments: &[OsString]) -> Result<CliOptions, (Language, clap::Error)> {
    let language = asked_language(arguments);
    let matches =
        command_line(language).try_get_matches_from(arguments).map_err(|error| (language, error))?;
    let color = match text(&matches, "color").as_str() {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => ColorChoice::Auto,
    };
    Ok(CliOptions { language, color, action: action(&matches) })
}

fn action(matches: &ArgMatches) -> Action {
    match matches.subcommand() {
        Some(("replay", chosen)) => Action::Replay {
            file: text(chosen, "file"),
            strict: chosen.get_flag("strict"),
            digest: chosen.get_flag("digest"),
        },
        Some(("explain", chosen)) => Action::Explain(ExplainArguments {
            file: text(chosen, "file"),
            phone: text(chosen, "phone"),
            tag: text(chosen, "tag"),
            operator: text(chosen, "operator"),
            client_id: text(chosen, "client-id"),
            at: chosen.get_one::<String>("at").cloned(),
        }),
        Some(("check", chosen)) => {
            let strict = text(chosen, "profile") == "strict";
            let profile = if strict { Profile::Strict } else { Profile::Standard };
            Action::Check { file: text(chosen, "file"), profile }
        }
        Some(("serve", chosen)) => {
            let mut settings = settings(chosen);
            // First, so that `--set language=…` counts over it.
            if let Some(tag) = chosen.get_one::<String>("lang") {
                settings.values.insert(0, format!("language={tag}"));
            }
            Action::Serve { settings, print_config: chosen.get_flag("print-config") }
        }
        Some(("log", chosen)) => {
            let task = match chosen.subcommand_name() {
                Some("dump") => LogTask::Dump,
                Some("compact") => LogTask::Compact,
                _ => LogTask::Verify,
            };
            let chosen =
                chosen.subcommand().map_or_else(SettingSources::default, |(_, chosen)| settings(chosen));
            Action::Log { task, settings: chosen }
        }
        Some(("token", chosen)) => match chosen.subcommand() {
            Some((_, chosen)) => {
                Action::NewToken { label: text(chosen, "label"), settings: settings(chosen) }
            }
            None => Action::NewToken { label: String::new(), settings: SettingSources::default() },
        },
        Some(("completions", chosen)) => {
            Action::Completions(chosen.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        // `subcommand_required` leaves `demo`.
        _ => Action::Demo,
    }
}

/// The settings in the arguments. `--listen` and `--data` count as the last `--set`.
fn settings(matches: &ArgMatches) -> SettingSources {
    let mut values: Vec<String> =
        matches.try_get_many::<String>("set").ok().flatten().into_iter().flatten().cloned().collect();
    for name in ["listen", "data"] {
        if let Ok(Some(value)) = matches.try_get_one::<String>(name) {
            values.push(format!("{name}={value}"));
        }
    }
    SettingSources { file: matches.get_one::<String>("config").map(PathBuf::from), values }
}

/// An argument's text; empty if it was not given.
fn text(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

/// The language that `--lang` asks for: needed before the arguments are read, because their help is in it.
fn asked_language(arguments: &[OsString]) -> Language {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let separate = words.windows(2).find_map(|pair| match pair {
        [option, value] if option == "--lang" => Some(value.as_ref()),
        _ => None,
    });
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    separate.or(joined).and_then(Language::from_tag).unwrap_or_default()
}

/// Prints a usage error, or the help that was asked for.
pub(crate) fn refuse(error: &clap::Error, language: Language) -> ExitCode {
    // If printing fails, the exit code still reports the error.
    let _ = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.print(),
        _ => write!(io::stderr(), "{}", usage_error(error, language)),
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// A usage error, in that language.
fn usage_error(error: &clap::Error, language: Language) -> String {
    if language == Language::En {
        return error.render().to_string();
    }
    let named = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("argumento desconhecido: {}", named(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => {
            format!("comando desconhecido: {}", named(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("falta: {}", named(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!(
            "valor inválido para {}: '{}'",
            named(ContextKind::InvalidArg),
            named(ContextKind::InvalidValue)
        ),
        _ => return error.render().to_string(),
    };
    format!("erro: {what}\n\nVeja `cpc --help`.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_language_is_known_before_anything_else() {
        assert_eq!(asked_language(&words("cpc demo")), Language::PtBr);
        assert_eq!(asked_language(&words("cpc demo --lang en")), Language::En);
        assert_eq!(asked_language(&words("cpc --lang=en demo")), Language::En);
        assert_eq!(asked_language(&words("cpc --lang xx demo")), Language::PtBr);
    }

    #[test]
    fn the_language_of_a_gateways_answers_is_the_asked_one_unless_it_is_set() {
        for (line, language) in [
            ("cpc serve", &[][..]),
            ("cpc serve --lang en", &["language=en"]),
            ("cpc --lang=en serve", &["language=en"]),
            ("cpc serve --set language=pt-BR --lang en", &["language=en", "language=pt-BR"]),
        ] {
            let Action::Serve { settings, .. } = parse(&words(line)).unwrap().action else {
                panic!("{line}")
            };
            assert_eq!(settings.values, language, "{line}");
        }
    }

    #[test]
    fn a_wrong_argument_is_named() {
        let (language, error) = parse(&words("cpc replay --fast -")).unwrap_err();
        assert_eq!(
            usage_error(&error, language),
            "erro: argumento desconhecido: --fast\n\nVeja `cpc --help`.\n"
        );
        let (language, error) = parse(&words("cpc --lang en replay --fast -")).unwrap_err();
        assert!(usage_error(&error, language).contains("unexpected argument '--fast'"));
    }
}
