//! Reassembles messages from whatever pieces the network delivers.

use std::ops::ControlFlow;

use super::header::{Header, Opcode, unmask};
use super::{Error, Limits, Message};
use crate::deflate::{Deflater, TooBigOrBad};

/// Reassembles messages. While no partial frame or message is held it is one null pointer, so idle connections cost
/// nothing; buffers are given back as soon as what they held is complete.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Option<Box<Held>>,
}

/// What waits for more bytes.
#[derive(Debug, Default)]
struct Held {
    /// The start of a frame that the last read cut off, still masked.
    tail: Vec<u8>,
    fragments: Option<Fragments>,
}

/// The fragments of a message so far, unmasked.
#[derive(Debug)]
struct Fragments {
    kind: Kind,
    compressed: bool,
    count: usize,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Binary,
}

/// What one call of `feed` works with.
struct Feed<'f> {
    limits: &'f Limits,
    inflater: Option<&'f mut Deflater>,
    each: &'f mut dyn FnMut(Message<'_>) -> ControlFlow<()>,
}

impl Decoder {
    /// A decoder for a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no partial message is held.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.held.is_none()
    }

    /// Consumes all of `input`, unmasking in place, and calls `each` for every complete message and control frame, in
    /// order. Complete frames are handed out without a copy; an incomplete tail is kept for the next call.
    ///
    /// On [`ControlFlow::Break`] the rest of the input is dropped. After an error the decoder must not be used again.
    pub fn feed(
        &mut self,
        input: &mut [u8],
        limits: &Limits,
        inflater: Option<&mut Deflater>,
        each: &mut dyn FnMut(Message<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut feed = Feed { limits, inflater, each };
        if let ControlFlow::Continue(rest) = self.complete_tail(input, &mut feed)? {
            self.frames(rest, &mut feed)?;
        }
        if self.held.as_ref().is_some_and(|held| held.tail.is_empty() && held.fragments.is_none()) {
            self.held = None;
        }
        Ok(())
    }

    /// Finishes the frame that an earlier read cut off, and returns the input that is left after it.
    fn complete_tail<'i>(
        &mut self,
        mut input: &'i mut [u8],
        feed: &mut Feed<'_>,
    ) -> Result<ControlFlow<(), &'i mut [u8]>, Error> {
        let Some(held) = self.held.as_mut().filter(|held| !held.tail.is_empty()) else {
            return Ok(ControlFlow::Continue(input));
        };
        let mut tail = std::mem::take(&mut held.tail);
        loop {
            let header = self.header(&tail, feed.limits)?;
            let missing = header.map_or(1, |header| header.frame_len() - tail.len());
            if let Some(header) = header
                && missing == 0
            {
                let flow = self.frame(header, &mut tail, feed)?;
                return Ok(flow.map_continue(|()| input));
            }
            if input.is_empty() {
                self.held.get_or_insert_default().tail = tail;
                return Ok(ControlFlow::Continue(input));
            }
            let (next, rest) = input.split_at_mut(missing.min(input.len()));
            tail.extend_from_slice(next);
            input = rest;
        }
    }

    /// Hands out the complete frames of `input` and keeps what is cut off.
    fn frames(&mut self, mut input: &mut [u8], feed: &mut Feed<'_>) -> Result<(), Error> {
        while !input.is_empty() {
            match self.header(input, feed.limits)? {
                Some(header) if header.frame_len() <= input.len() => {
                    let (frame, rest) = input.split_at_mut(header.frame_len());
                    input = rest;
                    if self.frame(header, frame, feed)?.is_break() {
                        break;
                    }
                }
                _ => {
                    self.held.get_or_insert_default().tail = input.to_vec();
                    break;
                }
            }
        }
        Ok(())
    }

    /// The header at the start of `bytes`, checked against the limits and the message it belongs to. Nothing has been
    /// reserved for the payload at this point, nor will be before it arrives.
    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Option<Header>, Error> {
        let Some(header) = Header::parse(bytes)? else { return Ok(None) };
        if header.opcode.is_control() {
            return Ok(Some(header));
        }
        if header.compressed && !limits.deflate {
            return Err(Error::ReservedBits);
        }
        let fragments = self.held.as_ref().and_then(|held| held.fragments.as_ref());
        if fragments.is_some() != (header.opcode == Opcode::Continuation) {
            return Err(Error::BadContinuation);
        }
        let (held_bytes, count) =
            fragments.map_or((0, 0), |fragments| (fragments.bytes.len(), fragments.count));
        if header.payload_len > limits.message_bytes_max.saturating_sub(held_bytes) as u64 {
            return Err(Error::TooBig);
        }
        if count >= limits.fragments_max {
            return Err(Error::TooManyFragments);
        }
        Ok(Some(header))
    }

    fn frame(
        &mut self,
        header: Header,
        frame: &mut [u8],
        feed: &mut Feed<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let payload = &mut frame[header.len..];
        unmask(payload, header.mask);
        match header.opcode {
            Opcode::Ping => Ok((feed.each)(Message::Ping(payload))),
            Opcode::Pong => Ok((feed.each)(Message::Pong(payload))),
            Opcode::Close => Ok((feed.each)(close_message(payload)?)),
            Opcode::Text => self.begin(Kind::Text, header, payload, feed),
            Opcode::Binary => self.begin(Kind::Binary, header, payload, feed),
            Opcode::Continuation => self.continuation(header, payload, feed),
        }
    }

    fn begin(
        &mut self,
        kind: Kind,
        header: Header,
        payload: &[u8],
        feed: &mut Feed<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        if header.fin {
            return feed.message(kind, header.compressed, payload);
        }
        let fragments = Fragments { kind, compressed: header.compressed, count: 1, bytes: payload.to_vec() };
        self.held.get_or_insert_default().fragments = Some(fragments);
        Ok(ControlFlow::Continue(()))
    }

    fn continuation(
        &mut self,
        header: Header,
        payload: &[u8],
        feed: &mut Feed<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let fragments = self.held.as_mut().and_then(|held| held.fragments.take());
        let mut fragments = fragments.ok_or(Error::BadContinuation)?;
        fragments.bytes.extend_from_slice(payload);
        fragments.count += 1;
        if header.fin {
            return feed.message(fragments.kind, fragments.compressed, &fragments.bytes);
        }
        self.held.get_or_insert_default().fragments = Some(fragments);
        Ok(ControlFlow::Continue(()))
    }
}

