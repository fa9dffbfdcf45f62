//! Raw JSON text: validated, searched and spliced, never built into a tree.
//!
//! [`scan_value`] and [`array_items`] judge untrusted text; everything else relies on text that one of them has accepted
//! (on other text the answers are useless, but nothing panics). Numbers stay text, and what a member means is none of
//! this module's business.
//!
//! The grammar is RFC 8259 to the letter. Like in `JSON.parse`, an escaped lone surrogate is allowed.

mod object;
mod scan;
mod string;

pub use object::{ObjectEntries, get, object_entries, with_members};
pub use scan::{JsonError, array_items, scan_value};
pub use string::{RawString, string, write_string};

pub(crate) use scan::skip_whitespace;
pub(crate) use string::string_end;

/// Length of the run at the start of `bytes` that is plain inside a JSON string: no quote, backslash or control
/// character. Looks at eight bytes at a time, for strings are most of what a packet consists of.
fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        // Subtracting borrows into the high bit of a byte that is smaller. A borrow can only mislead about bytes after the
        // first hit, and the first hit is all that counts.
        let hits = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        if hits & HIGHS != 0 {
            return index * 8 + (hits & HIGHS).trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    words.len() * 8 + tail.unwrap_or(rest.len())
}
