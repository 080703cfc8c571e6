//! The PHP package, with the library that was built.

use crate::capi::library;
use crate::debian;
use crate::process::{in_root, run};
use anyhow::Result;

/// The step `php`.
pub(crate) fn check() -> Result<()> {
    debian::need(&[("php", "php-cli")])?;
    let library = library::folder()?.join("libcpc.so");
    run(in_root("php").args(["-d", "ffi.enable=1", "bindings/php/tests/run.php"]).env("CPC_LIBRARY", library))
}
