//! Draws the board: whether this goes well first, then why. What is less important is left out of a small terminal.

use esr_debrief::goals::GoalSoFar;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    board::{Board, ProbePhase, Standing, StepRow, standing},
    layout::{Section, share},
};
use esr_debrief::duration;

/// From so many columns on, goals and probes stand side by side, and steps show as bars where personas are.
const WIDE: usize = 100;

/// Columns of a figure in the steps' table: a count, a duration.
const COUNT: usize = 7;
const TIME: usize = 10;

/// Columns of a step's name at least: room for `STEPS +12`.
const NAME: usize = 10;

/// What the view is painted with.
#[derive(Clone, Copy, Debug)]
pub struct Colours {
    good: Style,
    bad: Style,
    note: Style,
    faint: Style,
    strong: Style,
}

impl Colours {
    /// Colours, unless `NO_COLOR` is set (<https://no-color.org>).
    pub fn of_the_environment() -> Self {
        if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) { Self::none() } else { Self::all() }
    }

    /// Those that every terminal has.
    pub fn all() -> Self {
        let colour = |colour| Style::new().fg(colour);
        Self {
            good: colour(Color::Green),
            bad: colour(Color::Red).add_modifier(Modifier::BOLD),
            note: colour(Color::Yellow),
            // A grey of its own would vanish on some backgrounds.
            faint: Style::new().add_modifier(Modifier::DIM),
            strong: Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// Weight alone.
    pub fn none() -> Self {
        let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
        Self { good: plain, bad: bold, note: plain, faint: plain, strong: bold }
    }
}

/// Draws `board` into `area`, whatever its size.
pub fn draw(board: &Board, colours: Colours, area: Rect, buffer: &mut Buffer) {
    let view = View { board, colours };
    let margin = u16::from(area.width >= 40);
    let width = usize::from(area.width.saturating_sub(2 * margin));
    let sections = view.sections(width);
    let heights = share(&sections, usize::from(area.height));
    let mut y = area.y;
    for (section, height) in sections.into_iter().zip(heights) {
        y += height.gap;
        for line in section.cut(usize::from(height.lines)) {
            let row = Rect { x: area.x + margin, y, width: area.width - 2 * margin, height: 1 };
            line.render(row, buffer);
            y += 1;
        }
    }
}

struct View<'a> {
    board: &'a Board,
    colours: Colours,
}

