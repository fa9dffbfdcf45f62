//! Requests that somebody waits for: a client that asked for an ack, or a caller from outside. The first reply that
//! names the request answers it, or its deadline does.

use std::collections::HashMap;

use bytes::Bytes;
use campanile_hub::{AckId, Millis, Sid, SidMap, SocketKey, TimerId};
use tokio::sync::oneshot;

use super::{BridgeError, HttpReply, Hub, ProviderId};

/// Requests of this shard's requesters.
#[derive(Default)]
pub(super) struct Requests {
    /// Counts up; part of every `request_id` that the hub gives out.
    number: u64,
    open: HashMap<u64, Open>,
    by_socket: HashMap<SocketKey, HashMap<Box<str>, u64>>,
    outside: SidMap<Outside>,
}

struct Open {
    pub(super) waiter: Waiter,
    asked_at: Millis,
    timer: TimerId,
}

/// Who waits.
pub(super) enum Waiter {
    Client { socket: SocketKey, request_id: Box<str>, ack: AckId },
    Outside { sid: Sid, reply: oneshot::Sender<Result<HttpReply, BridgeError>> },
}

/// A requester that isn't a socket.
struct Outside {
    number: u64,
    provider_id: ProviderId,
}

/// How a request ended.
pub(super) struct Finished {
    pub(super) waiter: Waiter,
    pub(super) elapsed_ms: u64,
}

impl Requests {
    pub(super) fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn outside_len(&self) -> usize {
        self.outside.len()
    }

    pub(super) fn of_socket(&self, socket: SocketKey) -> Option<&HashMap<Box<str>, u64>> {
        self.by_socket.get(&socket)
    }

    /// Notes a request that waits until `timer`, which was scheduled with `number`.
    pub(super) fn open(
        &mut self,
        number: u64,
        waiter: Waiter,
        provider_id: ProviderId,
        now: Millis,
        timer: TimerId,
    ) {
        match &waiter {
            Waiter::Client { socket, request_id, .. } => {
                self.by_socket.entry(*socket).or_default().insert(request_id.clone(), number);
            }
            Waiter::Outside { sid, .. } => {
                self.outside.insert(*sid, Outside { number, provider_id });
            }
        }
        self.open.insert(number, Open { waiter, asked_at: now, timer });
    }

    /// The provider that a requester from outside asked, and its request.
    pub(super) fn outside(&self, sid: &Sid) -> Option<(&ProviderId, u64)> {
        self.outside.get(sid).map(|outside| (&outside.provider_id, outside.number))
    }

    /// Ends a request; `None` if it has ended already.
    pub(super) fn finish(&mut self, core: &mut Hub, number: u64) -> Option<Finished> {
        let Open { waiter, asked_at, timer } = self.open.remove(&number)?;
        core.cancel(timer);
        match &waiter {
            Waiter::Client { socket, request_id, .. } => {
                if let Some(requests) = self.by_socket.get_mut(socket) {
                    requests.remove(request_id);
                    if requests.is_empty() {
                        self.by_socket.remove(socket);
                    }
                }
            }
            Waiter::Outside { sid, .. } => {
                self.outside.remove(sid);
            }
        }
        Some(Finished { waiter, elapsed_ms: core.now().saturating_sub(asked_at) })
    }

    /// A requester is gone: nobody waits any more.
    pub(super) fn forget_socket(&mut self, core: &mut Hub, socket: SocketKey) {
        for number in self.by_socket.remove(&socket).into_iter().flat_map(HashMap::into_values) {
            if let Some(open) = self.open.remove(&number) {
                core.cancel(open.timer);
            }
        }
    }
}

impl Finished {
    /// Answers whoever waits. `result` is raw JSON, with what placeholders in it stand for.
    pub(super) fn answer(self, core: &mut Hub, result: Result<(&str, &[Bytes]), BridgeError>) {
        match self.waiter {
            Waiter::Client { socket, ack, .. } => match result {
                Ok((payload, attachments)) => core.ack(socket, ack, &[payload], attachments),
                Err(error) => core.ack(socket, ack, &[&error.to_json()], &[]),
            },
            Waiter::Outside { reply, .. } => {
                let result = result.map(|(payload, attachments)| HttpReply {
                    payload: payload.to_owned(),
                    attachments: attachments.to_vec(),
                });
                // The caller may have gone away; then nobody misses the answer.
                let _ = reply.send(result);
            }
        }
    }
}
