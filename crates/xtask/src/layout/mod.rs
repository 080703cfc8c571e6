//! The shape of the project: the top folder holds what it should and nothing else, no modules use each other in a
//! circle, rooms stand in their order, and no small module only forwards.

mod arrows;
mod circles;
mod forwarding;
mod rooms;
mod source;

use crate::files::{collect, read};
use crate::process::{in_root, quiet, root};
use anyhow::{Context, Result, bail};
use source::Crate;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All that may stand at the top.
const TOP: [&str; 21] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "README.pt-BR.md",
    "SECURITY.md",
    "benches",
    "bindings",
    "clippy.toml",
    "crates",
    "docs",
    "fuzz",
    "rustfmt.toml",
];

/// Folders of packages; and packages themselves.
const PACKAGES: (&[&str], &[&str]) = (&["crates", "benches"], &["fuzz"]);

/// The step `layout`.
pub(crate) fn check() -> Result<()> {
    let stray: Vec<String> = top_level()?.into_iter().filter(|name| !TOP.contains(&name.as_str())).collect();
    if !stray.is_empty() {
        bail!("at the top, but not part of the layout: {}", stray.join(", "));
    }
    check_tree(&root())
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

/// Checks the modules of every crate below a folder.
fn check_tree(top: &Path) -> Result<()> {
    let architecture = top.join("ARCHITECTURE.md");
    let mut plans = rooms::plans(&read(&architecture)?)?;
    let (mut wrong, mut modules, mut crates) = (Vec::new(), 0, 0);
    for package in packages(top)? {
        let name = package.strip_prefix(top).unwrap_or(&package).to_string_lossy().replace('\\', "/");
        let plan = plans.remove(&name);
        for file in roots(&package)? {
            let mut source = Crate::read(&file).with_context(|| format!("the modules of {name}"))?;
            source.shorten_files(top);
            let arrows = arrows::arrows(&source);
            let add = |kind: &str, found: Vec<String>, wrong: &mut Vec<String>| {
                wrong.extend(found.into_iter().map(|text| format!("{kind} in {name}: {text}")));
            };
            add("circle", circles::check(&source, &arrows), &mut wrong);
            add("module", forwarding::check(&source), &mut wrong);
            if let Some(plan) = plan.as_ref().filter(|_| file.ends_with("src/lib.rs")) {
                add("room", rooms::check(&source, &arrows, plan), &mut wrong);
            }
            modules += source.modules.len();
            crates += 1;
        }
    }
    wrong.extend(
        plans.keys().map(|name| format!("ARCHITECTURE.md plans rooms of {name}, which is no package")),
    );
    if !wrong.is_empty() {
        bail!("{} faults in the layout of modules\n\n{}", wrong.len(), wrong.join("\n"));
    }
    println!("    {modules} modules in {crates} crates: no circles, none that only forwards");
    Ok(())
}

/// The folder of every package whose modules are checked.
fn packages(top: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = PACKAGES.1.iter().map(|name| top.join(name)).collect();
    for folder in PACKAGES.0.iter().map(|name| top.join(name)).filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            found.push(entry?.path());
        }
    }
    found.retain(|folder| folder.join("src").is_dir());
    found.sort();
    Ok(found)
}

/// The roots of a package's crates: its library, and each of its programs.
fn roots(package: &Path) -> Result<Vec<PathBuf>> {
    let source = package.join("src");
    let mut found: Vec<PathBuf> = ["lib.rs", "main.rs"].iter().map(|name| source.join(name)).collect();
    found.retain(|file| file.exists());
    let programs = source.join("bin");
    if programs.is_dir() {
        let mut files = Vec::new();
        collect(&programs, "rs", &mut files)?;
        let is_root = |file: &PathBuf| file.parent() == Some(&programs) || file.ends_with("main.rs");
        found.extend(files.into_iter().filter(is_root));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
