//! `esr trace`: the lines that a debrief cites.

use std::process::ExitCode;

use esr_tap::{Event, SpanKind, SpanStatus, Timestamp, attributes};

use crate::{
    arguments::Trace,
    console::harmless,
    exit::{CommandError, Failure},
    output, stored,
};

/// Runs the command.
pub fn run(arguments: &Trace) -> Result<ExitCode, CommandError> {
    let store = stored::open(&arguments.run)?;
    let (first, last) = arguments.lines.map_or((1, u64::MAX), |(first, last)| (first as u64, last as u64));
    let lines: Vec<_> = store.trace().iter().filter(|line| (first..=last).contains(&line.number)).collect();
    if lines.is_empty() {
        let count = store.trace().last().map_or(0, |line| line.number);
        return Err(CommandError::new(Failure::Usage, format!("the trace of {} has no such lines", store.record().id))
            .help(format!("it has {count} lines")));
    }
    output::print(|out| {
        lines.iter().try_for_each(|line| {
            if arguments.json {
                writeln!(out, "{}", serde_json::json!(line.event))
            } else {
                writeln!(out, "{:>6}  {}", line.number, harmless(&in_words(&line.event, store.record().started)))
            }
        })
    })?;
    Ok(ExitCode::SUCCESS)
}

/// An event as a person reads it; times are seconds since the run began.
fn in_words(event: &Event, began: Timestamp) -> String {
    let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
    match event {
        Event::Probe(event) => {
            let at = seconds(event.time_unix_nano.since(began));
            let what = if event.applied { "applied" } else { "removed" };
            format!("{at:9.3} s            probe {} {what} ({})", event.probe, event.description)
        }
        Event::Span(span) => {
            let at = seconds(span.start_time_unix_nano.since(began));
            let took = seconds(span.duration());
            let what = match (span.kind, span.text(attributes::ESR_CALLER), span.text(attributes::ESR_CALLEE)) {
                (SpanKind::Server, ..) => format!("{} serves {}", span.service, span.name),
                (_, Some(caller), Some(callee)) => {
                    let path = span.text(attributes::URL_PATH).unwrap_or("");
                    let through = if span.kind == SpanKind::Internal { " through the proxy" } else { "" };
                    format!("{caller} → {callee} {} {path}{through}", span.name)
                }
                _ => format!("{} {}", span.service, span.name),
            };
            let status = span.int(attributes::HTTP_RESPONSE_STATUS_CODE).map(|code| format!(" → {code}"));
            let error = match &span.status {
                // What the status says already.
                SpanStatus::Error(message) if message.strip_prefix("HTTP ").is_some_and(|code| code.len() == 3) => {
                    String::new()
                }
                SpanStatus::Error(message) => format!(" ✗ {message}"),
                _ => span.text(attributes::ERROR_TYPE).map(|kind| format!(" ✗ {kind}")).unwrap_or_default(),
            };
            format!("{at:9.3} s {took:8.3} s  {what}{}{error}", status.unwrap_or_default())
        }
    }
}
