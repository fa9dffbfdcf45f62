//! What a scenario sees of an answer.

use serde_json::json;

use super::{
    servers::{Server, answer, text},
    *,
};

#[tokio::test]
async fn json_is_a_value_and_anything_else_a_text() {
    let client = local_client();
    for (kind, body, value) in [
        ("application/json", "{\"n\": [1, null]}", json!({"n": [1, null]})),
        ("application/json; charset=utf-8", "3", json!(3)),
        ("Application/JSON", "true", json!(true)),
        ("application/problem+json", "{}", json!({})),
        ("application/json", "{\"n\":", json!("{\"n\":")),
        ("application/json", "", json!("")),
        ("text/plain", "{\"n\": 1}", json!("{\"n\": 1}")),
        ("application/jsonp", "1", json!("1")),
    ] {
        let server = Server::start(move |_| answer(&format!("200 OK\r\nContent-Type: {kind}"), body)).await;
        let answer = send(&client, get(&server.url("/"))).await.unwrap();
        assert_eq!(answer.body, value, "{kind}");
        assert_eq!(answer.headers["content-type"], kind);
    }
    let server = Server::start(|_| answer("200 OK", b"a\xffb")).await;
    assert_eq!(send(&client, get(&server.url("/"))).await.unwrap().body, "a\u{fffd}b");
    assert_eq!(client.stats().answers, 9);
}

#[tokio::test]
async fn a_status_is_an_answer_whatever_it_is() {
    let client = local_client();
    for (head, status) in [("201 Created", 201), ("404 Not Found", 404), ("503 Busy", 503), ("299 ", 299)] {
        let server = Server::start(move |_| answer(head, "words")).await;
        let answer = send(&client, get(&server.url("/"))).await.unwrap();
        assert_eq!((answer.status, answer.body), (status, json!("words")));
    }
}

#[tokio::test]
async fn headers_that_come_twice_are_one_list() {
    let server = Server::start(|_| answer("200 OK\r\nX-Town: a\r\nx-town: b\r\nX-Odd: \u{fc}", "")).await;
    let answer = send(&local_client(), get(&server.url("/"))).await.unwrap();
    assert_eq!(answer.headers["x-town"], "a, b");
    assert_eq!(answer.headers["x-odd"], "\u{fc}");
}

#[tokio::test]
async fn an_answer_without_a_body_has_an_empty_one() {
    let client = local_client();
    let server = Server::start(|_| vec![text("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")]).await;
    let answer = send(&client, request(Method::Head, &server.url("/"))).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, json!("")));
    assert_eq!(answer.headers["content-length"], "5000000");

    let server = Server::start(|_| vec![text("HTTP/1.1 204 No Content\r\n\r\n")]).await;
    assert_eq!(send(&client, get(&server.url("/"))).await.unwrap().body, json!(""));
}

#[tokio::test]
async fn a_body_may_come_in_chunks_or_end_with_the_connection() {
    let client = local_client();
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    for bytes in [chunks, "HTTP/1.1 200 OK\r\n\r\nabcde", "HTTP/1.0 200 OK\r\n\r\nabcde"] {
        let server = Server::start(move |_| vec![text(bytes)]).await;
        assert_eq!(send(&client, get(&server.url("/"))).await.unwrap().body, "abcde");
    }
}
