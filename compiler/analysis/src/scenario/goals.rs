//! What counts as good.

use petgraph::graph::DiGraph;
use scn_diagnostics::{Diagnostic, Span, codes};
use scn_grammar::ast::{self, Head, Node, OperatorKind};
use scn_plan::{
    BinaryOp, Value,
    plan::{self, Edge, Goal, Metric, NodeKind, PersonaGroup, Probe, Scope as GoalScope},
};
use smol_str::{SmolStr, SmolStrBuilder};

use super::{Declaration, Lowering};
use crate::{
    expr::{ExprChecker, comparison},
    scope::{Binding, Scope, Symbols},
    signatures::{Param, suggest},
    types::{Nominal, Type},
};

/// The name under which the prelude declares percentiles.
const PERCENTILE: &str = "pNN";

/// The name under which the prelude declares the time to recover.
const RECOVERY: &str = "recovery";

/// Metrics of other tools, and what to write instead.
const ELSEWHERE: [(&[&str], &str); 4] = [
    (
        &["mean", "avg", "average", "median", "max", "latency", "response_time", "duration", "http_req_duration"],
        "write a percentile, such as `p50 <= 800ms` or `p99 <= 2s`: a mean hides the slow ones",
    ),
    (
        &["error_rate", "failure_rate", "failures", "http_req_failed", "checks"],
        "write `success >= 99%` for the share of steps that succeed, or `errors <= 5` for a number of failures",
    ),
    (&["rps", "throughput", "http_reqs", "requests", "tps"], "write `rate >= 20/s`"),
    (&["mttr", "rto", "time_to_recover", "recovery_time"], "write `recovery(probe) <= 30s`"),
];

/// What a percentile or a rate measures when it names this instead of a step.
const JOURNEY: &str = "journey";

/// What goals can name.
pub(super) struct Names<'p> {
    symbols: Symbols,
    /// The plan's probes.
    probes: &'p [Probe],
}

impl<'p> Names<'p> {
    /// The names of a plan with these parts; `written` are those of all the probes that its scenario says.
    pub fn of(
        graph: &DiGraph<plan::Node, Edge>,
        probes: &'p [Probe],
        written: Vec<SmolStr>,
        groups: &[PersonaGroup],
    ) -> Self {
        let steps = || {
            graph.node_weights().filter_map(|node| match &node.kind {
                NodeKind::Step(step) => Some((node, step)),
                _ => None,
            })
        };
        let mut symbols = Symbols::new(codes::UNKNOWN_METRIC);
        let names = steps().map(|(node, _)| node.name.clone()).chain([SmolStr::new_static(JOURNEY)]);
        symbols.declare(Nominal::Step, names);
        symbols.declare(Nominal::Group, distinct(steps().flat_map(|(node, _)| &node.groups)));
        symbols.declare(Nominal::Tag, distinct(steps().flat_map(|(_, step)| &step.tags)));
        let names = probes.iter().flat_map(|probe| probe.within.iter().chain([&probe.name])).cloned();
        symbols.declare(Nominal::Probe, names.chain(written));
        symbols.declare(Nominal::Template, distinct(groups.iter().flat_map(|group| &group.template.lineage)));
        Self { symbols, probes }
    }
}

/// What the goals of a scenario can read.
struct Readable<'a> {
    names: &'a Names<'a>,
    /// In nanoseconds.
    slo: Option<i64>,
    /// What stands in a metric's parentheses reads no constants.
    of_metrics: Scope,
    of_thresholds: Scope,
}

/// Each of `names` once, in alphabetical order.
fn distinct<'n>(names: impl Iterator<Item = &'n SmolStr>) -> impl Iterator<Item = SmolStr> {
    let mut names: Vec<&SmolStr> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().cloned()
}

/// `text` with one space wherever white space stands.
fn on_one_line(text: &str) -> SmolStr {
    // Most goals are written so.
    if !text.as_bytes().windows(2).any(|pair| pair == b"  ")
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        return text.trim().into();
    }
    let mut line = SmolStrBuilder::new();
    for (at, word) in text.split_whitespace().enumerate() {
        line.push_str(if at > 0 { " " } else { "" });
        line.push_str(word);
    }
    line.finish()
}

