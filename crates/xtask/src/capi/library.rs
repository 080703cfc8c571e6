//! The built library, and where checks build what they need of their own.

use crate::process::{cargo, run, target_folder};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Builds the libraries, once; the folder that they are in.
pub(crate) fn folder() -> Result<PathBuf> {
    static BUILT: OnceLock<()> = OnceLock::new();
    if BUILT.get().is_none() {
        run(cargo().args(["build", "--quiet", "--release", "--package", "cpc-capi"]))?;
        BUILT.get_or_init(|| ());
    }
    Ok(target_folder()?.join("release"))
}

/// A folder for what a check builds, kept between runs.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join("capi").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
