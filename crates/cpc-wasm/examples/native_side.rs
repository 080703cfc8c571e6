//! The native half of the proof that WebAssembly gives the same answers, bytes and digests.
//!
//! `native_side record FOLDER` answers the lines of `FOLDER/lines.jsonl` into `answers.jsonl`, and every
//! [`MARK`] lines and at the end writes a snapshot, `native-LINE.cpc`, and the digest into `digests.txt`.
//! What it takes for opt-outs goes into `opt-outs.txt`.
//! `native_side verify FOLDER` restores each `wasm-LINE.cpc` that the other half left there and goes on from that
//! line: the answers and the last digest must be those recorded.

use cpc_core::Engine;
use cpc_whatsapp::OptOutWords;
use cpc_wire::Session;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Failure = Box<dyn Error>;

/// How many lines there are between snapshots.
const MARK: usize = 20_000;
/// Among the lines: from here on, another engine. It has no answer.
const RESET: &str = "{\"reset\":true}";

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [what, folder] if what == "record" => record(Path::new(folder)),
        [what, folder] if what == "verify" => verify(Path::new(folder)),
        _ => Err("native_side record|verify FOLDER".into()),
    }
}

fn record(folder: &Path) -> Result<(), Failure> {
    let (mut session, mut answers, mut digests) = (Session::default(), Vec::new(), String::new());
    let lines = fs::read_to_string(folder.join("lines.jsonl"))?;
    let count = lines.lines().count();
    for (index, line) in lines.lines().enumerate() {
        if line == RESET {
            session = Session::default();
        } else {
            session.execute(line.as_bytes(), &mut answers);
        }
        answers.push(b'\n');
        let done = index + 1;
        if done % MARK == 0 || done == count {
            let mut snapshot = Vec::new();
            session.engine().snapshot(&mut snapshot);
            fs::write(folder.join(format!("native-{done}.cpc")), snapshot)?;
            digests.push_str(&format!("{done} {:032x}\n", session.engine().digest()));
        }
    }
    fs::write(folder.join("answers.jsonl"), answers)?;
    fs::write(folder.join("digests.txt"), digests)?;
    fs::write(folder.join("opt-outs.txt"), opt_outs())?;
    Ok(())
}

/// Messages, each with a place for one character; and after it the numbers of those with which it is an opt-out.
fn opt_outs() -> String {
    let words = OptOutWords::default();
    let mut lines = String::new();
    for message in ["?arar", "pa?rar", "?Stop", "sair?", "Can?celar", "?"] {
        lines.push_str(message);
        for letter in '\0'..=char::MAX {
            if words.matches(&message.replace('?', letter.encode_utf8(&mut [0; 4]))) {
                lines.push_str(&format!(" {}", u32::from(letter)));
            }
        }
        lines.push('\n');
    }
    lines
}

fn verify(folder: &Path) -> Result<(), Failure> {
    let lines = fs::read_to_string(folder.join("lines.jsonl"))?;
    let answers = fs::read_to_string(folder.join("answers.jsonl"))?;
    let digests = fs::read_to_string(folder.join("digests.txt"))?;
    let last = digests.lines().last().and_then(|line| line.split(' ').nth(1)).ok_or("no digests")?;
    let mut snapshots = 0;
    for (done, file) in snapshots_of_wasm(folder)? {
        let mut session = Session::new(Engine::restore(&fs::read(file)?)?);
        let mut answer = Vec::new();
        for (index, (line, expected)) in lines.lines().zip(answers.lines()).enumerate().skip(done) {
            answer.clear();
            session.execute(line.as_bytes(), &mut answer);
            if answer != expected.as_bytes() {
                return Err(format!("restored at {done}, line {} is answered otherwise", index + 1).into());
            }
        }
        if format!("{:032x}", session.engine().digest()) != last {
            return Err(format!("restored at {done}, the digest at the end is another").into());
        }
        snapshots += 1;
    }
    if snapshots == 0 {
        return Err("no snapshots of WebAssembly".into());
    }
    println!("    {snapshots} snapshots of WebAssembly went on natively");
    Ok(())
}

/// After how many lines each was taken, and its file.
fn snapshots_of_wasm(folder: &Path) -> Result<Vec<(usize, PathBuf)>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let line = name.strip_prefix("wasm-").and_then(|rest| rest.strip_suffix(".cpc"));
        if let Some(line) = line {
            found.push((line.parse()?, path));
        }
    }
    found.sort();
    Ok(found)
}
