//! When the client gives up: sizes, times, numbers, and servers that don't keep to HTTP.

use std::{future::pending, sync::atomic::AtomicBool};

use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::{
    servers::{Server, Step, answer, ok, redirect, text},
    *,
};

const BYTES_MAX: usize = 1 << 20;

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_and_not_further() {
    let client = local_client();
    let server = Server::start(|_| answer("200 OK", vec![b'a'; BYTES_MAX])).await;
    let body = send(&client, get(&server.url("/"))).await.unwrap().body;
    assert_eq!(body.as_str().unwrap().len(), BYTES_MAX);

    // What is declared too large is never sent, so whoever waited for it would wait forever.
    let declared =
        vec![text(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", BYTES_MAX + 1)), Step::Stay];
    let mut chunked = vec![text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")];
    chunked.extend((0..17).map(|_| text(format!("10000\r\n{}\r\n", "a".repeat(1 << 16)))));
    chunked.push(Step::Stay);
    let endless = vec![text("HTTP/1.1 200 OK\r\n\r\n"), text(vec![b'a'; BYTES_MAX + 1]), Step::Stay];
    for steps in [declared, chunked, endless] {
        let server = Server::start(move |_| steps.clone()).await;
        let failure = failure_of(&client, get(&server.url("/"))).await;
        assert_eq!((&*failure.code, failure.is_transient), ("answer_too_large", false));
        assert!(failure.message.contains("limits.outgoing_answer_bytes_max"), "{failure}");
    }
    assert_eq!(counted(&client, "answer_too_large"), 3);
}

#[tokio::test]
async fn a_head_is_read_up_to_the_limit_and_not_further() {
    let client = local_client();
    let long = format!("HTTP/1.1 200 OK\r\nX-Town: {}", "a".repeat(70_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Town: a\r\n".repeat(101));
    for head in [long, many] {
        let server = Server::start(move |_| vec![text(&head), Step::Stay]).await;
        let failure = failure_of(&client, get(&server.url("/"))).await;
        assert_eq!(failure.code, "answer_too_large");
        assert!(failure.message.contains("limits.outgoing_answer_head_bytes_max"), "{failure}");
    }
}

#[tokio::test]
async fn what_isnt_http_is_no_answer() {
    let client = local_client();
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "HTTP/1.1 abc\r\n\r\n"] {
        let server = Server::start(move |_| vec![text(bytes), Step::Stay]).await;
        let failure = failure_of(&client, get(&server.url("/"))).await;
        assert_eq!((&*failure.code, failure.is_transient), ("answer_invalid", false), "{bytes:?}");
    }
}

#[tokio::test]
async fn who_cant_be_reached_or_hangs_up_may_be_tried_again() {
    let client = local_client();
    let cut = [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    ];
    for bytes in cut {
        let server = Server::start(move |_| vec![text(bytes)]).await;
        let failure = failure_of(&client, get(&server.url("/"))).await;
        assert_eq!((&*failure.code, failure.is_transient), ("connect_failed", true), "{bytes:?}: {failure}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = failure_of(&client, get(&format!("http://{closed}/"))).await;
    assert_eq!((&*failure.code, failure.is_transient), ("connect_failed", true));

    let results: [&[&str]; 1] = [&[]];
    let (client, _) = client_with_names(options("[]"), RootCertStore::empty(), &results);
    for why in ["it has no address", "it isn't found"] {
        let failure = failure_of(&client, get("http://town.example/")).await;
        assert_eq!((&*failure.code, failure.is_transient), ("connect_failed", true), "{why}");
        assert_eq!(failure.message, "there is no host of the name town.example");
    }
}

#[tokio::test]
async fn the_next_address_is_tried_where_nobody_listens() {
    let server = Server::start(|_| ok("town")).await;
    let results: [&[&str]; 1] = [&["127.0.0.3", "127.0.0.4", "127.0.0.1"]];
    let (client, _) = client_with_names(options("127.0.0.0/8"), RootCertStore::empty(), &results);
    assert_eq!(send(&client, get(&server.named("http", "town.example"))).await.unwrap().body, "town");
}

/// What a request has come to once so much time has passed, and not a moment later: a clock that stands still is moved to the
/// next deadline when everybody waits.
async fn result_after(
    ms: u64,
    request: JoinHandle<Result<HttpAnswer, Failure>>,
) -> Result<HttpAnswer, Failure> {
    tokio::time::pause();
    // Timers round up to a millisecond.
    tokio::time::advance(Duration::from_millis(ms + 1)).await;
    let then = Instant::now();
    let result = request.await.unwrap();
    assert_eq!(Instant::now(), then, "it took longer than it may");
    tokio::time::resume();
    result
}

/// Sends a request, waits until the server has come so far, and lets its time pass.
async fn fails_in_time(client: &HttpClient, url: &str, reached: &Notify) {
    let (request, sender) = (get(url), client.clone());
    let request = tokio::spawn(async move { send(&sender, request).await });
    reached.notified().await;
    let failure = result_after(TIMEOUT_MS, request).await.unwrap_err();
    assert_eq!((&*failure.code, failure.is_transient), ("timeout", true));
    assert!(failure.message.ends_with("within 3600000 ms"), "{failure}");
}

#[tokio::test]
async fn a_server_that_stops_talking_is_left_in_time() {
    let client = local_client();
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        let reached = Arc::new(Notify::new());
        let told = reached.clone();
        let server = Server::start(move |_| vec![text(bytes), Step::Tell(told.clone()), Step::Stay]).await;
        fails_in_time(&client, &server.url("/"), &reached).await;
    }
    assert_eq!(counted(&client, "timeout"), 5);
    assert_eq!(client.stats().open_now, 0);
}

#[tokio::test]
async fn redirects_share_the_time() {
    let reached = Arc::new(Notify::new());
    let told = reached.clone();
    let server = Server::start(move |received| match &*received.line {
        "GET /" => redirect(302, "/slow"),
        _ => vec![Step::Tell(told.clone()), Step::Stay],
    })
    .await;
    fails_in_time(&local_client(), &server.url("/"), &reached).await;
}

#[tokio::test]
async fn a_handshake_is_left_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let reached = Arc::new(Notify::new());
    let told = reached.clone();
    let silent = tokio::spawn(async move {
        let accepted = listener.accept().await;
        told.notify_one();
        pending::<()>().await;
        drop(accepted);
    });
    fails_in_time(&local_client(), &url, &reached).await;
    silent.abort();
}

#[tokio::test]
async fn a_lookup_that_cant_be_stopped_keeps_its_place() {
    let (reached, (release, released)) = (Arc::new(Notify::new()), oneshot::channel::<()>());
    let (told, released) = (reached.clone(), Arc::new(Mutex::new(Some(released))));
    let resolve: Resolve = Arc::new(move |_, _| {
        let released = released.lock().unwrap().take();
        told.notify_one();
        Box::pin(async move {
            released.unwrap().await.unwrap();
            Ok(Vec::new())
        })
    });
    let client = HttpClient::new(options("[]"), RootCertStore::empty(), resolve);
    fails_in_time(&client, "http://town.example/", &reached).await;
    assert_eq!(client.stats().open_now, 1);
    release.send(()).unwrap();
    until(&client, |stats| stats.open_now == 0).await;
}

async fn until(client: &HttpClient, is_so: impl Fn(&OutgoingStats) -> bool) {
    while !is_so(&client.stats()) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_more_than_may_wait_is_refused_and_nobody_is_forgotten() {
    let release = Arc::new(Notify::new());
    let (waits, is_first) = (release.clone(), AtomicBool::new(true));
    let server = Server::start(move |_| {
        let is_first = is_first.swap(false, std::sync::atomic::Ordering::Relaxed);
        let wait = is_first.then(|| Step::Wait(waits.clone()));
        wait.into_iter().chain(ok("town")).collect()
    })
    .await;
    let options =
        OutgoingOptions { requests_at_once_max: 1, requests_waiting_max: 2, ..options("127.0.0.1/32") };
    let client = client(options);
    let url = server.url("/");
    let start = || {
        let (client, request) = (client.clone(), get(&url));
        tokio::spawn(async move { send(&client, request).await })
    };
    let three = [start(), start(), start()];
    until(&client, |stats| (stats.open_now, stats.waiting_now) == (1, 2)).await;

    let failure = failure_of(&client, get(&url)).await;
    assert_eq!((&*failure.code, failure.is_transient), ("overloaded", true));
    assert!(failure.message.contains("limits.outgoing_requests_waiting_max"), "{failure}");
    release.notify_one();
    for request in three {
        assert_eq!(request.await.unwrap().unwrap().body, "town");
    }
    let stats = client.stats();
    assert_eq!((stats.requests, stats.answers, stats.open_now, stats.waiting_now), (4, 3, 0, 0));
    assert_eq!(counted(&client, "overloaded"), 1);
}

#[tokio::test]
async fn waiting_ends_in_time() {
    let reached = Arc::new(Notify::new());
    let told = reached.clone();
    let server = Server::start(move |_| vec![Step::Tell(told.clone()), Step::Stay]).await;
    let options = OutgoingOptions { requests_at_once_max: 1, ..options("127.0.0.1/32") };
    let client = client(options);
    let waiting = client.clone();
    let second = HttpRequest { timeout_ms: TIMEOUT_MS / 2, ..get(&server.url("/")) };
    let (first, url) = (client.clone(), server.url("/"));
    let first = tokio::spawn(async move { send(&first, get(&url)).await });
    reached.notified().await;
    let second = tokio::spawn(async move { send(&waiting, second).await });
    until(&client, |stats| stats.waiting_now == 1).await;
    assert_eq!(result_after(TIMEOUT_MS / 2, second).await.unwrap_err().code, "timeout");
    assert!(!first.is_finished());
    first.abort();
}
