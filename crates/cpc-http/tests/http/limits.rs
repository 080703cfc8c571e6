//! Every limit: just within it, and beyond.

use crate::support::{Answering, EXAMPLE, PATH, accept, endpoint, over, post, send};
use axum::body::Body;
use bytes::Bytes;
use cpc_http::{DispatchRequest, Limits};
use http::Request;
use http_body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// A body that is made while it is read.
struct Made<F> {
    next: F,
    announced: Option<u64>,
}

impl<F> http_body::Body for Made<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> + Unpin,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        (self.next)(context).map(|piece| piece.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn made(
    announced: Option<u64>,
    next: impl FnMut(&mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> + Unpin + Send + 'static,
) -> Body {
    Body::new(Made { next, announced })
}

#[tokio::test]
async fn a_body_may_have_max_body_bytes_and_not_one_more() {
    for (extra, status) in [(0, 200), (1, 413)] {
        let endpoint = endpoint().limits(Limits::default().max_body(EXAMPLE.len()));
        let answered = send(&endpoint, post(EXAMPLE.to_owned() + &" ".repeat(extra))).await;
        assert_eq!(answered.status, status, "{}", answered.text());
        if status == 413 {
            assert_eq!(answered.code(), "body_too_large");
            let most = format!("mais de {} bytes", EXAMPLE.len());
            assert!(answered.text().contains(&most), "{}", answered.text());
        }
    }
}

#[tokio::test]
async fn two_hundred_megabytes_are_read_up_to_the_limit_only() {
    const PIECE: usize = 64 << 10;
    let piece = Bytes::from(vec![b' '; PIECE]);
    let pieces = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pieces);
    let body = made(None, move |_| match count.fetch_add(1, Ordering::Relaxed) {
        made if made * PIECE < 200 << 20 => Poll::Ready(Some(Ok(piece.clone()))),
        _ => Poll::Ready(None),
    });
    let answered = send(&endpoint(), post(body)).await;
    assert_eq!((answered.status, answered.code().as_str()), (413, "body_too_large"));
    assert_eq!(pieces.load(Ordering::Relaxed) * PIECE, (32 << 20) + PIECE);
}

#[tokio::test]
async fn a_body_announced_as_too_long_is_not_read() {
    let body = made(Some(200 << 20), |_| unreachable!("it was not to be read"));
    let answered = send(&endpoint(), post(body)).await;
    assert_eq!((answered.status, answered.code().as_str()), (413, "body_too_large"));
}

#[tokio::test]
async fn a_body_in_single_bytes_is_a_body() {
    let mut left = EXAMPLE.as_bytes().iter();
    let body = made(None, move |_| Poll::Ready(left.next().map(|byte| Ok(Bytes::copy_from_slice(&[*byte])))));
    assert_eq!(send(&endpoint(), post(body)).await.status, 200);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_nothing_behind() {
    let endpoint = over(Answering(|_| async { unreachable!("the body was not whole") }));
    let mut pieces = vec![Err(io::ErrorKind::ConnectionReset.into()), Ok(Bytes::from_static(b"{"))];
    let body = made(None, move |_| Poll::Ready(pieces.pop()));
    let answered = send(&endpoint, post(body)).await;
    assert_eq!((answered.status, answered.code().as_str()), (400, "body_incomplete"));
}

/// Time is paused in these tests: whatever waits is woken at once, and durations are exact.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_in_time_is_not_waited_for() {
    let endpoint = over(Answering(|_| async { unreachable!("the body was not whole") }))
        .limits(Limits::default().timeout(Duration::from_secs(5)));
    // Nothing at all, and a byte a second.
    let silent = made(None, |_| Poll::Pending);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let dribbling =
        made(None, move |context| tick.poll_tick(context).map(|_| Some(Ok(Bytes::from_static(b" ")))));
    for body in [silent, dribbling] {
        let began = tokio::time::Instant::now();
        let answered = send(&endpoint, post(body)).await;
        assert_eq!((answered.status, answered.code().as_str()), (503, "body_timeout"));
        assert_eq!(answered.header("retry-after"), Some("1"));
        assert!(began.elapsed() < Duration::from_millis(5100), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_takes_too_long_is_not_waited_for() {
    let endpoint = over(Answering(|request: DispatchRequest| async move {
        tokio::time::sleep(Duration::from_secs(6)).await;
        Ok(accept(&request))
    }));
    for (seconds, status) in [(5, 503), (7, 200)] {
        let endpoint = endpoint.clone().limits(Limits::default().timeout(Duration::from_secs(seconds)));
        let answered = send(&endpoint, post(EXAMPLE)).await;
        assert_eq!(answered.status, status);
        if status == 503 {
            assert_eq!(answered.code(), "timeout");
            assert_eq!(answered.header("retry-after"), Some("1"));
        }
    }
}

#[tokio::test]
async fn a_time_out_without_end_is_no_overflow() {
    let endpoint = endpoint().limits(Limits::default().timeout(Duration::MAX));
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
}

#[tokio::test]
async fn requests_beyond_max_concurrent_are_told_to_come_back() {
    let (gate, (entered, mut entering)) = (Arc::new(Semaphore::new(0)), mpsc::unbounded_channel());
    let door = Arc::clone(&gate);
    let endpoint = over(Answering(move |request: DispatchRequest| {
        let (door, entered) = (Arc::clone(&door), entered.clone());
        async move {
            entered.send(()).unwrap();
            door.acquire().await.unwrap().forget();
            Ok(accept(&request))
        }
    }))
    .limits(Limits::default().max_concurrent(2));

    let serve = |endpoint: &_| {
        let endpoint = Clone::clone(endpoint);
        tokio::spawn(async move { send(&endpoint, post(EXAMPLE)).await.status })
    };
    let inside = [serve(&endpoint), serve(&endpoint)];
    for _ in 0..2 {
        entering.recv().await.unwrap();
    }
    let answered = send(&endpoint, post(EXAMPLE)).await;
    assert_eq!((answered.status, answered.code().as_str()), (503, "overloaded"));
    assert_eq!(answered.header("retry-after"), Some("1"));
    // A request without a token is refused, and takes no slot.
    let stranger = Request::builder().method("POST").uri(PATH).body(Body::from(EXAMPLE)).unwrap();
    assert_eq!(send(&endpoint, stranger).await.status, 401);

    gate.add_permits(3);
    for status in inside {
        assert_eq!(status.await.unwrap(), 200);
    }
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
}

#[tokio::test]
async fn work_that_outlives_its_answer_keeps_its_place() {
    let (keep, mut kept) = mpsc::unbounded_channel();
    let endpoint = over(Answering(move |request: DispatchRequest| {
        keep.send(request.clone()).unwrap();
        std::future::ready(Ok(accept(&request)))
    }))
    .limits(Limits::default().max_concurrent(1));
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
    let request = kept.recv().await.unwrap();
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 503);
    drop(request);
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
}

#[tokio::test]
async fn no_concurrency_is_one_at_a_time() {
    let endpoint = endpoint().limits(Limits::default().max_concurrent(0));
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
    let endpoint = crate::support::endpoint().limits(Limits::default().max_concurrent(usize::MAX));
    assert_eq!(send(&endpoint, post(EXAMPLE)).await.status, 200);
}
