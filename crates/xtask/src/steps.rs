//! The steps of `cargo xtask test`: cheap ones first, so that a slip shows early.

use crate::process::{cargo, run as run_process, seconds};
use crate::{
    capi, citations, end_to_end, fuzz, generate, go, instructions, js, layout, no_std, packages, peers, php,
    python, soak,
};
use anyhow::{Context, Result};
use std::time::Instant;

/// One step: something that must hold before a change lands.
pub(crate) struct Step {
    /// What `cargo xtask test NAME` calls it.
    pub(crate) name: &'static str,
    /// What it checks, in a line.
    pub(crate) about: &'static str,
    check: fn() -> Result<()>,
}

/// How many lines the replay of the step `soak` has, and the recording of it; `cargo xtask soak` runs the long one.
const SHORT_SOAK: u64 = 100_000;

/// Every step, in the order in which they run.
pub(crate) const STEPS: [Step; 19] = [
    Step { name: "format", about: "rustfmt has nothing to change", check: format },
    Step {
        name: "layout",
        about: "nothing stray at the top; no import circles, no modules that only forward",
        check: layout::check,
    },
    Step {
        name: "generated",
        about: "what is generated is committed as it is generated",
        check: generate::check,
    },
    Step { name: "rules", about: "a test cites every paragraph of RULES.md", check: citations::check },
    Step { name: "lint", about: "clippy has nothing to say about any target", check: lint },
    Step { name: "no-std", about: "cpc-core builds for a target that has no std", check: no_std::check },
    Step { name: "test", about: "unit, integration and documentation tests of every crate", check: test },
    Step { name: "docs", about: "rustdoc has nothing to say", check: docs },
    Step {
        name: "package",
        about: "the crates that can be published are described, and build from their packages alone",
        check: packages::check,
    },
    Step {
        name: "end-to-end",
        about: "the release binary: demo, conformance vectors",
        check: end_to_end::check,
    },
    Step {
        name: "soak",
        about: "100 000 generated lines twice, in bounded memory, and as recorded",
        check: short_soak,
    },
    Step { name: "fuzz", about: "the fuzz drivers on fixed bytes", check: fuzz::check },
    Step {
        name: "instructions",
        about: "no operation takes more instructions than recorded",
        check: instructions::check,
    },
    Step {
        name: "peers",
        about: "what the engine is measured beside still compiles, and decides alike",
        check: peers::check,
    },
    Step {
        name: "capi",
        about: "the C ABI: header in every standard, symbols, programs, installation",
        check: capi::check,
    },
    Step { name: "python", about: "the Python package: installed, tested, typed", check: python::check },
    Step { name: "go", about: "the Go package, against the installed library", check: go::check },
    Step { name: "php", about: "the PHP package, with the library that was built", check: php::check },
    Step {
        name: "js",
        about: "WebAssembly and npm: same answers, consumers, size, playground in a real browser",
        check: js::check,
    },
];

/// Runs the step of that name, or all of them.
pub(crate) fn run(only: Option<&str>) -> Result<()> {
    let mut times = Vec::new();
    for step in STEPS.iter().filter(|step| only.is_none_or(|name| name == step.name)) {
        println!("\n==> {}: {}", step.name, step.about);
        let start = Instant::now();
        (step.check)()
            .with_context(|| format!("step `{}` (again alone: cargo xtask test {0})", step.name))?;
        let time = start.elapsed();
        println!("    {} ok, {}", step.name, seconds(time));
        times.push((step.name, time));
    }
    println!("\nAll passed:");
    for (name, time) in &times {
        println!("    {name:<12} {:>8}", seconds(*time));
    }
    println!("    {:<12} {:>8}", "in all", seconds(times.iter().map(|(_, time)| *time).sum()));
    Ok(())
}

/// The long replay.
pub(crate) fn soak(lines: u64) -> Result<()> {
    soak::check(&end_to_end::release_binary()?, soak::LARGE, lines).map(drop)
}

/// Records the replay of the step `soak`.
pub(crate) fn record_soak() -> Result<()> {
    soak::record(&end_to_end::release_binary()?, SHORT_SOAK)
}

fn format() -> Result<()> {
    run_process(cargo().args(["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    run_process(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

fn test() -> Result<()> {
    run_process(cargo().args(["test", "--workspace", "--quiet"]))
}

fn docs() -> Result<()> {
    run_process(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

fn short_soak() -> Result<()> {
    soak::check_recorded(&end_to_end::release_binary()?, SHORT_SOAK)
}

#[cfg(test)]
mod tests {
    use crate::files::read;
    use crate::process::root;
    use std::fs;

    /// The lines of a section of a manifest.
    fn section<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
        let lines = manifest.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
        lines.take_while(|line| !line.starts_with('[')).collect()
    }

    #[test]
    fn the_step_lint_denies_public_items_without_docs_in_every_crate() {
        const DENIED: &str = "missing_docs = \"deny\"";
        let workspace = read(&root().join("Cargo.toml")).unwrap();
        assert!(section(&workspace, "workspace.lints.rust").contains(&DENIED));
        let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
        for folder in crates.chain([root().join("benches/workload")]) {
            let manifest = read(&folder.join("Cargo.toml")).unwrap();
            let inherits = section(&manifest, "lints").contains(&"workspace = true");
            let denies = section(&manifest, "lints.rust").contains(&DENIED);
            assert!(inherits || denies, "{}", folder.display());
        }
    }
}
