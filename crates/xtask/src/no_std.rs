//! Proof that `cpc-core` needs no std: it is built for a target that has none.
//!
//! Tries in this order: an installed bare-metal target; one that rustup can fetch; WebAssembly with `core` and `alloc`
//! alone, built from the library sources that Debian packages with its compiler.

use crate::debian;
use crate::process::{cargo, in_root, quiet, run, target_folder};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Targets that have only `core` and `alloc`; rustup is asked for the first.
const BARE_METAL: [&str; 5] = [
    "thumbv7em-none-eabi",
    "thumbv7em-none-eabihf",
    "riscv32imac-unknown-none-elf",
    "aarch64-unknown-none",
    "x86_64-unknown-none",
];

/// The features that need no std either. Builds of the whole workspace are without them.
const FEATURES: &str = "chrono,serde";

const DEBIAN_COMPILER: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LIBRARY: &str = "/usr/lib/rustlib/src/rust/library/alloc";
pub(crate) const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The step `no-std`.
pub(crate) fn check() -> Result<()> {
    if let Some(target) = installed().or_else(fetched) {
        return run(cargo().args([
            "build",
            "--package",
            "cpc-core",
            "--features",
            FEATURES,
            "--target",
            target,
        ]));
    }
    println!(
        "    no bare-metal target, and rustup cannot fetch one: WebAssembly from Debian's library sources"
    );
    if debian_compiler() {
        return build_with_debian();
    }
    bail!(
        "no target without std can be had here; install one: `rustup target add {}`, or {}",
        BARE_METAL.first().unwrap_or(&""),
        debian::how_to_install(&DEBIAN_PACKAGES)
    )
}

/// A bare-metal target that is installed.
fn installed() -> Option<&'static str> {
    let sysroot = quiet(in_root("rustc").args(["--print", "sysroot"]))?;
    let libraries = Path::new(&sysroot).join("lib/rustlib");
    BARE_METAL.into_iter().find(|target| libraries.join(target).join("lib").is_dir())
}

/// A bare-metal target that rustup fetches now.
fn fetched() -> Option<&'static str> {
    let target = *BARE_METAL.first()?;
    quiet(in_root("rustup").args(["target", "add", target]))?;
    installed()
}

/// Whether Debian's compiler and its library sources are installed, now if need be.
pub(crate) fn debian_compiler() -> bool {
    let ready =
        || [DEBIAN_COMPILER, DEBIAN_CARGO, DEBIAN_LIBRARY].into_iter().all(|path| Path::new(path).exists());
    ready() || debian::install(&DEBIAN_PACKAGES) && ready()
}

/// Debian's cargo with Debian's compiler, in the workspace's top folder.
pub(crate) fn debian_cargo() -> Command {
    let mut cargo = in_root(DEBIAN_CARGO);
    cargo
        .env("RUSTC", DEBIAN_COMPILER)
        // -Zbuild-std is not stable yet; this lets the packaged compiler take it.
        .env("RUSTC_BOOTSTRAP", "1")
        // Set by the cargo that runs this program, for its own compiler.
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("RUSTUP_TOOLCHAIN");
    cargo
}

/// Builds with `core` and `alloc` alone: without a std, nothing can depend on it. Another compiler needs another target
/// folder.
fn build_with_debian() -> Result<()> {
    run(debian_cargo()
        .args(["build", "--package", "cpc-core", "--features", FEATURES])
        .args(["--target", "wasm32-unknown-unknown"])
        .arg("-Zbuild-std=core,alloc")
        .arg("--target-dir")
        .arg(target_folder()?.join("no-std")))
}
