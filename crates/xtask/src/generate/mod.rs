//! What is generated and committed: `cargo xtask generate` writes it, the step `generated` fails if it is not as it
//! would be written.
//!
//! A generator is one file here, with a function that makes [`Output`]s, and one row of [`GENERATORS`]. It says the
//! same whenever and wherever it runs, and it writes plain text with `write!`: there is no template engine.

mod abi;
mod c_constants;
mod c_header;
mod docs;
mod fuzz_dictionary;
mod go;
mod messages;
mod output;
mod php;
mod python;
mod typescript;
mod typescript_lines;
mod words;

use crate::process::root;
use anyhow::{Context, Result};
use output::Output;
use std::fs;

/// Makes files, or parts of files.
struct Generator {
    /// What it makes, and of what, in a few words.
    about: &'static str,
    outputs: fn() -> Result<Vec<Output>>,
}

/// Every generator. One that makes a part of a file comes after the one that makes the file, if there is one.
const GENERATORS: &[Generator] = &[
    // The header is made of the sources that this one writes.
    Generator {
        about: "the C statuses and outcome, of cpc-core's descriptors",
        outputs: c_constants::outputs,
    },
    Generator { about: "the texts of messages in the C ABI, of the core's row", outputs: messages::outputs },
    Generator {
        about: "the C header and PHP's declarations, of crates/cpc-capi",
        outputs: c_header::outputs,
    },
    Generator {
        about: "the tables of the documents, of the core's descriptors and the texts of statuses",
        outputs: docs::outputs,
    },
    Generator {
        about: "the dictionary for fuzzing command lines, of their fields",
        outputs: fuzz_dictionary::outputs,
    },
    Generator { about: "the TypeScript types, of the core's descriptors", outputs: typescript::outputs },
    Generator {
        about: "TypeScript's lines and outcomes, of the rows of commands and statuses",
        outputs: typescript_lines::outputs,
    },
    Generator { about: "Python's types, of cpc-core's descriptors", outputs: python::outputs },
    Generator { about: "Go's types, of cpc-core's descriptors", outputs: go::outputs },
    Generator { about: "PHP's types, of cpc-core's descriptors", outputs: php::outputs },
];

/// `cargo xtask generate`
pub(crate) fn write() -> Result<()> {
    // One after the other: some read what those before them wrote.
    for generator in GENERATORS {
        let outputs = (generator.outputs)().with_context(|| generator.about)?;
        for (path, text) in output::files(&root(), outputs)? {
            write_file(&path, &text)?;
        }
    }
    Ok(())
}

fn write_file(path: &str, text: &str) -> Result<()> {
    let file = root().join(path);
    if fs::read_to_string(&file).ok().as_deref() == Some(text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, text).with_context(|| format!("{path} cannot be written"))?;
    println!("    {path} is new");
    Ok(())
}

/// The step `generated`.
pub(crate) fn check() -> Result<()> {
    let count = output::check(&root(), all()?)?;
    println!("    {count} files are as they are generated");
    Ok(())
}

fn all() -> Result<Vec<Output>> {
    let mut outputs = Vec::new();
    for generator in GENERATORS {
        outputs.extend((generator.outputs)().with_context(|| generator.about)?);
    }
    Ok(outputs)
}
