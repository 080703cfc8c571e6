//! Benchmarks with a limit: `cargo xtask bench NAME`. They are for quiet machines, so no part of `test`.

use crate::capi::library;
use crate::process::{cargo, run as run_process};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};

/// A benchmark, and what it shows.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<()>,
}

const BENCHES: [Bench; 1] = [Bench {
    name: "capi",
    about: "a typed batch of 1000 through C costs at most 5 % more than in Rust",
    run: capi,
}];

/// The subcommand.
pub(crate) fn command() -> Command {
    let about: String =
        BENCHES.iter().map(|bench| format!("  {:<12} {}\n", bench.name, bench.about)).collect();
    let names = PossibleValuesParser::new(BENCHES.iter().map(|bench| bench.name));
    Command::new("bench")
        .about("Runs a benchmark, which fails beyond its limit")
        .after_help(format!("Benchmarks:\n{about}"))
        .arg(Arg::new("name").required(true).help("Which one").value_parser(names).hide_possible_values(true))
}

/// Runs the one of that name.
pub(crate) fn run(name: &str) -> Result<()> {
    BENCHES.iter().filter(|bench| bench.name == name).try_for_each(|bench| (bench.run)())
}

fn capi() -> Result<()> {
    let library = library()?.join("libcpc.so");
    run_process(
        cargo()
            .args(["bench", "--quiet", "--package", "cpc-capi", "--bench", "batch"])
            .env("CPC_LIBRARY", library),
    )
}
