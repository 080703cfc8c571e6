//! A long replay, run twice: the answers are the same byte by byte, the digest is the same, and the memory does not grow
//! with the length of the input.

use crate::process::seconds;
use crate::traffic::{Traffic, World};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The world of the short replay; as busy as the long one at 1 000 000 lines.
pub(crate) const SMALL: World = World { phones: 20_000, clients: 10_000, senders: 10 };
/// The world of the long replay.
pub(crate) const LARGE: World = World { phones: 200_000, clients: 100_000, senders: 50 };

/// The most memory a replay may take, in KiB: the program's own, and about twice what the engine keeps for its contacts.
/// It does not depend on the number of lines.
const fn most_allowed(world: World) -> u64 {
    10 * 1024 + (world.phones + world.clients) * 200 / 1024
}

/// The result of one replay.
struct Replay {
    /// A hash of all answers, in order.
    answers: u64,
    lines: u64,
    digest: String,
    time: Duration,
    /// The most memory it took, in KiB; known on Linux only.
    memory: Option<u64>,
}

/// Replays that many lines twice and compares.
pub(crate) fn check(program: &Path, world: World, lines: u64) -> Result<()> {
    let first = replay(program, world, lines)?;
    let second = replay(program, world, lines)?;
    for replay in [&first, &second] {
        let rate = u128::from(lines) * 1000 / replay.time.as_millis().max(1);
        let memory = replay.memory.map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024));
        println!(
            "    {lines} lines in {}, {rate} a second, {memory} at most, {}",
            seconds(replay.time),
            replay.digest
        );
        // One answer for each line, and the digest.
        ensure!(replay.lines == lines + 1, "{} answers to {lines} lines", replay.lines - 1);
        if let Some(memory) = replay.memory {
            let most = most_allowed(world);
            ensure!(memory <= most, "{memory} KiB of memory, {most} at most");
        }
    }
    ensure!(first.digest == second.digest, "two replays of the same lines end in different digests");
    ensure!(first.answers == second.answers, "two replays of the same lines have different answers");
    Ok(())
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
    let input = write(input, world, lines).context("the replay stopped reading")?;
    let memory = most_memory(child.id());
    drop(input);
    let (answers, count, digest) = reader.join().map_err(|_| anyhow!("the reader failed"))??;
    let status = child.wait()?;
    if !status.success() {
        bail!("the replay ended with {status}");
    }
    Ok(Replay { answers, lines: count, digest, time: start.elapsed(), memory })
}

/// Writes the lines and returns the input, still open: the replay ends, and its memory is unreadable, once it is closed.
fn write(input: impl Write, world: World, lines: u64) -> Result<impl Write> {
    let mut input = BufWriter::with_capacity(1 << 16, input);
    let (mut traffic, mut line) = (Traffic::new(world, lines), String::new());
    while traffic.next_line(&mut line) {
        input.write_all(line.as_bytes())?;
    }
    input.flush()?;
    Ok(input)
}

/// A hash of all answers, how many there are, and the last.
fn summary(output: impl Read) -> Result<(u64, u64, String)> {
    let (mut hash, mut count) = (DefaultHasher::new(), 0);
    let (mut line, mut last) = (String::new(), String::new());
    let mut output = BufReader::with_capacity(1 << 16, output);
    while output.read_line(&mut line)? > 0 {
        hash.write(line.as_bytes());
        count += 1;
        std::mem::swap(&mut line, &mut last);
        line.clear();
    }
    Ok((hash.finish(), count, last.trim_end().to_owned()))
}

/// The most memory that a running process has taken, in KiB; Linux only.
fn most_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
