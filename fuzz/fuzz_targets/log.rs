//! `cargo +nightly fuzz run log`
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    cpc_fuzz::log::drive(bytes);
});

/// Without a fuzzing engine: the files named, one after the other, to look into what was found.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        println!("{} rows were read", cpc_fuzz::log::drive(&std::fs::read(file)?));
    }
    Ok(())
}
