//! The C++ wrapper: in every standard it is for, with and without exceptions, and under sanitizers.

use crate::capi::header::{self, STRICT};
use crate::capi::library::{self, scratch};
use crate::capi::programs::{SANITIZERS, SYSTEM_LIBRARIES};
use crate::process::{in_root, root, run};
use anyhow::Result;
use std::process::Command;

pub(super) fn check() -> Result<()> {
    for compiler in ["g++", "clang++"] {
        for standard in ["c++17", "c++20"] {
            check_one(compiler, standard, &[])?;
        }
    }
    check_one("g++", "c++17", &["-fno-exceptions"])?;
    check_one("clang++", "c++17", &SANITIZERS)
}

fn check_one(compiler: &str, standard: &str, options: &[&str]) -> Result<()> {
    let program = scratch("programs")?.join("wrapper");
    let mut command = in_root(compiler);
    command.arg(format!("-std={standard}")).arg("-g").args(STRICT).args(options);
    command.arg("-I").arg(header::folder()).arg(root().join("bindings/c/tests/wrapper.cpp"));
    command.arg(library::folder()?.join("libcpc.a")).args(SYSTEM_LIBRARIES);
    run(command.arg("-o").arg(&program))?;
    run(&mut Command::new(program))
}
