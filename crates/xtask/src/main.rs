//! All automation of the project. Continuous integration runs `cargo xtask test` and nothing else, so a change
//! that passes here passes there.
//!
//! `cargo xtask test` takes the steps of [`steps::STEPS`] in order and stops at the first that fails;
//! `cargo xtask test NAME` takes one. `cargo xtask generate` writes the generated files. `cargo xtask soak` is the long
//! replay; `cargo xtask fuzz`, `cargo xtask properties` and `cargo xtask small-world` search for faults that no test
//! covers yet, `cargo xtask mutants` and `cargo xtask coverage` for code that no test would notice.

mod bench;
mod browser;
mod capi;
mod citations;
mod coverage;
mod debian;
mod end_to_end;
mod files;
mod fuzz;
mod generate;
mod go;
mod instructions;
mod js;
mod layout;
mod mutants;
mod no_std;
mod npm;
mod packages;
mod peers;
mod php;
mod playground;
mod process;
mod properties;
mod python;
mod recorded_soak;
mod small_world;
mod soak;
mod steps;
mod tools;
mod traffic;
mod wasm;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = command_line().get_matches();
    let result = match arguments.subcommand() {
        Some(("test", chosen)) => steps::run(chosen.get_one::<String>("step").map(String::as_str)),
        Some(("bench", chosen)) => bench::run(chosen),
        Some(("coverage", chosen)) => coverage::run(chosen),
        Some(("fuzz", chosen)) => fuzz::fuzz(chosen),
        Some(("generate", _)) => generate::write(),
        Some(("mutants", chosen)) => mutants::run(chosen),
        Some(("properties", chosen)) => properties::explore(chosen),
        Some(("small-world", _)) => small_world::explore(),
        Some(("soak", chosen)) if chosen.get_flag("record") => steps::record_soak(),
        Some(("soak", chosen)) => steps::soak(chosen.get_one::<u64>("lines").copied().unwrap_or(1_000_000)),
        Some(("playground", chosen)) => {
            playground::serve(chosen.get_one::<u16>("port").copied().unwrap_or(4173))
        }
        // `subcommand_required` leaves no other.
        _ => Ok(()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nFAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command_line() -> Command {
    let steps: String =
        steps::STEPS.iter().map(|step| format!("  {:<12} {}\n", step.name, step.about)).collect();
    let names = PossibleValuesParser::new(steps::STEPS.iter().map(|step| step.name));
    Command::new("cargo-xtask")
        .bin_name("cargo xtask")
        .about("Checks, tests and runs the project; the same here as in continuous integration")
        .after_help(format!("Steps of `test`, in order:\n{steps}"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("test")
                .about("Runs every step, or the one named; stops at the first that fails")
                .after_help(format!("Steps, in order:\n{steps}"))
                .arg(
                    Arg::new("step")
                        .help("The step to run alone")
                        .value_parser(names)
                        .hide_possible_values(true),
                ),
        )
        .subcommand(bench::command())
        .subcommand(coverage::command())
        .subcommand(fuzz::command())
        .subcommand(mutants::command())
        .subcommand(properties::command())
        .subcommand(Command::new("small-world").about(
            "Explores every sequence of five commands in a world of two phones and two senders; takes minutes",
        ))
        .subcommand(Command::new("generate").about(
            "Writes every generated file: the C header, PHP's declarations and what else is made of the crates",
        ))
        .subcommand(
            Command::new("soak")
                .about("Replays a long generated input twice: same answers, same digest, bounded memory")
                .arg(
                    Arg::new("lines")
                        .long("lines")
                        .help("How many command lines to generate")
                        .default_value("1000000")
                        .value_parser(value_parser!(u64).range(1..)),
                )
                .arg(
                    Arg::new("record")
                        .long("record")
                        .help("Instead, records the short one of `test`, after a change of the rules")
                        .action(ArgAction::SetTrue)
                        .conflicts_with("lines"),
                ),
        )
        .subcommand(
            Command::new("playground").about("Builds the playground and serves it on loopback").arg(
                Arg::new("port")
                    .long("port")
                    .help("The port to serve it on")
                    .default_value("4173")
                    .value_parser(value_parser!(u16).range(1..)),
            ),
        )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command_line().debug_assert();
    }
}