/// `p95` as 95.
fn percentile(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p')?;
    if !digits.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

impl Lowering<'_, '_> {
    /// The scenario's goals; without any, the default ones.
    pub(super) fn goals(&mut self, declaration: &Declaration<'_>, slo: Option<i64>, names: &Names<'_>) -> Vec<Goal> {
        let mut goals = Vec::new();
        let entry = declaration.entry("goals");
        let names = &mut Readable {
            names,
            slo,
            of_metrics: Scope::with(Default::default(), self.context.notes),
            of_thresholds: self.context.scope(),
        };
        if let Some(Node { head: Head::Entry { values, .. }, children, .. }) = entry {
            match values.first() {
                Some(ast::Expr { kind: ast::ExprKind::List(items), .. }) => {
                    items.iter().for_each(|item| goals.extend(self.goal(item, names)));
                }
                Some(value) => goals.extend(self.goal(value, names)),
                None => children.iter().for_each(|child| goals.extend(self.item(child, names))),
            }
        }
        // Goals that could not be read are errors already, and do not run.
        if goals.is_empty() {
            let goal = |text: &str, metric, op, threshold| Goal {
                text: text.into(),
                metric,
                scopes: Vec::new(),
                op,
                threshold,
                abort_after: None,
                span: declaration.name.span,
            };
            goals.push(goal("success >= 99%", Metric::Success, BinaryOp::GreaterEqual, Value::Percent(0.99)));
            if let Some(slo) = slo {
                let threshold = Value::Duration(slo.saturating_mul(2));
                goals.push(goal("p95 <= 2 * slo", Metric::Percentile(95.0), BinaryOp::LessEqual, threshold));
            }
        }
        goals
    }

    fn item(&mut self, node: &Node, names: &mut Readable<'_>) -> Option<Goal> {
        match &node.head {
            Head::Expr { expr, .. } => {
                let abort_after = self.abort(node);
                let goal = self.goal(expr, names)?;
                let late = node.attrs.iter().find(|attr| attr.key.text == "abort");
                if let (Metric::Recovery(_), Some(_), Some(attr)) = (&goal.metric, abort_after, late) {
                    self.report(
                        Diagnostic::new(
                            codes::NOT_IN_LANGUAGE,
                            attr.key.span,
                            "`recovery` is told when the run is over",
                        )
                        .label("so it can stop none")
                        .help("remove `abort`, or stop the run by `p95` or `errors`"),
                    );
                }
                Some(Goal { abort_after, ..goal })
            }
            Head::Error => None,
            head => {
                // `success: 99%` is a goal that lacks its operator.
                let meant = match head {
                    Head::Entry { key, values } => values.first().map(|value| (&key.text, value.span)),
                    _ => None,
                };
                let signatures = self.context.signatures;
                let help = match meant {
                    Some((verb, _)) if signatures.steps.contains_key(verb) => {
                        format!("`{verb}` is a step, which stands under `steps:`")
                    }
                    Some((verb, _)) if signatures.probes.contains_key(verb) => {
                        format!("`{verb}` is a probe, which stands under `probes:`")
                    }
                    // A whole comparison, with a name of its own before it.
                    Some((_, value)) if self.context.sources.slice(value).contains(['<', '>', '=']) => {
                        format!("write `- {}`", self.context.sources.slice(value))
                    }
                    Some((metric, value)) => {
                        let operator = if metric == "success" { ">=" } else { "<=" };
                        format!("write `- {metric} {operator} {}`", self.context.sources.slice(value))
                    }
                    None => "write `- success >= 99%`".to_owned(),
                };
                self.report(Diagnostic::new(codes::MISPLACED, node.span, "a goal is a comparison").help(help));
                None
            }
        }
    }

    /// `abort: true after: 30s`: from when on the goal stops the run, if it does.
    fn abort(&mut self, node: &Node) -> Option<i64> {
        let mut abort = false;
        let mut after = None;
        for attr in &node.attrs {
            let Some(value) = attr.values.first() else {
                let headline = format!("`{}` of a goal has no value", attr.key.text);
                let diagnostic = Diagnostic::new(codes::MISSING_ARGUMENT, attr.key.span, headline);
                self.report(diagnostic.help("write `abort: true after: 30s`"));
                continue;
            };
            match attr.key.text.as_str() {
                "abort" => {
                    let value = self.constant(value, &Type::Bool, &mut self.context.scope());
                    abort = value == Some(Value::Bool(true));
                }
                "after" => {
                    let value = self.constant(value, &Type::Duration, &mut self.context.scope());
                    after = Some((attr.key.span, value));
                }
                text => {
                    let headline = format!("a goal has no attribute `{text}`");
                    let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, attr.key.span, headline);
                    self.report(suggest(diagnostic, text, attr.key.span, "attribute", ["abort", "after"]));
                }
            }
        }
        match after {
            Some((span, _)) if !abort => {
                self.report(
                    Diagnostic::new(codes::NOT_IN_LANGUAGE, span, "`after` has no meaning without `abort: true`")
                        .help("add `abort: true`, or remove `after`: without it a goal is judged when the run ends"),
                );
                None
            }
            Some((_, Some(Value::Duration(time)))) => Some(time.max(0)),
            _ => abort.then_some(0),
        }
    }

    fn goal(&mut self, expr: &ast::Expr, names: &mut Readable<'_>) -> Option<Goal> {
        let ast::ExprKind::Binary(operator, left, right) = &expr.kind else {
            if !matches!(expr.kind, ast::ExprKind::Error) {
                self.report(
                    Diagnostic::new(codes::TYPE_MISMATCH, expr.span, "a goal is a comparison")
                        .help("write `success >= 99%`"),
                );
            }
            return None;
        };
        let op = match operator.kind {
            OperatorKind::Assign => Some(BinaryOp::Equal),
            kind => comparison(kind),
        };
        let Some(
            op @ (BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual),
        ) = op
        else {
            let diagnostic =
                Diagnostic::new(codes::TYPE_MISMATCH, operator.span, "a goal compares a metric with a threshold");
            self.report(match op {
                Some(BinaryOp::And | BinaryOp::Or) => diagnostic.help("make each of them an item of its own"),
                _ => diagnostic.help("write one of `== != < <= > >=`"),
            });
            return None;
        };
        let (metric, scopes, ty) = self.metric(left, names)?;
        let scope = &mut names.of_thresholds;
        let mark = scope.mark();
        // A mere number reads no name.
        if let Some(slo) = names.slo.filter(|_| !matches!(right.kind, ast::ExprKind::Number { .. })) {
            let value = scn_plan::Expr::value(Value::Duration(slo), right.span);
            scope.bind("slo", Binding::Const(value), Type::Duration);
        }
        let threshold = self.constant(right, &ty, scope);
        scope.reset(mark);
        let threshold = threshold?;
        let text = on_one_line(self.context.sources.slice(expr.span));
        Some(Goal { text, metric, scopes, op, threshold, abort_after: None, span: expr.span })
    }

    /// A metric, what it is restricted to, and the type of its threshold.
    fn metric(&mut self, expr: &ast::Expr, readable: &mut Readable<'_>) -> Option<(Metric, Vec<GoalScope>, Type)> {
        let (name, span, args): (&SmolStr, Span, &[ast::Arg]) = match &expr.kind {
            ast::ExprKind::Name(name) => (name, expr.span, &[]),
            ast::ExprKind::Call(callee, args) => match &callee.kind {
                ast::ExprKind::Name(name) => (name, callee.span, args),
                _ => return self.no_metric(callee.span),
            },
            ast::ExprKind::Error => return None,
            _ => return self.no_metric(expr.span),
        };
        let signatures = self.context.signatures;
        let percent = percentile(name);
        let declared = if percent.is_some() { PERCENTILE } else { name.as_str() };
        let Some(signature) = signatures.metrics.get(declared).filter(|_| name != PERCENTILE) else {
            let diagnostic = Diagnostic::new(codes::UNKNOWN_METRIC, span, format!("there is no metric `{name}`"));
            let known = signatures.metrics.keys().map(|known| if known == PERCENTILE { "p95" } else { known.as_str() });
            let elsewhere = ELSEWHERE.iter().find(|(words, _)| words.contains(&name.as_str()));
            self.report(match elsewhere {
                Some((_, help)) => diagnostic.help(*help),
                None => suggest(diagnostic, name, span, "metric", known),
            });
            return None;
        };
        if let Some(percent) = percent
            && !(percent > 0.0 && percent < 100.0)
        {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, span, format!("`{name}` is no percentile"))
                    .help("a percentile lies between p1 and p99.99"),
            );
            return None;
        }
        let Readable { names, of_metrics, .. } = readable;
        // Most metrics are restricted to nothing.
        let restricted = !args.is_empty() || signature.params.iter().any(Param::required);
        let mut checker = ExprChecker::new(signatures, &names.symbols, of_metrics, self.diagnostics);
        let before = checker.diagnostics.len();
        let call = restricted.then(|| checker.bind_scopes(signature, span, args, expr.span));
        if checker.diagnostics.len() > before {
            return None;
        }
        let mut whole = false;
        let mut scopes = Vec::new();
        let mut recovers = None;
        for param in &signature.params {
            let value = call.as_ref().and_then(|call| call.arg(&param.name)?.as_value());
            let Some(value) = value else { continue };
            scopes.push(match (param.ty.some(), value) {
                (Type::Nominal(Nominal::Step), Value::Symbol(name)) if name == JOURNEY => {
                    whole = true;
                    continue;
                }
                (Type::Nominal(Nominal::Step), Value::Symbol(name)) => GoalScope::Step(name.clone()),
                (Type::Nominal(Nominal::Probe), Value::Symbol(probe)) if name == RECOVERY => {
                    recovers = Some(probe.clone());
                    continue;
                }
                (Type::Nominal(Nominal::Probe), Value::Symbol(name)) => GoalScope::During(name.clone()),
                (Type::Nominal(Nominal::Group), Value::Symbol(name)) => GoalScope::Group(name.clone()),
                (Type::Nominal(Nominal::Tag), Value::Symbol(name)) => GoalScope::Tag(name.clone()),
                (Type::Nominal(Nominal::Template), Value::Symbol(name)) => GoalScope::Of(name.clone()),
                (Type::Status, Value::Int(status)) => GoalScope::Status(u16::try_from(*status).unwrap_or_default()),
                _ => continue,
            });
        }
        let metric = match (percent, Metric::named(name)) {
            (Some(percent), _) if whole => Metric::JourneyPercentile(percent),
            (Some(percent), _) => Metric::Percentile(percent),
            (None, Some(Metric::Rate)) if whole => Metric::JourneyRate,
            (None, Some(Metric::Recovery(_))) => self.recovery(recovers?, names, expr.span)?,
            (None, Some(metric)) => metric,
            (None, None) => {
                let headline = format!("`{name}` is not supported by this version");
                self.report(Diagnostic::new(codes::NOT_IN_LANGUAGE, span, headline));
                return None;
            }
        };
        Some((metric, scopes, signature.result.clone().unwrap_or(Type::Any)))
    }

    /// `recovery(probe)`; a probe that is never removed is nothing to recover from.
    fn recovery(&mut self, probe: SmolStr, names: &Names<'_>, span: Span) -> Option<Metric> {
        let is_part = |declared: &&Probe| declared.name == probe || declared.within.contains(&probe);
        if let Some(declared) = names.probes.iter().filter(is_part).find(|declared| declared.lasts.is_none()) {
            let headline = format!("nothing recovers from `{probe}`, which is never removed");
            self.report(
                Diagnostic::new(codes::BAD_VALUE, span, headline)
                    .also(declared.span, "this probe lasts to the end of the run")
                    .help("say how long it lasts, such as `for: 5m`"),
            );
            return None;
        }
        Some(Metric::Recovery(probe))
    }

    fn no_metric(&mut self, span: Span) -> Option<(Metric, Vec<GoalScope>, Type)> {
        let diagnostic = Diagnostic::new(codes::UNKNOWN_METRIC, span, "a goal begins with a metric");
        let known = self.context.signatures.metrics.keys().map(|known| if known == PERCENTILE { "p95" } else { known });
        let names: Vec<&str> = known.collect();
        self.report(
            diagnostic.help(format!("write one of {} and then the threshold", crate::signatures::list(&names))),
        );
        None
    }
}
