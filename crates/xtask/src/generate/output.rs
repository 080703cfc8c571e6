//! Generated text: whole files, and regions of files that people write.
//!
//! A region stands between two lines of its own, comments in whatever way the file has them:
//! `<!-- generated: NAME -->` and `<!-- end -->` in Markdown, `# generated: NAME` and `# end` elsewhere. The lines of
//! the markers are not generated.

use crate::files::read;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// What one generator makes: a file, or a region of one.
pub(crate) struct Output {
    /// The file, from the top of the project on, with `/`.
    path: String,
    /// The name of the region; a whole file if there is none.
    region: Option<&'static str>,
    text: String,
}

impl Output {
    /// A whole file.
    pub(super) fn file(path: impl Into<String>, text: String) -> Output {
        Output { path: path.into(), region: None, text }
    }

    /// What stands between the markers of that name.
    pub(super) fn region(path: impl Into<String>, name: &'static str, text: String) -> Output {
        Output { path: path.into(), region: Some(name), text }
    }
}

/// The files that outputs make, by their paths. A region goes into the file as it stands below `top`, or as an
/// output before it made it.
pub(super) fn files(top: &Path, outputs: Vec<Output>) -> Result<BTreeMap<String, String>> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for Output { path, region, text } in outputs {
        let Some(name) = region else {
            ensure!(files.insert(path.clone(), text).is_none(), "{path} is generated twice");
            continue;
        };
        let before = match files.remove(&path) {
            Some(made) => made,
            None => read(&top.join(&path))?,
        };
        let after = replace(&before, name, &text).with_context(|| path.clone())?;
        files.insert(path, after);
    }
    Ok(files)
}

/// Compares what would be written with what is there; how many files there are.
pub(super) fn check(top: &Path, outputs: Vec<Output>) -> Result<usize> {
    let files = files(top, outputs)?;
    let mut wrong = Vec::new();
    for (path, text) in &files {
        let committed = top.join(path);
        if !committed.exists() {
            wrong.push(format!("{path} is missing"));
        } else if let Some(difference) = difference(&read(&committed)?, text) {
            wrong.push(format!("{path}:{difference}"));
        }
    }
    if !wrong.is_empty() {
        bail!("not as it is generated: {}\nto write it: cargo xtask generate", wrong.join("\n"));
    }
    Ok(files.len())
}

/// The first line that differs: its number, what is there, and what would be.
fn difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let (mut ours, mut theirs) = (committed.split('\n'), generated.split('\n'));
    let mut number = 1;
    loop {
        match (ours.next(), theirs.next()) {
            (Some(one), Some(other)) if one == other => number += 1,
            (one, other) => {
                let shown =
                    |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("`{line}`"));
                return Some(format!("{number}: has {}, but generated is {}", shown(one), shown(other)));
            }
        }
    }
}

/// A text with that region replaced.
fn replace(text: &str, name: &str, region: &str) -> Result<String> {
    let opening = format!("generated: {name}");
    let mut result = String::new();
    let mut lines = text.split_inclusive('\n');
    let mut found = false;
    while let Some(line) = lines.next() {
        result.push_str(line);
        if marker(line) != opening {
            continue;
        }
        ensure!(!found, "the region `{name}` is there twice");
        found = true;
        result.push_str(region);
        if !region.is_empty() && !region.ends_with('\n') {
            result.push('\n');
        }
        let end = lines.find(|line| marker(line) == "end" || marker(line).starts_with("generated: "));
        match end {
            Some(line) if marker(line) == "end" => result.push_str(line),
            _ => bail!("the region `{name}` has no end"),
        }
    }
    ensure!(found, "there is no region `{name}`: put `{opening}` and `end` where it is to be, as comments");
    Ok(result)
}

/// What a line says as a comment; of other lines, something else.
fn marker(line: &str) -> &str {
    line.trim_matches(|mark: char| "<!->#/*".contains(mark) || mark.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_region_is_replaced_and_what_is_around_it_stays() {
        let text = "# A\n<!-- generated: rows -->\n| old |\n<!-- end -->\nmore\n<!-- generated: other -->\n<!-- end -->\n";
        let replaced = replace(text, "rows", "| new |\n| row |").unwrap();
        assert_eq!(
            replaced,
            "# A\n<!-- generated: rows -->\n| new |\n| row |\n<!-- end -->\nmore\n<!-- generated: other -->\n<!-- end -->\n"
        );
        assert_eq!(replace(&replaced, "rows", "| new |\n| row |\n").unwrap(), replaced);
        assert_eq!(
            replace("# generated: words\n# end", "words", "a").unwrap(),
            "# generated: words\na\n# end"
        );
    }

    #[test]
    fn a_region_that_is_not_whole_is_an_error() {
        for text in [
            "",
            "<!-- generated: a -->\n",
            "<!-- generated: a -->\n<!-- generated: b -->\n<!-- end -->\n",
            "<!-- generated: a -->\n<!-- end -->\n<!-- generated: a -->\n<!-- end -->\n",
        ] {
            assert!(replace(text, "a", "b").is_err(), "{text}");
        }
    }

    #[test]
    fn drift_is_found_and_the_first_line_that_differs_is_named() {
        let top = std::env::temp_dir().join(format!("generated-{}", std::process::id()));
        fs::create_dir_all(&top).unwrap();
        fs::write(top.join("whole"), "one\ntwo\n").unwrap();
        fs::write(top.join("part"), "# generated: a\nthree\n# end\n").unwrap();
        let outputs = |whole: &str, part: &str| {
            vec![Output::file("whole", whole.to_owned()), Output::region("part", "a", part.to_owned())]
        };
        assert_eq!(check(&top, outputs("one\ntwo\n", "three\n")).unwrap(), 2);
        let said = |whole, part| check(&top, outputs(whole, part)).unwrap_err().to_string();
        assert!(said("one\n2\n", "three\n").contains("whole:2: has `two`, but generated is `2`"));
        assert!(said("one\ntwo\n", "4").contains("part:2: has `three`, but generated is `4`"));
        assert!(said("one\ntwo\n", "4").contains("cargo xtask generate"));
        assert!(said("one\ntwo", "three\n").contains("whole:3: has ``, but generated is nothing"));
        let missing = check(&top, vec![Output::file("none", String::new())]).unwrap_err().to_string();
        assert!(missing.contains("none is missing"));
        let twice = vec![Output::file("a", String::new()), Output::file("a", String::new())];
        assert!(check(&top, twice).is_err());
        fs::remove_dir_all(top).unwrap();
    }
}
