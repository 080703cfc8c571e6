//! How messages leave for a webhook, and what comes of each way in which it may answer.

use crate::stub::{Reply, Stub};
use crate::support::{Folder, Gateway, eventually, message};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::Duration;

const PHONE: &str = "5511988876204";

/// A gateway that delivers to an address from one paced or unpaced sender.
fn gateway(folder: &Folder, url: &str, sender: &str, settings: &[&str]) -> Gateway {
    let url = format!("outbox.url={url}");
    let gateway = folder.serve(&[&["outbox.transport=webhook", &*url], settings].concat());
    gateway.put("/api/wallets/emp1", &format!(r#"{{"senders":[{{"id":"s1"{sender}}}]}}"#)).ok();
    gateway
}

fn delivered(gateway: &Gateway, result: &str) -> u64 {
    gateway.metric(&format!(r#"cpc_deliveries_total{{kind="{result}"}}"#))
}

fn is_settled(gateway: &Gateway) -> bool {
    gateway.metric("cpc_outbox_messages") == 0
}

#[test]
fn a_message_that_is_taken_has_been_signed_and_leaves_the_outbox() {
    let stub = Stub::new(|_| Reply::status(204));
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), "", &["outbox.secret=s3cret"]);
    let more = r#""idMessage":18446744073709551615,"clientId":"c1","contract":"1091757","retryTemplate":"Ainda aí?""#;
    gateway.dispatch(&message(PHONE, more)).ok();
    eventually("it is sent", || is_settled(&gateway) && delivered(&gateway, "sent") == 1);
    let [received] = &*stub.received() else { panic!("not one: {:?}", stub.received()) };
    assert_eq!(received.header("content-type"), Some("application/json"));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(&received.body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(received.header("x-cpc-signature"), Some(&*format!("sha256={digits}")));
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(received.header("idempotency-key"), body["messageId"].as_str());
    for (member, value) in [
        ("phone", json!(PHONE)),
        ("to", json!(PHONE)),
        ("idMessage", json!(u64::MAX)),
        ("clientId", json!("c1")),
        ("contract", json!("1091757")),
        ("specialistCode", json!("admin")),
        ("campaign", json!("c")),
        ("tag", json!("emp1")),
        ("text", json!("Oi")),
        ("retryTemplate", json!("Ainda aí?")),
        ("dispatch", json!(1)),
        ("stage", json!(0)),
        ("sender", json!("s1")),
    ] {
        assert_eq!(body[member], value, "{member} of {body}");
    }
    assert_eq!(gateway.state(PHONE), "blocked");
}

#[test]
fn a_message_that_is_refused_for_good_frees_its_contact() {
    for status in [400, 404, 422] {
        let stub = Stub::new(move |_| Reply::status(status));
        let folder = Folder::new();
        let gateway = gateway(&folder, &stub.url(), "", &[]);
        gateway.dispatch(&message(PHONE, "")).ok();
        eventually("it is settled", || is_settled(&gateway));
        assert_eq!((gateway.state(PHONE).as_str(), delivered(&gateway, "refused")), ("free", 1), "{status}");
        assert_eq!(stub.received().len(), 1, "{status}");
    }
}

#[test]
fn a_message_that_is_refused_for_now_is_sent_again_as_the_same_message() {
    let stub = Stub::new(|before| match before {
        0 => Reply { headers: "retry-after: 2\r\n".into(), ..Reply::status(503) },
        1 => Reply::status(429),
        _ => Reply::status(200),
    });
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), "", &[]);
    gateway.dispatch(&message(PHONE, "")).ok();
    eventually("it is sent", || is_settled(&gateway));
    let received = stub.received();
    assert_eq!(received.len(), 3);
    assert!(received[1].at - received[0].at >= Duration::from_millis(1900));
    for again in &received[1..] {
        assert_eq!(again.body, received[0].body);
        assert_eq!(again.header("idempotency-key"), received[0].header("idempotency-key"));
    }
    assert_eq!((delivered(&gateway, "later"), delivered(&gateway, "sent")), (2, 1));
}

#[test]
fn a_message_waits_for_a_transport_that_is_not_there_also_across_a_restart() {
    // Its address is free until it comes up.
    let stub = Stub::new(|_| Reply::status(200));
    let (url, address) = (stub.url(), stub.address());
    drop(stub);
    let folder = Folder::new();
    let first = gateway(&folder, &url, "", &[]);
    first.dispatch(&message(PHONE, "")).ok();
    eventually("it was tried", || delivered(&first, "unreachable") > 0);
    first.stop();
    let reader = folder.serve(&[]);
    let outbox = reader.outbox();
    assert_eq!(outbox.len(), 1, "{}", reader.stderr());
    let id = outbox[0]["messageId"].clone();
    reader.stop();
    let url = format!("outbox.url={url}");
    let second = folder.serve(&["outbox.transport=webhook", &url]);
    eventually("it was tried again", || delivered(&second, "unreachable") > 0);
    let stub = Stub::at(address, |_| Reply::status(200));
    eventually("it is sent", || is_settled(&second));
    let received = stub.received();
    assert_eq!((received.len(), received[0].header("idempotency-key")), (1, id.as_str()));
}

/// The stages of the messages that came in.
fn stages(stub: &Stub) -> Vec<u64> {
    let stage = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["stage"].as_u64().unwrap();
    stub.received().iter().map(|received| stage(&received.body)).collect()
}

const FOLLOWED_UP: &str = r#""retryTemplate":"Ainda aí?""#;

#[test]
fn a_message_that_nobody_takes_is_given_up_half_way_and_not_followed_up_unless_somebody_may_have_it() {
    for (status, result, state, stages_then) in
        [(503, "expired", "free", vec![]), (500, "expired", "blocked", vec![1])]
    {
        let folder = Folder::new();
        let stub = Stub::new(move |_| Reply::status(status));
        let (url, address) = (stub.url(), stub.address());
        let gateway = gateway(&folder, &url, "", &[]);
        gateway.put("/api/policy", r#"{"windowMs":5000}"#).ok();
        gateway.dispatch(&message(PHONE, FOLLOWED_UP)).ok();
        eventually("it is given up", || is_settled(&gateway));
        assert_eq!((delivered(&gateway, result), gateway.state(PHONE)), (1, state.to_owned()), "{status}");
        drop(stub);
        let stub = Stub::at(address, |_| Reply::status(200));
        // Until after the window, and a pause after failures.
        sleep(Duration::from_secs(5));
        assert_eq!(stages(&stub), stages_then, "{status}");
    }
}

#[test]
fn nobody_is_followed_up_who_never_got_the_message() {
    let stub = Stub::new(|_| Reply::status(200));
    let (url, address) = (stub.url(), stub.address());
    drop(stub);
    let folder = Folder::new();
    // Once with reports that are still believed after it was down, and once without.
    for (policy, phone) in
        [(r#"{"windowMs":3000}"#, PHONE), (r#"{"windowMs":4000,"reportTtlMs":3000}"#, "5511911110001")]
    {
        let first = gateway(&folder, &url, "", &["outbox.patience_minutes=0"]);
        first.put("/api/policy", policy).ok();
        first.dispatch(&message(phone, FOLLOWED_UP)).ok();
        eventually("it was tried", || delivered(&first, "unreachable") > 0);
        first.kill();
        sleep(Duration::from_millis(4500));
        let stub = Stub::at(address, |_| Reply::status(200));
        let url = format!("outbox.url={url}");
        let second = folder.serve(&["outbox.transport=webhook", &url, "outbox.patience_minutes=0"]);
        eventually("it is settled", || is_settled(&second) && second.state(phone) == "free");
        sleep(Duration::from_secs(2));
        assert_eq!(stages(&stub), [0; 0], "{policy}");
        second.stop();
    }
}

#[test]
fn after_a_start_follow_ups_wait_for_replies_that_were_missed() {
    let stub = Stub::new(|_| Reply::status(200));
    let folder = Folder::new();
    let url = format!("outbox.url={}", stub.url());
    for (answers, expected) in [(true, vec![0]), (false, vec![0, 0, 1])] {
        let phone = if answers { PHONE } else { "5511911110001" };
        let first = gateway(&folder, &stub.url(), "", &[]);
        first.put("/api/policy", r#"{"windowMs":1500}"#).ok();
        first.dispatch(&message(phone, FOLLOWED_UP)).ok();
        eventually("it is sent", || is_settled(&first));
        first.kill();
        sleep(Duration::from_secs(3));
        let second = folder.serve(&["outbox.transport=webhook", &url]);
        sleep(Duration::from_millis(500));
        if answers {
            let outcome = second.post("/api/replies", &format!(r#"{{"phone":"{phone}"}}"#)).ok().outcome();
            assert_eq!(outcome, "replied");
        }
        // It was down for three seconds.
        sleep(Duration::from_secs(4));
        assert_eq!(stages(&stub), expected, "{}", second.stderr());
        second.stop();
    }
}

#[test]
fn a_receiver_that_asks_for_a_rest_is_left_alone_by_all_messages() {
    let stub = Stub::new(|before| match before {
        0..4 => Reply { headers: "retry-after: 2\r\n".into(), ..Reply::status(429) },
        _ => Reply::status(200),
    });
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), "", &[]);
    gateway.put("/api/wallets/emp1", r#"{"senders":[{"id":"s1"},{"id":"s2"}]}"#).ok();
    for number in 10..30 {
        gateway.dispatch(&message(&format!("55119111100{number}"), "")).ok();
    }
    eventually("all are sent", || is_settled(&gateway));
    let received = stub.received();
    assert_eq!(received.len() as u64, 20 + delivered(&gateway, "later"));
    // Only what was on its way when the first answer came.
    let asked = received[0].at;
    let early = received.iter().filter(|it| it.at - asked < Duration::from_millis(1900)).count();
    assert!(early <= 8, "{early}");
}

#[test]
fn what_is_late_leaves_at_the_pace_of_its_sender() {
    let stub = Stub::new(|_| Reply::status(200));
    let (url, address) = (stub.url(), stub.address());
    drop(stub);
    let folder = Folder::new();
    let gateway = gateway(&folder, &url, r#","perSecond":5"#, &[]);
    for number in 10..20 {
        gateway.dispatch(&message(&format!("55119111100{number}"), "")).ok();
    }
    sleep(Duration::from_millis(2500));
    let stub = Stub::at(address, |_| Reply::status(200));
    eventually("all are sent", || is_settled(&gateway));
    let received = stub.received();
    let (first, last) = (received[0].at, received[9].at);
    // Nine spaces of 200 ms, of which the first may be shorter.
    assert!(last - first >= Duration::from_millis(1600), "{:?}", last - first);
}

#[test]
fn a_message_whose_transport_drops_all_packets_has_not_been_sent() {
    // Once a few connections wait in the backlog, the system drops further ones.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let wait = Duration::from_millis(200);
    let mut waiting = Vec::new();
    while let Ok(connection) = TcpStream::connect_timeout(&address, wait) {
        waiting.push(connection);
        assert!(waiting.len() < 10_000, "connections are never dropped");
    }
    let folder = Folder::new();
    let gateway = gateway(&folder, &format!("http://{address}/hook"), "", &["outbox.timeout_ms=600"]);
    gateway.dispatch(&message(PHONE, "")).ok();
    eventually("it was tried", || delivered(&gateway, "unreachable") + delivered(&gateway, "ambiguous") > 0);
    assert_eq!((delivered(&gateway, "ambiguous"), gateway.metric("cpc_outbox_messages")), (0, 1));
}

/// For receivers that do not keep ids.
#[test]
fn a_message_that_may_have_been_sent_is_not_sent_again_where_that_is_chosen() {
    type Answering = fn(usize) -> Reply;
    let answers: [Answering; 3] = [
        |_| Reply { after: Duration::from_secs(2), ..Reply::status(200) },
        |_| Reply::none(),
        |_| Reply::status(500),
    ];
    for answering in answers {
        let stub = Stub::new(answering);
        let folder = Folder::new();
        let gateway =
            gateway(&folder, &stub.url(), "", &["outbox.timeout_ms=200", "outbox.at_most_once=true"]);
        gateway.dispatch(&message(PHONE, "")).ok();
        eventually("it is settled", || is_settled(&gateway));
        assert_eq!((gateway.state(PHONE).as_str(), delivered(&gateway, "ambiguous")), ("blocked", 1));
        // Longer than the first pause before a message is tried again.
        sleep(Duration::from_millis(800));
        assert_eq!(stub.received().len(), 1);
    }
}

#[test]
fn a_message_without_an_answer_is_sent_again_with_the_same_id() {
    for slow in [true, false] {
        let stub = Stub::new(move |before| match (before, slow) {
            (0, true) => Reply { after: Duration::from_secs(2), ..Reply::status(200) },
            (0, false) => Reply::none(),
            _ => Reply::status(200),
        });
        let folder = Folder::new();
        let gateway = gateway(&folder, &stub.url(), "", &["outbox.timeout_ms=200"]);
        gateway.dispatch(&message(PHONE, "")).ok();
        eventually("it is settled", || is_settled(&gateway));
        assert_eq!((gateway.state(PHONE).as_str(), delivered(&gateway, "sent")), ("blocked", 1));
        let ids: Vec<_> =
            stub.received().iter().map(|it| it.header("idempotency-key").unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
    }
}

/// Messages through a balancer that accepts connections and ends them at once: none is lost. Four breaks, because pauses
/// double: should each be alone, they take 7.5 s together.
#[test]
fn no_message_is_lost_while_connections_break() {
    let stub = Stub::new(|before| if before < 4 { Reply::none() } else { Reply::status(200) });
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), "", &[]);
    for number in 10..16 {
        gateway.dispatch(&message(&format!("55119111100{number}"), "")).ok();
    }
    eventually("all are sent", || is_settled(&gateway));
    assert_eq!((delivered(&gateway, "sent"), stub.received().len()), (6, 10));
}

/// One doubtful attempt makes the end doubtful, whatever the later ones are answered; a taken one is the end.
#[test]
fn a_message_that_may_have_been_sent_frees_no_contact_when_it_is_refused_later() {
    for (first, later, result, state) in [
        (500, 400, "refused", "blocked"),
        (502, 409, "refused", "blocked"),
        (408, 422, "refused", "blocked"),
        (0, 400, "refused", "blocked"),
        (503, 400, "refused", "free"),
        (429, 400, "refused", "free"),
        (500, 200, "sent", "blocked"),
    ] {
        let stub = Stub::new(move |before| Reply::status(if before == 0 { first } else { later }));
        let folder = Folder::new();
        let gateway = gateway(&folder, &stub.url(), "", &[]);
        gateway.dispatch(&message(PHONE, "")).ok();
        eventually("it is settled", || is_settled(&gateway));
        let found = (gateway.state(PHONE), delivered(&gateway, result), stub.received().len());
        assert_eq!(found, (state.to_owned(), 1, 2), "{first}, then {later}");
        let warned = gateway.stderr().contains("a message is given up that may have been delivered");
        assert_eq!(warned, (result, state) == ("refused", "blocked"), "{first}, then {later}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Stub::new(|_| Reply::status(200));
    let location = format!("location: {}\r\n", elsewhere.url());
    let stub = Stub::new(move |_| Reply { headers: location.clone(), ..Reply::status(307) });
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), "", &[]);
    gateway.dispatch(&message(PHONE, "")).ok();
    eventually("it is settled", || is_settled(&gateway));
    assert_eq!(
        (delivered(&gateway, "refused"), stub.received().len(), elsewhere.received().len()),
        (1, 1, 0)
    );
}

#[test]
fn a_contact_that_opts_out_before_its_message_leaves_is_not_written_to() {
    let stub = Stub::new(|_| Reply::status(200));
    let folder = Folder::new();
    let gateway = gateway(&folder, &stub.url(), r#","perSecond":1"#, &[]);
    for phone in ["5511911110001", "5511911110002", "5511911110003"] {
        gateway.dispatch(&message(phone, "")).ok();
    }
    gateway.post("/api/opt-outs", r#"{"phone":"5511911110002"}"#).ok();
    eventually("all are settled", || is_settled(&gateway));
    let sent: Vec<Value> = stub
        .received()
        .iter()
        .map(|it| serde_json::from_slice::<Value>(&it.body).unwrap()["phone"].clone())
        .collect();
    assert_eq!(json!(sent), json!(["5511911110001", "5511911110003"]));
}

#[test]
fn no_more_messages_are_on_their_way_than_are_allowed() {
    for (setting, most) in [("outbox.per_sender=2", 2), ("outbox.max_in_flight=1", 1)] {
        let stub = Stub::new(|_| Reply { after: Duration::from_millis(100), ..Reply::status(200) });
        let folder = Folder::new();
        let gateway = gateway(&folder, &stub.url(), "", &[setting]);
        for number in 1..=8 {
            gateway.dispatch(&message(&format!("551191111000{number}"), "")).ok();
        }
        eventually("all are sent", || is_settled(&gateway));
        assert_eq!((stub.received().len(), stub.most_at_once()), (8, most), "{setting}");
    }
}
