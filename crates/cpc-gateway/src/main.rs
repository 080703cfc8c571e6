//! The program `cpc`; all it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    cpc_gateway::run(std::env::args_os())
}
