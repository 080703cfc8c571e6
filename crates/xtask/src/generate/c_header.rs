//! The C header, made of the declarations and comments of crates/cpc-capi; and the same declarations for PHP, whose FFI
//! reads C but has no preprocessor.

use crate::generate::output::Output;
use crate::process::root;
use anyhow::{Context, Result, anyhow};

/// `cpc.h` and `cpc.ffi.h`.
pub(super) fn outputs() -> Result<Vec<Output>> {
    let header = header()?;
    let declarations = declarations(&header);
    Ok(vec![
        Output::file("bindings/c/include/cpc.h", header),
        Output::file("bindings/php/src/cpc.ffi.h", declarations),
    ])
}

fn header() -> Result<String> {
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

/// A header's declarations alone, as C before C23: no comments, no directives.
fn declarations(header: &str) -> String {
    let mut kept = String::new();
    // For each open condition, whether its lines are kept.
    let mut conditions: Vec<bool> = Vec::new();
    let mut in_comment = false;
    for line in header.lines() {
        let start = line.trim_start();
        if in_comment || start.starts_with("/*") {
            in_comment = !start.ends_with("*/");
        } else if start.starts_with("#if") {
            // Kept are the include guard and what is for C alone; not what is for C++ or a later C.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_those_of_plain_c() {
        let header = "/* a */\n#ifndef A\n#define A 1\nenum e\n#if defined(__cplusplus)\n  : int\n#endif\n {\n    /**\n     * b\n     */\n    B = 1,\n};\n#if C23\nlater\n#else\nnow\n#endif\n#endif\n";
        assert_eq!(declarations(header), "enum e\n {\n    B = 1,\n};\nnow\n");
    }
}
