//! `cpc-wasm` as WebAssembly, in the two forms that the npm package ships: crate → wasm → wasm-bindgen → wasm-opt.
//!
//! The standard library is built from its sources, for size as well: sorting, formatting and panics of the prebuilt one
//! weigh more than the rules. Its sources are, in this order: the toolchain's own; those that rustup can fetch; those
//! that Debian packages, with its compiler.

use crate::debian;
use crate::no_std::{DEBIAN_PACKAGES, debian_cargo, debian_compiler};
use crate::npm;
use crate::process::{cargo, in_root, quiet, root, run, target_folder};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One form of the module.
struct Form {
    /// Its file name, without extension.
    name: &'static str,
    /// The target folder; forms with other settings have another.
    folder: &'static str,
    /// Arguments of `cargo build`.
    arguments: &'static [&'static str],
    /// `3` is a fiftieth larger than `2`, gzipped, and no faster; `s` is smaller, and reads command lines a fifth slower;
    /// `z` is smaller than `s` by a tenth, and slower.
    opt_level: &'static str,
}

/// The whole engine, and columns alone.
const FORMS: [Form; 2] = [
    Form { name: "cpc", folder: "cpc", arguments: &[], opt_level: "2" },
    Form {
        name: "cpc-columns",
        folder: "cpc-columns",
        arguments: &["--no-default-features"],
        opt_level: "z",
    },
];

/// For tests: a module that panics on request.
const PANICS: Form = Form {
    name: "cpc-panics",
    folder: "cpc-columns",
    arguments: &["--no-default-features", "--features", "panics"],
    opt_level: "z",
};

/// The features of WebAssembly that rustc uses by default; `wasm-opt` has to be given the same.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds every form into the npm package: `dist/*.wasm`, and the glue among its sources.
pub(crate) fn build() -> Result<()> {
    let compiler = Compiler::find()?;
    let bindgen = bindgen()?;
    for form in &FORMS {
        let raw = compile(form, compiler)?;
        if link(form, &raw, &bindgen)? {
            println!("    {}.wasm is new", form.name);
        }
    }
    Ok(())
}

/// Builds the module that panics on request; the folder that has it and its glue.
pub(crate) fn build_with_panics() -> Result<PathBuf> {
    let raw = compile(&PANICS, Compiler::find()?)?;
    let work = work_folder(&PANICS)?;
    generate(&PANICS, &raw, &work, &bindgen()?)?;
    Ok(work)
}

/// A compiler that has the sources of its standard library.
#[derive(Clone, Copy)]
enum Compiler {
    Own,
    Debian,
}

impl Compiler {
    fn find() -> Result<Compiler> {
        let has_sources = || {
            let sysroot = quiet(in_root("rustc").args(["--print", "sysroot"])).unwrap_or_default();
            Path::new(&sysroot).join("lib/rustlib/src/rust/library/std").is_dir()
        };
        let fetched = || quiet(in_root("rustup").args(["component", "add", "rust-src"])).is_some();
        if has_sources() || fetched() && has_sources() {
            return Ok(Compiler::Own);
        }
        println!("    no sources of the standard library, and rustup cannot fetch them: Debian's compiler");
        if debian_compiler() {
            return Ok(Compiler::Debian);
        }
        bail!(
            "WebAssembly cannot be built here; install the library's sources: `rustup component add rust-src`, \
             or {}",
            debian::how_to_install(&DEBIAN_PACKAGES)
        )
    }

    fn cargo(self) -> Result<Command> {
        Ok(match self {
            Compiler::Own => {
                let mut cargo = cargo();
                cargo.env("RUSTC_BOOTSTRAP", "1");
                cargo
            }
            Compiler::Debian => {
                let mut cargo = debian_cargo();
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
                cargo
            }
        })
    }
}

/// The linker that comes with rustup's toolchains; Debian's compiler has none of its own.
fn linker() -> Result<PathBuf> {
    let sysroot = quiet(in_root("rustc").args(["--print", "sysroot"])).context("no rustc")?;
    let host = quiet(in_root("rustc").args(["--print", "host-tuple"])).context("no rustc")?;
    let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
    if !linker.exists() {
        bail!("{} is not there; install a Rust toolchain with rustup", linker.display());
    }
    Ok(linker)
}

