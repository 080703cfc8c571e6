//! The libraries export exactly the functions that the header declares.

use crate::capi::{header, library};
use crate::process::in_root;
use anyhow::{Context, Result, ensure};
use std::path::Path;

pub(super) fn check() -> Result<()> {
    let declared = header::functions()?;
    let folder = library::folder()?;
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
        // A linker plugin of another compiler version may fail on Rust's objects.
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
