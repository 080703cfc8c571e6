//! Measures us and the peers, and prints the tables. `cargo xtask bench` runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on has failed")]

use clap::{Arg, ArgAction, Command, value_parser};
use peers::report::Report;
use peers::scale::Scale;
use peers::{gates, json, keeping, machine, memory, picture, senders, tables};
use std::fs;
use std::path::{Path, PathBuf};

const MARKS: [&str; 2] = ["<!-- figures: `cargo xtask bench --write` -->", "<!-- end of figures -->"];

fn main() {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let file = Arg::new("json").long("json").value_parser(value_parser!(PathBuf));
    let arguments = Command::new("compare")
        .about("The engine beside its peers")
        .arg(flag("full").help("Up to 5·10^7 contacts, in 24 GiB; takes a quarter of an hour"))
        .arg(flag("smoke").help("The least that shows that all of it runs").conflicts_with("full"))
        .arg(flag("write").help("Puts tables and curve into benches/"))
        .arg(file.help("Writes every sample there"))
        .get_matches();
    let scale = match (arguments.get_flag("full"), arguments.get_flag("smoke")) {
        (true, _) => Scale::full(),
        (_, true) => Scale::smoke(),
        _ => Scale::usual(),
    };
    let report = measure(&scale);
    let text = tables::all(&report);
    println!("{text}");
    if let Some(file) = arguments.get_one::<PathBuf>("json") {
        fs::write(file, serde_json::to_string_pretty(&report).unwrap()).unwrap();
    }
    if arguments.get_flag("write") {
        write(&text, picture::draw(&report));
    }
}

fn measure(scale: &Scale) -> Report {
    let mut report = Report { machine: machine::describe(), ..Report::default() };
    let here = std::env::current_exe().unwrap();
    memory::measure(&here.with_file_name("memory"), scale, &mut report);
    json::measure(scale, &mut report);
    keeping::measure(scale, &mut report);
    senders::measure(scale, &mut report);
    #[cfg(feature = "heavy")]
    peers::rules::measure(scale, &mut report);
    gates::measure(scale, &mut report);
    report
}

/// Puts the tables between the marks of the README, and the curve beside it.
fn write(tables: &str, curve: Option<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let file = folder.join("README.md");
    let text = fs::read_to_string(&file).unwrap();
    let [begin, end] = MARKS;
    let (before, rest) = text.split_once(begin).expect("the README has the marks");
    let (_, after) = rest.split_once(end).expect("the README has the marks");
    fs::write(file, format!("{before}{begin}\n{tables}{end}{after}")).unwrap();
    if let Some(curve) = curve {
        fs::write(folder.join("scaling.svg"), curve).unwrap();
    }
}
