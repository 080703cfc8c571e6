//! The endpoint inside other people's servers, and over a real connection.

use crate::support::{EXAMPLE, PATH, TOKEN, endpoint, post, read};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use cpc_http::{DispatchRequest, Dispatcher, app, router};
use http::Request;
use http_body_util::Full;
use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tower::ServiceExt;

#[path = "../../examples/foreign_app.rs"]
#[allow(dead_code, reason = "its main function is for those who run it")]
mod foreign_app;

fn get_from(path: &str) -> Request<Body> {
    Request::builder().uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_foreign_app_keeps_its_own_routes_and_state() {
    let (app, mut to_send) = foreign_app::shop(TOKEN).unwrap();

    let orders = read(app.clone().oneshot(get_from("/orders")).await.unwrap()).await;
    assert_eq!((orders.status, orders.text()), (200, "3 orders\n"));
    let missing = read(app.clone().oneshot(get_from("/nothing")).await.unwrap()).await;
    assert_eq!((missing.status, missing.text()), (404, ""));
    let document = read(app.clone().oneshot(get_from("/openapi.json")).await.unwrap()).await;
    assert_eq!(document.json()["openapi"], "3.1.0");

    // The same request twice: one message to send.
    for _ in 0..2 {
        let answered = read(app.clone().oneshot(post(EXAMPLE)).await.unwrap()).await;
        assert_eq!(answered.status, 200);
        assert_eq!(answered.json()["processed"], 1);
    }
    assert!(to_send.recv().await.unwrap().starts_with("Olá"));
    assert!(to_send.try_recv().is_err());
}

#[tokio::test]
async fn a_foreign_app_sends_what_was_accepted_though_the_client_has_hung_up() {
    let (sending, mut to_send) = foreign_app::sending().unwrap();
    // So long a body that it is not decided at once.
    let body = Bytes::from(EXAMPLE.to_owned() + &" ".repeat(100_000));
    let request = DispatchRequest::new(body, "hangs-up", "crm").unwrap();
    let mut deciding = Box::pin(sending.dispatch(request));
    assert!(deciding.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(deciding);
    let sent = timeout(Duration::from_secs(30), to_send.recv()).await.unwrap();
    assert!(sent.unwrap().starts_with("Olá"));
}

#[tokio::test]
async fn it_can_be_nested_or_put_at_another_path() {
    let app: Router = Router::new()
        .nest("/v1", router(endpoint()))
        .route_service("/disparo", endpoint())
        .route("/openapi.json", get(|| async { "our own" }));
    for path in ["/v1/api/messages/massivocpc", "/disparo"] {
        let mut request = post(EXAMPLE);
        *request.uri_mut() = path.parse().unwrap();
        let answered = read(app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(answered.status, 200, "{path}");
    }
    let answered = read(app.oneshot(get_from("/openapi.json")).await.unwrap()).await;
    assert_eq!(answered.text(), "our own");
}

#[tokio::test]
async fn outside_axum_it_is_a_service_of_any_body() {
    let (head, _) = post(Body::empty()).into_parts();
    let request = Request::from_parts(head, Full::new(Bytes::from_static(EXAMPLE.as_bytes())));
    let answered = read(endpoint().oneshot(request).await.unwrap()).await;
    assert_eq!(answered.status, 200);
}

/// Sends bytes over one connection, ends its own half of it, and reads all that comes back.
async fn exchange(sent: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app(endpoint())).await });
    let talk = async {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(sent).await.unwrap();
        connection.shutdown().await.unwrap();
        let mut received = Vec::new();
        connection.read_to_end(&mut received).await.unwrap();
        String::from_utf8(received).unwrap()
    };
    let received = timeout(Duration::from_secs(30), talk).await.unwrap();
    server.abort();
    received
}

fn head(length: usize, more: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn over_a_real_connection_it_answers_as_the_document_says() {
    let sent = head(EXAMPLE.len(), "X-Request-Id: over-tcp-1\r\nConnection: close\r\n") + EXAMPLE;
    let received = exchange(sent.as_bytes()).await;
    assert!(received.starts_with("HTTP/1.1 200 OK\r\n"), "{received}");
    assert!(received.contains("\r\nx-request-id: over-tcp-1\r\n"), "{received}");
    assert!(received.ends_with(
        "\r\n\r\n{\"status\":\"success\",\"message\":\"Mensagens enviadas com sucesso\",\"processed\":1,\"errors\":0}"
    ));
}

#[tokio::test]
async fn over_a_real_connection_half_a_body_is_not_dispatched() {
    let sent = head(EXAMPLE.len() + 1, "") + EXAMPLE;
    let received = exchange(sent.as_bytes()).await;
    // The server may also close the connection, as the client has gone.
    assert!(received.is_empty() || received.contains("\"code\":\"body_incomplete\""), "{received}");
}

#[tokio::test]
async fn over_a_real_connection_too_long_a_body_is_not_asked_for() {
    let sent = head(200 << 20, "Expect: 100-continue\r\n");
    let received = exchange(sent.as_bytes()).await;
    assert!(received.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{received}");
    assert!(received.contains("\"code\":\"body_too_large\""), "{received}");
}
