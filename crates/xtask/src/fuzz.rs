//! The fuzz drivers: as tests on fixed bytes (step `fuzz`), and with a fuzzing engine (`cargo xtask fuzz`).
//!
//! Fuzzing is open-ended and needs a nightly compiler, so continuous integration runs only the tests. Findings are left
//! in `target/fuzz`; the inputs worth keeping are copied to `fuzz/corpus`.

use crate::process::{cargo, in_root, quiet, root, run, target_folder};
use crate::tools;
use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fuzz target: the driver `fuzz/src/NAME.rs`, called by `fuzz/fuzz_targets/NAME.rs`.
struct Target {
    name: &'static str,
    /// The longest input, in bytes. Longer ones only take more time.
    longest: u32,
    /// Code without `unsafe` needs no sanitizer, and is three times as fast without.
    sanitizer: &'static str,
}

const TARGETS: [Target; 6] = [
    Target { name: "capi", longest: 4096, sanitizer: "address" },
    Target { name: "engine", longest: 1024, sanitizer: "none" },
    Target { name: "line", longest: 8192, sanitizer: "none" },
    Target { name: "log", longest: 2048, sanitizer: "none" },
    Target { name: "massivocpc", longest: 4096, sanitizer: "none" },
    Target { name: "snapshot", longest: 1024, sanitizer: "none" },
];