impl View<'_> {
    /// From top to bottom.
    fn sections(&self, width: usize) -> Vec<Section> {
        let goals = self.board.goals();
        let head = Section { title: 0, ..Section::new(self.head(&goals, width)) };
        let steps = self.board.steps();
        let busiest = steps.iter().position(|step| step.now > 0).unwrap_or(0);
        let steps = Section { around: busiest, ..Section::new(self.steps(&steps, width)) };
        let failures = Section::new(self.failures());
        let missed = goals.iter().enumerate().filter(|(_, goal)| goal.holds == Some(false)).map(|(at, _)| at);
        let preferred = missed.collect();
        if width >= WIDE {
            let half = width / 2;
            let lines = beside(self.goals(goals, half - 2), self.probes(width - half), half);
            let both = Section { preferred, ..Section::new(lines) };
            return vec![head, both, Section::new(Vec::new()), steps, failures];
        }
        let goals = Section { preferred, ..Section::new(self.goals(goals, width)) };
        let probes = Section::new(self.probes(width));
        vec![head, goals, probes, steps, failures]
    }

    fn head(&self, goals: &[GoalSoFar], width: usize) -> Vec<Line<'static>> {
        let (board, colours) = (self.board, self.colours);
        let (style, verdict) = match standing(goals) {
            Standing::Unknown => (colours.faint, "– nothing to tell of the goals yet".to_owned()),
            Standing::Holding(1, 1) => (colours.good, "✓ the goal holds so far".to_owned()),
            Standing::Holding(all, of) if all == of => (colours.good, format!("✓ all {of} goals hold so far")),
            Standing::Holding(some, of) => (colours.good, format!("✓ {some} of {of} goals hold so far")),
            Standing::Missed(1, 1) => (colours.bad, "✗ the goal is missed so far".to_owned()),
            Standing::Missed(some, of) => (colours.bad, format!("✗ {some} of {of} goals missed so far")),
        };
        let (elapsed, bound) = (clock(board.elapsed()), clock(board.bound()));
        let first = ends(
            vec![Span::styled(verdict, style.add_modifier(Modifier::BOLD))],
            &[format!("{elapsed} of at most {bound}"), format!("{elapsed} of {bound}"), elapsed],
            colours.faint,
            width,
        );
        let second = ends(self.counts(width), &[board.scenario().to_owned()], colours.faint, width);
        vec![first, second, self.bar(width)]
    }

    /// How many journeys are where, each with its mark in the bar, its style and its word.
    fn shares(&self) -> Vec<(u32, &'static str, Style, &'static str)> {
        let (board, tally, colours) = (self.board, self.board.tally(), self.colours);
        let failed = tally.failures.values().sum();
        vec![
            (tally.completed, "█", colours.good, "completed"),
            (tally.stopped, "▓", colours.note, "left"),
            (failed, "▒", colours.bad, "failed"),
            (tally.interrupted, "▚", colours.note, "interrupted"),
            (board.active(), "░", colours.faint, "active"),
        ]
    }

    fn counts(&self, width: usize) -> Vec<Span<'static>> {
        let fits = |spans: &Vec<Span>| spans.iter().map(Span::width).sum::<usize>() <= width;
        let fitting =
            [("  ", true), (" ", true)].into_iter().map(|(gap, words)| self.counts_with(gap, words)).find(fits);
        fitting.unwrap_or_else(|| self.counts_with(" ", false))
    }

    fn counts_with(&self, gap: &'static str, words: bool) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for (count, mark, style, word) in self.shares() {
            // What is rare is shown when there is any.
            if count == 0 && matches!(word, "left" | "interrupted") {
                continue;
            }
            if !spans.is_empty() {
                spans.push(Span::raw(gap));
            }
            let style = if count == 0 { self.colours.faint } else { style };
            spans.push(Span::styled(mark, style));
            spans.push(Span::raw(if words { format!(" {count} {word}") } else { format!(" {count}") }));
        }
        spans
    }

    /// All personas, by what became of their journeys.
    fn bar(&self, width: usize) -> Line<'static> {
        let shares = self.shares();
        let total: u64 = shares.iter().map(|(count, ..)| u64::from(*count)).sum();
        let (mut spans, mut before, mut drawn) = (Vec::new(), 0, 0);
        for (count, mark, style, _) in shares {
            before += u64::from(count);
            let end = (before * width as u64).checked_div(total).unwrap_or(0) as usize;
            // One failure among thousands is still seen.
            let end = if count > 0 { end.max(drawn + 1).min(width) } else { end.max(drawn) };
            spans.push(Span::styled(mark.repeat(end - drawn), style));
            drawn = end;
        }
        Line::from(spans)
    }

    fn title(&self, text: &str) -> Span<'static> {
        Span::styled(text.to_owned(), self.colours.strong)
    }

    fn goals(&self, goals: Vec<GoalSoFar>, width: usize) -> Vec<Line<'static>> {
        let colours = self.colours;
        let text = |goal: &GoalSoFar| Span::raw(goal.result.text.clone()).width();
        let most = goals.iter().map(text).max().unwrap_or(0).min(width.saturating_sub(TIME + 4));
        let mut lines =
            vec![Line::from(vec![padded(self.title("GOALS"), most + 3), right("so far", TIME, colours.faint)])];
        for goal in goals {
            let (mark, style) = match goal.holds {
                Some(true) => ("✓ ", colours.good),
                Some(false) => ("✗ ", colours.bad),
                None => ("– ", colours.faint),
            };
            lines.push(Line::from(vec![
                Span::styled(mark, style),
                padded(Span::raw(goal.result.text), most + 1),
                right(&goal.result.measured_text, TIME, style),
            ]));
        }
        lines
    }

    fn probes(&self, width: usize) -> Vec<Line<'static>> {
        let probes = self.board.probes();
        if probes.is_empty() {
            return Vec::new();
        }
        let most = probes.iter().map(|probe| Span::raw(&probe.description).width()).max().unwrap_or(0);
        let most = most.min(width.saturating_sub(14));
        let mut lines = vec![Line::from(self.title("PROBES"))];
        for probe in probes {
            let (mark, style, phase) = match probe.phase {
                ProbePhase::Waiting(0) => ("○ ", self.colours.faint, "waiting".to_owned()),
                ProbePhase::Waiting(time) => ("○ ", self.colours.faint, format!("in {}", clock(time))),
                ProbePhase::InForce(None) => ("● ", self.colours.note, "in force".to_owned()),
                ProbePhase::InForce(Some(time)) => ("● ", self.colours.note, format!("in force, {} left", clock(time))),
                ProbePhase::Over => ("○ ", self.colours.faint, "over".to_owned()),
            };
            lines.push(Line::from(vec![
                Span::styled(mark, style),
                padded(Span::raw(probe.description), most + 2),
                Span::styled(phase, style),
            ]));
        }
        lines
    }

    fn steps(&self, steps: &[StepRow], width: usize) -> Vec<Line<'static>> {
        let colours = self.colours;
        let columns = Columns::of(steps, width);
        let mut header = vec![padded(self.title("STEPS"), columns.name)];
        header.extend(columns.shown().map(|column| right(column.title(), column.width(), colours.faint)));
        let mut lines = vec![Line::from(header)];
        for step in steps {
            let mut line = vec![padded(Span::raw(step.name.to_string()), columns.name)];
            for column in columns.shown() {
                line.push(self.cell(step, column));
            }
            if columns.bar > 0 && step.now > 0 {
                let length = columns.bar * step.now as usize / self.board.total().max(1) as usize;
                line.push(Span::raw("  "));
                line.push(Span::styled("▪".repeat(length.clamp(1, columns.bar)), colours.note));
            }
            lines.push(Line::from(line));
        }
        lines
    }

    fn cell(&self, step: &StepRow, column: Column) -> Span<'static> {
        let colours = self.colours;
        let count =
            |count: u64, style| right(&count.to_string(), COUNT, if count == 0 { colours.faint } else { style });
        let time = |time: Option<u64>| match time {
            Some(time) => right(&duration(time), TIME, Style::new()),
            None => right("–", TIME, colours.faint),
        };
        match column {
            Column::Now => count(step.now.into(), colours.strong),
            Column::Done => count(step.done, Style::new()),
            Column::Failed => count(step.failed, colours.bad),
            Column::P50 => time(step.p50),
            Column::P95 => time(step.p95),
            Column::Max => time(step.max),
        }
    }

    fn failures(&self) -> Vec<Line<'static>> {
        let failures = self.board.tally().failures_by_frequency();
        if failures.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![Line::from(self.title("FAILURES"))];
        for (place, cause, count) in failures {
            lines.push(Line::from(vec![
                right(&count.to_string(), 5, self.colours.bad),
                Span::raw(format!("  at {place} ({cause})")),
            ]));
        }
        lines
    }
}

