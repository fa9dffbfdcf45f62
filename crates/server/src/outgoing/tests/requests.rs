//! What is sent, and what isn't fit to be sent.

use super::{
    servers::{Server, answer, ok},
    *,
};

#[tokio::test]
async fn a_request_arrives_as_the_scenario_wrote_it() {
    let server = Server::start(|_| ok("")).await;
    let client = local_client();
    let request = with_header(post(&server.url("/orders/7?dry=1&q=a b#top"), "{\"n\":1}"), "X-Town", "Löwe");
    send(&client, request).await.unwrap();
    let received = server.last();
    assert_eq!(received.line, "POST /orders/7?dry=1&q=a%20b");
    assert_eq!(received.body, "{\"n\":1}");
    for (name, value) in [
        ("host", &*format!("127.0.0.1:{}", server.port())),
        ("content-type", "text/plain"),
        ("content-length", "7"),
        ("x-town", "Löwe"),
        ("idempotency-key", "run-1/step-2"),
        ("user-agent", concat!("Campanile/", env!("CARGO_PKG_VERSION"))),
        ("accept-encoding", "identity"),
        ("connection", "close"),
    ] {
        assert_eq!(received.header(name), Some(value));
    }
    assert_eq!(received.headers.len(), 8, "{received:?}");
}

#[tokio::test]
async fn every_method_is_sent() {
    let server = Server::start(|_| ok("")).await;
    let client = local_client();
    for method in [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete] {
        send(&client, request(method, &server.url("/"))).await.unwrap();
        assert_eq!(server.last().line, format!("{} /", method.as_str()));
    }
}

#[tokio::test]
async fn a_scenario_may_name_itself() {
    let server = Server::start(|_| ok("")).await;
    let request = with_header(get(&server.url("/")), "idempotency-KEY", "mine");
    send(&local_client(), with_header(request, "User-Agent", "me")).await.unwrap();
    let received = server.last();
    assert_eq!(received.header("idempotency-key"), Some("mine"));
    assert_eq!(received.header("user-agent"), Some("me"));
}

#[tokio::test]
async fn cookies_arent_kept() {
    let server = Server::start(|_| answer("200 OK\r\nSet-Cookie: a=b; Path=/", "")).await;
    let client = local_client();
    for _ in 0..2 {
        let answer = send(&client, get(&server.url("/"))).await.unwrap();
        assert_eq!(answer.headers["set-cookie"], "a=b; Path=/");
        assert_eq!(server.last().header("cookie"), None);
    }
}

#[tokio::test]
async fn headers_that_make_no_sense_are_refused() {
    let server = Server::start(|_| ok("")).await;
    let client = local_client();
    for (name, value) in [
        ("X-Town", "a\r\nX-Admin: yes"),
        ("X-Town", "a\nb"),
        ("X-Town", "a\0b"),
        ("X-Town", "a\u{7f}"),
        ("X Town", "a"),
        ("X-Town:", "a"),
        ("X\r\nY", "a"),
        ("", "a"),
        ("Host", "other.example"),
        ("content-length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Upgrade", "websocket"),
        ("Accept-Encoding", "gzip"),
    ] {
        let failure = failure_of(&client, with_header(get(&server.url("/")), name, value)).await;
        assert_eq!((&*failure.code, failure.is_transient), ("header_invalid", false), "{name:?}: {value:?}");
        assert!(failure.message.contains(&format!("{name:?}")), "{failure}");
    }
    let failure = client.send(get(&server.url("/")), "a\r\nb".to_owned()).await.unwrap_err();
    assert_eq!(failure.code, "header_invalid");
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn urls_that_make_no_sense_are_refused() {
    let server = Server::start(|_| ok("")).await;
    let client = local_client();
    for url in [
        "",
        "/path",
        "town.example",
        "http://",
        "http://a b/",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        &server.url("/").replace("//", "//user@"),
        &server.url("/").replace("//", "//user:secret@"),
        &server.url("/").replace("//", "//:secret@"),
    ] {
        let failure = failure_of(&client, get(url)).await;
        assert_eq!((&*failure.code, failure.is_transient), ("url_invalid", false), "{url}");
        assert!(!failure.message.contains("secret"), "{failure}");
    }
    assert_eq!(server.received().len(), 0);
}
