//! Vector files, and how answers are compared; `bindings/conformance/README.md` describes both.

use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Row {
    pub(crate) place: String,
    pub(crate) title: String,
    pub(crate) reset: bool,
    /// The command as it stands, and the answer expected.
    pub(crate) case: Option<(String, Value)>,
}

/// Every row of every file, in order.
pub(crate) fn files() -> Vec<Vec<Row>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bindings/conformance");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|file| rows(file)).collect()
}

fn rows(file: &Path) -> Vec<Row> {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(file).unwrap();
    text.lines().zip(1..).map(|(line, number)| row(format!("{name}:{number}"), line)).collect()
}

fn row(place: String, line: &str) -> Row {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(line).unwrap();
    let raw = |name: &str| members.get(name).map(|raw| raw.get());
    Row {
        place,
        title: raw("title").unwrap_or_default().to_owned(),
        reset: raw("reset") == Some("true"),
        case: raw("do").map(|command| {
            (command.to_owned(), serde_json::from_str(raw("expect").expect("an answer")).unwrap())
        }),
    }
}

/// Where an answer differs from the one expected. Texts for people count only where they are expected.
pub(crate) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", expected, found, &mut differences);
    differences
}

fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for name in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
                let path = format!("{path}.{name}");
                match (expected.get(name), found.get(name)) {
                    (Some(expected), Some(found)) => compare(&path, expected, found, differences),
                    (None, Some(_)) if ["reason", "message"].contains(&name.as_str()) => {}
                    (expected, found) => differences.push(format!("{path}: {expected:?}, {found:?}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{index}]"), expected, found, differences);
            }
        }
        _ if expected == found => {}
        _ => differences.push(format!("{path}: {expected}, {found}")),
    }
}
