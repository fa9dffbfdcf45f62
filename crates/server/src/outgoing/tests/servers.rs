//! Servers that note what they are sent and answer as a test wants it, byte by byte.

use std::{
    collections::BTreeMap,
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    /// Method and target.
    pub(super) line: String,
    /// With names in small letters.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What a server does in answer. After the last step it closes the connection.
#[derive(Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    Tell(Arc<Notify>),
    Wait(Arc<Notify>),
    /// Keeps the connection open and does nothing.
    Stay,
}

pub(super) fn text(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

/// An answer with these lines of a head and this body.
pub(super) fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
    vec![text(head), text(body)]
}

pub(super) fn ok(body: &str) -> Vec<Step> {
    answer("200 OK\r\nContent-Type: text/plain", body)
}

pub(super) fn redirect(status: u16, location: &str) -> Vec<Step> {
    answer(&format!("{status} Elsewhere\r\nLocation: {location}"), "")
}

type Answer = Arc<dyn Fn(&Received) -> Vec<Step> + Send + Sync>;

pub(super) struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(super) async fn start(answer: impl Fn(&Received) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(answer), None).await
    }

    pub(super) async fn start_tls(acceptor: TlsAcceptor) -> Self {
        Self::listen(Arc::new(|_| ok("over TLS")), Some(acceptor)).await
    }

    async fn listen(answer: Answer, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let noted = received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, noted, tls) = (answer.clone(), noted.clone(), tls.clone());
                tokio::spawn(async move {
                    let Some(tls) = tls else { return serve(stream, answer, noted).await };
                    // A client that doesn't trust the certificate ends here.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, answer, noted).await;
                    }
                });
            }
        });
        Self { address, received }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same place by a name.
    pub(super) fn named(&self, scheme: &str, name: &str) -> String {
        format!("{scheme}://{name}:{}/", self.port())
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(super) fn last(&self) -> Received {
        self.received().pop().expect("nothing was received")
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Answer,
    noted: Arc<Mutex<Vec<Received>>>,
) {
    let Some(received) = read(&mut stream).await else { return };
    let steps = answer(&received);
    noted.lock().unwrap().push(received);
    for step in steps {
        match step {
            Step::Send(bytes) => {
                // A client that has read enough hangs up.
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Tell(told) => told.notify_one(),
            Step::Wait(told) => told.notified().await,
            Step::Stay => pending().await,
        }
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break bytes.drain(..end + 4).collect::<Vec<_>>();
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let fields = lines.map(|line| line.split_once(": ").unwrap());
    let headers: BTreeMap<_, _> =
        fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    Some(Received { line, headers, body: String::from_utf8(bytes).unwrap() })
}

/// An address where nobody may knock.
pub(super) struct Untouched(std::net::TcpListener);

impl Untouched {
    pub(super) fn at(address: &str) -> Self {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The kernel accepts for the listener, so a connection that was opened is there to be fetched.
    pub(super) fn assert_untouched(&self) {
        let error = self.0.accept().expect_err("somebody connected");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}
