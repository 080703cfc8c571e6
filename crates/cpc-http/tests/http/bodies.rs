//! Bodies of every kind: each gets an answer, in bounded time and memory, and none that is wrong is dispatched.

use crate::support::{Answering, EXAMPLE, accept, endpoint, over, post, send};
use cpc_core::Batch;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const DEEP: usize = 10_000;

fn example_with(from: &str, to: &str) -> Vec<u8> {
    assert!(EXAMPLE.contains(from), "{from}");
    EXAMPLE.replacen(from, to, 1).into_bytes()
}

/// What is not JSON, or JSON of another shape: the body, its code, and the member at fault.
fn unreadable() -> Vec<(&'static str, Vec<u8>, &'static str, Option<&'static str>)> {
    let json = "invalid_json";
    let field = "invalid_field";
    let phone = "\"5511988876204\"";
    let deep_lists = "[".repeat(DEEP) + &"]".repeat(DEEP);
    let deep_objects = "{\"a\":".repeat(DEEP) + "1" + &"}".repeat(DEEP);
    let utf16: Vec<u8> = EXAMPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut not_utf8 = EXAMPLE.as_bytes().to_vec();
    not_utf8[20] = 0xff;
    vec![
        ("empty", Vec::new(), json, None),
        ("spaces", b" \r\n\t ".to_vec(), json, None),
        ("no JSON", b"campaign=teste".to_vec(), json, None),
        ("byte order mark", [b"\xef\xbb\xbf", EXAMPLE.as_bytes()].concat(), json, None),
        ("invalid UTF-8", not_utf8, json, None),
        ("UTF-16", utf16, json, None),
        ("half a surrogate pair", example_with("Campanha teste", "\\ud83d"), json, None),
        ("a NUL", b"\0".to_vec(), json, None),
        ("a raw line break in a text", example_with("Campanha teste", "Campanha\nteste"), json, None),
        ("something after it", [EXAMPLE.as_bytes(), b"{}"].concat(), json, None),
        ("a trailing comma", example_with("\"emp1\",", "\"emp1\",,"), json, None),
        ("NaN", example_with("1234,", "NaN,"), json, None),
        ("never closed", "[".repeat(DEEP).into_bytes(), field, None),
        ("nested lists", deep_lists.clone().into_bytes(), field, None),
        ("nested objects", deep_objects.into_bytes(), field, Some("messages")),
        ("a list", b"[]".to_vec(), field, None),
        ("null", b"null".to_vec(), field, None),
        ("a text", b"\"massivocpc\"".to_vec(), field, None),
        ("a number", b"1e999".to_vec(), json, None),
        ("no messages", example_with("\"messages\"", "\"other\""), field, Some("messages")),
        ("messages in an object", b"{\"messages\":{}}".to_vec(), field, Some("messages")),
        ("a message in a list", b"{\"messages\":[[]]}".to_vec(), field, Some("messages[0]")),
        ("a message that is none", b"{\"messages\":[1]}".to_vec(), field, Some("messages[0]")),
        ("campaign as a number", example_with("\"Campanha teste\"", "5"), field, Some("campaign")),
        ("phone as a number", example_with(phone, "5511988876204"), field, Some("messages[0].phone")),
        ("phone in lists", example_with(phone, &deep_lists), field, Some("messages[0].phone")),
        ("closeTicket as a text", example_with("true", "\"true\""), field, Some("messages[0].closeTicket")),
        ("closeTicket as a number", example_with("true", "1"), field, Some("messages[0].closeTicket")),
        ("idMessage as a boolean", example_with("1234,\n", "true,\n"), field, Some("messages[0].idMessage")),
        ("tag twice", example_with("\"tag\"", "\"tag\":\"emp2\",\"tag\""), field, Some("tag")),
        ("tag twice, escaped", example_with("\"tag\"", "\"t\\u0061g\":\"a\",\"tag\""), field, Some("tag")),
        (
            "phone twice",
            example_with("\"phone\"", "\"phone\":\"1\",\"phone\""),
            field,
            Some("messages[0].phone"),
        ),
    ]
}

