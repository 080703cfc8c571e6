//! The header: made of the crate's declarations, and compiled alone by every compiler in every standard.

use crate::capi::scratch;
use crate::layout::read;
use crate::process::{in_root, root, run};
use anyhow::{Context, Result, anyhow, ensure};
use std::fs;
use std::path::PathBuf;

/// Where it stands.
pub(crate) fn folder() -> PathBuf {
    root().join("bindings/c/include")
}

fn file() -> PathBuf {
    folder().join("cpc.h")
}

/// The same declarations for PHP, whose FFI reads C but knows no preprocessor.
fn declarations_file() -> PathBuf {
    root().join("bindings/php/src/cpc.ffi.h")
}

/// Writes the header anew.
pub(crate) fn write() -> Result<()> {
    let header = generated()?;
    for (file, text) in [(file(), &header), (declarations_file(), &declarations(&header))] {
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// A header's declarations alone: as C before C23, without comments and directives.
fn declarations(header: &str) -> String {
    let mut kept = String::new();
    // Of every condition that is open, whether its lines count.
    let mut conditions: Vec<bool> = Vec::new();
    let mut in_comment = false;
    for line in header.lines() {
        let start = line.trim_start();
        if in_comment || start.starts_with("/*") {
            in_comment = !start.ends_with("*/");
        } else if start.starts_with("#if") {
            // The guard counts, and what is for C alone; what is for C++ or later C does not.
            conditions.push(start.starts_with("#ifndef"));
        } else if start.starts_with("#else") {
            conditions.last_mut().into_iter().for_each(|counts| *counts = !*counts);
        } else if start.starts_with("#endif") {
            conditions.pop();
        } else if !start.starts_with('#') && !start.is_empty() && conditions.iter().all(|counts| *counts) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The committed header is what the declarations make.
pub(crate) fn check_drift() -> Result<()> {
    let (committed, generated) = (read(&file())?, generated()?);
    let differs = committed.lines().zip(generated.lines()).position(|(one, other)| one != other);
    let line = differs.map_or("the end".to_owned(), |index| format!("line {}", index + 1));
    ensure!(
        committed == generated,
        "cpc.h is not what crates/cpc-capi makes, from {line} on; write it anew: cargo xtask header"
    );
    let declared = read(&declarations_file())?;
    ensure!(declared == declarations(&generated), "cpc.ffi.h is not what cpc.h declares: cargo xtask header");
    println!("    cpc.h is as crates/cpc-capi makes it, {} lines", committed.lines().count());
    Ok(())
}

fn generated() -> Result<String> {
    let crate_folder = root().join("crates/cpc-capi");
    let mut config = cbindgen::Config::from_file(crate_folder.join("cbindgen.toml"))
        .map_err(|error| anyhow!("cbindgen.toml: {error}"))?;
    // Texts are the one kind of constant that it does not write; all crates are of one version.
    let version = env!("CARGO_PKG_VERSION");
    config.after_includes = Some(format!(
        "\n/**\n * The version of the library, as text.\n */\n#define CPC_VERSION \"{version}\""
    ));
    let bindings = cbindgen::Builder::new()
        .with_crate(crate_folder)
        .with_config(config)
        .generate()
        .context("cbindgen cannot make the header")?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).context("the header is not UTF-8")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_those_of_plain_c() {
        let header = "/* a */\n#ifndef A\n#define A 1\nenum e\n#if defined(__cplusplus)\n  : int\n#endif\n {\n    /**\n     * b\n     */\n    B = 1,\n};\n#if C23\nlater\n#else\nnow\n#endif\n#endif\n";
        assert_eq!(declarations(header), "enum e\n {\n    B = 1,\n};\nnow\n");
    }
}
