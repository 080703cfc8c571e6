//! Runs properties on the same cases every time. `PROPTEST_CASES` asks for more of them, `PROPTEST_RNG_SEED` for
//! other ones; cases that failed once are kept beside this file and tried first. `PROPTEST_MAX_SHRINK_ITERS=0` fails at
//! the first case that does, and keeps nothing: what fails for a fault put in on purpose is not worth remembering.

use crate::order::Order;
use cpc_core::Policy;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestError, TestRunner};

/// Checks a property over a fixed set of cases, and shrinks what fails.
pub(crate) fn check<S: Strategy>(
    name: &'static str,
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), String>,
) {
    let asked = |name: &str| std::env::var(name).ok();
    let seed = asked("PROPTEST_RNG_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    let shrinks =
        asked("PROPTEST_MAX_SHRINK_ITERS").and_then(|shrinks| shrinks.parse().ok()).unwrap_or(20_000);
    let kept = match shrinks {
        0 => FileFailurePersistence::Off,
        _ => FileFailurePersistence::Direct("tests/properties/regressions.txt"),
    };
    let config = Config {
        cases: asked("PROPTEST_CASES").and_then(|cases| cases.parse().ok()).unwrap_or(cases),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: Some(Box::new(kept)),
        test_name: Some(name),
        source_file: Some(file!()),
        max_shrink_iters: shrinks,
        ..Config::default()
    };
    match TestRunner::new(config).run(strategy, |value| property(value).map_err(TestCaseError::fail)) {
        Ok(()) => {}
        // The reason says it all, and shorter than the steps would.
        Err(TestError::Fail(reason, _)) => panic!("{name}: {reason}"),
        Err(error) => panic!("{name}: {error}"),
    }
}

/// A failure with the commands that led to it.
pub(crate) fn trace(policy: &Policy, commands: &[(i64, Order)], difference: &str) -> String {
    let mut text = format!("{policy:?}\n");
    for (at, order) in commands {
        text += &format!("  at {at}: {order:?}\n");
    }
    text + difference
}