/// The step `fuzz`.
pub(crate) fn check() -> Result<()> {
    let manifest = ["--manifest-path", "fuzz/Cargo.toml"];
    // `fuzz` is a workspace of its own, with other features of the same packages: it has its own target folder.
    let folder = target_folder()?.join("fuzz");
    run(cargo().args(["fmt", "--check"]).args(manifest))?;
    run(cargo()
        .args(["clippy", "--quiet", "--locked", "--all-targets"])
        .args(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .args(["--", "--deny", "warnings"]))?;
    run(cargo().args(["test", "--quiet", "--locked"]).args(manifest).arg("--target-dir").arg(folder))
}

/// `cargo xtask fuzz`
pub(crate) fn command() -> clap::Command {
    let names = PossibleValuesParser::new(TARGETS.iter().map(|target| target.name));
    clap::Command::new("fuzz")
        .about(
            "Fuzzes every target, or those named; fails if something was found, and says how to see it again",
        )
        .after_help(
            "New inputs are left in target/fuzz/corpus/NAME, what was found in target/fuzz/artifacts/NAME.\n\
             With --keep nothing is fuzzed: of all inputs so far, a few that reach most of the code replace \
             those in fuzz/corpus/NAME that an earlier --keep left there.\n\
             Needs `rustup toolchain install nightly`.",
        )
        .arg(Arg::new("names").value_name("NAME").help("What to fuzz").value_parser(names).num_args(0..))
        .arg(
            Arg::new("minutes")
                .long("minutes")
                .help("For how long, each")
                .default_value("10")
                .value_parser(value_parser!(u64).range(1..)),
        )
        .arg(
            Arg::new("keep")
                .long("keep")
                .help("Brings what was learnt into fuzz/corpus instead")
                .action(ArgAction::SetTrue),
        )
}

/// Fuzzes the targets chosen, one after the other.
pub(crate) fn fuzz(chosen: &ArgMatches) -> Result<()> {
    let names: Vec<&String> = chosen.get_many("names").into_iter().flatten().collect();
    let is_chosen = |target: &&Target| names.is_empty() || names.iter().any(|name| *name == target.name);
    let minutes = chosen.get_one::<u64>("minutes").copied().unwrap_or(10);
    let mut found = Vec::new();
    for target in TARGETS.iter().filter(is_chosen) {
        let program = build(target)?;
        if chosen.get_flag("keep") {
            keep(target, &program)?;
        } else if !search(target, &program, minutes)? {
            found.push(target.name);
        }
    }
    if !found.is_empty() {
        bail!("something was found in: {}", found.join(", "));
    }
    Ok(())
}

/// The program that fuzzes a target.
fn build(target: &Target) -> Result<PathBuf> {
    let folder = target_folder()?.join("fuzz").join(format!("sanitizer-{}", target.sanitizer));
    let host = quiet(in_root("rustc").args(["--print", "host-tuple"])).context("no rustc")?;
    let mut cargo_fuzz = in_root("rustup");
    cargo_fuzz.args(["run", "nightly"]).arg(tools::program(&tools::FUZZ)?);
    // These name the stable cargo that runs xtask, but the build needs the nightly one.
    cargo_fuzz.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    cargo_fuzz.args(["build", target.name, "--fuzz-dir", "fuzz", "--sanitizer", target.sanitizer]);
    cargo_fuzz.args(["--target", &host, "--target-dir"]).arg(&folder);
    run(&mut cargo_fuzz).context("fuzzing needs a nightly compiler: rustup toolchain install nightly")?;
    Ok(folder.join(host).join("release").join(target.name))
}

/// The inputs that are in the repository.
fn committed(target: &Target) -> PathBuf {
    root().join("fuzz/corpus").join(target.name)
}

/// A folder of what fuzzing leaves behind.
fn left_behind(kind: &str, target: &Target) -> Result<PathBuf> {
    let folder = target_folder()?.join("fuzz").join(kind).join(target.name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Fuzzes one target; `false` if something was found.
fn search(target: &Target, program: &Path, minutes: u64) -> Result<bool> {
    let artifacts = left_behind("artifacts", target)?;
    let before = files(&artifacts)?;
    let mut command = Command::new(program);
    command.current_dir(root()).arg(left_behind("corpus", target)?).arg(committed(target));
    command.arg(format!("-max_total_time={}", minutes * 60));
    command.arg(format!("-max_len={}", target.longest)).arg("-timeout=30").arg("-print_final_stats=1");
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let dictionary = root().join(format!("fuzz/dictionaries/{}.dict", target.name));
    if dictionary.exists() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let ended_well = run(&mut command).is_ok();
    let found: Vec<PathBuf> = files(&artifacts)?.into_iter().filter(|file| !before.contains(file)).collect();
    for file in &found {
        println!("\n    {} breaks a promise. To see it again:", target.name);
        println!(
            "    $ cargo run --manifest-path fuzz/Cargo.toml --bin {} -- {}",
            target.name,
            file.display()
        );
    }
    Ok(ended_well && found.is_empty())
}

/// The most inputs, and the most bytes in all, that `--keep` adds to a corpus: every test run replays it.
const MOST_KEPT: (usize, u64) = (120, 200_000);

/// Replaces the inputs of a corpus that are named by their digest with a few that reach most of the code reached by all
/// known inputs. Inputs with names that people gave stay.
fn keep(target: &Target, program: &Path) -> Result<()> {
    let (corpus, merged) = (committed(target), left_behind("merged", target)?);
    let reached = merged.join("reached.txt");
    fs::remove_dir_all(&merged)?;
    fs::create_dir_all(&merged)?;
    // Coverage alone counts, not how often code is reached.
    run(Command::new(program)
        .current_dir(root())
        .args(["-merge=1", "-use_counters=0"])
        .arg(format!("-max_len={}", target.longest))
        .arg(format!("-merge_control_file={}", reached.display()))
        .args([&left_behind("kept", target)?, &corpus, &left_behind("corpus", target)?]))?;
    let chosen: Vec<(PathBuf, Vec<u8>)> = few(&fs::read_to_string(reached)?)?
        .into_iter()
        .map(|file| Ok((corpus.join(file.file_name().context("no name")?), fs::read(root().join(file))?)))
        .collect::<Result<_>>()?;
    for file in files(&corpus)?.iter().filter(|file| is_digest(file)) {
        fs::remove_file(file)?;
    }
    for (file, bytes) in chosen.iter().filter(|(file, _)| is_digest(file)) {
        fs::write(file, bytes)?;
    }
    println!("    {} inputs in {}", files(&corpus)?.len(), corpus.display());
    Ok(())
}

/// Chooses inputs greedily by the code they add, from the control file that the fuzzing engine writes while merging:
/// a list of files, then lines of `COV`, the index of a file, and the features it reaches.
fn few(notes: &str) -> Result<Vec<PathBuf>> {
    let mut lines = notes.lines();
    let count = lines.next().context("no notes")?.parse()?;
    let names: Vec<&str> = lines.by_ref().skip(1).take(count).collect();
    let mut inputs = Vec::new();
    for line in lines.filter_map(|line| line.strip_prefix("COV ")) {
        let mut words = line.split(' ');
        let place: usize = words.next().context("no place")?.parse()?;
        let file = PathBuf::from(names.get(place).context("no such input")?);
        let size = fs::metadata(root().join(&file))?.len();
        inputs.push((file, size, words.collect::<BTreeSet<&str>>()));
    }
    let (mut chosen, mut bytes, mut reached) = (Vec::new(), 0, BTreeSet::new());
    while chosen.len() < MOST_KEPT.0 {
        inputs.retain(|(_, size, adds)| bytes + size <= MOST_KEPT.1 && !adds.is_subset(&reached));
        let adds = |input: &(PathBuf, u64, BTreeSet<&str>)| input.2.difference(&reached).count();
        let best = (0..inputs.len()).max_by_key(|place| inputs.get(*place).map(adds));
        let Some(best) = best else { break };
        let (file, size, adds) = inputs.swap_remove(best);
        bytes += size;
        reached.extend(adds);
        chosen.push(file);
    }
    Ok(chosen)
}

/// The fuzzing engine names inputs by their SHA-1.
fn is_digest(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_driver_its_program_and_inputs() {
        let mut programs: Vec<String> = files(&root().join("fuzz/fuzz_targets"))
            .unwrap()
            .iter()
            .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        programs.sort();
        assert_eq!(programs, TARGETS.map(|target| target.name.to_owned()));
        for target in &TARGETS {
            assert!(root().join(format!("fuzz/src/{}.rs", target.name)).exists(), "{}", target.name);
            assert!(!files(&committed(target)).unwrap().is_empty(), "{}", target.name);
        }
    }

    #[test]
    fn inputs_named_by_people_differ_from_those_named_by_digest() {
        assert!(is_digest(Path::new("corpus/da39a3ee5e6b4b0d3255bfef95601890afd80709")));
        assert!(!is_digest(Path::new("corpus/document")));
    }
}
