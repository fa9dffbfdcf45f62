//! A shard with the bridge on it, driven the way a transport drives it: packets in, outboxes gathered and emptied at
//! the end of each turn. Every write succeeds at once.

use std::{hint::black_box, io::IoSlice, net::Ipv4Addr, sync::Arc};

use campanile_hub::{ConnectionKey, GATHER_MAX, Handshake, Options, Outbox, Shard, Transport};
use campanile_platform::{BridgeOptions, Platform, bridge::Registry};

pub(crate) struct Harness {
    shard: Shard<Platform>,
    dirty: Vec<ConnectionKey>,
    now: u64,
}

impl Harness {
    pub(crate) fn new() -> Self {
        let platform = Platform::new(Arc::new(BridgeOptions::default()), Arc::new(Registry::default()));
        let shard = Shard::new(0, 1, Arc::new(Options::default()), platform, Box::new(random()));
        Self { shard, dirty: Vec::new(), now: 0 }
    }

    /// A WebSocket client that has joined the namespace and sent `greeting`.
    pub(crate) fn connect(&mut self, greeting: Option<&str>) -> ConnectionKey {
        let request = Handshake {
            address: Ipv4Addr::LOCALHOST.into(),
            secure: false,
            query: "EIO=4&transport=websocket",
            header: &|_| None,
        };
        let opened = self.shard.open(Transport::WebSocket, &request);
        let client = opened.expect("the bridge is open to everyone");
        self.turn(client, "40");
        if let Some(greeting) = greeting {
            self.turn(client, greeting);
        }
        client
    }

    /// A packet from a client, and all that comes of it. Returns how many frames went out.
    pub(crate) fn turn(&mut self, client: ConnectionKey, message: &str) -> u64 {
        self.turn_seen(client, message, &mut |_, _| {})
    }

    /// The same, with every frame shown to `see`.
    pub(crate) fn turn_seen(
        &mut self,
        client: ConnectionKey,
        message: &str,
        see: &mut dyn FnMut(ConnectionKey, &[u8]),
    ) -> u64 {
        self.advance();
        self.shard.text(client, message);
        self.flush(see)
    }

    fn advance(&mut self) {
        self.now += 1;
        self.shard.advance(self.now);
    }

    fn flush(&mut self, see: &mut dyn FnMut(ConnectionKey, &[u8])) -> u64 {
        let mut frames = 0;
        let mut dirty = std::mem::take(&mut self.dirty);
        self.shard.take_dirty(&mut dirty);
        for key in dirty.drain(..) {
            let Some(output) = self.shard.output(key) else { continue };
            while !output.outbox.is_empty() {
                let (count, bytes) = write(output.outbox, key, see);
                frames += count;
                output.outbox.advance(bytes);
            }
        }
        self.dirty = dirty;
        frames
    }
}

/// One write as the transport does it: a single frame as it is, several gathered. Returns how many frames and bytes.
fn write(outbox: &Outbox, key: ConnectionKey, see: &mut dyn FnMut(ConnectionKey, &[u8])) -> (u64, usize) {
    if let Some(frame) = outbox.single() {
        see(key, black_box(frame));
        return (1, frame.len());
    }
    let mut slices = [IoSlice::new(&[]); GATHER_MAX];
    let filled = outbox.gather(&mut slices);
    slices[..filled].iter().for_each(|frame| see(key, black_box(frame)));
    (filled as u64, slices[..filled].iter().map(|frame| frame.len()).sum())
}

/// Ids need to differ, and to be the same in every run.
fn random() -> impl FnMut(&mut [u8]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |bytes| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = (state >> 32) as u8;
        }
    }
}
