//! What the hub makes of bytes, for `differential.mjs`: one case per line in, one line of JSON out.
//!
//! A line is a letter (`s` Socket.IO packet, `f` WebSocket frames, `d` the same with compression) and the input in hex.

use std::{
    io::{BufRead, BufWriter, Write},
    ops::ControlFlow,
};

use campanile_protocol::{
    deflate::Deflater,
    socket,
    websocket::{Decoder, Limits, Message},
};
use serde_json::{Value, json};

/// As in `differential.mjs`.
const MESSAGE_BYTES_MAX: usize = 1_024;
const FRAGMENTS_MAX: usize = 16;

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut deflater = Deflater::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (kind, hex) = line.split_at(1);
        let mut input = bytes(hex);
        let view = match kind {
            "s" => packet(&input),
            kind => frames(&mut input, kind == "d", &mut deflater),
        };
        writeln!(out, "{view}")?;
    }
    out.flush()
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte =
        |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex is ASCII"), 16).expect("it is hex");
    hex.as_bytes().chunks(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn packet(input: &[u8]) -> Value {
    let text = std::str::from_utf8(input).expect("WebSocket text is UTF-8 before it gets here");
    let limits = socket::Limits { attachments_max: 10, json_depth_max: 256 };
    match socket::decode(text, &limits) {
        Ok(packet) => json!({
            "kind": format!("{:?}", packet.kind),
            "attachments": packet.attachments,
            "namespace": packet.namespace,
            "id": packet.id.map(|id| id.to_string()),
            "data": packet.data,
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn frames(input: &mut [u8], deflate: bool, deflater: &mut Deflater) -> Value {
    let limits = Limits { message_bytes_max: MESSAGE_BYTES_MAX, fragments_max: FRAGMENTS_MAX, deflate };
    let mut messages = Vec::new();
    let mut decoder = Decoder::new();
    let result = decoder.feed(input, &limits, Some(deflater), &mut |message| {
        messages.push(match message {
            Message::Text(text) => json!(["text", hex(text.as_bytes())]),
            Message::Binary(bytes) => json!(["binary", hex(bytes)]),
            Message::Ping(payload) => json!(["ping", hex(payload)]),
            Message::Pong(payload) => json!(["pong", hex(payload)]),
            Message::Close(code, reason) => {
                messages.push(json!(["close", code.unwrap_or(1005), reason]));
                return ControlFlow::Break(());
            }
        });
        ControlFlow::Continue(())
    });
    let error = result.err().map(|error| json!({ "code": error.close_code(), "message": error.to_string() }));
    json!({ "messages": messages, "error": error, "idle": decoder.is_idle() })
}
