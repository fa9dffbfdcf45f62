//! The bridge's events, as clients send and receive them.

use crate::frame;

/// The provider that everyone follows.
pub(crate) const PROVIDER: &str = "bench";

/// What starts a broadcast, on its way to a follower.
pub(crate) const BROADCAST: &[u8] = br#"42["message_from_provider","#;

/// What starts a request, on its way to its provider.
pub(crate) const REQUEST: &[u8] = br#"42["new_request","#;

/// What starts a reply, on its way to its requester.
pub(crate) const REPLY: &[u8] = br#"42["provider_reply","#;

/// The first sequence number: all have the same number of digits, so all messages have the same length.
pub(crate) const FIRST_SEQUENCE: u64 = 1_000_000_000;

/// The payload of a broadcast that is about 120 bytes on the wire.
pub(crate) fn payload(sequence: u64) -> String {
    format!(
        r#"{{"cmd":"showSpeed","data":{{"speed":87.5,"unit":"km/h"}},"provider_id":"bench","seq":{sequence}}}"#
    )
}

/// The same, `bytes` longer.
pub(crate) fn large_payload(sequence: u64, bytes: usize) -> String {
    let filler = "x".repeat(bytes);
    format!(r#"{{"cmd":"showFrame","data":"{filler}","provider_id":"bench","seq":{sequence}}}"#)
}

/// An event that a client sends.
pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    frame::masked(format!(r#"42["{name}",{payload}]"#).as_bytes())
}

/// An event that a client wants to have acknowledged.
pub(crate) fn event_with_ack(name: &str, payload: &str) -> Vec<u8> {
    frame::masked(format!(r#"427["{name}",{payload}]"#).as_bytes())
}

pub(crate) fn broadcast(payload: &str) -> Vec<u8> {
    event("sent_to_my_clients", payload)
}

/// `count` broadcasts of a provider in one piece.
pub(crate) fn burst(count: usize) -> Vec<u8> {
    broadcast(&payload(FIRST_SEQUENCE)).repeat(count)
}

/// What followers get of a broadcast.
pub(crate) fn delivered(payload: &str) -> Vec<u8> {
    [BROADCAST, payload.as_bytes(), b"]"].concat()
}

pub(crate) fn register_client() -> Vec<u8> {
    event_with_ack("register_client", &format!(r#"{{"master_provider_id":"{PROVIDER}"}}"#))
}

pub(crate) fn register_provider(provider_id: &str) -> Vec<u8> {
    event_with_ack("register_provider", &format!(r#"{{"provider_id":"{provider_id}"}}"#))
}

pub(crate) fn request(provider_id: &str, sequence: u64) -> Vec<u8> {
    event(
        "request_provider",
        &format!(r#"{{"to_provider_id":"{provider_id}","cmd":"double_me","data":42,"seq":{sequence}}}"#),
    )
}

/// The reply that a provider sends to a request: everything echoed, and a result.
pub(crate) fn reply(request: &[u8]) -> Option<Vec<u8>> {
    let payload = request.strip_prefix(REQUEST)?.strip_suffix(b"}]")?;
    Some(frame::masked(&[REPLY, payload, br#","result":84}]"#].concat()))
}

/// The sequence number in a message. Some servers sort the fields of an object, so it may be anywhere.
pub(crate) fn sequence(message: &[u8]) -> Option<u64> {
    const FIELD: &[u8] = br#""seq":"#;
    let start = message.windows(FIELD.len()).rposition(|window| window == FIELD)? + FIELD.len();
    let digits = message[start..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_number_is_found_wherever_it_stands() {
        assert_eq!(sequence(br#"42["x",{"seq":17}]"#), Some(17));
        assert_eq!(sequence(br#"42["x",{"seq":8,"z":1}]"#), Some(8));
        assert_eq!(sequence(br#"42["x",{}]"#), None);
    }

    #[test]
    fn a_broadcast_is_about_120_bytes_on_the_wire() {
        assert_eq!(frame::unmasked(&delivered(&payload(FIRST_SEQUENCE))).len(), 124);
    }
}
