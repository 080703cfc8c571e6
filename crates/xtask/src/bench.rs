//! Measurements: `cargo xtask bench NAME` prints a table, peers beside us, in one run. They are for quiet machines, so no
//! part of `test`.

use crate::capi::library;
use crate::js;
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

const BENCHES: [Bench; 3] = [
    Bench {
        name: "gateway",
        about: "`cpc serve` over loopback, synced and not, beside a constant handler and the disk",
        run: gateway,
    },
    Bench {
        name: "capi",
        about: "a typed batch of 1000 through C; fails if it costs over 5 % more than in Rust",
        run: capi,
    },
    Bench {
        name: "js",
        about: "the npm package beside plain JavaScript, in Node.js and in Chromium",
        run: js::bench,
    },
];

/// The subcommand.
pub(crate) fn command() -> Command {
    let about: String =
        BENCHES.iter().map(|bench| format!("  {:<12} {}\n", bench.name, bench.about)).collect();
    let names = PossibleValuesParser::new(BENCHES.iter().map(|bench| bench.name));
    Command::new("bench")
        .about("Measures, and prints one table")
        .after_help(format!("What can be measured:\n{about}"))
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

fn gateway() -> Result<()> {
    run_process(cargo().args(["bench", "--package", "cpc-gateway", "--bench", "gateway"]))
}
