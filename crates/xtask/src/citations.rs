//! Every paragraph of the rules is cited by a test: a row of the conformance vectors, or a test in Rust.

use crate::files::{collect, read};
use crate::process::root;
use anyhow::{Result, bail, ensure};
use std::path::{Path, PathBuf};

/// The step `rules`.
pub(crate) fn check() -> Result<()> {
    let rules = read(&root().join("crates/cpc-core/RULES.md"))?;
    let paragraphs = paragraphs(&rules);
    ensure!(paragraphs.len() > 40, "only {} paragraphs found in RULES.md", paragraphs.len());
    let mut tests = String::new();
    for file in files()? {
        let text = read(&file)?;
        // Of a source file only its test module, which follows the code.
        let own = if is_source(&file) {
            text.split_once("#[cfg(test)]").map(|(_, tests)| tests)
        } else {
            Some(&*text)
        };
        tests.push_str(own.unwrap_or_default());
    }
    let missing: Vec<&String> = paragraphs.iter().filter(|paragraph| !cites(&tests, paragraph)).collect();
    if !missing.is_empty() {
        bail!("no test cites these paragraphs of RULES.md: {missing:?}");
    }
    println!("    {} paragraphs, each cited by a test", paragraphs.len());
    Ok(())
}

/// The numbered paragraphs, as `3.7`.
fn paragraphs(rules: &str) -> Vec<String> {
    let mut section = None;
    let mut found = Vec::new();
    for line in rules.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = number(heading);
        } else if let (Some(section), Some(paragraph)) = (section, number(line)) {
            found.push(format!("{section}.{paragraph}"));
        }
    }
    found
}

/// The number that a heading or paragraph begins with: `3. The gate`.
fn number(line: &str) -> Option<u32> {
    line.split_once(". ")?.0.parse().ok()
}

/// Whether a text cites `§3.7`, and not only `§3.70`.
fn cites(text: &str, paragraph: &str) -> bool {
    let mark = format!("§{paragraph}");
    text.match_indices(&mark).any(|(at, _)| {
        !text.get(at + mark.len()..).unwrap_or_default().starts_with(|next: char| next.is_ascii_digit())
    })
}

fn is_source(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "src")
}

fn files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(&root().join("bindings/conformance"), "jsonl", &mut files)?;
    collect(&root().join("crates"), "rs", &mut files)?;
    // The examples in this module's own tests prove nothing.
    files.retain(|file| !file.components().any(|part| part.as_os_str() == "xtask"));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_numbered_within_their_sections() {
        let rules = "# Rules\n1. no section\n## 2. B\n1. one\n   more\n10. ten\n## Statuses\n1. none\n";
        assert_eq!(paragraphs(rules), ["2.1", "2.10"]);
    }

    #[test]
    fn a_longer_number_is_another_paragraph() {
        assert!(cites("RULES §2.1: a, §2.10", "2.1") && cites("§2.10", "2.10"));
        assert!(!cites("§2.10 and §12.1", "2.1"));
    }
}
