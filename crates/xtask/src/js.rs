//! The npm package `cpc-engine`: built, packed, and tested as it is installed.

use crate::browser;
use crate::end_to_end::release_binary;
use crate::files::{collect, read};
use crate::npm;
use crate::process::{cargo, root, run, target_folder};
use crate::traffic::{Traffic, World};
use crate::wasm;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many random commands WebAssembly and the native engine must answer alike.
const RANDOM_LINES: u64 = 100_000;
const WORLD: World = World { phones: 10_000, clients: 5_000, senders: 10 };

/// A line that starts a new engine.
const RESET: &str = "{\"reset\":true}\n";

/// The step `js`.
pub(crate) fn check() -> Result<()> {
    build()?;
    let panics = wasm::build_with_panics()?;
    let same = same_answers_natively()?;
    let tarball = pack()?;
    let binary = release_binary()?;
    let chromium = browser::chromium()?;
    // The environment says where the built files are.
    let tests = |folder: &str| -> Result<()> {
        let mut node = npm::in_package("node");
        node.args(["--test", "--test-reporter=spec"])
            .args(test_files(&npm::package().join(folder))?)
            .env("CPC_PANICS", &panics)
            .env("CPC_SAME", &same)
            .env("CPC_TARBALL", &tarball)
            .env("CPC_BINARY", &binary)
            .env("CPC_CHROMIUM", &chromium);
        run(&mut node)
    };
    tests("test")?;
    run(native_side()?.arg("verify").arg(&same))?;
    tests("test/consumers")?;
    tests("test/playground")
}

/// The tests directly in a folder: Node.js before 21 does not expand patterns itself.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    ensure!(!files.is_empty(), "no tests in {}", folder.display());
    Ok(files)
}

/// Measures the engine beside plain JavaScript, in Node.js and in a browser. Prints ratios, fails for none.
pub(crate) fn bench() -> Result<()> {
    build()?;
    run(npm::in_package("node").arg("bench/run.js").env("CPC_CHROMIUM", browser::chromium()?))
}

/// Builds the package: WebAssembly, JavaScript in both module systems, and the playground.
pub(crate) fn build() -> Result<()> {
    npm::install()?;
    wasm::build()?;
    for folder in ["esm", "cjs"] {
        let folder = npm::package().join("dist").join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    for project in ["tsconfig.json", "tsconfig.cjs.json"] {
        run(npm::tool("tsc")?.args(["--project", project]))?;
    }
    fs::write(npm::package().join("dist/cjs/package.json"), "{\"type\":\"commonjs\"}\n")?;
    for (text, folder) in [("LICENSE-MIT", ""), ("LICENSE-APACHE", ""), ("RULES.md", "crates/cpc-core")] {
        fs::copy(root().join(folder).join(text), npm::package().join("dist").join(text))?;
    }
    run(npm::tool("tsc")?.args(["--project", "playground/tsconfig.json"]))?;
    run(npm::tool("vite")?.args(["build", "--logLevel", "warn", "playground"]))
}

/// Packs the package as it would be published; the consumers in the tests install that.
fn pack() -> Result<PathBuf> {
    let folder = fresh("js/pack")?;
    run(npm::in_package("npm")
        .args(["pack", "--ignore-scripts", "--silent", "--pack-destination"])
        .arg(&folder))?;
    let mut packed = fs::read_dir(&folder)?;
    let tarball = packed.next().context("nothing was packed")??.path();
    ensure!(packed.next().is_none(), "more than one package was packed");
    Ok(tarball)
}

/// Writes the lines that both engines answer, and the native engine's answers; the folder they are in.
fn same_answers_natively() -> Result<PathBuf> {
    let folder = fresh("js/same")?;
    let mut lines = vectors()?;
    lines.push_str(RESET);
    let (mut traffic, mut line) = (Traffic::new(WORLD, RANDOM_LINES), String::new());
    while traffic.next_line(&mut line) {
        lines.push_str(&line);
    }
    fs::write(folder.join("lines.jsonl"), lines)?;
    run(native_side()?.arg("record").arg(&folder))?;
    Ok(folder)
}

/// The command lines of all conformance vectors, unchanged, with [`RESET`] where a vector starts a new engine.
fn vectors() -> Result<String> {
    let mut files = Vec::new();
    collect(&root().join("bindings/conformance"), "jsonl", &mut files)?;
    files.sort();
    let mut lines = String::new();
    for file in files {
        for row in read(&file)?.lines() {
            let row: Row = serde_json::from_str(row).with_context(|| file.display().to_string())?;
            if row.reset == Some(true) {
                lines.push_str(RESET);
            }
            if let Some(command) = row.command {
                lines.extend([command.get(), "\n"]);
            }
        }
    }
    ensure!(lines.lines().count() > 500, "only {} lines in the vectors", lines.lines().count());
    Ok(lines)
}

/// The parts of a vector that are needed: the reset, and the command as it stands.
#[derive(Deserialize)]
struct Row {
    reset: Option<bool>,
    #[serde(rename = "do")]
    command: Option<Box<RawValue>>,
}

fn native_side() -> Result<Command> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "cpc-wasm", "--example", "native_side", "--"]);
    Ok(command)
}

/// An empty folder among what is built.
fn fresh(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join(Path::new(name));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
