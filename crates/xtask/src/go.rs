//! The Go package, built against an installed libcpc that pkg-config finds, as for its users.

use crate::capi::install;
use crate::debian;
use crate::process::{in_root, root, run, target_folder};
use anyhow::Result;
use std::process::Command;

/// The step `go`.
pub(crate) fn check() -> Result<()> {
    debian::need(&[("go", "golang-go"), ("gcc", "gcc"), ("pkg-config", "pkg-config")])?;
    let prefix = install::prefix()?;
    let go = || -> Result<Command> {
        let mut command = in_root("go");
        command.current_dir(root().join("bindings/go"));
        command.env("GOCACHE", target_folder()?.join("go")).env("GOFLAGS", "-mod=readonly");
        command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
        command.env("LD_LIBRARY_PATH", prefix.join("lib"));
        Ok(command)
    };
    run(go()?.args(["vet", "./..."]))?;
    // Every call checks that no Go memory handed to C points to other Go memory.
    run(go()?.args(["test", "-count=1", "./..."]).env("GODEBUG", "cgocheck=2"))
}
