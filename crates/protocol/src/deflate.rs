//! Compression of WebSocket messages (RFC 7692), without context takeover on either side.
//!
//! As no message depends on another one, a single [`Deflater`] serves every connection of a thread, and one compressed
//! frame can be shared by many recipients. Which connections compress, and from what size on, is decided elsewhere.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use thiserror::Error;

/// What ends a sync flush. It is cut off on the wire, and put back before inflating.
const FLUSH_MARKER: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// The only answer that is ever given to an offer.
const ANSWER: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Why a message could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TooBigOrBad {
    /// The inflated message would be bigger than allowed.
    #[error("inflated message too big")]
    TooBig,
    /// The data is not a deflate stream.
    #[error("bad deflate data")]
    Bad,
}

/// Compresses and inflates whole messages, one at a time.
#[derive(Debug)]
pub struct Deflater {
    compress: Compress,
    inflate: Decompress,
}

impl Default for Deflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Deflater {
    /// A deflater; it holds some 300 KB of working memory.
    #[must_use]
    pub fn new() -> Self {
        Deflater { compress: Compress::new(Compression::fast(), false), inflate: Decompress::new(false) }
    }

    /// The message as it goes into a frame: raw deflate with a sync flush, the flush marker removed.
    #[must_use]
    pub fn compress(&mut self, payload: &[u8]) -> Vec<u8> {
        self.compress.reset();
        let mut out = Vec::with_capacity(payload.len() / 2 + 64);
        loop {
            let rest = &payload[self.compress.total_in() as usize..];
            self.compress
                .compress_vec(rest, &mut out, FlushCompress::Sync)
                .expect("a freshly reset raw stream accepts any input and a sync flush");
            // Room left in the output is how zlib says that the flush is complete.
            if out.len() < out.capacity() {
                break;
            }
            out.reserve(out.len());
        }
        if out.ends_with(&FLUSH_MARKER) {
            out.truncate(out.len() - FLUSH_MARKER.len());
        }
        out
    }

    /// The inflated message, provided that it has no more than `bytes_max` bytes.
    pub fn decompress(&mut self, data: &[u8], bytes_max: usize) -> Result<Vec<u8>, TooBigOrBad> {
        self.inflate.reset(false);
        let mut out = Vec::with_capacity(data.len().saturating_mul(3).min(bytes_max.saturating_add(1)));
        if self.inflate_into(&mut out, data, bytes_max)? != Status::StreamEnd {
            self.inflate_into(&mut out, &FLUSH_MARKER, bytes_max)?;
        }
        Ok(out)
    }

    /// Inflates all of `input`. The output grows step by step and never beyond one byte more than allowed.
    fn inflate_into(
        &mut self,
        out: &mut Vec<u8>,
        input: &[u8],
        bytes_max: usize,
    ) -> Result<Status, TooBigOrBad> {
        let start = self.inflate.total_in();
        loop {
            let rest = &input[(self.inflate.total_in() - start) as usize..];
            let status = self
                .inflate
                .decompress_vec(rest, out, FlushDecompress::Sync)
                .map_err(|_| TooBigOrBad::Bad)?;
            if out.len() > bytes_max {
                return Err(TooBigOrBad::TooBig);
            }
            if status == Status::StreamEnd || out.len() < out.capacity() {
                return Ok(status);
            }
            out.reserve_exact(out.len().max(256).min(bytes_max - out.len() + 1));
        }
    }
}

/// The answer to a `Sec-WebSocket-Extensions` request header: `Some` as soon as one offer in it is acceptable.
///
/// An offer that limits the server's window is declined, since the deflater always uses the full one.
#[must_use]
pub fn negotiate(offer: &str) -> Option<String> {
    offer.split(',').any(acceptable).then(|| ANSWER.to_owned())
}

fn acceptable(offer: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case("permessage-deflate")) {
        return false;
    }
    let mut seen = Vec::new();
    parts.all(|parameter| {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
            None => (parameter, None),
        };
        let name = name.to_ascii_lowercase();
        let valid = match name.as_str() {
            "server_no_context_takeover" | "client_no_context_takeover" => value.is_none(),
            "client_max_window_bits" => value.is_none_or(is_window_bits),
            _ => false,
        };
        let new = !seen.contains(&name);
        seen.push(name);
        valid && new
    })
}

fn unquote(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

fn is_window_bits(value: &str) -> bool {
    matches!(value, "8" | "9" | "10" | "11" | "12" | "13" | "14" | "15")
}
