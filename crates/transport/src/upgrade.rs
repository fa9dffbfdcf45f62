//! A WebSocket that takes over a polling connection: probe, answer, upgrade. Until the upgrade packet the connection
//! goes on polling, and a WebSocket that does anything else is closed without harm to it.

use std::{
    cell::Cell,
    future::poll_fn,
    io::IoSlice,
    ops::ControlFlow,
    rc::Rc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use campanile_hub::{App, ConnectionKey, Reason, UpgradeStep};
use campanile_protocol::websocket::{Message, pong_frame};

use crate::{
    local::{Link, Local},
    stream::Stream,
    websocket::{self, Compression, WebSocket, await_close, reject_frame, take_message},
};

/// Runs a WebSocket that wants to take over a polling connection of this shard.
pub(crate) async fn run<A: App>(
    local: Rc<Local<A>>,
    stream: Stream,
    early: Bytes,
    compression: Compression,
    key: ConnectionKey,
) {
    let websocket = Rc::new(WebSocket::new(stream, compression));
    if !local.with(|shard| shard.begin_upgrade(key)) {
        websocket.close_with(1000, "");
        return await_close(&local, &websocket).await;
    }
    local.set_upgrade(key, Some(websocket.clone()));
    let mut early = early.to_vec();
    let taken = tokio::time::timeout(local.hub_options.upgrade_timeout, async {
        let mut step = probe(&local, &websocket, key, &mut early);
        while step == Probe::Continue {
            step = poll_fn(|context| poll_probe(&local, &websocket, key, context)).await;
        }
        step
    })
    .await;
    if taken == Ok(Probe::Taken) {
        return;
    }
    local.set_upgrade(key, None);
    local.with(|shard| shard.abort_upgrade(key));
    websocket.close_with(1000, "");
    await_close(&local, &websocket).await;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    Continue,
    Taken,
    Failed,
}

fn poll_probe<A: App>(
    local: &Rc<Local<A>>,
    websocket: &Rc<WebSocket>,
    key: ConnectionKey,
    context: &mut Context<'_>,
) -> Poll<Probe> {
    websocket.sleep(context);
    if !websocket.is_open() {
        return Poll::Ready(Probe::Failed);
    }
    let mut scratch = local.scratch.borrow_mut();
    match ready!(websocket.poll_read(context, &mut scratch)) {
        Ok(read) if read > 0 => {
            let mut input = scratch[..read].to_vec();
            drop(scratch);
            Poll::Ready(probe(local, websocket, key, &mut input))
        }
        _ => Poll::Ready(Probe::Failed),
    }
}

/// Takes what arrived on a WebSocket that is still being probed. The packets behind the upgrade packet are the
/// connection's own already.
fn probe<A: App>(
    local: &Rc<Local<A>>,
    websocket: &Rc<WebSocket>,
    key: ConnectionKey,
    input: &mut [u8],
) -> Probe {
    let limits = websocket.limits(local);
    let mut state = Probe::Continue;
    let mut peer_close = None;
    let waiting_poll = Cell::new(None);
    local.with_input(key, |shard| {
        let mut decoder = websocket.decoder();
        let mut deflater = local.deflater.borrow_mut();
        let result =
            decoder.feed(input, &limits, Some(&mut deflater), &mut |message| match (state, message) {
                (Probe::Taken, message) => take_message(shard, key, message, &mut peer_close),
                (_, Message::Text(text)) => {
                    match shard.upgrade_text(key, text) {
                        UpgradeStep::Reply(frame) => {
                            if websocket.try_write(&[IoSlice::new(frame.websocket_bytes())]).is_err() {
                                state = Probe::Failed;
                            }
                        }
                        UpgradeStep::Done => {
                            state = Probe::Taken;
                            waiting_poll.set(local.take_waiting_poll(key));
                            local.set_link(key, Link::WebSocket(websocket.clone()));
                        }
                        UpgradeStep::Refused => state = Probe::Failed,
                    }
                    if state == Probe::Failed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }
                (_, Message::Ping(payload)) => {
                    let _ = websocket.try_write(&[IoSlice::new(&pong_frame(payload))]);
                    ControlFlow::Continue(())
                }
                (_, Message::Pong(_)) => ControlFlow::Continue(()),
                (_, Message::Binary(_) | Message::Close(..)) => {
                    state = Probe::Failed;
                    ControlFlow::Break(())
                }
            });
        if let (Err(error), Probe::Taken) = (&result, state) {
            reject_frame(shard, websocket, key, error);
        } else if result.is_err() {
            state = Probe::Failed;
        } else if peer_close.is_some() {
            shard.lost(key, Reason::TransportClose);
        }
    });
    if let Some(poll) = waiting_poll.take() {
        // The poll that waited has nothing more to wait for.
        let _: Result<(), Bytes> = tokio::sync::oneshot::Sender::send(poll, Bytes::from_static(b"6"));
    }
    if state == Probe::Taken {
        websocket::spawn(local, websocket.clone(), key, &[]);
    }
    state
}
