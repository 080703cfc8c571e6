//! Every driver on fixed bytes: what was found before, and a stretch of generated input that is the same everywhere.

use cpc_fuzz::{capi, engine, line, log, massivocpc, snapshot};
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a corpus, in order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> =
        fs::read_dir(folder("corpus").join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The words of a dictionary: a line each, in quotes, with escapes.
fn dictionary(name: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(folder("dictionaries").join(format!("{name}.dict"))).unwrap();
    let words = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    words.map(|word| unescaped(word.strip_prefix('"').unwrap().strip_suffix('"').unwrap())).collect()
}

fn unescaped(word: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), word.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                escaped => escaped,
            },
            plain => plain,
        });
    }
    bytes
}

/// SplitMix64: the same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn new() -> Numbers {
        Numbers(0x9E37_79B9_7F4A_7C15)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// So many inputs of random bytes.
fn noise(count: usize, length: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut numbers = Numbers::new();
    (0..count).map(move |_| (0..length).map(|_| numbers.next() as u8).collect())
}

/// So many inputs that are nearly those of a corpus.
fn variations(count: usize, corpus: &[Vec<u8>], words: &[Vec<u8>]) -> impl Iterator<Item = Vec<u8>> {
    let mut numbers = Numbers::new();
    (0..count).map(move |_| {
        let mut input = corpus[numbers.below(corpus.len())].clone();
        for _ in 0..1 + numbers.below(3) {
            let at = numbers.below(input.len() + 1);
            let end = input.len().min(at + numbers.below(40));
            match numbers.below(5) {
                0 => input.splice(at..at, words[numbers.below(words.len())].iter().copied()).for_each(drop),
                1 => input.splice(at..end, words[numbers.below(words.len())].iter().copied()).for_each(drop),
                2 => drop(input.drain(at..end)),
                3 => input.get_mut(at).into_iter().for_each(|byte| *byte = b' ' + numbers.below(96) as u8),
                _ => {
                    let (other, length) = (&corpus[numbers.below(corpus.len())], numbers.below(400));
                    let from = numbers.below(other.len());
                    let piece = other.iter().skip(from).take(length).copied();
                    input.splice(at..at, piece).for_each(drop);
                }
            }
        }
        input
    })
}

/// Hands a driver its corpus, then the generated inputs; how deep these went in all.
fn replay(drive: fn(&[u8]) -> usize, corpus: &[Vec<u8>], generated: impl Iterator<Item = Vec<u8>>) -> usize {
    assert!(!corpus.is_empty());
    for bytes in corpus {
        drive(bytes);
    }
    generated.map(|bytes| drive(&bytes)).sum()
}

// Each of these asks that the generated input does more than show how nonsense is refused.

#[test]
fn the_c_abi_keeps_its_promises() {
    let done = replay(capi::drive, &corpus("capi"), noise(3_000, 2_000));
    assert!(done > 3_000 * 12, "only {done} calls succeeded");
}

#[test]
fn the_engine_answers_like_the_model() {
    let sent = replay(engine::drive, &corpus("engine"), noise(400, 600));
    assert!(sent > 400 * 4, "only {sent} messages went out");
}

#[test]
fn changed_snapshots_are_refused_or_make_an_engine() {
    let restored = replay(snapshot::drive, &corpus("snapshot"), noise(4_000, 600));
    assert!(restored > 4_000, "only {restored} changed snapshots were restored");
}

#[test]
fn lines_are_answered_and_refused_ones_change_nothing() {
    let corpus = corpus("line");
    let done = replay(line::drive, &corpus, variations(4_000, &corpus, &dictionary("line")));
    assert!(done > 4_000, "only {done} lines were carried out");
}

#[test]
fn bodies_are_answered_and_refused_ones_change_nothing() {
    let corpus = corpus("massivocpc");
    // Most of what a fuzzing engine keeps is refused in some way of its own.
    let deep: Vec<_> = corpus.iter().filter(|body| massivocpc::drive(body) > 0).cloned().collect();
    let decided = replay(massivocpc::drive, &corpus, variations(10_000, &deep, &dictionary("massivocpc")));
    assert!(decided > 1_000, "only {decided} messages were decided");
}

#[test]
fn log_entries_come_back_and_damage_is_noticed() {
    let read = replay(log::drive, &corpus("log"), noise(10_000, 600));
    assert!(read > 10_000, "only {read} rows were read");
}
