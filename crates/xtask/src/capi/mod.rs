//! The C ABI: its header, its symbols, its programs, its installation.

mod header;
pub(crate) mod install;
pub(crate) mod library;
mod programs;
mod symbols;
mod wrapper;

use crate::debian;
use crate::process::{in_root, quiet, root};
use anyhow::{Result, bail};

/// The step `capi`.
pub(crate) fn check() -> Result<()> {
    install_compilers()?;
    header::check_standards()?;
    symbols::check()?;
    programs::check_layout()?;
    programs::check()?;
    wrapper::check()?;
    install::check()
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
