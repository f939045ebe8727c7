//! JPEG pictures, padded with comments. Source: ITU-T T.81, annex B.

use std::sync::LazyLock;

use jpeg_encoder::{ColorType, Encoder};

/// Edge of the picture in pixels: small, so that small files can be made too.
const EDGE: u16 = 16;

/// What a comment segment takes besides its text: the marker (FF FE) and a length that counts itself.
const COMMENT_OVERHEAD: usize = 4;

/// The longest text of a comment: a length is at most 65535.
const COMMENT_TEXT: usize = 65_533;

/// A picture of a head before a light wall; empty if it could not be encoded.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let centre = f32::from(EDGE) / 2.0;
    let pixel = |at: u16| {
        let (x, y) = (f32::from(at % EDGE) - centre, f32::from(at / EDGE) - centre);
        if x.hypot(y) < centre * 0.6 { 90 } else { 220 }
    };
    let pixels: Vec<u8> = (0..EDGE * EDGE).map(pixel).collect();
    let mut encoded = Vec::new();
    let mut encoder = Encoder::new(&mut encoded, 60);
    encoder.set_optimized_huffman_tables(true);
    match encoder.encode(&pixels, EDGE, EDGE, ColorType::Luma) {
        Ok(()) => encoded,
        Err(_) => Vec::new(),
    }
});

/// A picture of exactly `size` bytes, or the least number of bytes that one has.
pub(super) fn make(size: usize) -> Result<Vec<u8>, usize> {
    let picture = PICTURE.as_slice();
    let Some((start, rest)) = picture.split_at_checked(2) else { return Err(usize::MAX) };
    let mut padding = size.checked_sub(picture.len()).ok_or(picture.len())?;
    let mut made = Vec::with_capacity(size);
    made.extend_from_slice(start);
    while padding >= COMMENT_OVERHEAD {
        let mut text = (padding - COMMENT_OVERHEAD).min(COMMENT_TEXT);
        // What is left must be nothing, or enough for one more comment.
        let left = padding - COMMENT_OVERHEAD - text;
        if left > 0 && left < COMMENT_OVERHEAD {
            text -= COMMENT_OVERHEAD;
        }
        let length = u16::try_from(text + 2).unwrap_or(u16::MAX);
        made.extend_from_slice(&[0xff, 0xfe]);
        made.extend_from_slice(&length.to_be_bytes());
        made.resize(made.len() + text, b' ');
        padding -= COMMENT_OVERHEAD + text;
    }
    made.extend_from_slice(rest);
    // One to three bytes are too few for a comment; decoders pass over what follows the end of the picture.
    made.resize(size, 0);
    Ok(made)
}
