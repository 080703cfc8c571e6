//! C programs against the library: plain, under sanitizers, under valgrind; and proof that those find faults.

use crate::capi::header::{self, STRICT};
use crate::capi::library::{self, scratch};
use crate::process::{cargo, in_root, root, run};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every struct and number of the header has the same layout and value in C as in Rust.
pub(super) fn check_layout() -> Result<()> {
    let output = cargo().args(["run", "--quiet", "--package", "cpc-capi", "--example", "layout"]).output()?;
    ensure!(output.status.success(), "the example `layout`: {}", String::from_utf8_lossy(&output.stderr));
    let source = scratch("programs")?.join("layout.c");
    fs::write(&source, &output.stdout)?;
    let text = String::from_utf8(output.stdout).context("the example `layout` is not UTF-8")?;
    let count = |what: &str| text.lines().filter(|line| line.starts_with(what)).count();
    let (sizes, members, numbers) = (count("SIZE("), count("OFFSET("), count("NUMBER("));
    let structs = header::structs()?;
    ensure!(sizes == structs, "{sizes} structs are asserted, but cpc.h has {structs}");
    for compiler in ["gcc", "clang"] {
        let mut command = in_root(compiler);
        command.args(["-fsyntax-only", "-std=c11"]).args(STRICT).arg("-I").arg(header::folder());
        run(command.arg(&source))?;
    }
    println!("    {sizes} structs, {members} members and {numbers} numbers are as in Rust");
    Ok(())
}

/// How a program is built.
struct Build<'a> {
    name: &'a str,
    compiler: &'a str,
    options: &'a [&'a str],
    shared: bool,
}

/// Both sanitizers; the first report ends the program.
pub(super) const SANITIZERS: [&str; 3] =
    ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

const PLAIN: Build<'_> = Build { name: "plain", compiler: "gcc", options: &["-O2"], shared: true };
const WATCHED: Build<'_> = Build { name: "valgrind", compiler: "gcc", options: &["-O1"], shared: false };
const SANITIZED: Build<'_> =
    Build { name: "sanitized", compiler: "clang", options: &SANITIZERS, shared: false };

/// The system libraries that a static Rust library needs.
pub(super) const SYSTEM_LIBRARIES: [&str; 4] = ["-lpthread", "-ldl", "-lm", "-lgcc_s"];

pub(super) fn check() -> Result<()> {
    for program in ["surface", "threads", "abi_1"] {
        run(&mut Command::new(build(program, &PLAIN)?))?;
        run(&mut sanitized(&build(program, &SANITIZED)?, None))?;
        run(&mut valgrind(&build(program, &WATCHED)?))?;
    }
    faults_are_found()
}

/// Programs of earlier headers stand beside those, which are frozen.
fn source(program: &str) -> PathBuf {
    let folder = if program.starts_with("abi_") { "crates/cpc-capi/tests/abi" } else { "bindings/c/tests" };
    root().join(folder).join(format!("{program}.c"))
}

fn build(program: &str, build: &Build<'_>) -> Result<PathBuf> {
    let output = scratch("programs")?.join(format!("{program}-{}", build.name));
    let libraries = library::folder()?;
    let mut command = in_root(build.compiler);
    command.args(["-std=c11", "-D_GNU_SOURCE", "-g"]).args(STRICT).args(build.options);
    command.arg("-I").arg(header::folder()).arg(source(program));
    if build.shared {
        command.arg("-L").arg(&libraries).arg("-lcpc").arg(format!("-Wl,-rpath,{}", libraries.display()));
        command.arg("-lpthread");
    } else {
        command.arg(libraries.join("libcpc.a")).args(SYSTEM_LIBRARIES);
    }
    run(command.arg("-o").arg(&output))?;
    Ok(output)
}

fn sanitized(program: &Path, fault: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.args(fault).env("ASAN_OPTIONS", "detect_leaks=1");
    command
}

fn valgrind(program: &Path) -> Command {
    let mut command = in_root("valgrind");
    command.args(["--quiet", "--leak-check=full", "--show-leak-kinds=all", "--errors-for-leak-kinds=all"]);
    command.arg("--error-exitcode=9").arg(program);
    command
}

/// Deliberate faults, and what the sanitizer reports of each: proof that checking is on.
const FAULTS: [(&str, &str); 4] = [
    ("leak", "LeakSanitizer"),
    ("use-after-free", "heap-use-after-free"),
    ("overflow", "heap-buffer-overflow"),
    ("shift", "shift exponent"),
];

fn faults_are_found() -> Result<()> {
    let program = build("faulty", &SANITIZED)?;
    run(&mut sanitized(&program, None))?;
    for (fault, report) in FAULTS {
        expect_report(&mut sanitized(&program, Some(fault)), fault, report)?;
    }
    let program = build("faulty", &WATCHED)?;
    run(&mut valgrind(&program))?;
    for (fault, report) in [("leak", "definitely lost"), ("use-after-free", "Invalid write")] {
        expect_report(valgrind(&program).arg(fault), fault, report)?;
    }
    println!("    sanitizers and valgrind found every fault that was made for them");
    Ok(())
}

fn expect_report(command: &mut Command, fault: &str, report: &str) -> Result<()> {
    let output = command.output().context("a faulty program cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains(report) {
        bail!("the fault `{fault}` was not found: is checking off? {said}");
    }
    Ok(())
}
