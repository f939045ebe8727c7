//! Where words end: names and what is glued to them, byte by byte.

/// The bytes that words are made of.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing)]
        {
            table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        }
        byte += 1;
    }
    table
};

/// Whether `byte` is a letter, a digit or `_`.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    WORD.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Where the word that begins at `start` ends; a `-` belongs to it if more of it follows.
#[inline]
pub(crate) fn end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        at += rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        match bytes.get(at..) {
            Some([b'-', next, ..]) if is_word(*next) => at += 1,
            _ => return at,
        }
    }
}

/// The bytes that mean more than themselves, or nothing, outside quotes.
const MARKS: [bool; 256] = {
    let mut marks = [true; 256];
    let mut byte = b' ';
    while byte < 0x7f {
        #[expect(clippy::indexing_slicing)]
        {
            marks[byte as usize] = matches!(
                byte,
                b'"' | b'#' | b'\'' | b'(' | b')' | b',' | b'/' | b':' | b'=' | b'[' | b']' | b'{' | b'|' | b'}'
            );
        }
        byte += 1;
    }
    marks
};

/// Whether `byte` stands neither in words nor for an operator, and is no space.
#[inline]
pub(crate) fn is_mark(byte: u8) -> bool {
    MARKS.get(usize::from(byte)).copied().unwrap_or(true)
}

/// The word that `words`, which hold no mark, end with; empty if they end with something else.
pub(crate) fn last(words: &[u8]) -> &[u8] {
    let mut rest = words;
    while let Some(byte) = rest.first() {
        let is_word = byte.is_ascii_alphabetic() || *byte == b'_';
        let length = if is_word { end(rest, 0) } else { 1 };
        match rest.get(length..) {
            Some([]) if is_word => return rest,
            next => rest = next.unwrap_or(&[]),
        }
    }
    &[]
}
