//! The library as its users install it: into an empty prefix, found there with pkg-config and with CMake, linked shared
//! and static.

use crate::capi::header::STRICT;
use crate::capi::library::scratch;
use crate::debian;
use crate::process::{cargo, in_root, root, run, target_folder};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The installer, pinned: it needs no newer compiler than the project.
const CARGO_C: &str = "=0.10.19";

/// The expected output of the consumers.
const EXPECTED: &str =
    "200 {\"status\":\"success\",\"message\":\"Messages sent\",\"processed\":1,\"errors\":0}";

/// The installed files. Programs load the library by its versioned name, the last.
const INSTALLED: [&str; 8] = [
    "include/cpc.h",
    "include/cpc.hpp",
    "lib/libcpc.a",
    "lib/libcpc.so",
    "lib/pkgconfig/cpc.pc",
    "share/cmake/cpc/cpc-config.cmake",
    "share/cmake/cpc/cpc-config-version.cmake",
    "lib/libcpc.so.0.1",
];

pub(super) fn check() -> Result<()> {
    let prefix = prefix()?;
    for file in INSTALLED {
        ensure!(prefix.join(file).exists(), "{file} is not installed");
    }
    let version = env!("CARGO_PKG_VERSION");
    let declared = fs::read_to_string(prefix.join("share/cmake/cpc/cpc-config-version.cmake"))?;
    ensure!(
        declared.contains(&format!("PACKAGE_VERSION \"{version}\"")),
        "cpc-config-version.cmake is not {version}"
    );
    check_soname(&prefix)?;
    for shared in [true, false] {
        with_pkg_config(&prefix, shared)?;
    }
    with_cmake(&prefix)?;
    println!("    consumers built with pkg-config and CMake, shared and static, answer as expected");
    Ok(())
}

/// A prefix with the library installed.
pub(crate) fn prefix() -> Result<PathBuf> {
    let installer = installer()?;
    let prefix = scratch("install")?.join("prefix");
    if prefix.exists() {
        fs::remove_dir_all(&prefix)?;
    }
    run(in_root(&installer.to_string_lossy())
        .args(["cinstall", "--release", "--locked", "--manifest-path", "crates/cpc-capi/Cargo.toml"])
        .arg("--target-dir")
        .arg(target_folder()?.join("cargo-c"))
        .arg("--prefix")
        .arg(&prefix)
        .args(["--libdir", "lib"]))?;
    Ok(prefix)
}

/// cargo-c, built once; unoptimised, because it does nothing that takes long.
fn installer() -> Result<PathBuf> {
    let tools = target_folder()?.join("tools");
    let program = tools.join("bin/cargo-cinstall");
    if !program.exists() {
        debian::need_file("/usr/include/openssl/ssl.h", "libssl-dev")?;
        println!("    cargo-c is built once, for some minutes");
        run(cargo()
            .args(["install", "cargo-c", "--version", CARGO_C, "--locked", "--debug", "--root"])
            .arg(&tools)
            .env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    }
    Ok(program)
}

fn check_soname(prefix: &Path) -> Result<()> {
    let output = in_root("readelf").arg("--dynamic").arg(prefix.join("lib/libcpc.so")).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(text.contains("Library soname: [libcpc.so.0.1]"), "libcpc.so has no SONAME libcpc.so.0.1");
    Ok(())
}

/// What pkg-config says to compile and link with.
fn flags(prefix: &Path, shared: bool) -> Result<Vec<String>> {
    let mut command = in_root("pkg-config");
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args(["--cflags", "--libs", "cpc"]);
    if !shared {
        command.arg("--static");
    }
    let output = command.output().context("`pkg-config` cannot be started")?;
    ensure!(output.status.success(), "pkg-config: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect())
}

fn with_pkg_config(prefix: &Path, shared: bool) -> Result<()> {
    let program = scratch("install")?.join(if shared { "pkg-config-shared" } else { "pkg-config-static" });
    let mut command = in_root("gcc");
    command.arg("-std=c99").args(STRICT).arg(root().join("bindings/c/examples/first_call.c"));
    for flag in flags(prefix, shared)? {
        // Names the static library, because the linker prefers the shared one.
        command.arg(if flag == "-lcpc" && !shared { "-l:libcpc.a".to_owned() } else { flag });
    }
    run(command.arg("-o").arg(&program))?;
    expect(&program, prefix, shared)
}

fn with_cmake(prefix: &Path) -> Result<()> {
    let build = scratch("install")?.join("cmake");
    run(in_root("cmake")
        .args([
            "-S",
            "bindings/c/tests/consumer",
            "-Wno-dev",
            "--log-level=WARNING",
            "-DCMAKE_BUILD_TYPE=Release",
            "-B",
        ])
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())))?;
    run(in_root("cmake").arg("--build").arg(&build).args(["--", "--quiet"]))?;
    expect(&build.join("consumer_shared"), prefix, true)?;
    expect(&build.join("consumer_static"), prefix, false)
}

/// Runs a consumer. A static one must not need the installed library.
fn expect(program: &Path, prefix: &Path, shared: bool) -> Result<()> {
    let mut command = Command::new(program);
    if shared {
        command.env("LD_LIBRARY_PATH", prefix.join("lib"));
    } else {
        let needed = in_root("readelf").arg("--dynamic").arg(program).output()?;
        let needs = String::from_utf8_lossy(&needed.stdout).contains("libcpc");
        ensure!(!needs, "{} is not linked statically", program.display());
        command.env_remove("LD_LIBRARY_PATH");
    }
    let output = command.output().with_context(|| format!("{} cannot be started", program.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && said.trim() == EXPECTED, "{} said {said}", program.display());
    Ok(())
}
