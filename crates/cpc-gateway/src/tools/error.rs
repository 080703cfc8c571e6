//! How a tool ends: with nothing wrong, with problems found, or with an error.

use crate::localized::Localized;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};

/// The result of a run that could read its input and write its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is wrong.
    Fine,
    /// Something is wrong with the input, and was reported.
    Problems,
}

/// Why a tool could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// A file could not be read.
    #[error("{file} cannot be read: {error}")]
    Input {
        /// Its name, as given.
        file: String,
        error: io::Error,
    },
    /// The output could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
}

impl Localized for ToolError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            ToolError::Input { file, error } => format!("{file} não pôde ser lido: {error}"),
            ToolError::Output(error) => format!("a saída não pôde ser escrita: {error}"),
        })
    }
}

/// Opens a file to be read; `-` is the standard input.
pub(crate) fn open(file: &str) -> Result<Box<dyn Read>, ToolError> {
    if file == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let opened = File::open(file).map_err(|error| ToolError::Input { file: file.to_owned(), error })?;
    Ok(Box::new(opened))
}
