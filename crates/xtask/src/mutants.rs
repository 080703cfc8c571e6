//! Mutants: the rules and their JSON with one small fault each, which some test is to notice.
//!
//! `cargo xtask mutants` takes seconds for each, and there are over three thousand, so it is no part of
//! `test`. It fails if a fault goes unnoticed that `.cargo/mutants.toml` does not list as making no difference. What was
//! tried is left in `target/mutants`.

use crate::layout::read;
use crate::process::{cargo, root, run as run_process, target_folder};
use crate::tools;
use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where faults are put.
const PACKAGES: [&str; 2] = ["cpc-core", "cpc-wire"];

/// What makes building and testing short. Which case fails is all the same, that one does is enough; and nobody looks
/// into these programs.
const SHORT: [(&str, &str); 4] = [
    ("PROPTEST_CASES", "40"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("CARGO_PROFILE_TEST_DEBUG", "0"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
];

/// A package whose tests each fault meets.
struct Round {
    package: &'static str,
    /// How much is optimised: as much as the tests take longer to run than to build.
    optimised: &'static str,
    /// In seconds, over ten times what they take. What takes longer hangs.
    timeout: &'static str,
}

/// The conformance vectors are among the first tests, which are built in a moment and notice most; so the second are
/// only for what those let pass.
const ROUNDS: [Round; 2] = [
    Round { package: "cpc-wire", optimised: "0", timeout: "20" },
    Round { package: "cpc-core", optimised: "1", timeout: "300" },
];

/// Which of their tests. Examples in documentation are linked one by one, and show what others check.
const TESTS: [&str; 2] = ["--lib", "--tests"];

/// How cargo-mutants ends when faults went unnoticed, and when one made tests hang, whether others went unnoticed or
/// not. What hangs is noticed.
const UNNOTICED_OR_HANGING: [i32; 2] = [2, 3];

/// `cargo xtask mutants`
pub(crate) fn command() -> clap::Command {
    clap::Command::new("mutants")
        .about("Puts small faults into cpc-core and cpc-wire, and fails if the tests do not notice one; takes hours")
        .after_help(
            "All arguments are handed on to cargo-mutants, `cargo xtask mutants -- --help` tells which there are. \
             Those of use:\n  \
             --file crates/cpc-core/src/gate.rs   only this module; may be given again\n  \
             --list                               what would be tried\n  \
             --iterate                            not again what was noticed the last time\n\
             Faults that make no difference are listed in .cargo/mutants.toml.",
        )
        .arg(
            Arg::new("arguments")
                .value_name("ARGUMENT")
                .help("Arguments of cargo-mutants")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        )
}

/// Tries the faults chosen.
pub(crate) fn run(chosen: &ArgMatches) -> Result<()> {
    let folder = target_folder()?.join("mutants");
    fs::create_dir_all(&folder)?;
    let arguments: Vec<&str> =
        chosen.get_many::<String>("arguments").into_iter().flatten().map(String::as_str).collect();
    if arguments.iter().any(|argument| ["--list", "--help"].contains(argument)) {
        return run_process(cargo_mutants(&folder)?.args(arguments));
    }
    for (index, Round { package, optimised, timeout }) in ROUNDS.into_iter().enumerate() {
        let optimised = ("CARGO_PROFILE_TEST_OPT_LEVEL", optimised);
        // Whether they pass without a fault; cargo-mutants would ask those of the changed package alone. Not built where
        // faults are: cargo takes those for up to date, being newer than what is here.
        run_process(
            cargo().envs(SHORT).envs([optimised]).args(["test", "--quiet", "--package", package]).args(TESTS),
        )?;
        let mut command = cargo_mutants(&folder)?;
        command.envs([optimised]).args(["--baseline", "skip", "--timeout", timeout]);
        command.args(["--test-package", package]);
        command.args(TESTS.map(|tests| format!("--cargo-arg={tests}"))).args(&arguments);
        // Only what was not noticed before.
        if index > 0 && !arguments.contains(&"--iterate") {
            command.arg("--iterate");
        }
        let status = command.status().context("cargo-mutants cannot be started")?;
        if status.success() {
            return Ok(());
        }
        if !status.code().is_some_and(|code| UNNOTICED_OR_HANGING.contains(&code)) {
            bail!("cargo-mutants: {status}");
        }
        skip_hanging(&folder.join("mutants.out"))?;
    }
    let unnoticed = read(&folder.join("mutants.out/missed.txt"))?;
    if !unnoticed.is_empty() {
        bail!("no test notices these:\n{unnoticed}");
    }
    Ok(())
}

/// What hangs is noticed, and need not hang again in the next round.
fn skip_hanging(results: &Path) -> Result<()> {
    let skipped = results.join("previously_caught.txt");
    let before = fs::read_to_string(&skipped).unwrap_or_default();
    Ok(fs::write(skipped, before + &read(&results.join("timeout.txt"))?)?)
}

fn cargo_mutants(folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools::program(&tools::MUTANTS)?);
    command.current_dir(root()).env("CARGO", cargo().get_program()).envs(SHORT).arg("mutants");
    // Faults are put into a copy, which is another one each time; what it depends on is not built again.
    command.env("CARGO_TARGET_DIR", folder.join("build"));
    command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    command.args(["--jobs", "1", "--output"]).arg(folder);
    Ok(command)
}
