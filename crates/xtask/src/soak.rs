//! A long replay, twice: the answers are the same to the byte, the digest is the same, and the memory it takes
//! does not grow with the length of the input. The short one also goes as it did when it was recorded.

use crate::process::seconds;
use crate::recorded_soak::{self, AnswerHasher, Hashes};
use crate::traffic::{Traffic, World};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::Xxh3;

/// The short replay: 50 lines a phone would be 1 000 000.
pub(crate) const SMALL: World = World { phones: 20_000, clients: 10_000, senders: 10 };
/// The long one.
pub(crate) const LARGE: World = World { phones: 200_000, clients: 100_000, senders: 50 };

/// The most memory the replay may take, in KiB: the program's, and about twice what the engine remembers of its
/// contacts takes. However many lines there are, it must do.
const fn most_allowed(world: World) -> u64 {
    10 * 1024 + (world.phones + world.clients) * 200 / 1024
}

/// What a replay of generated traffic gave.
struct Replay {
    hashes: Hashes,
    /// How many answers there were, the digest at the end included.
    lines: u64,
    time: Duration,
    /// The most memory it took, in KiB, where the system tells.
    memory: Option<u64>,
}

/// Replays the lines that were recorded twice, and compares with each other and with the recording.
pub(crate) fn check_recorded(program: &Path, lines: u64) -> Result<()> {
    let hashes = check(program, SMALL, lines)?;
    recorded_soak::compare(&hashes)?;
    recorded_soak::compare_snapshot(generated(lines))
}

/// Replays the lines twice, and records how that went.
pub(crate) fn record(program: &Path, lines: u64) -> Result<()> {
    recorded_soak::record(&check(program, SMALL, lines)?, generated(lines))
}

fn generated(lines: u64) -> impl Iterator<Item = String> {
    let mut traffic = Traffic::new(SMALL, lines);
    std::iter::from_fn(move || {
        let mut line = String::new();
        traffic.next_line(&mut line).then_some(line)
    })
}

/// Replays that many lines twice and compares.
pub(crate) fn check(program: &Path, world: World, lines: u64) -> Result<Hashes> {
    let first = replay(program, world, lines)?;
    let second = replay(program, world, lines)?;
    for replay in [&first, &second] {
        let rate = u128::from(lines) * 1000 / replay.time.as_millis().max(1);
        let memory = replay.memory.map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024));
        println!(
            "    {lines} lines in {}, {rate} a second, {memory} at most, {}",
            seconds(replay.time),
            replay.hashes.digest
        );
        // An answer a line, and the digest.
        ensure!(replay.lines == lines + 1, "{} answers to {lines} lines", replay.lines - 1);
        if let Some(memory) = replay.memory {
            let most = most_allowed(world);
            ensure!(memory <= most, "{memory} KiB of memory, {most} at most");
        }
    }
    ensure!(
        first.hashes.digest == second.hashes.digest,
        "two replays of the same lines end in different digests"
    );
    ensure!(first.hashes == second.hashes, "two replays of the same lines have different answers");
    Ok(first.hashes)
}

fn replay(program: &Path, world: World, lines: u64) -> Result<Replay> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(["replay", "--digest", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let input = child.stdin.take().context("no stdin")?;
    let output = child.stdout.take().context("no stdout")?;
    let reader = thread::spawn(move || summary(output));
    let (input, input_hash) = write(input, world, lines).context("the replay stopped reading")?;
    let memory = most_memory(child.id());
    drop(input);
    let (hasher, count, last) = reader.join().map_err(|_| anyhow!("the reader failed"))??;
    let status = child.wait()?;
    if !status.success() {
        bail!("the replay ended with {status}");
    }
    let time = start.elapsed();
    let digest = last.rsplit('"').nth(1).context("the last answer is no digest")?.to_owned();
    let (answers, blocks) = hasher.finish();
    Ok(Replay { hashes: Hashes { input: input_hash, answers, blocks, digest }, lines: count, time, memory })
}

/// Writes the lines, and gives the open input back, as the replay runs until it is closed, and the hash of the lines.
fn write(input: impl Write, world: World, lines: u64) -> Result<(impl Write, u64)> {
    let mut input = BufWriter::with_capacity(1 << 16, input);
    let (mut traffic, mut line, mut hash) = (Traffic::new(world, lines), String::new(), Xxh3::new());
    while traffic.next_line(&mut line) {
        hash.update(line.as_bytes());
        input.write_all(line.as_bytes())?;
    }
    input.flush()?;
    Ok((input, hash.digest()))
}

/// The hashes of all answers, how many lines there are, and the last, which is the digest.
fn summary(output: impl Read) -> Result<(AnswerHasher, u64, String)> {
    let (mut hasher, mut count) = (AnswerHasher::new(), 0);
    let (mut line, mut last) = (String::new(), String::new());
    let mut output = BufReader::with_capacity(1 << 16, output);
    while output.read_line(&mut line)? > 0 {
        if count > 0 {
            hasher.add(&last);
        }
        count += 1;
        std::mem::swap(&mut line, &mut last);
        line.clear();
    }
    Ok((hasher, count, last))
}

/// The most memory a running process has taken, in KiB; Linux tells.
fn most_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
