//! Addresses that aren't reached, however they are written, named or come about.

use super::{
    servers::{Server, Untouched, ok},
    *,
};

#[tokio::test]
async fn no_spelling_of_an_address_leads_into_the_network_of_the_hub() {
    let target = Untouched::at("127.0.0.1:0");
    let client = client(options("[]"));
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "2130706433",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "[::]",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "localhost",
        "LocalHost",
    ] {
        for scheme in ["http", "https"] {
            let failure = failure_of(&client, get(&format!("{scheme}://{host}:{}/", target.port()))).await;
            assert_eq!(
                (&*failure.code, failure.is_transient),
                ("address_refused", false),
                "{host}: {failure}"
            );
            assert!(failure.message.contains("(outgoing.allow_addresses)"), "{failure}");
        }
    }
    target.assert_untouched();
    assert_eq!(counted(&client, "address_refused"), 44);
}

#[tokio::test]
async fn a_name_is_refused_for_any_of_its_addresses_and_tells_none() {
    let target = Untouched::at("127.0.0.2:0");
    let server = Server::start(|_| ok("")).await;
    let results: [&[&str]; 3] =
        [&["127.0.0.2"], &["127.0.0.1", "127.0.0.2"], &["127.0.0.1", "::ffff:127.0.0.2"]];
    let (client, _) = client_with_names(options("127.0.0.1/32"), RootCertStore::empty(), &results);
    for port in [target.port(), server.port(), server.port()] {
        let failure = failure_of(&client, get(&format!("http://town.example:{port}/"))).await;
        assert_eq!(failure.code, "address_refused");
        assert!(failure.message.starts_with("town.example isn't"), "{failure}");
        assert!(!failure.message.contains("127."), "{failure}");
    }
    target.assert_untouched();
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn a_name_that_is_rebound_reaches_what_was_checked() {
    let target = Untouched::at("127.0.0.2:0");
    let server = Server::start(|_| ok("town")).await;
    let results: [&[&str]; 2] = [&["127.0.0.1"], &["127.0.0.2"]];
    let (client, asked) = client_with_names(options("127.0.0.1/32"), RootCertStore::empty(), &results);

    let url = server.named("http", "town.example");
    assert_eq!(send(&client, get(&url)).await.unwrap().body, "town");
    assert_eq!(*asked.lock().unwrap(), ["town.example"], "a connection asks once");
    assert_eq!(server.last().header("host"), Some(&*format!("town.example:{}", server.port())));

    let failure = failure_of(&client, get(&url)).await;
    assert_eq!(failure.code, "address_refused", "the next connection asks again");
    target.assert_untouched();
}

#[tokio::test]
async fn what_the_operator_allows_is_reached() {
    let server = Server::start(|_| ok("home")).await;
    for allowed in ["127.0.0.1/32", "[\"10.0.0.0/8\", \"127.0.0.0/8\"]"] {
        let client = client(options(allowed));
        assert_eq!(send(&client, get(&server.url("/"))).await.unwrap().body, "home");
    }
    let failure = failure_of(&client(options("127.0.0.2/32")), get(&server.url("/"))).await;
    assert_eq!(failure.code, "address_refused");
}

#[tokio::test]
async fn a_hub_that_sends_nothing_sends_nothing() {
    let server = Server::start(|_| ok("")).await;
    let client = client(OutgoingOptions { enabled: false, ..options("127.0.0.1/32") });
    assert_eq!(failure_of(&client, get(&server.url("/"))).await.code, "outgoing_disabled");
    assert_eq!(server.received().len(), 0);
}
