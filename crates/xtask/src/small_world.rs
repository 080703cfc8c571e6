//! The small world of `crates/cpc-core/tests/small_world`, explored deeper than a test run has time for.

use crate::process::{cargo, run};
use anyhow::Result;

/// `cargo xtask small-world`
pub(crate) fn explore() -> Result<()> {
    run(cargo().args(["test", "--release", "--package", "cpc-core", "--test", "small_world"]).args([
        "--",
        "--ignored",
        "--nocapture",
        "--test-threads",
        "1",
    ]))
}
