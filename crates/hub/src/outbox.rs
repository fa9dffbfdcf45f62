//! What waits to be sent on one connection. Counts bytes, knows no cap: [`crate::Core`] asks before it adds.

use std::{collections::VecDeque, io::IoSlice};

use campanile_protocol::Frame;

/// Frames in the order they were emitted. One frame, by far the commonest length, needs no allocation.
#[derive(Default)]
pub struct Outbox {
    frames: Frames,
    bytes: usize,
    /// Bytes of the first frame that are already on the wire.
    sent: usize,
}

#[derive(Default)]
enum Frames {
    #[default]
    None,
    One(Frame),
    Many(VecDeque<Frame>),
}

/// Slices that one gathered write takes; Linux refuses more than 1024.
pub const GATHER_MAX: usize = 256;

impl Outbox {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.frames, Frames::None)
    }

    /// Bytes that wait, WebSocket headers included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a frame at the end.
    pub fn push(&mut self, frame: Frame) {
        self.bytes += frame.websocket_bytes().len();
        match &mut self.frames {
            Frames::None => self.frames = Frames::One(frame),
            Frames::Many(queue) => queue.push_back(frame),
            Frames::One(_) => {
                let Frames::One(first) = std::mem::take(&mut self.frames) else { return };
                self.frames = Frames::Many(VecDeque::from([first, frame]));
            }
        }
    }

    /// The waiting frames, first to last.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        let (one, many) = match &self.frames {
            Frames::None => (None, None),
            Frames::One(frame) => (Some(frame), None),
            Frames::Many(queue) => (None, Some(queue)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// The one frame that waits, from its first unsent byte; `None` if there are none or several.
    #[must_use]
    pub fn single(&self) -> Option<&[u8]> {
        match &self.frames {
            Frames::One(frame) => Some(&frame.websocket_bytes()[self.sent..]),
            _ => None,
        }
    }

    /// Fills `slices` with what to write next, starting at the first unsent byte; returns how many were filled.
    pub fn gather<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        let mut skip = self.sent;
        for (slot, frame) in slices.iter_mut().zip(self.iter()) {
            *slot = IoSlice::new(&frame.websocket_bytes()[skip..]);
            skip = 0;
            filled += 1;
        }
        filled
    }

    /// Notes that `written` bytes are on the wire and drops the frames that are complete.
    pub fn advance(&mut self, written: usize) {
        self.bytes -= written.min(self.bytes);
        self.sent += written;
        match &mut self.frames {
            Frames::None => self.sent = 0,
            Frames::One(frame) => {
                if self.sent >= frame.websocket_bytes().len() {
                    self.clear();
                }
            }
            Frames::Many(queue) => {
                while let Some(front) =
                    queue.front().filter(|front| self.sent >= front.websocket_bytes().len())
                {
                    self.sent -= front.websocket_bytes().len();
                    queue.pop_front();
                }
                if queue.is_empty() {
                    self.clear();
                }
            }
        }
    }

    /// Forgets everything that waits.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the first `count` frames: they went out in a polling answer.
    pub(crate) fn drop_first(&mut self, count: usize) {
        let bytes = self.iter().take(count).map(|frame| frame.websocket_bytes().len()).sum();
        self.advance(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &str) -> Frame {
        Frame::text(body.len(), |out| out.extend_from_slice(body.as_bytes()))
    }

    /// Writes `step` bytes at a time and returns all that went out.
    fn drain(outbox: &mut Outbox, step: usize) -> Vec<u8> {
        let mut wire = Vec::new();
        while !outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]); 2];
            let filled = outbox.gather(&mut slices);
            let chunk: Vec<u8> = slices[..filled].iter().flat_map(|s| s.iter().copied()).take(step).collect();
            wire.extend_from_slice(&chunk);
            outbox.advance(chunk.len());
        }
        wire
    }

    #[test]
    fn frames_leave_whole_and_in_order_however_writes_are_cut() {
        for step in 1..12 {
            for count in 0..5 {
                let mut outbox = Outbox::default();
                let mut expected = Vec::new();
                for i in 0..count {
                    let frame = frame(&format!("42[\"{i}\"]"));
                    expected.extend_from_slice(frame.websocket_bytes());
                    outbox.push(frame);
                }
                assert_eq!(outbox.bytes(), expected.len());
                assert_eq!(drain(&mut outbox, step), expected);
                assert_eq!((outbox.bytes(), outbox.is_empty()), (0, true));
            }
        }
    }
}
