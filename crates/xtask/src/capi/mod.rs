//! The C ABI: its header, its symbols, its programs, its installation.

pub(crate) mod header;
mod programs;
mod symbols;

use crate::debian;
use crate::process::{cargo, run, target_folder};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Debian's, of the clang that is the default there.
const SANITIZER: &str = "/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a";

/// The step `capi`.
pub(crate) fn check() -> Result<()> {
    install_compilers()?;
    header::check_drift()?;
    header::check_standards()?;
    symbols::check()?;
    programs::check_layout()?;
    programs::check()
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
        ("valgrind", "valgrind"),
        ("cmake", "cmake"),
        ("make", "make"),
        ("pkg-config", "pkg-config"),
    ])?;
    // AddressSanitizer's own library; it comes with the compiler's version.
    debian::need_file(SANITIZER, "libclang-rt-14-dev")
}

/// A folder for what a check builds, kept between runs.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join("capi").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
