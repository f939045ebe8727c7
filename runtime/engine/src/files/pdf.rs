//! PDF documents of one page, padded with spaces in its content. Source: ISO 32000-1.

/// What the page shows.
const CONTENT: &str = "BT /F1 18 Tf 72 720 Td (Synthetic document) Tj ET\n";

/// A document of exactly `size` bytes, or the least number of bytes that one has.
pub(super) fn make(size: usize) -> Result<Vec<u8>, usize> {
    let least = document(0).len();
    let padding = size.checked_sub(least).ok_or(least)?;
    Ok(document(padding))
}

/// Numbers have a fixed width, so that `padding` spaces make the document that much longer.
fn document(padding: usize) -> Vec<u8> {
    let length = CONTENT.len() + padding;
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {length:010} >>\nstream\n{CONTENT}{}\nendstream", " ".repeat(padding)),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = out.len();
    out.push_str(&table);
    out.push_str(&format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start:010}\n%%EOF\n", objects.len() + 1));
    out.into_bytes()
}
