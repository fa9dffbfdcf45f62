//! HTTP requests: which are for the hub and how the wrong ones are refused, in the words of the reference server.

use std::{
    convert::Infallible, future::Future, net::SocketAddr, pin::Pin, rc::Rc, sync::Arc, time::Duration,
};

use bytes::Bytes;
use campanile_hub::{App, Handshake, Refusal, Sid, Transport};
use campanile_protocol::{deflate, websocket::accept_key};
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{
        self, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SET_COOKIE, UPGRADE,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::{
    body::{Body, full},
    local::{Link, Local},
    options::Cookie,
    polling,
    rejection::Rejection,
    stream::Stream,
    upgrade,
    websocket::{self, Compression, WebSocket},
};

/// The body of a request as it arrives.
pub type Incoming = hyper::body::Incoming;
/// A request; its extensions hold the peer's [`SocketAddr`].
pub type Request = hyper::Request<Incoming>;
/// A response.
pub type Response = hyper::Response<Body>;
/// Answers the requests that aren't for the hub's path. It is called on a shard's thread, so it must not block.
pub type Fallback = Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

/// A fallback that knows nothing: 404.
#[must_use]
pub fn not_found() -> Fallback {
    Arc::new(|_| Box::pin(async { plain(StatusCode::NOT_FOUND, "Not found\n") }))
}

pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    response
}

/// Serves the requests of one network connection until it ends or becomes a WebSocket.
pub(crate) async fn serve<A: App>(local: Rc<Local<A>>, stream: Stream, peer: SocketAddr) {
    let secure = stream.is_secure();
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(local.options.head_timeout)
        .max_headers(local.options.headers_max)
        .max_buf_size(local.options.head_bytes_max.max(8192));
    let service = service_fn(|request| {
        let local = local.clone();
        async move { Ok::<_, Infallible>(route(local, request, peer, secure).await) }
    });
    // An error here is the client's: it broke off, or what it sent isn't HTTP. hyper has answered what can be.
    let _ = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

async fn route<A: App>(
    local: Rc<Local<A>>,
    mut request: Request,
    peer: SocketAddr,
    secure: bool,
) -> Response {
    let path = &*local.options.path;
    let is_for_hub = |asked: &str| asked == path || path.strip_suffix('/') == Some(asked);
    if is_for_hub(request.uri().path()) {
        engine(local, request, peer, secure).await
    } else {
        request.extensions_mut().insert(peer);
        (local.fallback)(request).await
    }
}

/// A request for the hub's path.
async fn engine<A: App>(local: Rc<Local<A>>, request: Request, peer: SocketAddr, secure: bool) -> Response {
    let cors = &local.options.cors;
    if request.method() == Method::OPTIONS && cors.is_on() {
        let mut response = Response::new(full(Bytes::new()));
        *response.status_mut() = StatusCode::NO_CONTENT;
        cors.decorate_preflight(request.headers(), response.headers_mut());
        return response;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let is_upgrade = wants_websocket(request.headers());
    let result = match Query::of(&local, &request) {
        Ok(query) if is_upgrade => upgrade(&local, request, &query, peer, secure).await,
        Ok(query) => exchange(&local, request, &query, peer, secure).await,
        Err(rejection) => Err(rejection),
    };
    let mut response = match result {
        Ok(response) => response,
        Err(rejection) if is_upgrade => rejection.text(),
        Err(rejection) => rejection.json(),
    };
    local.options.cors.decorate(origin.as_ref(), response.headers_mut());
    response
}

/// The query parameters that the hub reads.
struct Query {
    transport: Transport,
    session: Session,
    version: Version,
}

/// The session that a request is for.
#[derive(Clone, Copy)]
enum Session {
    /// None yet: it is a handshake.
    New,
    Known(Sid),
    /// What the client sent is no id.
    Invalid,
}

/// The version of Engine.IO that a request names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Missing,
    Four,
    Other,
}

impl Query {
    /// Reads the query and checks what holds for every request, in the reference's order.
    fn of<A: App>(local: &Local<A>, request: &Request) -> Result<Self, Rejection> {
        if !local.options.cors.admits(request.headers().get(ORIGIN)) {
            return Err(Rejection::Forbidden(None));
        }
        let (mut transport, mut session, mut version) = (None, Session::New, Version::Missing);
        for (key, value) in form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()) {
            match (&*key, session, version) {
                ("transport", ..) if transport.is_none() => transport = Some(value),
                ("sid", Session::New, _) => {
                    session = Sid::parse(&value).map_or(Session::Invalid, Session::Known)
                }
                ("EIO", _, Version::Missing) => {
                    version = if value == "4" { Version::Four } else { Version::Other }
                }
                _ => {}
            }
        }
        let transport = match transport.as_deref() {
            Some("polling") if local.options.polling => Transport::Polling,
            Some("websocket") if local.options.websocket => Transport::WebSocket,
            _ => return Err(Rejection::TransportUnknown),
        };
        if request.headers().get(ORIGIN).is_some_and(|origin| origin.to_str().is_err()) {
            return Err(Rejection::BadRequest);
        }
        Ok(Self { transport, session, version })
    }

    /// The session that is asked for; `None` for a handshake.
    fn session(&self) -> Result<Option<Sid>, Rejection> {
        match self.session {
            Session::New => Ok(None),
            Session::Known(sid) => Ok(Some(sid)),
            Session::Invalid => Err(Rejection::SessionUnknown),
        }
    }

    /// Checks what a new connection must fulfil.
    fn check_handshake(&self, method: &Method, transport: Transport) -> Result<(), Rejection> {
        match () {
            () if method != Method::GET => Err(Rejection::BadHandshakeMethod),
            () if self.transport != transport => Err(Rejection::BadRequest),
            () if self.version != Version::Four => Err(Rejection::UnsupportedVersion),
            () => Ok(()),
        }
    }
}

