//! Programs that Debian packages, installed where that can be done without asking: as root.

use crate::process::{in_root, quiet, run};
use std::process::Command;

/// Installs packages, without what they only recommend; whether that went well.
pub(crate) fn install(packages: &[&str]) -> bool {
    if quiet(Command::new("id").arg("-u")).is_none_or(|user| user != "0") {
        return false;
    }
    let apt = || {
        let mut command = in_root("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "--quiet"]);
        command
    };
    run(apt().arg("update")).is_ok()
        && run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages)).is_ok()
}

/// What a person has to type to install packages.
pub(crate) fn advice(packages: &[&str]) -> String {
    format!("`apt-get update && apt-get install --no-install-recommends {}`", packages.join(" "))
}
