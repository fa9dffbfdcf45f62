//! Bytes to packets and back: WebSocket frames, Engine.IO 4, Socket.IO 5.
//!
//! From the wire inwards: [`websocket`] cuts client bytes into messages (inflating them with [`deflate`] where that was
//! negotiated), [`engine`] reads Engine.IO packets and polling payloads, [`socket`] reads Socket.IO packets, whose
//! arguments stay the raw text that [`json`] validates, finds and splices. Outwards everything is a [`Frame`], encoded
//! once and shared by all its recipients.
//!
//! Nothing here does I/O, reads a clock, is async or panics on what a client sends. What a packet means, and who may send
//! it, is decided elsewhere.

#![forbid(unsafe_code)]

pub mod deflate;
pub mod engine;
pub mod frame;
pub mod json;
pub mod socket;
pub mod websocket;

pub use frame::Frame;
