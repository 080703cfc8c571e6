//! Which lines the tests run: `cargo xtask coverage`.
//!
//! A line that no test runs is untested. A line that a test runs may still be unchecked: `cargo xtask mutants` shows
//! whether a test fails when it is wrong.

use crate::process::{in_root, quiet, root, run as run_process, target_folder};
use crate::tools;
use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches};
use std::path::Path;
use std::process::Command;

/// The packages that are measured, each by the tests of all.
const PACKAGES: [&str; 3] = ["cpc-core", "cpc-wire", "cpc-whatsapp"];

/// `cargo xtask coverage`
pub(crate) fn command() -> clap::Command {
    clap::Command::new("coverage")
        .about("Says how much of cpc-core, cpc-wire and cpc-whatsapp their tests run, by file")
        .after_help(
            "All arguments are handed on to cargo-llvm-cov: `--html` writes pages, `--show-missing-lines` says which \
             lines are not run.\nNeeds `rustup component add llvm-tools`.",
        )
        .arg(
            Arg::new("arguments")
                .value_name("ARGUMENT")
                .help("Arguments of cargo-llvm-cov")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        )
}

/// Runs the tests, and counts.
pub(crate) fn run(chosen: &ArgMatches) -> Result<()> {
    check_tools()?;
    let program = tools::program(&tools::COVERAGE)
        .context("to install it by hand: cargo install cargo-llvm-cov --locked")?;
    let mut command = Command::new(program);
    command.current_dir(root()).arg("llvm-cov");
    // A target folder of its own: instrumented builds would otherwise force a rebuild of everything else.
    command.env("CARGO_LLVM_COV_TARGET_DIR", target_folder()?.join("coverage"));
    command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    run_process(command.args(chosen.get_many::<String>("arguments").into_iter().flatten()))
}

/// Fails unless the compiler's own LLVM tools are installed: those of another LLVM may not read its profiles.
fn check_tools() -> Result<()> {
    let rustc = |what: &str| quiet(in_root("rustc").args(["--print", what])).context("no rustc");
    let folder = Path::new(&rustc("sysroot")?).join("lib/rustlib").join(rustc("host-tuple")?).join("bin");
    let missing = |name: &&str| !folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).exists();
    if ["llvm-cov", "llvm-profdata"].iter().any(missing) {
        bail!("the compiler's LLVM tools are missing: rustup component add llvm-tools");
    }
    Ok(())
}
