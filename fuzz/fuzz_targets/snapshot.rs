//! `cargo +nightly fuzz run snapshot`
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    cpc_fuzz::snapshot::drive(bytes);
});

/// Without a fuzzing engine: the files named, one after the other, to look into what was found.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        println!("{} changes could be restored", cpc_fuzz::snapshot::drive(&std::fs::read(file)?));
    }
    Ok(())
}
