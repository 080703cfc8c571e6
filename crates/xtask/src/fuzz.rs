//! The fuzz drivers on fixed bytes, as plain tests. Fuzzing itself is open-ended, and not for continuous integration:
//! `cargo +nightly fuzz run NAME`, in `fuzz/`.

use crate::process::{cargo, run, target_folder};
use anyhow::Result;

/// The step `fuzz`.
pub(crate) fn check() -> Result<()> {
    let manifest = ["--manifest-path", "fuzz/Cargo.toml"];
    // A workspace of its own, so in a folder of its own.
    let folder = target_folder()?.join("fuzz");
    run(cargo().args(["fmt", "--check"]).args(manifest))?;
    run(cargo().args(["test", "--quiet", "--locked"]).args(manifest).arg("--target-dir").arg(folder))
}
