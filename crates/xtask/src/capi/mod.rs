//! The C ABI: its header, its symbols, its programs, its installation.

pub(crate) mod header;
pub(crate) mod install;
mod programs;
mod symbols;
mod wrapper;

use crate::debian;
use crate::process::{cargo, in_root, quiet, root, run, target_folder};
use anyhow::{Result, bail};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The step `capi`.
pub(crate) fn check() -> Result<()> {
    install_compilers()?;
    header::check_drift()?;
    header::check_standards()?;
    symbols::check()?;
    programs::check_layout()?;
    programs::check()?;
    wrapper::check()?;
    install::check()
}

/// Builds the libraries, and says in which folder they are.
pub(crate) fn library() -> Result<PathBuf> {
    static BUILT: OnceLock<()> = OnceLock::new();
    if BUILT.get().is_none() {
        run(cargo().args(["build", "--quiet", "--release", "--package", "cpc-capi"]))?;
        BUILT.get_or_init(|| ());
    }
    Ok(target_folder()?.join("release"))
}

fn install_compilers() -> Result<()> {
    debian::need(&[
        ("gcc", "gcc"),
        ("g++", "g++"),
        ("clang", "clang"),
        ("clang++", "clang"),
        ("nm", "binutils"),
        ("readelf", "binutils"),
        ("valgrind", "valgrind"),
        ("cmake", "cmake"),
        ("make", "make"),
        ("pkg-config", "pkg-config"),
    ])?;
    let sanitizes = || {
        let source = root().join("bindings/c/include/cpc.h");
        let mut command = in_root("clang");
        // A header has no `main`: linking for a shared library still needs the sanitizer's own library.
        command.args(["-x", "c", "-shared", "-fsanitize=address", "-shared-libasan", "-o", "/dev/null"]);
        quiet(command.arg(source)).is_some()
    };
    if sanitizes() || debian::install(&["libclang-rt-14-dev"]) && sanitizes() {
        return Ok(());
    }
    bail!("clang has no AddressSanitizer; install it: {}", debian::how_to_install(&["libclang-rt-14-dev"]))
}

/// A folder for what a check builds, kept between runs.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join("capi").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