impl Feed<'_> {
    /// Hands out a complete message, inflated if need be.
    fn message(&mut self, kind: Kind, compressed: bool, payload: &[u8]) -> Result<ControlFlow<()>, Error> {
        if !compressed {
            return self.deliver(kind, payload);
        }
        let inflater = self.inflater.as_mut().ok_or(Error::ReservedBits)?;
        let inflated =
            inflater.decompress(payload, self.limits.message_bytes_max).map_err(|error| match error {
                TooBigOrBad::TooBig => Error::TooBig,
                TooBigOrBad::Bad => Error::BadDeflate,
            })?;
        self.deliver(kind, &inflated)
    }

    fn deliver(&mut self, kind: Kind, payload: &[u8]) -> Result<ControlFlow<()>, Error> {
        Ok((self.each)(match kind {
            Kind::Text => Message::Text(utf8(payload)?),
            Kind::Binary => Message::Binary(payload),
        }))
    }
}

fn close_message(payload: &[u8]) -> Result<Message<'_>, Error> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(Message::Close(None, "")) } else { Err(Error::BadClosePayload) };
    };
    // 1004 to 1006 and 1015 are for local use; below 1000 and from 1016 to 2999 nothing is assigned.
    match u16::from_be_bytes(*code) {
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Ok(Message::Close(Some(code), utf8(reason)?)),
        _ => Err(Error::BadCloseCode),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::InvalidUtf8)
}
