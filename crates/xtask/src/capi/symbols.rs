//! What the libraries export is what the header declares, no more and no less.

use crate::capi::{header, library};
use crate::process::in_root;
use anyhow::{Context, Result, ensure};
use std::path::Path;

pub(super) fn check() -> Result<()> {
    let declared = header::functions()?;
    let folder = library()?;
    let shared = defined(&folder.join("libcpc.so"), &["--dynamic"])?;
    ensure!(shared == declared, "libcpc.so exports\n{shared:?}\nbut cpc.h declares\n{declared:?}");
    // The archive holds Rust's own library as well, whose names are not the project's to choose.
    let mut archived = defined(&folder.join("libcpc.a"), &[])?;
    archived.retain(|name| name.starts_with("cpc_"));
    ensure!(archived == declared, "libcpc.a defines\n{archived:?}\nbut cpc.h declares\n{declared:?}");
    println!("    libcpc.so and libcpc.a export the {} functions of cpc.h", declared.len());
    Ok(())
}

/// The names of what a library defines for others, sorted.
fn defined(library: &Path, options: &[&str]) -> Result<Vec<String>> {
    let output = in_root("nm")
        // Another compiler's plugin may try to read what it does not know.
        .args(["--plugin=/dev/null", "--defined-only", "--extern-only", "--format=posix"])
        .args(options)
        .arg(library)
        .output()
        .context("`nm` cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, kind)| !kind.is_empty())
        .map(|(name, _)| name.to_owned())
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}
