//! The header of a client frame: read and judged before anything is done for its payload.

use super::{CONTROL_BYTES_MAX, Error};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    pub(super) fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) fin: bool,
    /// RSV1: the message is compressed.
    pub(super) compressed: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: [u8; 4],
    /// Bytes that the header takes.
    pub(super) len: usize,
    /// Bytes that the payload takes, as declared.
    pub(super) payload_len: u64,
}

impl Header {
    /// The header at the start of `bytes`, once it is complete. Refuses on its own evidence alone; what was negotiated and
    /// what came before is for the decoder to check. A declared length is known, and can be refused, before the mask has
    /// arrived: the mask is zero until then and `len` says that it is missing.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Header>, Error> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let opcode = opcode(first & 0x0F)?;
        let fin = first & 0x80 != 0;
        let compressed = first & 0x40 != 0;
        if first & 0x30 != 0 || (compressed && (opcode.is_control() || opcode == Opcode::Continuation)) {
            return Err(Error::ReservedBits);
        }
        if second & 0x80 == 0 {
            return Err(Error::Unmasked);
        }
        let short_len = second & 0x7F;
        if opcode.is_control() && !fin {
            return Err(Error::ControlFragmented);
        }
        if opcode.is_control() && usize::from(short_len) > CONTROL_BYTES_MAX {
            return Err(Error::ControlTooLong);
        }
        let Some((payload_len, len_bytes)) = payload_len(short_len, rest)? else { return Ok(None) };
        let mask =
            rest.get(len_bytes..len_bytes + 4).and_then(|mask| mask.try_into().ok()).unwrap_or_default();
        Ok(Some(Header { fin, compressed, opcode, mask, len: 2 + len_bytes + 4, payload_len }))
    }

    /// Bytes of header and payload. Only meaningful once the declared length was found to be within limits.
    pub(super) fn frame_len(&self) -> usize {
        self.len.saturating_add(usize::try_from(self.payload_len).unwrap_or(usize::MAX))
    }
}

fn opcode(bits: u8) -> Result<Opcode, Error> {
    Ok(match bits {
        0x0 => Opcode::Continuation,
        0x1 => Opcode::Text,
        0x2 => Opcode::Binary,
        0x8 => Opcode::Close,
        0x9 => Opcode::Ping,
        0xA => Opcode::Pong,
        _ => return Err(Error::ReservedOpcode),
    })
}

/// The declared length and the number of extra bytes that it was written in; `None` while those are incomplete.
fn payload_len(short_len: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Error> {
    let (length, len_bytes, minimum) = match short_len {
        126 => {
            let Some(&bytes) = rest.first_chunk() else { return Ok(None) };
            (u64::from(u16::from_be_bytes(bytes)), 2, 126)
        }
        127 => {
            let Some(&bytes) = rest.first_chunk() else { return Ok(None) };
            (u64::from_be_bytes(bytes), 8, 1 << 16)
        }
        short => (u64::from(short), 0, 0),
    };
    if length < minimum { Err(Error::LengthNotMinimal) } else { Ok(Some((length, len_bytes))) }
}

/// Removes the mask in place.
pub(super) fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}