/// A column of the steps' table besides the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Now,
    Done,
    Failed,
    P50,
    P95,
    Max,
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::Max => "max",
        }
    }

    fn width(self) -> usize {
        if matches!(self, Self::Now | Self::Done | Self::Failed) { COUNT } else { TIME }
    }
}

/// Which columns there is room for, and how wide names and bars may be.
struct Columns {
    name: usize,
    shown: &'static [Column],
    bar: usize,
}

impl Columns {
    fn of(steps: &[StepRow], width: usize) -> Self {
        const CHOICES: [&[Column]; 5] = [
            &[Column::Now, Column::Done, Column::Failed, Column::P50, Column::P95, Column::Max],
            &[Column::Now, Column::Done, Column::Failed, Column::P95],
            &[Column::Now, Column::Failed, Column::P95],
            &[Column::Now, Column::Failed],
            &[],
        ];
        let taken = |shown: &[Column]| shown.iter().map(|column| column.width()).sum::<usize>();
        let least = |shown: &&&[Column]| taken(shown) + NAME <= width;
        let shown = CHOICES.iter().find(least).copied().unwrap_or(&[]);
        let longest =
            steps.iter().map(|step| Span::raw(step.name.as_str()).width()).max().unwrap_or(0).max(NAME - 1) + 1;
        let room = width - taken(shown).min(width);
        let name = longest.max(if width >= WIDE { 24 } else { 0 }).min(room);
        let bar = if width >= WIDE { room.saturating_sub(name + 2) } else { 0 };
        Self { name, shown, bar }
    }

    fn shown(&self) -> impl Iterator<Item = Column> {
        self.shown.iter().copied()
    }
}

/// `span` and as many spaces as make it `width` columns; what is longer is cut, and says so.
fn padded(span: Span<'static>, width: usize) -> Span<'static> {
    let own = span.width();
    if own < width {
        return Span::styled(format!("{}{}", span.content, " ".repeat(width - own)), span.style);
    }
    let mut text = String::new();
    for character in span.content.chars() {
        // The last column parts it from what follows.
        if Span::raw(format!("{text}{character}… ")).width() > width {
            break;
        }
        text.push(character);
    }
    let text = text + if width >= 2 { "… " } else { "" };
    Span::styled(text, span.style)
}

/// `text` at the right of `width` columns.
fn right(text: &str, width: usize, style: Style) -> Span<'static> {
    let own = Span::raw(text).width();
    Span::styled(format!("{}{text}", " ".repeat(width.saturating_sub(own))), style)
}

/// What stands at the left, and at the right the first text that there is room for.
fn ends(left: Vec<Span<'static>>, texts: &[String], style: Style, width: usize) -> Line<'static> {
    let mut line = Line::from(left);
    let room = width.saturating_sub(line.width() + 2);
    if let Some(text) = texts.iter().find(|text| Span::raw(text.as_str()).width() <= room) {
        line.push_span(right(text, room + 2, style));
    }
    line
}

/// Two lists side by side, the second from column `half` on.
fn beside(left: Vec<Line<'static>>, other: Vec<Line<'static>>, half: usize) -> Vec<Line<'static>> {
    let count = left.len().max(other.len());
    let mut other = other.into_iter();
    let mut lines = left;
    lines.resize(count, Line::default());
    for line in &mut lines {
        let room = half.saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(room)));
        line.spans.extend(other.next().unwrap_or_default().spans);
    }
    lines
}

/// `0:07`, `15:00`, `1:00:00`.
fn clock(nanoseconds: u64) -> String {
    let seconds = nanoseconds / 1_000_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
