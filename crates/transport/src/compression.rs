//! HTTP compression of polling answers.

use std::io::Write;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

/// A content coding that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    /// The zlib format, as RFC 9110 defines the name.
    Deflate,
}

impl Coding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// The best coding that an `Accept-Encoding` header allows; one with `q=0` is refused.
    pub(crate) fn choose(accept_encoding: &str) -> Option<Self> {
        let weight = |name: &str| {
            accept_encoding.split(',').find_map(|offer| {
                let (coding, parameters) = offer.split_once(';').unwrap_or((offer, ""));
                let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
                coding.trim().eq_ignore_ascii_case(name).then(|| weight.unwrap_or(0.0))
            })
        };
        let any = weight("*").unwrap_or(0.0);
        let (gzip, deflate) = (weight("gzip").unwrap_or(any), weight("deflate").unwrap_or(any));
        match () {
            () if gzip > 0.0 && gzip >= deflate => Some(Self::Gzip),
            () if deflate > 0.0 => Some(Self::Deflate),
            () => None,
        }
    }

    pub(crate) fn compress(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let out = Vec::with_capacity(bytes.len() / 2);
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(out, Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(out, Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Coding;

    #[test]
    fn the_preferred_acceptable_coding_is_chosen() {
        for (header, expected) in [
            ("gzip, deflate, br", Some(Coding::Gzip)),
            ("deflate", Some(Coding::Deflate)),
            ("gzip;q=0.2, deflate;q=0.9", Some(Coding::Deflate)),
            ("gzip;q=0", None),
            ("br", None),
            ("*", Some(Coding::Gzip)),
            ("", None),
        ] {
            assert_eq!(Coding::choose(header), expected, "{header}");
        }
    }
}
