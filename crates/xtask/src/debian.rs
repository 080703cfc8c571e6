//! Programs that a check needs: found, or installed from Debian's packages where that can be done without asking.

use crate::process::{in_root, quiet, run};
use anyhow::{Result, bail};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Makes sure that programs are installed; each is given with its Debian package.
pub(crate) fn need(programs: &[(&str, &str)]) -> Result<()> {
    let missing = || programs.iter().filter(|(program, _)| find(program).is_none());
    let packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
    if packages.is_empty() || install(&packages) && missing().next().is_none() {
        return Ok(());
    }
    let names: Vec<&str> = missing().map(|(program, _)| *program).collect();
    bail!("not found: {}; install it: {}", names.join(", "), how_to_install(&packages))
}

/// Makes sure that a file of a Debian package is installed.
pub(crate) fn need_file(file: &str, package: &str) -> Result<()> {
    let there = || PathBuf::from(file).exists();
    if there() || install(&[package]) && there() {
        return Ok(());
    }
    bail!("{file} is missing; install it: {}", how_to_install(&[package]))
}

/// A program on the path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Installs packages; `false` if that cannot be done here.
pub(crate) fn install(packages: &[&str]) -> bool {
    if quiet(Command::new("id").arg("-u")).is_none_or(|user| user != "0") {
        return false;
    }
    let apt = || {
        let mut command = in_root("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "--quiet"]);
        // Another program may be installing something right now.
        command.args(["-o", "DPkg::Lock::Timeout=300"]);
        command
    };
    run(apt().arg("update")).is_ok()
        && run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages)).is_ok()
}

/// How a person would install packages.
pub(crate) fn how_to_install(packages: &[&str]) -> String {
    let packages = packages.join(" ");
    format!("on Debian, as root, `apt-get update && apt-get install --no-install-recommends {packages}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_path_is_found() {
        assert!(find("sh").is_some());
        assert!(find("a-program-that-does-not-exist").is_none());
        assert!(need(&[("sh", "dash")]).is_ok());
    }
}
