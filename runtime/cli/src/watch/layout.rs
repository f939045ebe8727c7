//! Who gets how many lines of a screen.

use ratatui::text::Line;

/// Lines that belong together, the title first.
pub struct Section {
    /// How many lines of title there are, which stay when others are cut.
    pub title: usize,
    /// All lines.
    pub lines: Vec<Line<'static>>,
    /// The line after the title that has to be seen if not all can be.
    pub around: usize,
    /// Lines after the title that have to be seen wherever they are, if not all can be.
    pub preferred: Vec<usize>,
}

/// A section's share of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Height {
    /// Empty lines above it.
    pub gap: u16,
    /// Lines of its own.
    pub lines: u16,
}

impl Section {
    /// A section with one line of title.
    pub fn new(lines: Vec<Line<'static>>) -> Self {
        Self { title: 1, lines, around: 0, preferred: Vec::new() }
    }

    /// So many lines of it; the title says how many are missing, if some are.
    pub fn cut(self, height: usize) -> Vec<Line<'static>> {
        if self.lines.len() <= height {
            return self.lines;
        }
        let titles = self.title.min(height);
        let (room, rows) = (height - titles, self.lines.len() - titles);
        let missing = rows - room;
        // One line of what went before gives a sense of place.
        let first = if titles == 0 { 0 } else { self.around.saturating_sub(1).min(missing) };
        let mut chosen: Vec<usize> = self.preferred.into_iter().take(room).collect();
        let others: Vec<usize> = (first..rows).filter(|row| !chosen.contains(row)).take(room - chosen.len()).collect();
        chosen.extend(others);
        let mut lines = self.lines;
        let mut shown: Vec<_> = lines.drain(..titles).collect();
        let rows = lines.into_iter().enumerate().filter(|(row, _)| chosen.contains(row));
        shown.extend(rows.map(|(_, line)| line));
        if let Some(title) = shown.first_mut().filter(|_| titles > 0).and_then(|line| line.spans.first_mut()) {
            let text = format!("{} +{missing}", title.content.trim_end());
            // What stands beside it stays where it is.
            title.content = format!("{text:<0$}", title.width()).into();
        }
        shown
    }
}

/// Shares `height` lines among head, goals, probes, steps and failures: first what each needs to say anything, in the
/// order of importance, then the rest of each, then gaps between them.
pub fn share(sections: &[Section], height: usize) -> Vec<Height> {
    const HEAD: usize = 0;
    const GOALS: usize = 1;
    const PROBES: usize = 2;
    const STEPS: usize = 3;
    const FAILURES: usize = 4;
    const ALL: usize = usize::MAX;
    const ORDER: [(usize, usize); 10] = [
        (HEAD, 2),
        (GOALS, 3),
        (STEPS, 4),
        (HEAD, ALL),
        (FAILURES, 3),
        (PROBES, 2),
        (GOALS, ALL),
        (STEPS, ALL),
        (PROBES, ALL),
        (FAILURES, ALL),
    ];
    let mut heights = vec![Height::default(); sections.len()];
    let mut left = height;
    for (at, most) in ORDER {
        let Some(section) = sections.get(at) else { continue };
        let has = usize::from(heights[at].lines);
        let wanted = section.lines.len().min(most).saturating_sub(has);
        let given = wanted.min(left);
        // A title alone says nothing.
        if has + given <= section.title && section.lines.len() > section.title {
            continue;
        }
        heights[at].lines += u16::try_from(given).unwrap_or(0);
        left -= given;
    }
    for height in heights.iter_mut().skip(1).filter(|height| height.lines > 0) {
        height.gap = u16::from(left > 0);
        left = left.saturating_sub(1);
    }
    heights
}
