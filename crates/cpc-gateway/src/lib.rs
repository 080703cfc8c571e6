//! The reference host of the CPC rules engine: the program `cpc`.
//!
//! It owns what the engine does not have: files, a terminal, and later a clock and a log. It has no rules: every
//! decision it shows is the engine's answer to a command line, read and written by `cpc-wire`.

mod check;
mod cli;
mod demo;
mod explain;
mod failure;
mod help;
mod instant;
mod progress;
mod replay;
mod scenario;
mod terminal;
mod timeline;

use crate::cli::{Action, Options};
use crate::failure::{Failure, Verdict};
use crate::terminal::Screen;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Does what the arguments ask for, the first of which is the program's name, and says how it went: 0 all went
/// well, 1 problems were found, 2 wrong arguments, 3 a file or the output failed.
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
        // Whoever read the output has seen enough: `cpc demo | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // If this cannot be said either, the exit code still says it.
            let _ = writeln!(io::stderr(), "cpc: {}", failure.text(options.language));
            ExitCode::from(3)
        }
    }
}

fn act(options: &Options) -> Result<Verdict, Failure> {
    let (language, color) = (options.language, options.color);
    match &options.action {
        Action::Replay { file, strict, digest } => replay::run(file, *strict, *digest, language),
        Action::Demo => demo::run(&mut Screen::new(color), language),
        Action::Explain(question) => explain::run(question, &mut Screen::new(color), language),
        Action::Check { file, profile } => check::run(file, *profile, &mut Screen::new(color), language),
        Action::Completions(shell) => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut help::command_line(language), "cpc", &mut text);
            io::stdout().write_all(&text).map_err(Failure::Output)?;
            Ok(Verdict::Fine)
        }
    }
}

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// So are those of its Portuguese edition.
#[cfg(doctest)]
#[doc = include_str!("../../../README.pt-BR.md")]
struct ReadmePtBr;
