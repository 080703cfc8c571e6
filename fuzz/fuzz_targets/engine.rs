//! `cargo +nightly fuzz run engine`
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    cpc_fuzz::engine::drive(bytes);
});

/// Without a fuzzing engine: the files named, one after the other, to look into what was found.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        println!("{} messages went out", cpc_fuzz::engine::drive(&std::fs::read(file)?));
    }
    Ok(())
}
