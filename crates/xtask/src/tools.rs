//! Cargo's own extensions, where they are not there already: built once, in exactly the versions named here.

use crate::process::{cargo, run, target_folder};
use anyhow::Result;
use std::path::PathBuf;

/// A program that cargo installs.
pub(crate) struct Tool {
    /// Its package, and its program.
    pub(crate) name: &'static str,
    /// The version, pinned.
    pub(crate) version: &'static str,
}

pub(crate) const COVERAGE: Tool = Tool { name: "cargo-llvm-cov", version: "0.9.1" };
pub(crate) const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };
pub(crate) const MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };

/// Where a tool's program is, once it was built.
pub(crate) fn program(tool: &Tool) -> Result<PathBuf> {
    let Tool { name, version } = tool;
    let tools = target_folder()?.join("tools");
    let folder = tools.join(format!("{name}-{version}"));
    let program = folder.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        println!("    {name} {version} is built once, which takes minutes");
        run(cargo()
            .args(["install", name, "--version", &format!("={version}"), "--locked", "--quiet", "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(tools.join("build")))?;
    }
    Ok(program)
}
