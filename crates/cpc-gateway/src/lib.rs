//! The reference host of the CPC rules engine: the program `cpc`.
//!
//! It owns what the engine does not have: files, a terminal, a clock, a log, a network. It has no rules: every
//! decision is the engine's answer to a command, read and written by `cpc-wire`.
//!
//! A room imports only from rooms above it in this table:
//!
//! | room | what it has |
//! |---|---|
//! | `storage` | the log, the data folder, commands as JSON |
//! | `config` | settings and tokens |
//! | `engine` | the state, its writer, recovery, timers |
//! | `delivery` | messages on their way to the transport |
//! | `http` | routes, admission, webhooks that come in |
//! | `serve` | start and shutdown of the gateway |
//! | `tools` | the other commands, and the command line |

mod config;
mod delivery;
mod engine;
mod error;
mod http;
mod localized;
mod serve;
mod storage;
mod tools;

use crate::config::settings::{Settings, name_and_value};
use crate::config::token_file::TokenFile;
use crate::error::RunError;
use crate::localized::Localized;
use crate::tools::cli::{Action, CliOptions, LogTask, SettingSources};
use crate::tools::error::{ToolError, Verdict};
use crate::tools::terminal::Screen;
use crate::tools::{check, cli, demo, explain, help, log as log_tool, replay};
use cpc_wire::Language;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Runs the program with its arguments, the first of which is its name. Exit codes: 0 success, 1 problems were found, 2
/// wrong arguments, 3 a file, the output or the gateway failed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let options = match cli::parse(&arguments) {
        Ok(options) => options,
        Err((language, error)) => return cli::refuse(&error, language),
    };
    let result = act(&options);
    match result {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Problems) => ExitCode::from(1),
        // The reader has seen enough, as in `cpc demo | head`.
        Err(RunError::Tool(ToolError::Output(error))) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // If printing fails, the exit code still reports the error.
            let _ = writeln!(io::stderr(), "cpc: {}", error.text(options.language));
            ExitCode::from(3)
        }
    }
}

/// The settings of `cpc serve` as a table in Markdown, as the README of this crate has it.
#[must_use]
pub fn settings_table(language: Language) -> String {
    Settings::markdown(language)
}

fn act(options: &CliOptions) -> Result<Verdict, RunError> {
    let (language, color) = (options.language, options.color);
    match &options.action {
        Action::Replay { file, strict, digest } => Ok(replay::run(file, *strict, *digest, language)?),
        Action::Demo => Ok(demo::run(&mut Screen::new(color), language)?),
        Action::Explain(arguments) => Ok(explain::run(arguments, &mut Screen::new(color), language)?),
        Action::Check { file, profile } => Ok(check::run(file, *profile, &mut Screen::new(color), language)?),
        Action::Serve { settings, print_config } => {
            let settings = load(settings)?;
            if *print_config {
                io::stdout().write_all(settings.shown(language).as_bytes()).map_err(ToolError::Output)?;
                return Ok(Verdict::Fine);
            }
            serve::run(&settings)?;
            Ok(Verdict::Fine)
        }
        Action::Log { task, settings } => {
            let settings = load(settings)?;
            let (data, mut out) = (&settings.data, io::stdout().lock());
            let done = match task {
                LogTask::Verify => log_tool::verify(data, language, &mut out),
                LogTask::Dump => log_tool::dump(data, out),
                LogTask::Compact => log_tool::compact(data, settings.retention().keep_ms, language, &mut out),
            };
            Ok(done?)
        }
        Action::NewToken { label, settings } => {
            let token = TokenFile::of(&load(settings)?.data).create(label)?;
            writeln!(io::stdout(), "{token}").map_err(ToolError::Output)?;
            Ok(Verdict::Fine)
        }
        Action::Completions(shell) => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut help::command_line(language), "cpc", &mut text);
            io::stdout().write_all(&text).map_err(ToolError::Output)?;
            Ok(Verdict::Fine)
        }
    }
}

fn load(chosen: &SettingSources) -> Result<Settings, RunError> {
    let values: Result<Vec<_>, _> = chosen.values.iter().map(|value| name_and_value(value)).collect();
    let settings = values.and_then(|values| Settings::load(chosen.file.as_deref(), &values));
    Ok(settings?)
}

/// The examples of the README and of the guide for Rust are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/rust.md")]
struct Documents;

/// So are those of their Portuguese editions.
#[cfg(doctest)]
#[doc = include_str!("../../../README.pt-BR.md")]
#[doc = include_str!("../../../docs/rust.pt-BR.md")]
struct DocumentsPtBr;
