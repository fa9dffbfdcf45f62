//! Packet to frame. Arguments are raw JSON and trusted to be valid; namespaces come without comma.

use crate::Frame;
use crate::json::write_string;

/// Room for what isn't argument or name: types, attachment count, ack id, brackets, quotes.
const OVERHEAD_BYTES: usize = 32;

/// An event. With attachments it is a binary event, and that many binary frames must follow it.
#[must_use]
pub fn event(namespace: &str, id: Option<u64>, name: &str, args: &[&str], attachments: usize) -> Frame {
    let digit = if attachments > 0 { b'5' } else { b'2' };
    Frame::text(size_hint(namespace, args) + name.len(), |out| {
        write_prefix(out, digit, attachments, namespace);
        if let Some(id) = id {
            write_number(out, id);
        }
        out.push(b'[');
        write_string(out, name);
        for arg in args {
            out.push(b',');
            out.extend_from_slice(arg.as_bytes());
        }
        out.push(b']');
    })
}

/// The answer to an event. With attachments it is a binary ack.
#[must_use]
pub fn ack(namespace: &str, id: u64, args: &[&str], attachments: usize) -> Frame {
    let digit = if attachments > 0 { b'6' } else { b'3' };
    Frame::text(size_hint(namespace, args), |out| {
        write_prefix(out, digit, attachments, namespace);
        write_number(out, id);
        out.push(b'[');
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(arg.as_bytes());
        }
        out.push(b']');
    })
}

/// Confirms that the client has joined; `data` is a raw JSON object, or empty.
#[must_use]
pub fn connect(namespace: &str, data: &str) -> Frame {
    bare(b'0', namespace, data)
}

/// Refuses to let the client join; `data` is a raw JSON object or string.
#[must_use]
pub fn connect_error(namespace: &str, data: &str) -> Frame {
    bare(b'4', namespace, data)
}

/// Tells the client that it has left the namespace.
#[must_use]
pub fn disconnect(namespace: &str) -> Frame {
    bare(b'1', namespace, "")
}

fn bare(digit: u8, namespace: &str, data: &str) -> Frame {
    Frame::text(size_hint(namespace, &[data]), |out| {
        write_prefix(out, digit, 0, namespace);
        out.extend_from_slice(data.as_bytes());
    })
}

fn size_hint(namespace: &str, args: &[&str]) -> usize {
    args.iter().map(|arg| arg.len() + 1).sum::<usize>() + namespace.len() + OVERHEAD_BYTES
}

fn write_prefix(out: &mut Vec<u8>, digit: u8, attachments: usize, namespace: &str) {
    out.extend_from_slice(&[b'4', digit]);
    if attachments > 0 {
        write_number(out, attachments as u64);
        out.push(b'-');
    }
    if namespace != "/" {
        out.extend_from_slice(namespace.as_bytes());
        out.push(b',');
    }
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}
