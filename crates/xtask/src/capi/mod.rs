//! The C ABI: its header, its symbols, its programs, its installation.

pub(crate) mod header;

use crate::debian;
use crate::process::target_folder;
use anyhow::Result;
use std::fs;
use std::path::PathBuf;

/// The step `capi`.
pub(crate) fn check() -> Result<()> {
    debian::need(&[
        ("gcc", "gcc"),
        ("g++", "g++"),
        ("clang", "clang"),
        ("clang++", "clang"),
        ("nm", "binutils"),
        ("valgrind", "valgrind"),
        ("cmake", "cmake"),
        ("make", "make"),
        ("pkg-config", "pkg-config"),
    ])?;
    header::check_drift()?;
    header::check_standards()
}

/// A folder for what a check builds, kept between runs.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join("capi").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
