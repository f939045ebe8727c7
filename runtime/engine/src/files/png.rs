//! PNG pictures, padded with a private chunk. Source: W3C PNG specification; RFC 1950 and RFC 1951 for the pixels.

/// Edge of the picture in pixels.
const EDGE: u32 = 16;

/// Length, type and checksum of a chunk.
const CHUNK_OVERHEAD: usize = 12;

/// A chunk type that is ancillary, private, and safe to copy, as its letters' cases say.
const PADDING: &[u8; 4] = b"paDd";

/// A picture of exactly `size` bytes, or the least number of bytes that one has.
pub(super) fn make(size: usize) -> Result<Vec<u8>, usize> {
    let mut made = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend_from_slice(&EDGE.to_be_bytes());
    header.extend_from_slice(&EDGE.to_be_bytes());
    // Eight bits a pixel, grey; the standard's only compression, filter, and no interlace.
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    chunk(&mut made, b"IHDR", &header);
    let mut end = Vec::new();
    chunk(&mut end, b"IDAT", &pixels());
    chunk(&mut end, b"IEND", &[]);

    let least = made.len() + end.len();
    let padding = size.checked_sub(least).ok_or(least)?;
    if let Some(text) = padding.checked_sub(CHUNK_OVERHEAD) {
        chunk(&mut made, PADDING, &vec![b' '; text]);
    }
    made.extend_from_slice(&end);
    // Too few bytes for a chunk stand after the end, which decoders pass over.
    made.resize(size, 0);
    Ok(made)
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(kind);
    out.extend_from_slice(data);
    let sum = kind.iter().chain(data).fold(u32::MAX, |sum, byte| crc_step(sum, *byte));
    out.extend_from_slice(&(!sum).to_be_bytes());
}

/// CRC-32 with the polynomial of ISO 3309, reflected.
fn crc_step(sum: u32, byte: u8) -> u32 {
    (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
}

/// Grey shades in a zlib stream of one stored block: every row begins with its filter, none.
fn pixels() -> Vec<u8> {
    let row = |y: u32| std::iter::once(0).chain((0..EDGE).map(move |x| (x * 8 + y * 7) as u8));
    let raw: Vec<u8> = (0..EDGE).flat_map(row).collect();
    let length = u16::try_from(raw.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(&raw);
    // Adler-32.
    let (a, b) = raw.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    stream.extend_from_slice(&(b << 16 | a).to_be_bytes());
    stream
}
