//! How many instructions an operation of the engine takes, compared with a record. Unlike time, the count is nearly the
//! same on a busy machine and on another one, so it can be a step of `cargo xtask test`.
//!
//! Callgrind runs each scenario of the program `counts` (`benches/workload`) and counts what happens in its function
//! `measured`, and nothing else. The record is `benches/instructions.json`, in instructions per thousand operations. A
//! change that makes an operation dearer on purpose, or cheaper, renews it with
//! `cargo xtask bench instructions --record`.
//!
//! To make machines comparable, phones, hash key and sizes are fixed, and the C library copies memory with the
//! instructions that every x86-64 has. The compiler's version is recorded, and shown where counts differ.

use crate::debian;
use crate::process::{cargo, in_root, quiet, root, run, target_folder};
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The record.
#[derive(Deserialize, Serialize)]
struct Record {
    /// The compiler's version when it was recorded.
    rustc: String,
    /// Instructions per thousand operations, by scenario.
    instructions_per_thousand: BTreeMap<String, u64>,
}

/// How far a count may be above the recorded one, in thousandths; further below it, the record is out of date.
const TOLERANCE: u64 = 30;

/// glibc chooses how to copy memory by the processor's features; this hides those that not every x86-64 has.
const PLAIN_COPYING: &str = "glibc.cpu.hwcaps=-AVX_Fast_Unaligned_Load,-AVX2,-AVX512F,-AVX512VL,-ERMS,-FSRM,-SSSE3,-Fast_Unaligned_Copy";

/// The step `instructions`.
pub(crate) fn check() -> Result<()> {
    if !CAN_COUNT {
        println!("    counts are recorded for Linux on x86-64: nothing to compare here");
        return Ok(());
    }
    let text = fs::read_to_string(record_file()).context("the record cannot be read")?;
    let record: Record = serde_json::from_str(&text).context("the record cannot be read")?;
    let now = count()?;
    let compared = compare(&record.instructions_per_thousand, &now);
    print!("{}", table(&compared));
    let of = |verdict| compared.iter().filter(move |row| row.verdict() == verdict).map(|row| row.name);
    let (dearer, cheaper): (Vec<&str>, Vec<&str>) =
        (of(Verdict::Dearer).collect(), of(Verdict::Cheaper).collect());
    if !cheaper.is_empty() {
        println!("    cheaper than recorded: {}; {RENEW}", cheaper.join(", "));
    }
    if dearer.is_empty() {
        return Ok(());
    }
    let compiler = rustc()?;
    let other = if compiler == record.rustc {
        ""
    } else {
        "; it was recorded with another compiler, which may be the reason"
    };
    bail!("more instructions than recorded: {}{other}; if it is worth it, {RENEW}", dearer.join(", "))
}

const RENEW: &str = "`cargo xtask bench instructions --record` renews the record";
const CAN_COUNT: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

/// Counts, and compares with the record or renews it.
pub(crate) fn bench(renew: bool) -> Result<()> {
    if !renew {
        return check();
    }
    ensure!(CAN_COUNT, "counts are recorded for Linux on x86-64");
    let record = Record { rustc: rustc()?, instructions_per_thousand: count()? };
    let mut text = serde_json::to_string_pretty(&record)?;
    text.push('\n');
    fs::write(record_file(), &text)?;
    print!("{text}");
    Ok(())
}

fn record_file() -> PathBuf {
    root().join("benches/instructions.json")
}

fn rustc() -> Result<String> {
    let version = quiet(in_root("rustc").arg("--version")).context("rustc does not say its version")?;
    Ok(version.split(' ').nth(1).unwrap_or(&version).to_owned())
}

/// Runs every scenario; instructions per thousand operations.
fn count() -> Result<BTreeMap<String, u64>> {
    debian::need(&[("valgrind", "valgrind")])?;
    run(cargo().args(["build", "--quiet", "--release", "--locked", "--package", "cpc-workload"]))?;
    let folder = target_folder()?;
    let program = folder.join("release/counts");
    let folder = folder.join("instructions");
    fs::create_dir_all(&folder)?;
    let names = quiet(&mut in_root(&program.to_string_lossy())).context("`counts` names no scenarios")?;
    names.lines().map(|name| Ok((name.to_owned(), count_one(&program, name, &folder)?))).collect()
}

