//! Connections that are safe, and those that only look so.

use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::{servers::Server, *};

/// A server with a certificate for a name, and roots that trust it.
async fn server_of(name: &str) -> (Server, RootCertStore) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    (Server::start_tls(TlsAcceptor::from(Arc::new(config))).await, roots)
}

fn client_that_trusts(roots: RootCertStore) -> HttpClient {
    client_with_names(options("127.0.0.1/32"), roots, &[&["127.0.0.1"]]).0
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_asked() {
    let (server, roots) = server_of("town.example").await;
    let client = client_that_trusts(roots);
    let answer = send(&client, get(&server.named("https", "town.example"))).await.unwrap();
    assert_eq!(answer.body, "over TLS");
    assert_eq!(server.last().header("host"), Some(&*format!("town.example:{}", server.port())));
}

#[tokio::test]
async fn an_address_may_have_a_certificate() {
    let (server, roots) = server_of("127.0.0.1").await;
    let answer = send(&client_that_trusts(roots), get(&server.named("https", "127.0.0.1"))).await.unwrap();
    assert_eq!(answer.body, "over TLS");
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_ends_the_request() {
    let (server, roots) = server_of("town.example").await;
    let cases = [("town.example", RootCertStore::empty()), ("other.example", roots)];
    for (name, roots) in cases {
        let client = client_that_trusts(roots);
        let failure = failure_of(&client, get(&server.named("https", name))).await;
        assert_eq!((&*failure.code, failure.is_transient), ("tls_failed", false), "{failure}");
        assert!(failure.message.contains(name), "{failure}");
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn a_server_without_tls_isnt_asked_over_https() {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", server.local_addr().unwrap());
    let plain = tokio::spawn(async move {
        let (mut stream, _) = server.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    });
    let failure = failure_of(&client_that_trusts(RootCertStore::empty()), get(&url)).await;
    assert_eq!(failure.code, "tls_failed");
    plain.await.unwrap();
}

#[test]
fn the_certificates_of_this_system_can_be_read() {
    if certificates::of_system().is_some() {
        assert!(system_roots().unwrap().len() > 10);
    }
}