/// A request that is answered, as opposed to one that becomes a WebSocket.
async fn exchange<A: App>(
    local: &Rc<Local<A>>,
    request: Request,
    query: &Query,
    peer: SocketAddr,
    secure: bool,
) -> Result<Response, Rejection> {
    let Some(sid) = query.session()? else {
        query.check_handshake(request.method(), Transport::Polling)?;
        let sid = open(local, Transport::Polling, &request, peer, secure)?;
        let mut response = polling::poll(local, sid, request.headers()).await?;
        set_cookie(local, sid, response.headers_mut());
        return Ok(response);
    };
    if query.version == Version::Other {
        return Err(Rejection::BadRequest);
    }
    if query.transport != Transport::Polling {
        return Err(polling::check_known(local, sid).await.err().unwrap_or(Rejection::BadRequest));
    }
    match *request.method() {
        Method::GET => polling::poll(local, sid, request.headers()).await,
        Method::POST => polling::post(local, sid, request).await,
        _ => Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed\n")),
    }
}

/// Opens a connection on this shard.
fn open<A: App>(
    local: &Rc<Local<A>>,
    transport: Transport,
    request: &Request,
    peer: SocketAddr,
    secure: bool,
) -> Result<Sid, Rejection> {
    if local.stopping.get() {
        return Err(Rejection::Full);
    }
    let hold = match transport {
        Transport::Polling => Some(local.addresses.open(peer.ip(), local.now())?),
        // Its network connection counts already.
        Transport::WebSocket => None,
    };
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let handshake =
        Handshake { address: peer.ip(), secure, query: request.uri().query().unwrap_or(""), header: &header };
    let (key, sid) = local.with(|shard| {
        let key = shard.open(transport, &handshake).map_err(|refusal| match refusal {
            Refusal::Denied(denied) => Rejection::Forbidden(Some(denied.0)),
            Refusal::Full => Rejection::Full,
        })?;
        shard.engine_sid(key).map(|sid| (key, sid)).ok_or(Rejection::SessionUnknown)
    })?;
    if let Some(hold) = hold {
        local.set_link(key, Link::Polling { poll: None, upgrade: None, _hold: hold });
    }
    Ok(sid)
}

fn set_cookie<A: App>(local: &Local<A>, sid: Sid, headers: &mut HeaderMap) {
    if let Some(cookie) = &local.options.cookie
        && let Ok(value) = HeaderValue::try_from(cookie.header(sid))
    {
        headers.insert(SET_COOKIE, value);
    }
}

