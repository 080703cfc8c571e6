//! How a run ends: well, with problems found, or not at all.

use crate::config::settings::SettingsError;
use crate::told::told;
use cpc_wire::Language;
use std::error::Error;
use std::fs::File;
use std::io::{self, Read};

/// What was found, when everything could be read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing wrong.
    Fine,
    /// Something is wrong with what was read, and was said.
    Problems,
}

/// Why a run could not go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file could not be read.
    Input {
        /// Its name, as given.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// The output could not be written.
    Output(io::Error),
    /// The settings cannot be used.
    Settings(SettingsError),
    /// The gateway, or what it left, cannot be used.
    Gateway(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// What happened, for people.
    pub(crate) fn text(&self, language: Language) -> String {
        match (self, language) {
            (Failure::Input { file, error }, Language::PtBr) => format!("{file} não pôde ser lido: {error}"),
            (Failure::Input { file, error }, Language::En) => format!("{file} cannot be read: {error}"),
            (Failure::Output(error), Language::PtBr) => format!("a saída não pôde ser escrita: {error}"),
            (Failure::Output(error), Language::En) => format!("the output cannot be written: {error}"),
            (Failure::Settings(error), Language::PtBr) => {
                format!("a configuração não serve: {}", error.text(language))
            }
            (Failure::Settings(error), Language::En) => {
                format!("the settings cannot be used: {}", error.text(language))
            }
            (Failure::Gateway(error), _) => told(&**error, language),
        }
    }
}

/// Opens a file to be read; `-` is the standard input.
pub(crate) fn open(file: &str) -> Result<Box<dyn Read>, Failure> {
    if file == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let opened = File::open(file).map_err(|error| Failure::Input { file: file.to_owned(), error })?;
    Ok(Box::new(opened))
}
