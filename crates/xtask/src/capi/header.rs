//! The header: compiled alone by every compiler in every standard, and read for what it declares.

use crate::capi::library::scratch;
use crate::files::read;
use crate::process::{in_root, root, run};
use anyhow::{Result, ensure};
use std::fs;
use std::path::PathBuf;

/// The folder of the header.
pub(crate) fn folder() -> PathBuf {
    root().join("bindings/c/include")
}

fn file() -> PathBuf {
    folder().join("cpc.h")
}

/// Every warning is an error.
pub(crate) const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

const COMPILERS: [(&str, &str, &[&str]); 4] = [
    ("gcc", "c", &["c99", "c11", "c17", "c2x"]),
    ("clang", "c", &["c99", "c11", "c17", "c2x"]),
    ("g++", "c++", &["c++11", "c++14", "c++17", "c++20"]),
    ("clang++", "c++", &["c++11", "c++14", "c++17", "c++20"]),
];

/// The header stands alone, in every standard, with every warning an error.
pub(crate) fn check_standards() -> Result<()> {
    let folder = scratch("header")?;
    let mut count = 0;
    for (compiler, language, standards) in COMPILERS {
        // A file of its own: warnings about a header that is compiled as the main file would not count.
        let source = folder.join(if language == "c" { "alone.c" } else { "alone.cpp" });
        fs::write(
            &source,
            "#include \"cpc.h\"\nint main(void) { return cpc_abi_version() != CPC_ABI_VERSION; }\n",
        )?;
        for standard in standards {
            let mut command = in_root(compiler);
            command.args(["-x", language, "-fsyntax-only"]).arg(format!("-std={standard}")).args(STRICT);
            run(command.arg("-I").arg(self::folder()).arg(&source))?;
            count += 1;
        }
    }
    println!("    cpc.h is valid in {count} pairs of compiler and standard");
    Ok(())
}

/// The functions that the header declares, sorted.
pub(crate) fn functions() -> Result<Vec<String>> {
    let header = read(&file())?;
    let mut names: Vec<String> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '#', '*', '}']))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("cpc_"))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    ensure!(names.len() > 20, "only {} functions found in cpc.h", names.len());
    Ok(names)
}

/// How many structs the header describes.
pub(crate) fn structs() -> Result<usize> {
    let header = read(&file())?;
    Ok(header.lines().filter(|line| line.starts_with("typedef struct ") && line.ends_with('{')).count())
}
