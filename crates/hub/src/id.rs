//! Names of things: session ids that clients see, keys that only this process sees.

use std::{fmt, hash::BuildHasherDefault, hash::Hasher};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

slotmap::new_key_type! {
    /// A connection of one shard; never reused for another connection.
    pub struct ConnectionKey;
    /// A socket (a connection's membership in one namespace) of one shard; never reused.
    pub struct SocketKey;
    pub(crate) struct SpaceKey;
    pub(crate) struct RoomKey;
}

/// The number of a shard within its process.
pub type ShardId = u8;

/// An isolated part of a namespace: sockets of different tenants never see each other's rooms and broadcasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(pub u32);

/// Fills a slice with bytes that nobody can guess.
pub type Random = Box<dyn FnMut(&mut [u8])>;

const SID_BYTES: usize = 15;

/// A session id: 20 characters of URL-safe base64 that hold the owning shard's number and 112 random bits.
///
/// Engine.IO session ids and recovery ids are secrets, Socket.IO socket ids are public; they are drawn separately.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sid([u8; SID_BYTES]);

impl Sid {
    /// Characters of the text form.
    pub const LEN: usize = 20;

    pub(crate) fn new(shard: ShardId, random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut bytes = [0; SID_BYTES];
        random(&mut bytes[1..]);
        bytes[0] = shard;
        Self(bytes)
    }

    /// Reads the text form; `None` if it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; SID_BYTES];
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (written == SID_BYTES && text.len() == Self::LEN).then_some(Self(bytes))
    }

    /// The shard that drew this id.
    #[must_use]
    pub fn shard(&self) -> ShardId {
        self.0[0]
    }

    /// The text form.
    #[must_use]
    pub fn text(&self) -> SidText {
        let mut text = [0; Self::LEN];
        // 15 bytes are 20 characters without padding, so the slice always fits.
        let written = URL_SAFE_NO_PAD.encode_slice(self.0, &mut text);
        debug_assert_eq!(written.ok(), Some(Self::LEN));
        SidText(text)
    }
}

/// The text form of a [`Sid`], on the stack.
#[derive(Clone, Copy)]
pub struct SidText([u8; Sid::LEN]);

impl SidText {
    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl std::hash::Hash for Sid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from_le_bytes([
            self.0[1], self.0[2], self.0[3], self.0[4], self.0[5], self.0[6], self.0[7], self.0[8],
        ]));
    }
}

/// Ids are random already: eight of their bytes are as good as any hash of them. Only ids that this process drew
/// become keys, so nobody outside can choose colliding ones.
#[derive(Default)]
pub struct SidHasher(u64);

impl Hasher for SidHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map whose keys are [`Sid`]s.
pub type SidMap<V> = std::collections::HashMap<Sid, V, BuildHasherDefault<SidHasher>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_tells_the_shard() {
        let sid = Sid::new(7, &mut |bytes| bytes.fill(0xA5));
        assert_eq!(sid.shard(), 7);
        assert_eq!(sid.text().as_str().len(), Sid::LEN);
        assert_eq!(Sid::parse(sid.text().as_str()), Some(sid));
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in ["", "abc", "AAAAAAAAAAAAAAAAAAA+", "AAAAAAAAAAAAAAAAAAAAA", "ÄÖÜAAAAAAAAAAAAAAA"] {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
    }
}