fn count_one(program: &Path, name: &str, folder: &Path) -> Result<u64> {
    let file = folder.join(name);
    let mut valgrind = in_root("valgrind");
    // Matches the function's name in both of Rust's mangling schemes.
    valgrind.args(["--tool=callgrind", "--toggle-collect=*counts*measured*"]);
    valgrind.arg(format!("--callgrind-out-file={}", file.display()));
    valgrind.arg(program).arg(name).env("GLIBC_TUNABLES", PLAIN_COPYING);
    let operations: u64 = quiet(&mut valgrind)
        .with_context(|| format!("scenario `{name}` failed under callgrind"))?
        .parse()
        .with_context(|| format!("scenario `{name}` does not say how many operations it did"))?;
    let profile = fs::read_to_string(&file)?;
    let total =
        profile.lines().find_map(|line| line.strip_prefix("totals: ")).context("callgrind has no total")?;
    let instructions: u64 = total.trim().parse()?;
    ensure!(instructions > 0 && operations > 0, "callgrind saw nothing of `{name}` that is measured");
    Ok(instructions * 1_000 / operations)
}

/// One scenario: its recorded count, and its count now.
struct Row<'a> {
    name: &'a str,
    recorded: Option<u64>,
    now: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Dearer,
    Same,
    /// Also a scenario that is missing in the record, or that no longer exists.
    Cheaper,
}

impl Row<'_> {
    /// The count now, in thousandths of the recorded one.
    fn ratio(&self) -> Option<u64> {
        Some(self.now? * 1_000 / self.recorded?.max(1))
    }

    fn verdict(&self) -> Verdict {
        match self.ratio() {
            Some(ratio) if ratio > 1_000 + TOLERANCE => Verdict::Dearer,
            Some(ratio) if ratio >= 1_000 - TOLERANCE => Verdict::Same,
            _ => Verdict::Cheaper,
        }
    }
}

fn compare<'a>(recorded: &'a BTreeMap<String, u64>, now: &'a BTreeMap<String, u64>) -> Vec<Row<'a>> {
    let known = now.keys().filter(|name| !recorded.contains_key(*name));
    recorded
        .keys()
        .chain(known)
        .map(|name| Row { name, recorded: recorded.get(name).copied(), now: now.get(name).copied() })
        .collect()
}

fn table(rows: &[Row<'_>]) -> String {
    let thousandths = |value: Option<u64>, digits: usize| {
        value.map_or("-".to_owned(), |value| {
            let part = format!("{:03}", value % 1_000);
            format!("{}.{}", value / 1_000, part.get(..digits).unwrap_or_default())
        })
    };
    let mut text =
        format!("    {:<18} {:>10} {:>10} {:>7}\n", "instructions each", "recorded", "now", "ratio");
    for row in rows {
        text.push_str(&format!(
            "    {:<18} {:>10} {:>10} {:>7}\n",
            row.name,
            thousandths(row.recorded, 1),
            thousandths(row.now, 1),
            thousandths(row.ratio(), 3)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rows: &[(&str, u64)]) -> BTreeMap<String, u64> {
        rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn three_in_a_hundred_are_let_pass() {
        let recorded = counts(&[("a", 1_000_000), ("b", 1_000_000), ("c", 1_000_000), ("gone", 1)]);
        let now = counts(&[("a", 1_030_000), ("b", 1_031_000), ("c", 969_000), ("new", 1)]);
        let rows = compare(&recorded, &now);
        let verdicts: Vec<_> = rows.iter().map(|row| (row.name, row.verdict())).collect();
        let expected = [
            ("a", Verdict::Same),
            ("b", Verdict::Dearer),
            ("c", Verdict::Cheaper),
            ("gone", Verdict::Cheaper),
            ("new", Verdict::Cheaper),
        ];
        assert_eq!(verdicts, expected);
        assert!(table(&rows).contains("a                      1000.0     1030.0   1.030\n"));
    }
}
