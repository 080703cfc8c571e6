//! What `cpc` can be asked for, and what its arguments come to.

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

/// One thing to do.
#[derive(Debug)]
pub(crate) enum Action {
    /// Answers command lines.
    Replay {
        /// Where they are; `-` is the standard input.
        file: String,
        /// Whether the first line that is refused ends it.
        strict: bool,
        /// Whether the digest of the state is the last answer.
        digest: bool,
    },
    /// Shows a contact's life.
    Demo,
    /// Says why a contact could or could not be written to.
    Explain(Question),
    /// Looks for mistakes in a massivocpc body.
    Check {
        /// Where it is; `-` is the standard input.
        file: String,
        /// Which members are required.
        profile: Profile,
    },
    /// Runs the gateway.
    Serve {
        /// What it is set to.
        settings: Chosen,
        /// Whether only the settings are shown.
        print_config: bool,
    },
    /// Looks at a log, or makes it smaller.
    Log {
        /// What to do: `verify`, `dump` or `compact`.
        what: LogTask,
        /// Where it is.
        settings: Chosen,
    },
    /// Makes a token.
    NewToken {
        /// Whose it will be.
        label: String,
        /// Where the tokens are.
        settings: Chosen,
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
pub(crate) struct Chosen {
    /// A file.
    pub(crate) file: Option<PathBuf>,
    /// `name=value`, over all else.
    pub(crate) values: Vec<String>,
}

/// What `explain` asks.
#[derive(Debug)]
pub(crate) struct Question {
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

/// All that the arguments say.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) language: Language,
    pub(crate) color: ColorChoice,
    pub(crate) action: Action,
}

/// What the arguments say.
///
/// # Errors
/// The text of `--help` and `--version`, too, comes as an error.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Options, (Language, clap::Error)> {
    let language = asked_language(arguments);
    let matches =
        command_line(language).try_get_matches_from(arguments).map_err(|error| (language, error))?;
    let color = match text(&matches, "color").as_str() {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => ColorChoice::Auto,
    };
    Ok(Options { language, color, action: action(&matches) })
}

fn action(matches: &ArgMatches) -> Action {
    match matches.subcommand() {
        Some(("replay", chosen)) => Action::Replay {
            file: text(chosen, "file"),
            strict: chosen.get_flag("strict"),
            digest: chosen.get_flag("digest"),
        },
        Some(("explain", chosen)) => Action::Explain(Question {
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
            let what = match chosen.subcommand_name() {
                Some("dump") => LogTask::Dump,
                Some("compact") => LogTask::Compact,
                _ => LogTask::Verify,
            };
            let chosen = chosen.subcommand().map_or_else(Chosen::default, |(_, chosen)| settings(chosen));
            Action::Log { what, settings: chosen }
        }
        Some(("token", chosen)) => match chosen.subcommand() {
            Some((_, chosen)) => {
                Action::NewToken { label: text(chosen, "label"), settings: settings(chosen) }
            }
            None => Action::NewToken { label: String::new(), settings: Chosen::default() },
        },
        Some(("completions", chosen)) => {
            Action::Completions(chosen.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        // `subcommand_required` leaves `demo`.
        _ => Action::Demo,
    }
}

/// The settings that arguments say: those with a name of their own count as the last of `--set`.
fn settings(matches: &ArgMatches) -> Chosen {
    let mut values: Vec<String> =
        matches.try_get_many::<String>("set").ok().flatten().into_iter().flatten().cloned().collect();
    for name in ["listen", "data"] {
        if let Ok(Some(value)) = matches.try_get_one::<String>(name) {
            values.push(format!("{name}={value}"));
        }
    }
    Chosen { file: matches.get_one::<String>("config").map(PathBuf::from), values }
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

/// Says what is wrong with the arguments, or gives the help that was asked for.
pub(crate) fn refuse(error: &clap::Error, language: Language) -> ExitCode {
    // If it cannot be said, the exit code still says it.
    let _ = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.print(),
        _ => write!(io::stderr(), "{}", usage_error(error, language)),
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// What is wrong with the arguments, in that language.
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
