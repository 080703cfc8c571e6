//! The short soak as an earlier program answered it: how its traffic, answers and last state were hashed then.
//!
//! Sentences for people may be reworded, so answers are hashed without them, a thousand at a time, and a second time
//! as they are: after a deliberate rewording, the line `answers` of [`FILE`] is the one to change.

#[path = "../../cpc-gateway/tests/recorded/sentences.rs"]
mod sentences;

use crate::process::root;
use anyhow::{Context, Result, anyhow, ensure};
use cpc_wire::Session;
use sentences::without_sentences;
use std::fs;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// `input HASH`, `answers HASH`, `digest DIGEST`, `snapshot HASH`, and for each thousand answers `NUMBER HASH` with the
/// number of its last. Hashes are XXH3-64 of the bytes, line ends included, in hexadecimal digits.
const FILE: &str = "crates/cpc-gateway/tests/recorded/data/soak.txt";

/// How many answers are hashed together.
const BLOCK: u64 = 1_000;

/// What can be compared of a soak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    /// Of the command lines.
    pub(crate) input: u64,
    /// Of the answers.
    pub(crate) answers: u64,
    /// Of each [`BLOCK`] answers, without sentences.
    pub(crate) blocks: Vec<u64>,
    /// The digest at the end.
    pub(crate) digest: String,
}

/// Hashes answers one by one.
pub(crate) struct AnswerHasher {
    all: Xxh3,
    block: Xxh3,
    in_block: u64,
    blocks: Vec<u64>,
}

impl AnswerHasher {
    pub(crate) fn new() -> AnswerHasher {
        AnswerHasher { all: Xxh3::new(), block: Xxh3::new(), in_block: 0, blocks: Vec::new() }
    }

    pub(crate) fn add(&mut self, answer: &str) {
        self.all.update(answer.as_bytes());
        self.block.update(without_sentences(answer).as_bytes());
        self.in_block += 1;
        if self.in_block == BLOCK {
            self.blocks.push(self.block.digest());
            self.block.reset();
            self.in_block = 0;
        }
    }

    /// The hash of all, and those of the blocks that are full.
    pub(crate) fn finish(self) -> (u64, Vec<u64>) {
        (self.all.digest(), self.blocks)
    }
}

/// Fails unless a soak went as the recorded one did.
pub(crate) fn compare(hashes: &Hashes) -> Result<()> {
    let text = fs::read_to_string(root().join(FILE)).with_context(|| FILE.to_owned())?;
    difference(&parse(&text)?.0, hashes)
}

/// Replays the lines once more, in this process, and fails unless the snapshot is the recorded one.
pub(crate) fn compare_snapshot(lines: impl Iterator<Item = String>) -> Result<()> {
    let text = fs::read_to_string(root().join(FILE)).with_context(|| FILE.to_owned())?;
    let (_, recorded) = parse(&text)?;
    ensure!(snapshot_after(lines) == recorded, "the snapshot at the end is another than recorded");
    Ok(())
}

/// Records how a soak went, and the snapshot after its lines: for a change of the rules that other answers are meant by.
pub(crate) fn record(hashes: &Hashes, lines: impl Iterator<Item = String>) -> Result<()> {
    let text = written(hashes, snapshot_after(lines));
    fs::write(root().join(FILE), text).with_context(|| FILE.to_owned())
}

/// The hash of the snapshot to which lines lead in this process.
fn snapshot_after(lines: impl Iterator<Item = String>) -> u64 {
    let (mut session, mut answer) = (Session::default(), Vec::new());
    for line in lines {
        answer.clear();
        session.execute(line.trim_end().as_bytes(), &mut answer);
    }
    let mut snapshot = Vec::new();
    session.engine().snapshot(&mut snapshot);
    xxh3_64(&snapshot)
}

/// The text of the file.
fn written(hashes: &Hashes, snapshot: u64) -> String {
    let Hashes { input, answers, blocks, digest } = hashes;
    let mut text =
        format!("input {input:016x}\nanswers {answers:016x}\ndigest {digest}\nsnapshot {snapshot:016x}\n");
    for (number, hash) in (1..).zip(blocks) {
        text += &format!("{} {hash:016x}\n", number * BLOCK);
    }
    text
}

