//! Mutation testing: `cargo xtask mutants` puts one small fault at a time into the rules and their JSON, and fails if no
//! test notices it.
//!
//! There are over three thousand faults, and each takes seconds, so it is no step of `test`. Faults that make no
//! difference are listed in `.cargo/mutants.toml`. Results are left in `target/mutants`.

use crate::files::read;
use crate::process::{cargo, root, run as run_process, target_folder};
use crate::tools;
use anyhow::{Context, Result, bail};
use clap::{Arg, ArgMatches};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The packages that faults are put into.
const PACKAGES: [&str; 3] = ["cpc-core", "cpc-wire", "cpc-whatsapp"];

/// Makes building and testing fast: one failing case is enough, so there is no shrinking, and no debug information.
const SHORT: [(&str, &str); 4] = [
    ("PROPTEST_CASES", "40"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("CARGO_PROFILE_TEST_DEBUG", "0"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
];

/// One round: the tests of a package, run against each fault.
struct Round {
    package: &'static str,
    /// The optimisation level: higher where running the tests takes longer than building them.
    optimised: &'static str,
    /// In seconds, over ten times what the tests take. A longer run counts as hanging.
    timeout: &'static str,
}

/// The tests of `cpc-wire` include the conformance vectors: they build fast and notice most faults. Those of `cpc-core`
/// run only for the faults that pass the first round.
const ROUNDS: [Round; 2] = [
    Round { package: "cpc-wire", optimised: "0", timeout: "20" },
    Round { package: "cpc-core", optimised: "1", timeout: "300" },
];

/// Not the examples in documentation: they take long to link, and show what other tests check.
const TESTS: [&str; 2] = ["--lib", "--tests"];

/// The exit codes of cargo-mutants for unnoticed faults, and for tests that hang (with or without unnoticed faults). A
/// fault that makes a test hang is noticed.
const UNNOTICED_OR_HANGING: [i32; 2] = [2, 3];

/// `cargo xtask mutants`
pub(crate) fn command() -> clap::Command {
    clap::Command::new("mutants")
        .about("Puts small faults into the core, wire and whatsapp crates, and fails if no test notices one; takes hours")
        .after_help(
            "All arguments are handed on to cargo-mutants, `cargo xtask mutants -- --help` lists them. \
             Those of use:\n  \
             --file crates/cpc-core/src/cycle.rs   only this module; may be given again\n  \
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
        // The tests must pass without a fault; cargo-mutants would only run those of the changed package. This build has
        // a target folder of its own: cargo would take the mutated build, which is newer, for up to date.
        run_process(
            cargo().envs(SHORT).envs([optimised]).args(["test", "--quiet", "--package", package]).args(TESTS),
        )?;
        let mut command = cargo_mutants(&folder)?;
        command.envs([optimised]).args(["--baseline", "skip", "--timeout", timeout]);
        command.args(["--test-package", package]);
        command.args(TESTS.map(|tests| format!("--cargo-arg={tests}"))).args(&arguments);
        // Only the faults that the round before did not notice.
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

/// Counts faults that made tests hang as noticed, so that the next round skips them.
fn skip_hanging(results: &Path) -> Result<()> {
    let skipped = results.join("previously_caught.txt");
    let before = fs::read_to_string(&skipped).unwrap_or_default();
    Ok(fs::write(skipped, before + &read(&results.join("timeout.txt"))?)?)
}

fn cargo_mutants(folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools::program(&tools::MUTANTS)?);
    command.current_dir(root()).env("CARGO", cargo().get_program()).envs(SHORT).arg("mutants");
    // Each run mutates a new copy of the sources; a fixed target folder keeps the dependencies built.
    command.env("CARGO_TARGET_DIR", folder.join("build"));
    command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    command.args(["--jobs", "1", "--output"]).arg(folder);
    Ok(command)
}
