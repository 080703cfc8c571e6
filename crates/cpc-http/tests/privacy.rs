//! Nothing personal is ever logged, by this crate or those it calls, at any level.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::body::Body;
use cpc_core::{Command, Engine, Policy, SenderSetup, WalletSetup};
use cpc_http::{EngineDispatcher, MASSIVOCPC_PATH, Massivocpc, ResponseProfile, Tokens, app};
use http::Request;
use http_body_util::BodyExt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;
use tracing_subscriber::fmt::format::FmtSpan;

const AT: i64 = 1_795_435_200_000;

/// Values that occur nowhere else, and must not occur in the log.
const PHONE: &str = "5511988876204";
const KEY: &str = "551188876204";
const CLIENT: &str = "cliente-7731904";
const CONTRACT: &str = "contrato-99817";
const ID_MESSAGE: &str = "48151623429";
const OPERATOR: &str = "operadora-maria";
const CAMPAIGN: &str = "campanha-sigilosa";
const TEXT: &str = "texto-do-template";
const TOKEN: &str = "token-que-ninguem-ve";
const SECRETS: [&str; 9] = [PHONE, KEY, CLIENT, CONTRACT, ID_MESSAGE, OPERATOR, CAMPAIGN, TEXT, TOKEN];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a client may send, well-formed or not, each with as much in it as there can be.
fn bodies() -> Vec<String> {
    let message = format!(
        r#"{{"phone":"{PHONE}","idMessage":{ID_MESSAGE},"clientId":"{CLIENT}","contract":"{CONTRACT}","closeTicket":true,"specialistCode":"{OPERATOR}","mainTemplate":"{TEXT}","retryTemplate":"{TEXT}"}}"#
    );
    let batch = format!(r#"{{"campaign":"{CAMPAIGN}","tag":"emp1","messages":[{message},{message}]}}"#);
    // Enough messages for the blocking pool.
    let many = vec![message.as_str(); 1000].join(",");
    vec![
        batch.replace(&format!("\"{PHONE}\""), PHONE),
        batch.replace("true", &format!("\"{PHONE}\"")),
        batch.replace("emp1", CLIENT),
        batch.replace("\"tag\"", &format!("\"{PHONE}\":1,\"tag\":\"{CLIENT}\",\"tag\"")),
        batch.replace("\"phone\":\"", "\"phone\":\"+"),
        batch.replace(PHONE, &format!("{PHONE}{PHONE}")),
        batch[..batch.len() - 7].to_owned(),
        format!("{PHONE}"),
        format!("\"{PHONE}\""),
        format!(r#"{{"campaign":"{CAMPAIGN}","tag":"emp1","messages":[{many}]}}"#),
        batch.clone(),
        batch,
    ]
}

fn request(path: &str, token: &str, id: &str, body: &str) -> Request<Body> {
    Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("x-request-id", id)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn over_tcp(endpoint: axum::Router, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, endpoint).await });
    let mut connection = TcpStream::connect(address).await.unwrap();
    let sent = format!(
        "POST {MASSIVOCPC_PATH}?phone={PHONE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(sent.as_bytes()).await.unwrap();
    let mut received = String::new();
    let reading = connection.read_to_string(&mut received);
    tokio::time::timeout(Duration::from_secs(30), reading).await.unwrap().unwrap();
    server.abort();
    received
}

#[tokio::test]
async fn no_phone_client_text_or_token_reaches_the_log() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .init();

    let mut engine = Engine::new(Policy::default());
    let senders = [SenderSetup { id: "5514990000001", ..SenderSetup::default() }];
    let wallet = WalletSetup { tag: "emp1", senders: &senders, ..WalletSetup::default() };
    engine.apply(AT, &Command::Wallet(wallet), &mut Vec::new()).unwrap();
    let engine = EngineDispatcher::new(Arc::new(Mutex::new(engine)), || AT);
    let endpoint = Massivocpc::new(engine, Tokens::new([("crm", TOKEN)]).unwrap());

    let mut answers = String::new();
    for profile in [ResponseProfile::Full, ResponseProfile::Spec] {
        let app = app(endpoint.clone().profile(profile));
        for body in bodies() {
            for (path, token, id) in [
                (MASSIVOCPC_PATH, TOKEN, "request-of-the-test"),
                (MASSIVOCPC_PATH, &TOKEN[1..], PHONE),
                (&format!("{MASSIVOCPC_PATH}/{PHONE}"), TOKEN, PHONE),
                (&format!("/openapi.json?phone={PHONE}"), TOKEN, PHONE),
            ] {
                let answered = app.clone().oneshot(request(path, token, id, &body)).await.unwrap();
                let body = answered.into_body().collect().await.unwrap().to_bytes();
                answers += std::str::from_utf8(&body).unwrap();
            }
        }
        answers += &over_tcp(app, bodies().last().unwrap()).await;
    }
    // Responses do contain phones, so there was something that could have been logged.
    assert!(answers.contains(PHONE));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in ["massivocpc", "request-of-the-test", "token=\"crm\"", "unknown_wallet", "invalid_json"] {
        assert!(log.contains(expected), "{expected} should be logged");
    }
    for secret in SECRETS {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was logged");
    }
}