fn difference(recorded: &Hashes, found: &Hashes) -> Result<()> {
    ensure!(
        found.input == recorded.input,
        "other lines were generated than those recorded: they must not change"
    );
    ensure!(found.blocks.len() == recorded.blocks.len(), "not as many answers as recorded");
    let mut blocks = (1..).zip(found.blocks.iter().zip(&recorded.blocks));
    if let Some((number, _)) = blocks.find(|(_, (found, recorded))| found != recorded) {
        let (from, to) = ((number - 1) * BLOCK + 1, number * BLOCK);
        return Err(anyhow!(
            "among the answers to lines {from} to {to} is one that is another than recorded"
        ));
    }
    ensure!(
        found.answers == recorded.answers,
        "only sentences for people are other than recorded; if that is meant, the line `answers` of {FILE} is now {:016x}",
        found.answers
    );
    ensure!(found.digest == recorded.digest, "the digest at the end is another than recorded");
    Ok(())
}

/// The hashes in the file, and that of the snapshot.
fn parse(text: &str) -> Result<(Hashes, u64)> {
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.with_context(|| format!("{FILE} has no `{name}`"))
    };
    let hash = |name: &str| Ok::<u64, anyhow::Error>(u64::from_str_radix(value(name)?, 16)?);
    let blocks =
        text.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| name.parse::<u64>().is_ok());
    let blocks = blocks.map(|(_, hash)| u64::from_str_radix(hash, 16)).collect::<Result<_, _>>()?;
    let digest = value("digest")?.to_owned();
    Ok((Hashes { input: hash("input")?, answers: hash("answers")?, blocks, digest }, hash("snapshot")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "input 1\nanswers 2\ndigest 0a\nsnapshot 3\n1000 4\n2000 5\n";

    fn hashes() -> Hashes {
        Hashes { input: 1, answers: 2, blocks: vec![4, 5], digest: "0a".to_owned() }
    }

    #[test]
    fn a_soak_that_went_otherwise_is_found_and_where() {
        let (recorded, snapshot) = parse(TEXT).unwrap();
        assert_eq!((&recorded, snapshot), (&hashes(), 3));
        assert!(difference(&recorded, &hashes()).is_ok());
        for (found, expected) in [
            (Hashes { input: 0, ..hashes() }, "other lines"),
            (Hashes { answers: 0, ..hashes() }, "is now 0000000000000000"),
            (Hashes { blocks: vec![4], ..hashes() }, "not as many"),
            (Hashes { blocks: vec![4, 0], answers: 0, ..hashes() }, "lines 1001 to 2000"),
            (Hashes { digest: "0b".to_owned(), ..hashes() }, "digest"),
        ] {
            let error = difference(&recorded, &found).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(parse(&written(&recorded, snapshot)).unwrap(), (recorded, snapshot));
        assert!(parse("input 1").is_err() && parse(&TEXT.replace("2000 5", "2000 x")).is_err());
    }

    #[test]
    fn one_byte_changes_its_block_and_a_sentence_only_the_whole() {
        let hash = |at: usize, answer: &str| {
            let mut hasher = AnswerHasher::new();
            (0..2_000)
                .for_each(|index| hasher.add(if index == at { answer } else { "{\"reason\":\"a\"}\n" }));
            hasher.finish()
        };
        let (all, blocks) = hash(0, "{\"reason\":\"a\"}\n");
        let (other, changed) = hash(1_500, "{\"Reason\":\"a\"}\n");
        assert!(other != all && changed[0] == blocks[0] && changed[1] != blocks[1]);
        let (reworded, same) = hash(1_500, "{\"reason\":\"b\"}\n");
        assert!(reworded != all && same == blocks);
    }

    #[test]
    fn the_recording_is_of_100_000_answers() {
        let text = fs::read_to_string(root().join(FILE)).unwrap();
        assert_eq!(parse(&text).unwrap().0.blocks.len(), 100);
    }
}
