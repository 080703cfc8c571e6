//! The Python package: installed with pip into an empty environment, and tested there.

use crate::debian;
use crate::process::{in_root, run, target_folder};
use anyhow::{Result, bail, ensure};
use std::path::{Path, PathBuf};

/// The packages that the tests need, pinned.
const REQUIRED: [&str; 2] = ["numpy==1.26.4", "mypy==1.11.2"];

/// The step `python`.
pub(crate) fn check() -> Result<()> {
    let environment = environment()?;
    let python = environment.join("bin/python");
    let python = python.to_string_lossy();
    run(in_root(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--force-reinstall",
        ])
        .arg("./bindings/python")
        .env("CARGO_TARGET_DIR", target_folder()?))?;
    // `-I` leaves the current folder out of the import path, so that the installed package is tested.
    let tests = ["-m", "unittest", "discover", "--start-directory", "bindings/python/tests"];
    run(in_root(&python).arg("-I").args(tests))?;
    run(in_root(&python)
        .args(["-m", "mypy", "--no-error-summary", "--config-file", "bindings/python/pyproject.toml"])
        .args([
            "--cache-dir",
            &target_folder()?.join("python/mypy").to_string_lossy(),
            "bindings/python/src/cpc",
            "bindings/python/examples/server.py",
        ]))
}

/// A virtual environment with only what the tests need; made once.
fn environment() -> Result<PathBuf> {
    let folder = target_folder()?.join("python/environment");
    if !has_all(&folder) {
        let Some(python) = ["python3", "python"].into_iter().find(|name| debian::find(name).is_some()) else {
            bail!("no Python; install it: {}", debian::how_to_install(&["python3", "python3-venv"]));
        };
        run(in_root(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
        let pip = folder.join("bin/python");
        run(in_root(&pip.to_string_lossy())
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(REQUIRED))?;
        ensure!(has_all(&folder), "the environment for Python lacks {}", REQUIRED.join(", "));
    }
    Ok(folder)
}

fn has_all(environment: &Path) -> bool {
    let python = environment.join("bin/python");
    let mut command = in_root(&python.to_string_lossy());
    crate::process::quiet(command.args(["-c", "import numpy, mypy"])).is_some()
}
