//! The conformance vectors, `bindings/conformance/*.jsonl`, through the C ABI: as command lines, and the same scenarios
//! through typed calls, which must end in the same outcomes and the same digest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::undocumented_unsafe_blocks,
    reason = "a test that cannot go on has failed; all pointers are those of living values"
)]

mod handle;
mod render;
mod typed;
mod vectors;

use handle::Handle;
use serde_json::Value;
use vectors::{differences, files};

#[test]
fn every_vector_is_answered_as_expected() {
    let mut cases = 0;
    for rows in files() {
        let mut engine = Handle::new();
        for row in rows {
            if row.reset {
                engine = Handle::new();
            }
            let Some((command, expected)) = row.case else { continue };
            let found: Value = serde_json::from_str(&engine.execute(&command)).unwrap();
            assert_eq!(differences(&expected, &found), [""; 0], "{} {}", row.place, row.title);
            cases += 1;
        }
    }
    assert!(cases > 500, "only {cases} vectors");
}

/// Two engines get the same commands, one as lines and the other as structs where there are some.
#[test]
fn typed_calls_answer_as_lines_do() {
    let (mut cases, mut typed) = (0, 0);
    for rows in files() {
        let (mut lines, mut structs) = (Handle::new(), Handle::new());
        for row in rows {
            if row.reset {
                (lines, structs) = (Handle::new(), Handle::new());
            }
            let Some((command, _)) = row.case else { continue };
            let mut expected: Value = serde_json::from_str(&lines.execute(&command)).unwrap();
            cases += 1;
            let found = match typed::call(&mut structs, &command) {
                Some(found) => {
                    typed += 1;
                    // A static text cannot say which sender of a list it is.
                    if let Some((_, own)) = expected["field"].as_str().and_then(|path| path.split_once("]."))
                    {
                        expected["field"] = own.to_owned().into();
                    }
                    found
                }
                None => serde_json::from_str(&structs.execute(&command)).unwrap(),
            };
            assert_eq!(differences(&found, &expected), [""; 0], "{} {}", row.place, row.title);
            assert_eq!(structs.digest(), lines.digest(), "{} {}", row.place, row.title);
            assert_eq!(structs.snapshot(), lines.snapshot(), "{} {}", row.place, row.title);
        }
    }
    assert!(typed * 10 > cases * 8, "only {typed} of {cases} vectors are typed calls");
}

/// What a snapshot restores answers the rest of a file as the original would have.
#[test]
fn a_restored_engine_goes_on_as_the_original() {
    for rows in files() {
        let mut engine = Handle::new();
        for row in rows {
            engine = if row.reset { Handle::new() } else { Handle::restore(&engine.snapshot()) };
            let Some((command, expected)) = row.case else { continue };
            let found: Value = serde_json::from_str(&engine.execute(&command)).unwrap();
            assert_eq!(differences(&expected, &found), [""; 0], "{} {}", row.place, row.title);
        }
    }
}
