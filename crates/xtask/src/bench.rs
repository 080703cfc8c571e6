//! Measurements: each prints a table of its own, peers beside us, in one run.

use crate::js;
use crate::process::{cargo, run};
use anyhow::Result;

/// One of them.
pub(crate) struct Bench {
    /// What `cargo xtask bench NAME` calls it.
    pub(crate) name: &'static str,
    /// What it measures, in a line.
    pub(crate) about: &'static str,
    measure: fn() -> Result<()>,
}

/// All of them.
pub(crate) const BENCHES: [Bench; 2] = [
    Bench {
        name: "gateway",
        about: "`cpc serve` over loopback, synced and not, beside a constant handler and the disk",
        measure: gateway,
    },
    Bench {
        name: "js",
        about: "the npm package beside plain JavaScript, in Node.js and in Chromium",
        measure: js::bench,
    },
];

/// Takes the measurement of that name.
pub(crate) fn measure(name: &str) -> Result<()> {
    BENCHES.iter().filter(|bench| bench.name == name).try_for_each(|bench| (bench.measure)())
}

fn gateway() -> Result<()> {
    run(cargo().args(["bench", "--package", "cpc-gateway", "--bench", "gateway"]))
}
