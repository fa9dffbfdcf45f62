//! Compression of messages: nothing is inflated beyond its cap, what was compressed comes back, and an independent
//! inflater (miniz_oxide; the hub uses zlib-rs) agrees.

#![no_main]

use std::cell::RefCell;

use campanile_protocol::deflate::{Deflater, TooBigOrBad, negotiate};
use libfuzzer_sys::fuzz_target;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

const BYTES_MAX: usize = 1 << 16;

/// What the sender cut off, and an empty last block, so that the stream has an end to be found.
const TRAILER: [u8; 9] = [0, 0, 0xFF, 0xFF, 1, 0, 0, 0xFF, 0xFF];

thread_local! {
    static DEFLATER: RefCell<Deflater> = RefCell::new(Deflater::new());
}

fuzz_target!(|data: &[u8]| {
    DEFLATER.with_borrow_mut(|deflater| {
        inflate(deflater, data);
        let compressed = deflater.compress(data);
        assert_eq!(deflater.decompress(&compressed, data.len()).as_deref(), Ok(data));
        if let Some(one_less) = data.len().checked_sub(1) {
            assert_eq!(deflater.decompress(&compressed, one_less), Err(TooBigOrBad::TooBig));
        }
    });
    if let Ok(offer) = std::str::from_utf8(data) {
        let accepted = negotiate(offer).is_some();
        assert!(!accepted || offer.to_ascii_lowercase().contains("permessage-deflate"));
    }
});

fn inflate(deflater: &mut Deflater, data: &[u8]) {
    let ours = deflater.decompress(data, BYTES_MAX);
    assert!(ours.as_ref().is_ok_and(|inflated| inflated.len() <= BYTES_MAX) || ours.is_err());
    let theirs = decompress_to_vec_with_limit(&[data, &TRAILER].concat(), BYTES_MAX);
    match (ours, theirs) {
        // Where the data stop in the middle of a code, the longer trailer completes more of it.
        (Ok(ours), Ok(theirs)) => assert!(theirs.starts_with(&ours)),
        // miniz_oxide takes sets of codes that zlib calls invalid.
        (Err(TooBigOrBad::Bad), _) | (_, Err(_)) => {}
        (Err(TooBigOrBad::TooBig), Ok(_)) => panic!("it would have fitted"),
    }
}
