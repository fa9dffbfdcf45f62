//! Where redirects lead, and what goes along.

use super::{
    servers::{Received, Server, Untouched, ok, redirect},
    *,
};

/// A server that redirects from `/` to a place and answers anywhere else.
async fn gate(status: u16, location: String) -> Server {
    Server::start(
        move |received| {
            if received.line.ends_with(" /") { redirect(status, &location) } else { ok("inside") }
        },
    )
    .await
}

#[tokio::test]
async fn a_redirect_reaches_no_address_that_is_refused() {
    let target = Untouched::at("127.0.0.2:0");
    let client = local_client();
    for host in ["127.0.0.2", "2130706434", "[::ffff:127.0.0.2]", "[::1]", "169.254.169.254"] {
        let server = gate(302, format!("http://{host}:{}/", target.port())).await;
        assert_eq!(failure_of(&client, get(&server.url("/"))).await.code, "address_refused", "{host}");
    }
    target.assert_untouched();
    assert_eq!(counted(&client, "address_refused"), 5);
}

#[tokio::test]
async fn a_name_is_checked_again_after_a_redirect() {
    let server = gate(302, "/inside".to_owned()).await;
    let results: [&[&str]; 2] = [&["127.0.0.1"], &["10.0.0.1"]];
    let (client, asked) = client_with_names(options("127.0.0.1/32"), RootCertStore::empty(), &results);
    let failure = failure_of(&client, get(&server.named("http", "town.example"))).await;
    assert_eq!(failure.code, "address_refused");
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_redirect_to_what_is_no_web_address_is_refused() {
    let client = local_client();
    for (location, why) in [
        ("file:///etc/passwd", "is neither http nor https"),
        ("gopher://127.0.0.1/", "is neither http nor https"),
        ("http://user:secret@127.0.0.1/", "has a user in it"),
        ("http://[", "can't be read"),
        ("http://a\u{fe}b:x/", "can't be read"),
    ] {
        let server = gate(302, location.to_owned()).await;
        let failure = failure_of(&client, get(&server.url("/"))).await;
        assert_eq!(failure.code, "redirect_refused", "{location}");
        assert!(failure.message.contains(why), "{failure}");
    }
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::start(|_| redirect(302, "/again")).await;
    let client = local_client();
    let failure = failure_of(&client, get(&server.url("/"))).await;
    assert_eq!((&*failure.code, failure.is_transient), ("too_many_redirects", false));
    assert_eq!(server.received().len(), 6, "the first request and five redirects");
}

#[tokio::test]
async fn a_relative_redirect_is_followed_and_one_without_a_target_is_an_answer() {
    let server = gate(301, "inside?a=b#part".to_owned()).await;
    let client = local_client();
    assert_eq!(send(&client, get(&server.url("/"))).await.unwrap().body, "inside");
    assert_eq!(server.last().line, "GET /inside?a=b");

    let server = Server::start(|_| servers::answer("302 Found", "nowhere")).await;
    let answer = send(&client, get(&server.url("/"))).await.unwrap();
    assert_eq!((answer.status, answer.body), (302, "nowhere".into()));
}

#[tokio::test]
async fn the_method_and_the_body_survive_as_http_has_it() {
    let client = local_client();
    for (status, method, then, body) in [
        (301, Method::Post, "GET", ""),
        (302, Method::Post, "GET", ""),
        (303, Method::Post, "GET", ""),
        (303, Method::Put, "GET", ""),
        (302, Method::Put, "PUT", "news"),
        (307, Method::Post, "POST", "news"),
        (308, Method::Post, "POST", "news"),
        (303, Method::Head, "HEAD", "news"),
    ] {
        let server = gate(status, "/inside".to_owned()).await;
        let request = HttpRequest { method, ..post(&server.url("/"), "news") };
        send(&client, request).await.unwrap();
        let received = server.last();
        assert_eq!(received.line, format!("{then} /inside"), "{status}");
        assert_eq!(received.body, body, "{status} {then}");
        assert_eq!(received.header("content-type").is_some(), !body.is_empty(), "{status} {then}");
    }
}

const SECRETS: [&str; 4] = ["authorization", "cookie", "x-api-key", "signature"];

fn with_secrets(url: &str) -> HttpRequest {
    let request = with_header(post(url, "news"), "Accept-Language", "eo");
    SECRETS.into_iter().fold(request, |request, name| with_header(request, name, "secret"))
}

fn secrets(received: &Received) -> Vec<&str> {
    SECRETS.into_iter().filter(|name| received.header(name).is_some()).collect()
}

#[tokio::test]
async fn secrets_stay_with_the_origin_they_are_for() {
    let client = local_client();
    let same = gate(307, "/inside".to_owned()).await;
    send(&client, with_secrets(&same.url("/"))).await.unwrap();
    assert_eq!(secrets(&same.last()), SECRETS);

    let home = gate(307, "/unused".to_owned()).await;
    let back = home.url("/back");
    let other = Server::start(move |_| redirect(307, &back)).await;
    let first = gate(307, other.url("/")).await;
    send(&client, with_secrets(&first.url("/"))).await.unwrap();
    assert_eq!(secrets(&first.last()), SECRETS);
    for server in [other, home] {
        let received = server.last();
        assert_eq!(secrets(&received), [""; 0]);
        assert_eq!(received.body, "news");
        for (name, value) in [
            ("content-type", "text/plain"),
            ("accept-language", "eo"),
            ("idempotency-key", "run-1/step-2"),
            ("user-agent", concat!("Campanile/", env!("CARGO_PKG_VERSION"))),
        ] {
            assert_eq!(received.header(name), Some(value));
        }
    }
}

#[tokio::test]
async fn secrets_dont_return_with_the_request() {
    let client = local_client();
    let location = Arc::new(Mutex::new(String::new()));
    let there = location.clone();
    let first = Server::start(move |received| {
        if received.line.ends_with(" /") { redirect(307, &there.lock().unwrap()) } else { ok("") }
    })
    .await;
    let back = first.url("/back");
    let other = Server::start(move |_| redirect(307, &back)).await;
    *location.lock().unwrap() = other.url("/");
    send(&client, with_secrets(&first.url("/"))).await.unwrap();
    assert_eq!(first.last().line, "POST /back");
    assert_eq!(secrets(&first.last()), [""; 0]);
}
