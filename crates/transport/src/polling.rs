//! Long-polling: a GET that waits for packets, a POST that brings some. Either may land on any shard; the shard that
//! the session id names serves it.

use std::{rc::Rc, time::Duration};

use bytes::Bytes;
use campanile_hub::{App, ConnectionKey, PollError, Reason, ShardId, Sid};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY,
    },
};
use tokio::sync::oneshot;

use crate::{
    body::full,
    compression::Coding,
    http::{Incoming, Request, Response},
    local::Local,
    rejection::Rejection,
};

impl From<PollError> for Rejection {
    fn from(error: PollError) -> Self {
        match error {
            PollError::Unknown => Self::SessionUnknown,
            PollError::Mismatch | PollError::Overlap => Self::BadRequest,
        }
    }
}

/// Refuses sessions that don't exist.
pub(crate) async fn check_known<A: App>(local: &Rc<Local<A>>, sid: Sid) -> Result<(), Rejection> {
    let is_known = local.on(sid.shard(), move |local| local.with(|shard| shard.find(&sid).is_some()));
    if is_known.await == Some(true) { Ok(()) } else { Err(Rejection::SessionUnknown) }
}

/// Answers a GET once there is something to say.
pub(crate) async fn poll<A: App>(
    local: &Rc<Local<A>>,
    sid: Sid,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    let started = local.on(sid.shard(), move |local| start_poll(local, sid)).await;
    let (key, answer) = started.ok_or(Rejection::SessionUnknown)??;
    let guard = Guard::new(local, sid.shard(), key);
    let payload = answer.await.map_err(|_| Rejection::BadRequest);
    guard.disarm();
    Ok(answer_with(local, payload?, headers))
}

fn start_poll<A: App>(
    local: &Rc<Local<A>>,
    sid: Sid,
) -> Result<(ConnectionKey, oneshot::Receiver<Bytes>), Rejection> {
    let key = local.with(|shard| {
        let key = shard.find(&sid).ok_or(PollError::Unknown)?;
        shard.begin_poll(key).map(|()| key)
    })?;
    let (sender, answer) = oneshot::channel();
    local.set_waiting_poll(key, sender);
    Ok((key, answer))
}

fn answer_with<A: App>(local: &Local<A>, payload: Bytes, headers: &HeaderMap) -> Response {
    let coding = local
        .options
        .http_compression_threshold_bytes
        .filter(|threshold| payload.len() >= *threshold)
        .and_then(|_| Coding::choose(headers.get(ACCEPT_ENCODING)?.to_str().ok()?));
    let compressed = coding.and_then(|coding| Some((coding.compress(&payload).ok()?, coding)));
    let (body, coding) = match compressed {
        Some((body, coding)) => (Bytes::from(body), Some(coding)),
        None => (payload, None),
    };
    let mut response = Response::new(full(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    response
}

/// Takes the packets of a POST.
pub(crate) async fn post<A: App>(
    local: &Rc<Local<A>>,
    sid: Sid,
    request: Request,
) -> Result<Response, Rejection> {
    let shard = sid.shard();
    let begun = local.on(shard, move |local| {
        local
            .with(|shard| {
                let key = shard.find(&sid).ok_or(PollError::Unknown)?;
                shard.begin_post(key).map(|()| key)
            })
            .map(|key| (key, local.pause(key)))
    });
    let (key, pause) = begun.await.ok_or(Rejection::SessionUnknown)??;
    let guard = Guard::new(local, shard, key);
    if is_binary(request.headers()) {
        return Err(Rejection::BadRequest);
    }
    let body = match collect(local, request).await {
        Ok(body) => body,
        Err(Rejection::TooLarge) => {
            guard.disarm();
            local.post(shard, move |local| local.with(|shard| shard.end_post(key)));
            return Err(Rejection::TooLarge);
        }
        Err(rejection) => return Err(rejection),
    };
    // Meanwhile a second POST would break the protocol, so that the client has to wait as well.
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    guard.disarm();
    let taken = local.on(shard, move |local| {
        let packets_max = local.options.payload_packets_max;
        local.with_input(key, |shard| match std::str::from_utf8(&body) {
            Ok(payload) => shard.finish_post(key, payload, packets_max),
            Err(_) => shard.fail(key, Reason::ParseError),
        });
    });
    taken.await.ok_or(Rejection::SessionUnknown)?;
    let mut response = Response::new(full(Bytes::from_static(b"ok")));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// This version of the protocol has no binary payloads.
fn is_binary(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    content_type
        .trim_start()
        .get(..24)
        .is_some_and(|start| start.eq_ignore_ascii_case("application/octet-stream"))
}

async fn collect<A: App>(local: &Rc<Local<A>>, request: Request) -> Result<Bytes, Rejection> {
    let bytes_max = local.hub_options.max_payload_bytes;
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut body = request.into_body();
    if declared.is_some_and(|length: u64| length > bytes_max as u64) {
        tokio::task::spawn_local(discard(body));
        return Err(Rejection::TooLarge);
    }
    let collected =
        tokio::time::timeout(local.options.body_timeout, collect_up_to(&mut body, bytes_max)).await;
    match collected {
        Err(_) => Err(Rejection::Timeout),
        Ok(Err(Rejection::TooLarge)) => {
            tokio::task::spawn_local(discard(body));
            Err(Rejection::TooLarge)
        }
        Ok(result) => result,
    }
}

async fn collect_up_to(body: &mut Incoming, bytes_max: usize) -> Result<Bytes, Rejection> {
    let mut collected = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Rejection::BadRequest)?.into_data() {
            if collected.len() + data.len() > bytes_max {
                return Err(Rejection::TooLarge);
            }
            collected.extend_from_slice(&data);
        }
    }
    Ok(collected.into())
}

/// Closing a connection that still has bytes to read resets it, and the client would lose the answer. So what still
/// comes is thrown away for a moment.
async fn discard(mut body: Incoming) {
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, async {
        let mut left = DISCARD_BYTES_MAX;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    })
    .await;
}

const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);
const DISCARD_BYTES_MAX: usize = 16 << 20;

/// Ends the connection if its request is given up by the client, or refused, before it is answered.
struct Guard<'a, A: App> {
    local: &'a Rc<Local<A>>,
    shard: ShardId,
    key: Option<ConnectionKey>,
}

impl<'a, A: App> Guard<'a, A> {
    fn new(local: &'a Rc<Local<A>>, shard: ShardId, key: ConnectionKey) -> Self {
        Self { local, shard, key: Some(key) }
    }

    fn disarm(mut self) {
        self.key = None;
    }
}

impl<A: App> Drop for Guard<'_, A> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.local.post(self.shard, move |local| {
                // Answering a poll that waits beside the broken request lets its client know.
                local.with(|shard| shard.fail(key, Reason::TransportError));
            });
        }
    }
}
