//! The properties of `crates/cpc-core/tests/properties` on new random cases, more than a test run has time for.

use crate::process::{cargo, run};
use anyhow::Result;
use clap::{Arg, ArgMatches, Command, value_parser};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn command() -> Command {
    Command::new("properties")
        .about("Compares the engine with the reference model on many new cases; takes minutes")
        .arg(
            Arg::new("cases")
                .long("cases")
                .help("How many cases a property")
                .default_value("20000")
                .value_parser(value_parser!(u32).range(1..)),
        )
        .arg(
            Arg::new("seed")
                .long("seed")
                .help("Which cases; without it, new ones")
                .value_parser(value_parser!(u64)),
        )
}

/// `cargo xtask properties`
pub(crate) fn explore(chosen: &ArgMatches) -> Result<()> {
    let cases = chosen.get_one::<u32>("cases").copied().unwrap_or(20_000);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seed = chosen.get_one::<u64>("seed").copied().unwrap_or_else(now);
    println!("    {cases} cases a property, seed {seed}");
    run(cargo()
        .args(["test", "--release", "--package", "cpc-core", "--test", "properties"])
        .env("PROPTEST_CASES", cases.to_string())
        .env("PROPTEST_RNG_SEED", seed.to_string()))
}
