//! Node.js, npm and what the npm package is built and tested with.

use crate::process::{in_root, quiet, root, run};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The oldest Node.js that will do.
const OLDEST_NODE: u32 = 20;

/// The folder of the npm package.
pub(crate) fn package() -> PathBuf {
    root().join("bindings/js")
}

/// Installs exactly what the lock file says, unless it is there already.
pub(crate) fn install() -> Result<()> {
    let version = quiet(in_root("node").arg("--version")).unwrap_or_default();
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {OLDEST_NODE} or later is needed, with npm; found: {version:?}");
    }
    let lock = fs::read(package().join("package-lock.json"))?;
    check_lock(&String::from_utf8(lock.clone()).context("the lock file is not UTF-8")?)?;
    let stamp = package().join("node_modules/.installed");
    if fs::read(&stamp).ok().as_ref() == Some(&lock) {
        return Ok(());
    }
    run(in_package("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// A lock file has packages and checksums, but no registry's address: each machine has its own.
fn check_lock(lock: &str) -> Result<()> {
    ensure!(!lock.contains("\"resolved\""), "package-lock.json has addresses of a registry in it");
    Ok(())
}

/// A program, in the package's folder.
pub(crate) fn in_package(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(package());
    command
}

/// An installed tool, in the package's folder.
pub(crate) fn tool(name: &str) -> Result<Command> {
    let path = package().join("node_modules/.bin").join(name);
    ensure!(path.exists(), "{name} is not among the installed packages");
    let mut command = Command::new(path);
    command.current_dir(package());
    Ok(command)
}

/// The first number of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major(""), None);
    }

    #[test]
    fn a_lock_file_names_no_registry() {
        assert!(check_lock(r#"{"integrity":"sha512-…"}"#).is_ok());
        assert!(check_lock(r#"{"resolved":"somewhere"}"#).is_err());
    }
}
