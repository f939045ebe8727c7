//! Files that are made when they are uploaded: exactly as long as stated, with the right content for their extension.

mod jpeg;
mod pdf;
mod png;

use bytes::Bytes;
use scn_plan::FileSpec;

/// The extension of a file's name, in small letters.
fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// The media type that a browser gives for a file of this name.
pub(crate) fn media_type(name: &str) -> &'static str {
    match extension(name).as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// The content of `file`. Pictures and documents open; anything else is bytes. The same file always has the same bytes.
///
/// The error says what is wrong with the stated size.
pub fn make(file: &FileSpec) -> Result<Bytes, String> {
    let size = usize::try_from(file.size).map_err(|_| format!("{} is too large to be made", file.name))?;
    let made = match extension(&file.name).as_str() {
        "jpg" | "jpeg" => jpeg::make(size),
        "png" => png::make(size),
        "pdf" => pdf::make(size),
        "txt" | "csv" => Ok(text(size)),
        _ => Ok(noise(size)),
    };
    made.map(Bytes::from)
        .map_err(|least| format!("{} cannot be {size} bytes long: such a file has at least {least}", file.name))
}

/// Lines of text.
fn text(size: usize) -> Vec<u8> {
    b"All work and no play makes for a long queue.\n".iter().copied().cycle().take(size).collect()
}

/// Bytes that do not compress well: a linear congruential sequence (Numerical Recipes' constants).
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1u32;
    let step = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 24) as u8)
    };
    std::iter::from_fn(step).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64) -> FileSpec {
        FileSpec { name: name.into(), size }
    }

    #[test]
    fn every_file_is_as_long_as_stated_and_pictures_decode() {
        // Sizes that leave every remainder when the padding is cut into segments.
        for size in (2_000..2_030).chain(65_500..65_560).chain([100_000, 420_000, 1_000_001]) {
            for (name, format) in [("a.jpg", image::ImageFormat::Jpeg), ("a.png", image::ImageFormat::Png)] {
                let made = make(&file(name, size)).expect("large enough");
                assert_eq!(made.len() as u64, size, "{name}");
                if let Err(error) = image::load_from_memory_with_format(&made, format) {
                    panic!("{name} of {size} bytes does not decode: {error}");
                }
            }
        }
        for name in ["a.pdf", "a.txt", "a.bin", "a"] {
            for size in [1_000, 1_001, 420_000] {
                assert_eq!(make(&file(name, size)).expect("large enough").len() as u64, size, "{name}");
            }
        }
        assert_eq!(make(&file("a.bin", 0)), Ok(Bytes::new()));
    }

    #[test]
    fn the_least_size_is_exact() {
        for name in ["a.jpg", "a.png", "a.pdf"] {
            let error = make(&file(name, 1)).expect_err("too small");
            let least: u64 = error.rsplit(' ').next().and_then(|least| least.parse().ok()).expect("a number");
            assert!(make(&file(name, least - 1)).is_err(), "{name}: {error}");
            assert!(make(&file(name, least)).is_ok(), "{name}: {error}");
        }
    }
}
