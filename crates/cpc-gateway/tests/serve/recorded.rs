//! The gateway on what an earlier one was recorded with: see `tests/recorded/README.md`.

#[path = "../recorded/comparison.rs"]
mod comparison;
#[path = "../recorded/sentences.rs"]
mod sentences;

use crate::http::Request;
use crate::support::{Folder, Gateway, TOKEN};
use crate::whatsapp::{SECRET, notify};
use comparison::assert_as_recorded;
use sentences::without_sentences;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A request, and how it was answered.
#[derive(Deserialize)]
struct Row {
    /// Its method and path.
    r#do: String,
    /// `@id:7@` stands for the message id of dispatch 7, which depends on the time.
    body: Option<String>,
    /// Whether it is signed as WhatsApp's are, and has no token.
    #[serde(default)]
    signed: bool,
    /// Whether it has no token.
    #[serde(default)]
    anonymous: bool,
    status: u16,
    answer: String,
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/data").join(name)
}

fn serve(folder: &Folder) -> Gateway {
    folder.serve(&[&format!("whatsapp.app_secret={SECRET}"), "whatsapp.verify_token=v3rify"])
}

/// Sends the recorded requests, one after the other, and hands on each answer.
fn send_all(gateway: &Gateway, name: &str, mut check: impl FnMut(&str, &Row, &str)) {
    let mut ids: HashMap<String, String> = HashMap::new();
    for (index, line) in fs::read_to_string(recorded(name)).unwrap().lines().enumerate() {
        let row: Row = serde_json::from_str(line).unwrap();
        let mut body = row.body.clone().unwrap_or_default();
        for (dispatch, id) in &ids {
            body = body.replace(&format!("@id:{dispatch}@"), id);
        }
        let (method, path) = row.r#do.split_once(' ').unwrap();
        let answer = if row.signed {
            notify(gateway, body.as_bytes())
        } else {
            let mut request = Request::new(gateway.address(), method, path);
            if !row.anonymous {
                request = request.header("authorization", &format!("Bearer {TOKEN}"));
            }
            if row.body.is_some() { request.json(&body).send() } else { request.send() }
        };
        let what = format!("{name}, line {}: {}", index + 1, row.r#do);
        assert_eq!(answer.status, row.status, "{what}: {}", answer.text());
        for id in answer.text().split(r#""messageId":""#).skip(1) {
            let id = id.split('"').next().unwrap();
            ids.entry(id.split('-').nth(1).unwrap().to_owned()).or_insert_with(|| id.to_owned());
        }
        check(&what, &row, answer.text());
    }
}

/// An answer with zeros for all that depends on when it is given: times in milliseconds, also as part of a message id,
/// and digests.
fn without_times(answer: &str) -> String {
    const DIGEST: &str = r#""digest":""#;
    let (mut out, mut run) = (String::new(), String::new());
    for (at, letter) in answer.char_indices().chain([(answer.len(), '\0')]) {
        if letter.is_ascii_digit() {
            run.push(letter);
            continue;
        }
        let is_time = run.len() == 13 && out.ends_with([':', '-']);
        out.push_str(if is_time { "0" } else { &run });
        run.clear();
        if letter != '\0' {
            out.push(letter);
        }
        if out.ends_with(DIGEST) {
            let rest = answer[at + 1..].split_once('"').map_or("", |(_, rest)| rest);
            return out + "0\"" + &without_times(rest);
        }
    }
    out
}

#[test]
fn what_depends_on_the_time_is_taken_out_of_an_answer_and_nothing_else_is() {
    for (answer, expected) in [
        (r#"{"at":1796078304167,"to":"5585999990001"}"#, r#"{"at":0,"to":"5585999990001"}"#),
        (
            r#"{"messageId":"gravado1-9-12-1796078304167","n":17960783041670}"#,
            r#"{"messageId":"gravado1-9-12-0","n":17960783041670}"#,
        ),
        (r#"{"digest":"0a1","at":1796078304167}"#, r#"{"digest":"0","at":0}"#),
        ("ok\n", "ok\n"),
        ("1158201444", "1158201444"),
    ] {
        assert_eq!(without_times(answer), expected);
    }
}

/// By the clock of today: all answers are compared but for times, and sentences, which have dates in them.
#[test]
fn a_day_of_requests_is_answered_as_it_was() {
    let folder = Folder::new();
    fs::copy(recorded("folder/gateway.json"), folder.file("gateway.json")).unwrap();
    let gateway = serve(&folder);
    send_all(&gateway, "day.jsonl", |what, row, answer| {
        let shown = |answer: &str| without_times(&without_sentences(answer));
        assert_eq!(shown(&row.answer), shown(answer), "{what}");
    });
}

/// The folder was left by a gateway that was killed in March 2090. The clock of today is behind the log's, so whatever
/// is done now happens when its last command did, and answers and snapshots are the same whenever this runs; messages
/// alone are not accepted before the clock is there.
#[test]
fn a_folder_of_an_earlier_program_is_taken_up_where_that_was_killed() {
    let folder = Folder::untouched();
    fs::create_dir_all(folder.file("snapshots")).unwrap();
    for name in [
        "gateway.json",
        "log.db",
        "log.db-wal",
        "log.mark",
        "tokens",
        "snapshots/00000000000000000060.snapshot",
    ] {
        fs::copy(recorded("folder").join(name), folder.file(name)).unwrap();
    }
    let gateway = serve(&folder);
    send_all(&gateway, "after.jsonl", |what, row, answer| {
        // The outbox says what time it is by the clock of today.
        let at = |answer: &str| match row.r#do.starts_with("GET /api/outbox") {
            true => answer.split_once(',').map_or(String::new(), |(_, rest)| rest.to_owned()),
            false => answer.to_owned(),
        };
        assert_as_recorded(what, &at(&row.answer), &at(answer));
    });
    gateway.stop();
    let made = fs::read(folder.snapshots().last().unwrap()).unwrap();
    let before = fs::read(recorded("after.snapshot")).unwrap();
    // In how many entries the log has all of it is no one's concern; the number of the last is at 8 to 16.
    assert_eq!(made[..8], before[..8]);
    assert!(
        made[16..made.len() - 8] == before[16..before.len() - 8],
        "the engine and the outbox in the snapshot"
    );
}
