//! Measurements: `cargo xtask bench NAME` prints a table of the engine and its peers, measured in one run. They need a
//! quiet machine, so they are no part of `test`, except for `instructions`, which is a step there as well.

use crate::capi::library;
use crate::peers::{self, Wanted};
use crate::process::{cargo, run as run_process};
use crate::{instructions, js};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// A benchmark, and what it shows.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&ArgMatches) -> Result<()>,
}

const BENCHES: [Bench; 5] = [
    Bench {
        name: PEERS,
        about: "the engine beside what one would write or take instead; what is run without a name",
        run: |chosen| {
            let [full, heavy, write] = ["full", "heavy", "write"].map(|flag| chosen.get_flag(flag));
            peers::bench(&Wanted { full, heavy, write })
        },
    },
    Bench {
        name: "gateway",
        about: "`cpc serve` over loopback, synced and not, beside a constant handler and the disk",
        run: |_| gateway(),
    },
    Bench {
        name: "capi",
        about: "a typed batch of 1000 through C; fails if it costs over 5 % more than in Rust",
        run: |_| capi(),
    },
    Bench {
        name: "js",
        about: "the npm package beside plain JavaScript, in Node.js and in Chromium",
        run: |_| js::bench(),
    },
    Bench {
        name: "instructions",
        about: "instructions an operation, beside the recorded ones; --record renews the record",
        run: |chosen| instructions::bench(chosen.get_flag("record")),
    },
];

const PEERS: &str = "peers";

/// The subcommand.
pub(crate) fn command() -> Command {
    let about: String =
        BENCHES.iter().map(|bench| format!("  {:<12} {}\n", bench.name, bench.about)).collect();
    let names = PossibleValuesParser::new(BENCHES.iter().map(|bench| bench.name));
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
    };
    Command::new("bench")
        .about("Measures, and prints tables")
        .after_help(format!("What can be measured:\n{about}"))
        .arg(
            Arg::new("name")
                .default_value(PEERS)
                .help("Which one")
                .value_parser(names)
                .hide_possible_values(true),
        )
        .arg(flag("full", "Of `peers`: up to 5·10^7 contacts, in 24 GiB; takes a quarter of an hour"))
        .arg(flag("heavy", "Of `peers`: general rule engines as well, which take many minutes to compile"))
        .arg(flag("write", "Of `peers`: puts tables and curve into benches/"))
        .arg(flag("record", "Of `instructions`: makes what is counted now what is expected"))
}

/// Runs the chosen benchmark.
pub(crate) fn run(chosen: &ArgMatches) -> Result<()> {
    let name = chosen.get_one::<String>("name").map_or(PEERS, String::as_str);
    BENCHES.iter().filter(|bench| bench.name == name).try_for_each(|bench| (bench.run)(chosen))
}

fn capi() -> Result<()> {
    let library = library::folder()?.join("libcpc.so");
    run_process(
        cargo()
            .args(["bench", "--quiet", "--package", "cpc-capi", "--bench", "batch"])
            .env("CPC_LIBRARY", library),
    )
}

fn gateway() -> Result<()> {
    run_process(cargo().args(["bench", "--package", "cpc-gateway", "--bench", "gateway"]))
}
