//! What a `##` comment says, as Markdown that can stand within a page.

/// The comment's text, without the space that its lines begin with, so that it can neither open a section of the page nor
/// swallow what comes after it.
pub(crate) fn markdown(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    let mut out = String::with_capacity(doc.len());
    let mut fence: Option<&str> = None;
    for line in lines {
        let line = line.get(common..).unwrap_or_default();
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            // A heading stands below that of the declaration.
            (None, None) if line.starts_with('#') => out.push_str("###"),
            _ => {}
        }
        out.push_str(line);
        out.push('\n');
    }
    out.extend(fence.map(|mark| format!("{mark}\n")));
    out.trim_end().to_owned()
}

/// The first paragraph, in one line.
pub(crate) fn summary(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_within_its_entry() {
        assert_eq!(markdown(" One.\n\n     - visit: \"/\"\n # Two"), "One.\n\n    - visit: \"/\"\n#### Two");
        assert_eq!(markdown("```\n# not a heading"), "```\n# not a heading\n```");
        assert_eq!(summary("\nOne\ntwo.\n\nThree."), "One two.");
    }
}
