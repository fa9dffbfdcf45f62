//! Compression and its negotiation.

use campanile_protocol::deflate::{Deflater, TooBigOrBad, negotiate};
use proptest::prelude::*;

#[test]
fn example_of_the_rfc_inflates() {
    let hello = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
    assert_eq!(Deflater::new().decompress(&hello, 5).unwrap(), b"Hello");
}

#[test]
fn stream_ended_by_a_final_block_inflates() {
    let hello = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00];
    assert_eq!(Deflater::new().decompress(&hello, 5).unwrap(), b"Hello");
}

#[test]
fn empty_message_is_one_zero_byte() {
    let mut deflater = Deflater::new();
    assert_eq!(deflater.compress(b""), [0]);
    assert_eq!(deflater.decompress(&[0], 0).unwrap(), b"");
}

#[test]
fn messages_do_not_depend_on_each_other() {
    let mut deflater = Deflater::new();
    let first = deflater.compress(b"the same text twice");
    assert_eq!(deflater.compress(b"the same text twice"), first);
    assert_eq!(Deflater::new().decompress(&first, 100).unwrap(), b"the same text twice");
}

#[test]
fn bomb_is_stopped_at_the_limit() {
    let mut deflater = Deflater::new();
    let bomb = deflater.compress(&vec![0; 10_000_000]);
    assert!(bomb.len() < 100_000);
    assert_eq!(deflater.decompress(&bomb, 9_999_999), Err(TooBigOrBad::TooBig));
    assert_eq!(deflater.decompress(&bomb, 1_000).unwrap_err(), TooBigOrBad::TooBig);
    assert_eq!(deflater.decompress(&bomb, 10_000_000).unwrap().len(), 10_000_000);
}

#[test]
fn garbage_is_refused_and_leaves_the_deflater_usable() {
    let mut deflater = Deflater::new();
    assert_eq!(deflater.decompress(&[0xFF; 20], 1000), Err(TooBigOrBad::Bad));
    let good = deflater.compress(b"good");
    assert_eq!(deflater.decompress(&good, 4).unwrap(), b"good");
}

#[test]
fn acceptable_offers_get_the_one_answer() {
    let answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    for offer in [
        "permessage-deflate",
        "Permessage-Deflate; Client_Max_Window_Bits",
        "permessage-deflate; client_max_window_bits=15",
        "permessage-deflate ; client_max_window_bits = \"10\"",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "x-webkit-deflate-frame, permessage-deflate",
        "permessage-deflate; server_max_window_bits=10, permessage-deflate",
    ] {
        assert_eq!(negotiate(offer).as_deref(), Some(answer), "{offer}");
    }
}

#[test]
fn other_offers_are_declined() {
    for offer in [
        "",
        "x-webkit-deflate-frame",
        "permessage-deflate; unknown",
        "permessage-deflate;",
        "permessage-deflate; server_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=08",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; SERVER_no_context_takeover",
    ] {
        assert_eq!(negotiate(offer), None, "{offer}");
    }
}

proptest! {
    #[test]
    fn round_trip(payload in prop::collection::vec(any::<u8>(), 0..5000), repeat in 1..20usize) {
        let payload = payload.repeat(repeat);
        let mut deflater = Deflater::new();
        let compressed = deflater.compress(&payload);
        prop_assert!(!compressed.ends_with(&[0, 0, 0xFF, 0xFF]));
        prop_assert_eq!(deflater.decompress(&compressed, payload.len()), Ok(payload.clone()));
        if let Some(too_little) = payload.len().checked_sub(1) {
            prop_assert_eq!(deflater.decompress(&compressed, too_little), Err(TooBigOrBad::TooBig));
        }
    }

    #[test]
    fn arbitrary_data_never_exceeds_the_limit(data in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(inflated) = Deflater::new().decompress(&data, 500) {
            prop_assert!(inflated.len() <= 500);
        }
    }
}
