//! The view of a run that is told event by event, at fixed times.

mod story;

use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Rect, style::Color};

use super::{
    board::{Board, ProbePhase, Standing, standing},
    view::{Colours, draw},
};
use story::{END, MIDDLE, START, told_until};

/// What a terminal of this size shows.
fn screen(board: &Board, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal
        .draw(|frame| draw(board, Colours::none(), frame.area(), frame.buffer_mut()))
        .expect("a screen that can be drawn on");
    text(terminal.backend().buffer())
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let rows = rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_terminal_of_the_usual_size() {
    insta::assert_snapshot!("start-80x24", screen(&told_until(START), 80, 24));
    insta::assert_snapshot!("middle-80x24", screen(&told_until(MIDDLE), 80, 24));
    insta::assert_snapshot!("end-80x24", screen(&told_until(END), 80, 24));
}

#[test]
fn a_large_terminal() {
    insta::assert_snapshot!("start-120x40", screen(&told_until(START), 120, 40));
    insta::assert_snapshot!("middle-120x40", screen(&told_until(MIDDLE), 120, 40));
    insta::assert_snapshot!("end-120x40", screen(&told_until(END), 120, 40));
}

#[test]
fn a_small_terminal() {
    insta::assert_snapshot!("start-40x10", screen(&told_until(START), 40, 10));
    insta::assert_snapshot!("middle-40x10", screen(&told_until(MIDDLE), 40, 10));
    insta::assert_snapshot!("end-40x10", screen(&told_until(END), 40, 10));
}

proptest! {
    #[test]
    fn any_size_can_be_drawn_on(width in 1_u16..=200, height in 1_u16..=60, until in 0_u64..=END) {
        let area = Rect::new(0, 0, width, height);
        for colours in [Colours::none(), Colours::all()] {
            let mut buffer = Buffer::empty(area);
            draw(&told_until(until), colours, area, &mut buffer);
            // Whether this goes well is said first, wherever there is room for anything.
            let first = buffer.content.iter().map(|cell| cell.symbol()).find(|symbol| *symbol != " ");
            prop_assert!(matches!(first, Some("✓" | "✗" | "–")), "{}", text(&buffer));
        }
    }
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let area = Rect::new(0, 0, 80, 24);
    for (colours, wanted) in [(Colours::none(), false), (Colours::all(), true)] {
        let mut buffer = Buffer::empty(area);
        draw(&told_until(END), colours, area, &mut buffer);
        let coloured = buffer.content.iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, wanted);
    }
}

#[test]
fn a_step_counts_those_at_it_those_through_and_those_that_failed() {
    let board = told_until(MIDDLE);
    let rows: Vec<_> = board.steps().into_iter().map(|row| (row.name, row.now, row.done, row.failed)).collect();
    // The one that failed did so at the submission that is charged to `fill`, while it was at `expect`.
    assert_eq!(
        rows,
        [
            ("visit".into(), 0, 20, 0),
            ("fill".into(), 0, 19, 1),
            ("expect".into(), 8, 11, 0),
            ("return".into(), 3, 8, 0)
        ]
    );
    assert_eq!((board.active(), board.tally().completed), (11, 8));
    let end = told_until(END);
    assert!(end.steps().iter().all(|row| row.now == 0), "{:?}", end.steps());
    // Whoever is cut off is neither through with a step nor failed there.
    assert_eq!(end.steps()[2].done + end.steps()[3].done, 17 + 17);
}

#[test]
fn probes_wait_are_in_force_and_are_over() {
    let phases = |until| -> Vec<_> { told_until(until).probes().into_iter().map(|probe| probe.phase).collect() };
    let seconds = |seconds: u64| seconds * 1_000_000_000;
    assert_eq!(phases(START), [ProbePhase::Waiting(seconds(5)), ProbePhase::Waiting(seconds(60))]);
    assert_eq!(phases(MIDDLE), [ProbePhase::InForce(Some(seconds(8))), ProbePhase::Waiting(seconds(53))]);
    assert_eq!(phases(END), [ProbePhase::Over, ProbePhase::Waiting(seconds(44))]);
    let described: Vec<_> = told_until(MIDDLE).probes().into_iter().map(|probe| probe.description).collect();
    assert_eq!(described, ["desk-svc → 1500 ms", "portal → slow_service"]);
}

#[test]
fn one_missed_goal_outweighs_those_that_hold() {
    assert_eq!(standing(&told_until(START).goals()), Standing::Unknown);
    assert_eq!(standing(&told_until(3_500).goals()), Standing::Holding(4, 5));
    assert_eq!(standing(&told_until(MIDDLE).goals()), Standing::Missed(2, 5));
    assert_eq!(standing(&told_until(END).goals()), Standing::Missed(3, 5));
}
