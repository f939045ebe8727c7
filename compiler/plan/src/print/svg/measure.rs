//! How wide words are. Which font a reader has is unknown, so they are measured by the widest of the usual ones: what
//! fits here fits everywhere.

use unicode_width::UnicodeWidthChar;

/// A kind of letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Face {
    /// Size in pixels.
    pub size: f64,
    bold: bool,
    code: bool,
}

impl Face {
    /// The picture's title.
    pub const TITLE: Face = Face { size: 18.0, bold: true, code: false };
    /// What a step is called.
    pub const NAME: Face = Face { size: 13.0, bold: true, code: false };
    /// Remarks and labels.
    pub const SMALL: Face = Face { size: 12.0, bold: false, code: false };
    /// What stands in the source.
    pub const CODE: Face = Face { size: 11.5, bold: false, code: true };

    /// Width of `text` in pixels, at most.
    pub fn width(self, text: &str) -> f64 {
        text.chars().map(|character| self.advance(character)).sum()
    }

    fn advance(self, character: char) -> f64 {
        let cells = character.width().unwrap_or(1) as f64;
        if self.code {
            // The usual fixed-width fonts have cells of 0.55 to 0.602 em; wide characters come from another font.
            return self.size * if cells > 1.0 { 1.2 } else { 0.61 * cells };
        }
        // DejaVu Sans and Verdana, the widest of the usual fonts.
        let em = match character {
            ' ' => 0.36,
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | '[' | ']' => 0.46,
            'f' | 'r' | 't' | '-' | '/' | '"' | 'I' | 'J' => 0.5,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 1.08,
            '+' | '=' | '<' | '>' | '~' | '#' | '&' => 0.86,
            'A'..='Z' => 0.83,
            _ if cells > 1.0 => 1.2,
            _ if cells == 0.0 => 0.0,
            _ if character.is_ascii() => 0.66,
            _ => 1.0,
        };
        self.size * em * if self.bold { 1.12 } else { 1.0 }
    }
}

/// Words in lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wrapped {
    /// The lines.
    pub lines: Vec<String>,
    /// Whether some words are left out.
    pub cut: bool,
}

/// Breaks `text` into at most `most` lines of at most `width` pixels, at spaces where there are some; what does not fit is
/// left out, with an ellipsis in its place.
pub(super) fn wrap(text: &str, face: Face, width: f64, most: usize) -> Wrapped {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut taken = 0.0;
    let mut cut = false;
    'words: for word in text.split_whitespace() {
        let space = if line.is_empty() { 0.0 } else { face.width(" ") };
        let wide = face.width(word);
        if taken + space + wide <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            taken += space + wide;
            continue;
        }
        if !line.is_empty() {
            if lines.len() + 1 == most {
                cut = true;
                break;
            }
            lines.push(std::mem::take(&mut line));
            taken = 0.0;
        }
        // A word that is too long for a line of its own is broken where it must be.
        for character in word.chars() {
            let wide = face.width(character.encode_utf8(&mut [0; 4]));
            if taken + wide > width && !line.is_empty() {
                if lines.len() + 1 == most {
                    cut = true;
                    break 'words;
                }
                lines.push(std::mem::take(&mut line));
                taken = 0.0;
            }
            line.push(character);
            taken += wide;
        }
    }
    if cut {
        while face.width(&line) + face.width("…") > width && line.pop().is_some() {}
        line.truncate(line.trim_end().len());
        line.push('…');
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Wrapped { lines, cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_it_may_be_and_nothing_is_lost_silently() {
        let long = "a".repeat(400);
        for text in
            ["", "one", "one two three four five six seven", &long, "日本語のとても長いテキストです ok", "a\u{301}b"]
        {
            for face in [Face::TITLE, Face::NAME, Face::SMALL, Face::CODE] {
                for most in 1..4 {
                    let wrapped = wrap(text, face, 90.0, most);
                    assert!(wrapped.lines.len() <= most, "{text}");
                    assert!(wrapped.lines.iter().all(|line| face.width(line) <= 90.0), "{wrapped:?}");
                    let kept: String = wrapped.lines.concat().split_whitespace().collect();
                    let all: String = text.split_whitespace().collect();
                    match wrapped.cut {
                        false => assert_eq!(kept, all),
                        true => assert!(all.starts_with(kept.strip_suffix('…').unwrap()), "{wrapped:?}"),
                    }
                }
            }
        }
    }
}
