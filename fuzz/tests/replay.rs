//! Every driver on fixed bytes: what was found before, and a stretch of generated input that is the same everywhere.

use cpc_fuzz::capi;
use std::fs;
use std::path::Path;

/// The files of a corpus, in order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// So many inputs of random bytes, by SplitMix64: the same each time.
fn generated(count: u64, length: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as u8
    };
    (0..count).map(move |_| (0..length).map(|_| next()).collect())
}

#[test]
fn the_c_abi_keeps_its_promises() {
    let corpus = corpus("capi");
    assert!(!corpus.is_empty());
    for bytes in &corpus {
        capi::drive(bytes);
    }
    let done: usize = generated(3_000, 2_000).map(|bytes| capi::drive(&bytes)).sum();
    // Else the calls would show nothing but how arguments are refused.
    assert!(done > 3_000 * 12, "only {done} calls succeeded");
}