fn compile(form: &Form, compiler: Compiler) -> Result<PathBuf> {
    let folder = target_folder()?.join("wasm").join(form.folder);
    run(compiler
        .cargo()?
        .args(["build", "--profile", "wasm", "--package", "cpc-wasm", "--target", "wasm32-unknown-unknown"])
        .args(form.arguments)
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_PROFILE_WASM_OPT_LEVEL", form.opt_level)
        // A panic is a bug and stops the module at once; its texts would be half the module. No paths of the build
        // machine are left in.
        .env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none"))?;
    Ok(folder.join("wasm32-unknown-unknown/wasm/cpc_wasm.wasm"))
}

/// Makes the glue and the optimised module, unless they were made of this very input; whether they were made.
fn link(form: &Form, raw: &Path, bindgen: &Path) -> Result<bool> {
    let work = work_folder(form)?;
    let (glue, module) = (npm::package().join("src/glue"), npm::package().join("dist"));
    let script = format!("{}_bg.js", form.name);
    let (last, wasm) = (work.join("raw.wasm"), module.join(format!("{}.wasm", form.name)));
    let made = wasm.exists() && glue.join(&script).exists();
    if made && fs::read(&last).ok() == Some(fs::read(raw)?) {
        return Ok(false);
    }
    for folder in [&glue, &module] {
        fs::create_dir_all(folder)?;
    }
    generate(form, raw, &work, bindgen)?;
    run(npm::tool("wasm-opt")?
        .args(["-O4", "--converge"])
        .args(WASM_FEATURES)
        .arg(work.join(format!("{}_bg.wasm", form.name)))
        .arg("--output")
        .arg(&wasm))?;
    fs::copy(work.join(&script), glue.join(&script))?;
    fs::copy(raw, last)?;
    Ok(true)
}

/// The output folder of wasm-bindgen.
fn work_folder(form: &Form) -> Result<PathBuf> {
    let folder = target_folder()?.join("js/wasm").join(form.name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The module with its glue.
fn generate(form: &Form, raw: &Path, work: &Path, bindgen: &Path) -> Result<()> {
    run(Command::new(bindgen)
        .args(["--target", "bundler", "--out-name", form.name, "--out-dir"])
        .args([work, raw]))
}

/// wasm-bindgen's program, in exactly the version of the dependency.
fn bindgen() -> Result<PathBuf> {
    let manifest = fs::read_to_string(root().join("crates/cpc-wasm/Cargo.toml"))?;
    let version = version_of("wasm-bindgen", &manifest).context("cpc-wasm does not pin wasm-bindgen")?;
    let tools = target_folder()?.join("tools");
    let folder = tools.join(format!("wasm-bindgen-{version}"));
    let program = folder.join("bin").join(format!("wasm-bindgen{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        println!("    wasm-bindgen {version} is built once, which takes minutes");
        run(cargo()
            .args(["install", "wasm-bindgen-cli", "--version", version, "--no-default-features", "--quiet"])
            .arg("--root")
            .arg(&folder)
            .arg("--target-dir")
            .arg(tools.join("build")))?;
    }
    Ok(program)
}

/// The exact version that a manifest pins a dependency to.
fn version_of<'a>(dependency: &str, manifest: &'a str) -> Option<&'a str> {
    let line = manifest.lines().find(|line| line.split(' ').next() == Some(dependency))?;
    line.split_once("\"=")?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exact_version_is_one() {
        let manifest =
            "[dependencies]\na-b = { version = \"=1.2.3\", features = [\"x\"] }\na = \"=0.1.0\"\nb = \"1\"\n";
        assert_eq!(version_of("a-b", manifest), Some("1.2.3"));
        assert_eq!(version_of("a", manifest), Some("0.1.0"));
        assert_eq!(version_of("b", manifest), None);
    }
}
