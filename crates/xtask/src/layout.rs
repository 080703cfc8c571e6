//! What a newcomer sees first stays tidy: the top folder holds what it should and nothing else, and a module is
//! short enough to be read in one sitting.

use crate::process::{in_root, quiet, root};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All that may stand at the top.
const TOP: [&str; 17] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "README.pt-BR.md",
    "benches",
    "bindings",
    "clippy.toml",
    "crates",
    "fuzz",
    "rustfmt.toml",
];

/// The most lines of a module, its tests not counted.
const LONGEST_MODULE: usize = 500;

/// The step `layout`.
pub(crate) fn check() -> Result<()> {
    let stray: Vec<String> = top_level()?.into_iter().filter(|name| !TOP.contains(&name.as_str())).collect();
    let mut long = Vec::new();
    for file in modules()? {
        let lines = lines_without_tests(&read(&file)?);
        if lines > LONGEST_MODULE {
            let short = file.strip_prefix(root()).unwrap_or(&file);
            long.push(format!("{} has {lines} lines, {LONGEST_MODULE} at most", short.display()));
        }
    }
    if !stray.is_empty() {
        bail!("at the top, but not part of the layout: {}", stray.join(", "));
    }
    if !long.is_empty() {
        bail!("too long, is there a seam? {}", long.join("; "));
    }
    Ok(())
}

/// What is at the top: all that git knows or would add, or all there is where git knows nothing.
fn top_level() -> Result<BTreeSet<String>> {
    let listed = quiet(in_root("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]));
    if let Some(files) = listed.filter(|files| !files.is_empty()) {
        return Ok(files.lines().filter_map(|file| file.split('/').next()).map(str::to_owned).collect());
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root())? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name != ".git" && name != "target");
    Ok(names)
}

/// Every source file of every crate, tests and examples aside.
fn modules() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let sources = entry?.path().join("src");
        if sources.is_dir() {
            collect(&sources, "rs", &mut files)?;
        }
    }
    files.sort();
    Ok(files)
}

/// Every file below a folder whose name ends so.
pub(crate) fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, ending, files)?;
        } else if path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    Ok(())
}

/// A file's text.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// How many lines stand before the test module at the end of a file.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        matches!(pair, [gate, module] if *gate == "#[cfg(test)]" && module.starts_with("mod ") && module.ends_with('{'))
    });
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_at_the_end_of_a_module_do_not_count() {
        assert_eq!(lines_without_tests("//! A.\nfn a() {}\n"), 2);
        assert_eq!(lines_without_tests("//! A.\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
        assert_eq!(lines_without_tests("//! A.\n#[cfg(test)]\nmod model;\nfn a() {}\n"), 4);
    }
}