impl Cookie {
    fn header(&self, sid: Sid) -> String {
        let mut value = format!("{}={sid}; Path={}", self.name, self.path);
        if let Some(max_age_s) = self.max_age_s {
            value.push_str(&format!("; Max-Age={max_age_s}"));
        }
        if self.http_only {
            value.push_str("; HttpOnly");
        }
        if self.secure {
            value.push_str("; Secure");
        }
        if let Some(same_site) = &self.same_site {
            value.push_str(&format!("; SameSite={same_site}"));
        }
        value
    }
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    let has = |name: HeaderName, token: &str| {
        let values = headers.get_all(name);
        let tokens = values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        tokens.map(str::trim).any(|value| value.eq_ignore_ascii_case(token))
    };
    has(UPGRADE, "websocket") && has(header::CONNECTION, "upgrade")
}

/// A request that becomes a WebSocket: a new connection, or one that takes a polling connection over.
async fn upgrade<A: App>(
    local: &Rc<Local<A>>,
    mut request: Request,
    query: &Query,
    peer: SocketAddr,
    secure: bool,
) -> Result<Response, Rejection> {
    let (response, compression) = switch(local, &request)?;
    let Some(sid) = query.session()? else {
        query.check_handshake(request.method(), Transport::WebSocket)?;
        let sid = open(local, Transport::WebSocket, &request, peer, secure)?;
        let mut response = response;
        set_cookie(local, sid, response.headers_mut());
        tokio::task::spawn_local(take_over_new(
            local.clone(),
            hyper::upgrade::on(&mut request),
            compression,
            sid,
        ));
        return Ok(response);
    };
    if query.transport != Transport::WebSocket {
        return Err(Rejection::BadRequest);
    }
    polling::check_known(local, sid).await?;
    tokio::task::spawn_local(take_over_polling(
        local.clone(),
        hyper::upgrade::on(&mut request),
        compression,
        sid,
    ));
    Ok(response)
}

/// Checks the WebSocket handshake and writes its answer.
fn switch<A: App>(local: &Local<A>, request: &Request) -> Result<(Response, Compression), Rejection> {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header(SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(Rejection::BadRequest);
    }
    let accept = header(SEC_WEBSOCKET_KEY).and_then(accept_key).ok_or(Rejection::BadRequest)?;
    let mut response = Response::new(full(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::try_from(accept).map_err(|_| Rejection::BadRequest)?);
    let offer = local.options.per_message_deflate_threshold_bytes.and(header(SEC_WEBSOCKET_EXTENSIONS));
    let Some(agreed) = offer.and_then(deflate::negotiate) else { return Ok((response, Compression::Off)) };
    headers
        .insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::try_from(agreed).map_err(|_| Rejection::BadRequest)?);
    Ok((response, Compression::Deflate))
}

/// The bytes behind a completed upgrade: the stream, and what the client sent too early.
async fn upgraded(upgrade: hyper::upgrade::OnUpgrade) -> Option<(Stream, Bytes)> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Stream>>().ok()?;
    Some((parts.io.into_inner(), parts.read_buf))
}

async fn take_over_new<A: App>(
    local: Rc<Local<A>>,
    upgrade: hyper::upgrade::OnUpgrade,
    compression: Compression,
    sid: Sid,
) {
    let upgraded = tokio::time::timeout(UPGRADE_TIMEOUT, upgraded(upgrade)).await.ok().flatten();
    let Some(key) = local.with(|shard| shard.find(&sid)) else { return };
    match upgraded {
        Some((stream, early)) => {
            websocket::spawn(&local, Rc::new(WebSocket::new(stream, compression)), key, &early);
        }
        None => local.with(|shard| shard.lost(key, campanile_hub::Reason::TransportError)),
    }
}

/// Time in which the answer 101 must have gone out.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);

async fn take_over_polling<A: App>(
    local: Rc<Local<A>>,
    upgrade: hyper::upgrade::OnUpgrade,
    compression: Compression,
    sid: Sid,
) {
    let Ok(Some((stream, early))) = tokio::time::timeout(UPGRADE_TIMEOUT, upgraded(upgrade)).await else {
        return;
    };
    let Ok(stream) = stream.detach() else { return };
    // The thread that owns the polling connection owns the WebSocket from here on.
    local.post(sid.shard(), move |local| {
        let local = local.clone();
        tokio::task::spawn_local(async move {
            if let Ok(stream) = Stream::attach(stream)
                && let Some(key) = local.with(|shard| shard.find(&sid))
            {
                upgrade::run(local, stream, early, compression, key).await;
            }
        });
    });
}
