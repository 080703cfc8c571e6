//! A real browser for tests: Chromium, as Debian packages it.

use crate::debian;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// The paths that distributions install it to.
const PLACES: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const PACKAGES: [&str; 1] = ["chromium"];

/// The browser's program; installed if it is missing.
pub(crate) fn chromium() -> Result<PathBuf> {
    let found = || PLACES.into_iter().map(Path::new).find(|path| path.exists()).map(Path::to_path_buf);
    if let Some(path) = found() {
        return Ok(path);
    }
    if debian::install(&PACKAGES)
        && let Some(path) = found()
    {
        return Ok(path);
    }
    bail!("no Chromium here; install it: {}", debian::how_to_install(&PACKAGES))
}
