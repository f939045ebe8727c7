//! How a run goes in time: `load`, `think`, `pacing`; and who has to approve it: `signoff`.

use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, ExprKind, Head, Node, Phrase};
use scn_plan::{
    Value,
    load::{Arrivals, Load, MOST_PERSONAS, Model, Pause, Stage, StageKind},
    plan::SignOff,
};

use super::{Declaration, Lowering};
use crate::{
    expr::{dotted, quoted_text},
    line::snake_case,
    signatures::suggest,
    types::Type,
};

/// What can stand under `load:`.
pub(crate) const STAGES: &[&str] = &["warm-up", "ramp", "hold", "spike", "arrivals"];

/// Stages as they are read.
#[derive(Default)]
struct Stages {
    warm_up: Option<(i64, Span)>,
    closed: Vec<Stage>,
    open: Vec<Arrivals>,
    /// The first stage of each kind of load.
    first_closed: Option<Span>,
    first_open: Option<Span>,
    /// Whether one of them could not be read.
    broken: bool,
}

impl Lowering<'_, '_> {
    /// `load:` and the stages below it.
    pub(super) fn load(&mut self, entry: Option<&Node>) -> Option<Load> {
        let entry = entry?;
        let Head::Entry { key, values } = &entry.head else { return None };
        if let Some(value) = values.first() {
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "a load is a list of stages")
                    .help("write each below, as `- ramp: 50 over 1m` and `- hold: 14m`, or `- arrivals: 20/s for 5m`"),
            );
            return None;
        }
        let mut stages = Stages::default();
        for child in &entry.children {
            let before = self.diagnostics.len();
            self.stage(child, &mut stages);
            stages.broken |= self.diagnostics.len() > before || matches!(child.head, Head::Error);
        }
        if stages.broken || entry.children.is_empty() {
            return None;
        }
        let warm_up = stages.warm_up.map_or(0, |(lasts, _)| lasts);
        let model = if stages.open.is_empty() { Model::Closed(stages.closed) } else { Model::Open(stages.open) };
        let load = Load { warm_up, model, span: key.span };
        match stages.warm_up {
            _ if load.lasts() == 0 => {
                self.report(
                    Diagnostic::new(codes::MISSING_ARGUMENT, key.span, "nobody takes part in this load")
                        .help("add a stage such as `- hold: 5m`, with as many as `personas:` says"),
                );
                return None;
            }
            Some((lasts, span)) if lasts >= load.lasts() => {
                let (lasts, whole) = (Value::Duration(lasts), Value::Duration(load.lasts()));
                self.report(
                    Diagnostic::new(
                        codes::BAD_VALUE,
                        span,
                        format!("the warm-up of {lasts} leaves nothing of a load of {whole}"),
                    )
                    .note("the warm-up is the first part of the schedule, not a stage before it")
                    .help("make it shorter, or the stages longer"),
                );
                return None;
            }
            _ => {}
        }
        Some(load)
    }

    fn stage(&mut self, node: &Node, stages: &mut Stages) {
        let Head::Entry { key, values } = &node.head else {
            match &node.head {
                // `- hold` without a colon.
                Head::Expr { expr: ast::Expr { kind: ExprKind::Name(name), span }, .. }
                    if STAGES.contains(&name.as_str()) =>
                {
                    self.timeless(name, *span);
                }
                Head::Error => {}
                _ => self.report(
                    Diagnostic::new(codes::MISPLACED, node.span, "this is no stage of a load")
                        .help("write `- ramp: 50 over 1m`, `- hold: 14m`, or `- arrivals: 20/s for 5m`"),
                ),
            }
            return;
        };
        let kind = snake_case(&key.text).replace('_', "-");
        if !STAGES.contains(&kind.as_str()) {
            let headline = format!("a load has no stage `{}`", key.text);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_ENTRY, key.span, headline);
            self.report(suggest(diagnostic, &key.text, key.span, "stage", STAGES.iter().copied()));
            return;
        }
        if let Some(attr) = node.attrs.first() {
            let headline = format!("`{}` has no attribute `{}`", key.text, attr.key.text);
            self.report(
                Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline)
                    .help("a stage is one value, such as `- ramp: 50 over 1m`"),
            );
            return;
        }
        if let Some(child) = node.children.first() {
            let headline = format!("nothing can stand under `{}`", key.text);
            self.report(Diagnostic::new(codes::MISPLACED, child.span, headline));
            return;
        }
        if !node.dash {
            self.report(Diagnostic::new(codes::MISPLACED, key.span, "a stage begins with a dash").fix(
                "add the dash",
                Span { end: key.span.start, ..key.span },
                "- ",
                scn_diagnostics::Applicability::Suggested,
            ));
            return;
        }
        let Some(value) = values.first() else { return self.timeless(&kind, key.span) };
        if kind == "warm-up" {
            self.warm_up(key, value, stages);
            return;
        }
        let open = kind == "arrivals";
        let other = if open { stages.first_closed } else { stages.first_open };
        if let Some(other) = other {
            let headline = if open {
                "journeys cannot arrive at a rate where personas repeat theirs"
            } else {
                "personas cannot repeat their journeys where these arrive at a rate"
            };
            self.report(
                Diagnostic::new(codes::MISPLACED, key.span, headline)
                    .also(other, "this stage is of the other kind of load")
                    .help("write `ramp`, `hold` and `spike`, or `arrivals` alone; make two scenarios of it for both"),
            );
            return;
        }
        let first = if open { &mut stages.first_open } else { &mut stages.first_closed };
        first.get_or_insert(key.span);
        match kind.as_str() {
            "hold" => stages.closed.extend(self.hold(value)),
            "ramp" => {
                let begins = stages.closed.is_empty();
                let Some((count, span, lasts)) = self.phrase(value, Phrase::Over, "ramp", "50 over 1m") else { return };
                let Some(to) = self.level(count, span, !begins) else { return };
                stages.closed.push(Stage { kind: StageKind::Ramp(to), lasts });
            }
            "spike" => {
                let Some((count, span, lasts)) = self.phrase(value, Phrase::For, "spike", "300 for 20s") else {
                    return;
                };
                let Some(to) = self.level(count, span, false) else { return };
                stages.closed.push(Stage { kind: StageKind::Spike(to), lasts });
            }
            _ => stages.open.extend(self.arrivals(value)),
        }
    }

    /// A stage without a value.
    fn timeless(&mut self, kind: &str, span: Span) {
        let headline = format!("`{kind}` does not say how long it takes");
        self.report(Diagnostic::new(codes::MISSING_ARGUMENT, span, headline).help(match kind {
            "ramp" => "write `- ramp: 50 over 1m`",
            "spike" => "write `- spike: 300 for 20s`",
            "arrivals" => "write `- arrivals: 20/s for 5m`",
            "hold" => "write `- hold: 14m`",
            _ => "write `- warm-up: 30s`",
        }));
    }

    fn warm_up(&mut self, key: &ast::Name, value: &ast::Expr, stages: &mut Stages) {
        if let Some((_, first)) = stages.warm_up {
            self.report(
                Diagnostic::new(codes::DUPLICATE_NAME, key.span, "there is a warm-up already")
                    .also(first, "it is given here"),
            );
        } else if stages.first_closed.is_some() || stages.first_open.is_some() {
            self.report(
                Diagnostic::new(codes::MISPLACED, key.span, "a warm-up comes before every other stage")
                    .note("the warm-up is the first part of the schedule: what happens then is not counted in goals")
                    .help("move it to the top of `load:`"),
            );
        } else if let Some(lasts) = self.duration(value, &mut self.context.scope()) {
            stages.warm_up = Some((lasts, value.span));
        }
    }

    fn hold(&mut self, value: &ast::Expr) -> Option<Stage> {
        if let ExprKind::Phrase(_, _, time) = &value.kind {
            let time = self.context.sources.slice(time.span).to_owned();
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, value.span, "`hold` takes a time alone")
                    .note("it keeps as many personas as there are: those of the stage before, or of `personas:`")
                    .help(format!("write `- hold: {time}`")),
            );
            return None;
        }
        let lasts = self.duration(value, &mut self.context.scope())?;
        Some(Stage { kind: StageKind::Hold, lasts })
    }

    /// Both operands of `wanted`: the first as it is written, with its place, and the time.
    fn phrase<'e>(
        &mut self,
        value: &'e ast::Expr,
        wanted: Phrase,
        stage: &str,
        example: &str,
    ) -> Option<(&'e ast::Expr, Span, i64)> {
        let word = if wanted == Phrase::Over { "over" } else { "for" };
        match &value.kind {
            ExprKind::Phrase(found, count, time) if *found == wanted => {
                let lasts = self.duration(time, &mut self.context.scope())?;
                Some((count, count.span, lasts))
            }
            ExprKind::Phrase(Phrase::Over | Phrase::For, count, time) => {
                let sources = self.context.sources;
                let (count, time) = (sources.slice(count.span), sources.slice(time.span));
                let why = if wanted == Phrase::Over {
                    format!("a {stage} changes the number over a time")
                } else {
                    format!("a {stage} keeps its number for a time")
                };
                let diagnostic = Diagnostic::new(codes::TYPE_MISMATCH, value.span, why)
                    .help(format!("write `- {stage}: {count} {word} {time}`"));
                self.report(diagnostic);
                None
            }
            ExprKind::Error => None,
            _ => {
                let headline = format!("`{stage}` takes a number and a time");
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, value.span, headline)
                        .help(format!("write `- {stage}: {example}`")),
                );
                None
            }
        }
    }

    /// A number of personas; `nobody`: whether it may be zero.
    fn level(&mut self, expr: &ast::Expr, span: Span, nobody: bool) -> Option<u32> {
        let Value::Int(count) = self.constant(expr, &Type::Int, &mut self.context.scope())? else { return None };
        match u32::try_from(count) {
            Ok(count) if count <= MOST_PERSONAS && (count > 0 || nobody) => Some(count),
            _ => {
                let least = u8::from(!nobody);
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, span, format!("{count} personas cannot take part"))
                        .help(format!("write a whole number from {least} to {MOST_PERSONAS}")),
                );
                None
            }
        }
    }

    /// `20/s for 5m` or `20/s..100/s over 2m`.
    fn arrivals(&mut self, value: &ast::Expr) -> Option<Arrivals> {
        let (rate, time, phrase) = match &value.kind {
            ExprKind::Phrase(phrase @ (Phrase::Over | Phrase::For), rate, time) => (rate, time, *phrase),
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, value.span, "`arrivals` takes a rate and a time")
                        .help("write `- arrivals: 20/s for 5m`, or `- arrivals: 20/s..100/s over 2m`"),
                );
                return None;
            }
        };
        let (from, to) = match (&rate.kind, phrase) {
            (ExprKind::Range(low, high), Phrase::Over) => (self.rate(low)?, self.rate(high)?),
            (ExprKind::Range(..), _) | (_, Phrase::Over) => {
                let sources = self.context.sources;
                let (rate, time) = (sources.slice(rate.span).to_owned(), sources.slice(time.span).to_owned());
                let (headline, help) = if phrase == Phrase::Over {
                    ("a steady rate holds for a time", format!("write `- arrivals: {rate} for {time}`"))
                } else {
                    ("a rate changes over a time", format!("write `- arrivals: {rate} over {time}`"))
                };
                self.report(Diagnostic::new(codes::TYPE_MISMATCH, value.span, headline).help(help));
                return None;
            }
            _ => {
                let rate = self.rate(rate)?;
                (rate, rate)
            }
        };
        let lasts = self.duration(time, &mut self.context.scope())?;
        if from + to <= 0.0 {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, rate.span, "nobody arrives at this rate")
                    .help("write `20/s`, or `3/m`"),
            );
            return None;
        }
        Some(Arrivals { from, to, lasts })
    }

    /// A rate in journeys a second.
    fn rate(&mut self, expr: &ast::Expr) -> Option<f64> {
        match self.constant(expr, &Type::Rate, &mut self.context.scope())? {
            Value::Rate(rate) if rate >= 0.0 && rate <= f64::from(MOST_PERSONAS) => Some(rate),
            _ => {
                let headline = "journeys cannot arrive at this rate";
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, expr.span, headline)
                        .help(format!("write a rate between 0/s and {MOST_PERSONAS}/s")),
                );
                None
            }
        }
    }

    /// `think: 1s..3s`, or a duration.
    pub(super) fn pause(&mut self, declaration: &Declaration<'_>, key: &str) -> Option<Pause> {
        let value = declaration.value(key)?;
        let mut length = |expr: &ast::Expr| match self.constant(expr, &Type::Duration, &mut self.context.scope())? {
            Value::Duration(time) if time >= 0 => Some(time),
            _ => {
                let headline = "a pause cannot be shorter than nothing";
                self.report(Diagnostic::new(codes::BAD_VALUE, expr.span, headline));
                None
            }
        };
        let (least, most) = match &value.kind {
            ExprKind::Range(low, high) => (length(low)?, length(high)?),
            _ => {
                let time = length(value)?;
                (time, time)
            }
        };
        if least > most {
            let (low, high) = (Value::Duration(most), Value::Duration(least));
            self.report(
                Diagnostic::new(codes::BAD_VALUE, value.span, "this range ends before it begins")
                    .help(format!("write `{key}: {low}..{high}`")),
            );
            return None;
        }
        Some(Pause { least, most })
    }

    /// `pacing: 10s`, which only personas that repeat their journeys have.
    pub(super) fn pacing(&mut self, declaration: &Declaration<'_>, load: Option<&Load>) -> Option<Pause> {
        let pause = self.pause(declaration, "pacing")?;
        let (why, help) = match load.map(|load| &load.model) {
            Some(Model::Closed(_)) => return Some(pause),
            Some(Model::Open(_)) => (
                "`pacing` has no meaning where journeys arrive at a rate",
                "remove it: each arrival is a persona of its own, who makes one journey",
            ),
            // What is wrong with the load has been reported.
            None if declaration.entry("load").is_some() => return Some(pause),
            None => (
                "`pacing` has no meaning without `load`",
                "remove it, or add `load:` and `- hold: 5m` below it: without a load each persona makes one journey",
            ),
        };
        let span = declaration.entry("pacing").and_then(Node::key).map_or(declaration.name.span, |key| key.span);
        self.report(Diagnostic::new(codes::NOT_IN_LANGUAGE, span, why).help(help));
        None
    }

    /// `signoff: required by: RELEASE.BOARD`.
    pub(super) fn signoff(&mut self, entry: Option<&Node>) -> Option<SignOff> {
        let Node { head: Head::Entry { key, values }, attrs, .. } = entry? else { return None };
        let value = values.first()?;
        let word = dotted(value).or_else(|| quoted_text(value).map(|(text, _)| text));
        if word.as_deref() != Some("required") {
            if !matches!(value.kind, ExprKind::Error) {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, value.span, "a sign-off is required, or there is none")
                        .help("write `signoff: required by: RELEASE.BOARD`"),
                );
            }
            return None;
        }
        let mut by = None;
        for attr in attrs {
            if attr.key.text != "by" {
                let headline = format!("`signoff` has no attribute `{}`", attr.key.text);
                let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
                self.report(suggest(diagnostic, &attr.key.text, attr.key.span, "attribute", ["by"]));
                continue;
            }
            let name = attr.values.first().and_then(|value| dotted(value).or_else(|| Some(quoted_text(value)?.0)));
            match name.filter(|name| !name.trim().is_empty()) {
                Some(name) => by = Some(name),
                None => {
                    let span = attr.values.first().map_or(attr.key.span, |value| value.span);
                    self.report(
                        Diagnostic::new(codes::TYPE_MISMATCH, span, "the name of a person or a board is expected here")
                            .help("write `by: RELEASE.BOARD`, or `by: \"Release board\"`"),
                    );
                }
            }
        }
        Some(SignOff { by, span: key.span })
    }
}
