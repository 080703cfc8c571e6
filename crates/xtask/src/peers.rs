//! The engine beside its peers: `cargo xtask bench` measures them, the step `peers` checks that the benchmark compiles
//! and that peers decide as the engine does.

use crate::process::{cargo, run, target_folder};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

const MANIFEST: [&str; 2] = ["--manifest-path", "benches/peers/Cargo.toml"];

/// The options of the measurement.
pub(crate) struct Wanted {
    /// Whether to measure up to 5·10^7 contacts.
    pub(crate) full: bool,
    /// Whether to measure general rule engines as well, which take many minutes to compile.
    pub(crate) heavy: bool,
    /// Whether `benches/README.md` gets the tables.
    pub(crate) write: bool,
}

/// The step `peers`: everything but the general rule engines.
pub(crate) fn check() -> Result<()> {
    run(cargo().args(["fmt", "--check"]).args(MANIFEST))?;
    run(in_its_folder("clippy")?.args(["--all-targets", "--", "--deny", "warnings"]))?;
    run(in_its_folder("test")?.arg("--quiet"))
}

/// Measures, prints the tables, and leaves every sample in `target/bench/peers.json`.
pub(crate) fn bench(wanted: &Wanted) -> Result<()> {
    let mut build = in_its_folder("build")?;
    build.arg("--release");
    if wanted.heavy {
        build.args(["--features", "heavy"]);
    }
    run(&mut build)?;
    let samples = target_folder()?.join("bench/peers.json");
    std::fs::create_dir_all(samples.parent().unwrap_or(&samples))?;
    let mut compare = Command::new(folder()?.join("release/compare"));
    compare.arg("--json").arg(&samples);
    compare.args(wanted.full.then_some("--full")).args(wanted.write.then_some("--write"));
    run(&mut compare)?;
    println!("Every sample: {}", samples.display());
    Ok(())
}

/// The target folder of `benches/peers`, which is a workspace of its own.
fn folder() -> Result<PathBuf> {
    Ok(target_folder()?.join("peers"))
}

fn in_its_folder(command: &str) -> Result<Command> {
    let mut cargo = cargo();
    cargo.args([command, "--locked"]).args(MANIFEST).arg("--target-dir").arg(folder()?);
    Ok(cargo)
}
