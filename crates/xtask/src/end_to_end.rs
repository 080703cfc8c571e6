//! The release binary as its users run it: `cpc demo` into a pipe, and `cpc replay` of the commands of every
//! conformance file, each answer compared with the one expected.

use crate::process::{cargo, root, run, target_folder};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The step `end-to-end`.
pub(crate) fn check() -> Result<()> {
    let program = release_binary()?;
    demo(&program)?;
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("bindings/conformance"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    ensure!(!files.is_empty(), "no conformance files");
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let rows = conformance(&program, &file).with_context(|| format!("conformance file {name}"))?;
        println!("    {name}: {rows} answers as expected");
    }
    Ok(())
}

/// Builds the release binary and says where it is.
pub(crate) fn release_binary() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--bin", "cpc"]))?;
    let name = format!("cpc{}", std::env::consts::EXE_SUFFIX);
    Ok(target_folder()?.join("release").join(name))
}

fn demo(program: &Path) -> Result<()> {
    for language in ["pt-BR", "en"] {
        let output = Command::new(program).args(["demo", "--lang", language]).output()?;
        ensure!(output.status.success(), "`cpc demo --lang {language}`: {}", output.status);
        let text = String::from_utf8(output.stdout).context("`cpc demo` is not UTF-8")?;
        ensure!(!text.contains('\u{1b}'), "`cpc demo` into a pipe has escape codes");
        println!("    demo in {language}: {} lines", text.lines().count());
    }
    Ok(())
}

/// Replays a conformance file and compares each answer; says how many there were.
fn conformance(program: &Path, file: &Path) -> Result<usize> {
    let output = Command::new(program).arg("replay").arg(file).output().context("`cpc` cannot be started")?;
    ensure!(output.status.success(), "`cpc replay`: {}", output.status);
    let answers: Vec<Value> = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .context("an answer is not JSON")?;
    let mut answers = answers.iter();
    let mut compared = 0;
    for (index, line) in fs::read_to_string(file)?.lines().enumerate() {
        let number = index + 1;
        let row: Row = serde_json::from_str(line).with_context(|| format!("line {number} is no vector"))?;
        let Some(expected) = row.expect else { continue };
        let answer = answers.next().with_context(|| format!("line {number} has no answer"))?;
        if !agrees(answer, &expected) {
            bail!("line {number}\n  expected {expected}\n  answered {answer}");
        }
        compared += 1;
    }
    ensure!(answers.next().is_none(), "more answers than commands");
    Ok(compared)
}

/// The part of a vector that is compared: the expected answer. A `reset` has none.
#[derive(Deserialize)]
struct Row {
    expect: Option<Value>,
}

/// Whether an answer is the expected one. `message` and `reason` may be there in addition: vectors leave them out.
fn agrees(answer: &Value, expected: &Value) -> bool {
    match (answer, expected) {
        (Value::Object(answer), Value::Object(expected)) => {
            let for_people = |name: &str| matches!(name, "message" | "reason");
            expected.iter().all(|(name, value)| answer.get(name).is_some_and(|other| agrees(other, value)))
                && answer.keys().all(|name| for_people(name) || expected.contains_key(name))
        }
        (Value::Array(answer), Value::Array(expected)) => {
            answer.len() == expected.len()
                && answer.iter().zip(expected).all(|(one, other)| agrees(one, other))
        }
        _ => answer == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_texts_for_people_may_be_there_in_addition() {
        let expected = json!({"seq": 1, "outcomes": [{"status": "opted_out"}]});
        assert!(agrees(&json!({"seq": 1, "outcomes": [{"status": "opted_out", "reason": "…"}]}), &expected));
        assert!(!agrees(&json!({"seq": 1, "outcomes": [{"status": "opted_out", "code": 20}]}), &expected));
        assert!(!agrees(&json!({"seq": 1, "outcomes": []}), &expected));
        assert!(!agrees(&json!({"outcomes": [{"status": "opted_out"}]}), &expected));
    }
}
