//! WebSocket frames, client side: whole text frames with a mask out, whole unmasked frames in.

/// A client may choose any mask; a constant one makes frames that can be built once.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x1e, 0x97];

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;

/// A text message as a client sends it.
pub(crate) fn masked(text: &[u8]) -> Vec<u8> {
    let mut frame = header(text.len(), 0x80);
    frame.extend_from_slice(&MASK);
    frame.extend(text.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A text message as a server sends it.
pub(crate) fn unmasked(text: &[u8]) -> Vec<u8> {
    let mut frame = header(text.len(), 0);
    frame.extend_from_slice(text);
    frame
}

fn header(length: usize, mask_bit: u8) -> Vec<u8> {
    let mut header = vec![0x80 | TEXT];
    match length {
        0..126 => header.push(mask_bit | length as u8),
        126..0x1_0000 => {
            header.push(mask_bit | 126);
            header.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            header.push(mask_bit | 127);
            header.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    header
}

/// What a server sent.
pub(crate) enum Received<'a> {
    Text(&'a [u8]),
    Close,
    Other,
}

/// The first frame in `input` and its length on the wire; `None` while it is incomplete.
pub(crate) fn read(input: &[u8]) -> Option<(Received<'_>, usize)> {
    let (start, length) = match *input.get(1)? & 0x7f {
        126 => (4, u16::from_be_bytes(input.get(2..4)?.try_into().ok()?) as usize),
        127 => (10, u64::from_be_bytes(input.get(2..10)?.try_into().ok()?) as usize),
        length => (2, length as usize),
    };
    let payload = input.get(start..start + length)?;
    let received = match input[0] & 0x0f {
        TEXT => Received::Text(payload),
        CLOSE => Received::Close,
        _ => Received::Other,
    };
    Some((received, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_class_are_read_back() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = vec![b'x'; length];
            let frame = unmasked(&text);
            assert!(read(&frame[..frame.len() - 1]).is_none());
            let (Received::Text(read_back), used) = read(&frame).expect("the frame is complete") else {
                panic!("it is a text frame");
            };
            assert_eq!((read_back, used), (&text[..], frame.len()));
        }
    }

    #[test]
    fn a_masked_frame_shows_its_text_under_the_mask() {
        let frame = masked(b"42[]");
        assert_eq!(frame[..2], [0x81, 0x84]);
        let text: Vec<u8> = frame[6..].iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m).collect();
        assert_eq!(text, b"42[]");
    }
}