#[tokio::test]
async fn what_cannot_be_read_is_a_400_that_names_the_place() {
    let endpoint = over(Answering(|_| async { unreachable!("nothing of this is dispatched") }));
    for (name, body, code, field) in unreadable() {
        let answered = send(&endpoint, post(body)).await;
        assert_eq!((answered.status, answered.code().as_str()), (400, code), "{name}: {}", answered.text());
        assert_eq!(answered.json()["errors"][0]["field"].as_str(), field, "{name}");
    }
}

#[tokio::test]
async fn no_prefix_of_a_body_is_dispatched() {
    let endpoint = over(Answering(|_| async { unreachable!("half a body is none") }));
    for end in 0..EXAMPLE.len() {
        let answered = send(&endpoint, post(EXAMPLE.as_bytes()[..end].to_vec())).await;
        assert_eq!((answered.status, answered.code().as_str()), (400, "invalid_json"), "{end}");
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_skipped_however_deep_it_is() {
    let deep = "{\"a\":[".repeat(DEEP) + "1" + &"]}".repeat(DEEP);
    let body = EXAMPLE.replacen("\"tag\"", &format!("\"extra\":{deep},\"extra\":1,\"tag\""), 1);
    let body = body.replacen("\"phone\"", &format!("\"extra\":{deep},\"phone\""), 1);
    let answered = send(&endpoint(), post(body)).await;
    assert_eq!(answered.status, 200, "{}", answered.text());
}

#[tokio::test]
async fn the_host_sees_texts_and_numbers_exactly() {
    let endpoint = over(Answering(|request: cpc_http::DispatchRequest| {
        let batch: &Batch<'_> = request.batch();
        assert_eq!(batch.campaign, "\u{1f600} \"Ação\"");
        assert_eq!(batch.messages[0].id_message, cpc_core::IdMessage::Number(u64::MAX));
        std::future::ready(Ok(accept(&request)))
    }));
    let body = EXAMPLE.replace("Campanha teste", "\\ud83d\\ude00 \\\"A\u{e7}\\u00e3o\\\"");
    let body = body.replace("1234,\n", "18446744073709551615,\n");
    let answered = send(&endpoint, post(body)).await;
    assert_eq!(answered.status, 200, "{}", answered.text());
}

/// A batch of this many messages to different contacts.
fn batch(count: u32) -> String {
    let mut body = String::from(r#"{"campaign":"c","tag":"emp1","messages":["#);
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        body += &format!(
            r#"{comma}{{"phone":"55119{:08}","closeTicket":true,"specialistCode":"op","mainTemplate":"Oi"}}"#,
            60_000_000 + number
        );
    }
    body + "]}"
}

#[tokio::test]
async fn a_hundred_thousand_messages_are_one_batch_and_one_more_is_too_many() {
    let endpoint = endpoint();
    let answered = send(&endpoint, post(batch(100_001))).await;
    assert_eq!((answered.status, answered.code().as_str()), (413, "batch_too_large"));
    let answered = send(&endpoint, post(batch(100_000))).await;
    assert_eq!(
        answered.text(),
        r#"{"status":"success","message":"Mensagens enviadas com sucesso","processed":100000,"errors":0}"#
    );
    // All blocked now: an answer as long as the request.
    let again = send(&endpoint, post(batch(100_000))).await;
    assert_eq!(again.status, 422);
    assert_eq!(again.json()["errors"].as_array().unwrap().len(), 100_000);
}

/// On a runtime of one thread, work that was done on it would be seen as a standstill.
#[tokio::test(flavor = "current_thread")]
async fn a_large_batch_does_not_hold_up_the_runtime() {
    let (done, ticks) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let body = batch(50_000);
    let answering = async {
        let answered = send(&endpoint(), post(body)).await;
        done.store(true, Ordering::Relaxed);
        answered
    };
    let ticking = async {
        while !done.load(Ordering::Relaxed) {
            ticks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    };
    let (answered, ()) = tokio::join!(answering, ticking);
    assert_eq!(answered.status, 200);
    let ticks = ticks.into_inner();
    assert!(ticks > 1000, "only {ticks} turns while the batch was worked on");
}
