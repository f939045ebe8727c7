//! A plan made by hand, with every kind of node and edge, in every format.

use std::sync::Arc;

use petgraph::graph::DiGraph;

use super::*;
use crate::{
    BinaryOp, Call, Expr, ExprKind, Labels, Plan, SlotId, Source, SourceMap, Span, Text, Value,
    plan::{Admits, Drives, Edge, Goal, Metric, Node, NodeKind, PersonaGroup, Probe, Step, Template, VERSION},
};

const SOURCE: &str = "scenario: tour\nvisit one\nif quoted\nvisit two\nvisit three\nchoose\nprobe\n";

/// The span of the first occurrence of `text`.
fn at(text: &str) -> Span {
    let start = SOURCE.find(text).unwrap();
    Span::new(scn_diagnostics::SourceId(0), start..start + text.len())
}

fn call(name: &str, args: &[(&str, Value)], span: Span) -> Call {
    let args = args.iter().map(|(name, value)| ((*name).into(), Expr::value(value.clone(), span)));
    Call { name: name.into(), args: args.collect(), span }
}

fn step(name: &str, args: &[(&str, Value)], span: Span) -> Node {
    let kind = NodeKind::Step(Step {
        call: call("visit", args, span),
        timeout: crate::plan::DEFAULT_STEP_TIMEOUT,
        soft: name == "two",
        guard: None,
        exposes: Vec::new(),
        result: (name == "two").then_some(SlotId(0)),
        admits: Admits::Status(404),
        tags: Vec::new(),
    });
    Node::new(name, kind, span)
}

fn node(name: &str, kind: NodeKind, span: Span) -> Node {
    Node::new(name, kind, span)
}

fn plan() -> Plan {
    let mut graph = DiGraph::new();
    let path = |path: &str| [("path", Value::Path(path.into()))];
    let one = graph.add_node(step("visit", &path("/one"), at("visit one")));
    let condition = Expr { kind: ExprKind::Slot(SlotId(0)), span: at("quoted") };
    let branch = graph.add_node(node("if", NodeKind::Condition(condition), at("if quoted")));
    let secret = Value::Text(Text { value: "hunter2".into(), labels: Labels::SECRET });
    let two = graph.add_node(step("two", &[("password", secret)], at("visit two")));
    let join = graph.add_node(node("join", NodeKind::Join, at("if quoted")));
    let choice = graph.add_node(node("choose", NodeKind::Choice, at("choose")));
    let three = graph.add_node(step("visit-2", &path("/th\"ree"), at("visit three")));
    let end = graph.add_node(node("end", NodeKind::End, at("scenario: tour")));
    for (from, to, edge) in [
        (one, branch, Edge::Next),
        (branch, two, Edge::Then),
        (branch, join, Edge::Else),
        (two, join, Edge::Next),
        (join, choice, Edge::Next),
        (choice, three, Edge::Arm(0.7)),
        (choice, end, Edge::Arm(0.3)),
        (three, end, Edge::Next),
        (one, two, Edge::Uses),
    ] {
        graph.add_edge(from, to, edge);
    }
    let mut sources = SourceMap::new();
    sources.add(Source::new("tour.scn", SOURCE));
    Plan {
        version: VERSION,
        scenario: "tour".into(),
        span: at("scenario: tour"),
        tags: vec!["nightly".into()],
        sandbox: Some("agency".into()),
        graph,
        entry: one,
        slots: vec!["found".into()],
        persona_fields: ["name".into()].into(),
        personas: vec![PersonaGroup {
            count: 5,
            template: Arc::new(Template {
                name: "Citizen".into(),
                lineage: vec!["Citizen".into()],
                fields: Vec::new(),
            }),
            drives: Drives::Http,
            span: at("scenario: tour"),
        }],
        duration: 15 * 60 * crate::nanos::SECOND,
        load: None,
        think: None,
        pacing: None,
        allow_hosts: Vec::new(),
        signoff: None,
        slo: Some(1_200_000_000),
        probes: vec![Probe {
            name: "slow".into(),
            call: call("slow_service", &[("latency", Value::Duration(800_000_000))], at("probe")),
            target: "fees-svc".into(),
            from: Some(0),
            lasts: None,
            within: Vec::new(),
            span: at("probe"),
        }],
        goals: vec![Goal {
            text: "success >=\n 99%".into(),
            metric: Metric::Success,
            scopes: Vec::new(),
            op: BinaryOp::GreaterEqual,
            threshold: Value::Percent(0.99),
            abort_after: None,
            span: at("scenario: tour"),
        }],
        sources,
    }
}

#[test]
fn the_listing_indents_what_is_conditional() {
    let expected = "\
scenario tour                                        tour.scn:1
  sandbox agency
  tags nightly
  at most 15m
  slo 1.2s
personas
  5 of Citizen                                       tour.scn:1
probes
  slow  (slow_service)  latency: 800ms  from: 0s     tour.scn:7
goals
  success >= 99%                                     tour.scn:1
steps
  visit  path: /one                                  tour.scn:2
  if quoted                                          tour.scn:3
    then:
      two  (visit)  password: [secret]  as: found  soft: true  tour.scn:4
  choose                                             tour.scn:6
    70%:
      visit-2  (visit)  path: /th\"ree                tour.scn:5
  end
";
    let listing = text(&plan());
    let squeezed = |text: &str| {
        text.lines()
            .map(|line| line.split("  ").filter(|word| !word.is_empty()).map(str::trim).collect::<Vec<_>>().join("  "))
            .collect::<Vec<_>>()
    };
    assert_eq!(squeezed(&listing), squeezed(expected), "{listing}");
    let indent = |text: &str| text.lines().map(|line| line.len() - line.trim_start().len()).collect::<Vec<_>>();
    assert_eq!(indent(&listing), indent(expected), "{listing}");
}

#[test]
fn graphs_escape_what_means_something_to_them() {
    let mermaid = mermaid(&plan());
    for line in [
        "  n1{\"if quoted\"}",
        "  n3((\" \"))",
        "  n4{{\"choose\"}}",
        "  n5[\"visit-2  (visit)  path: /th#quot;ree\"]",
        "  n6([\"end\"])",
        "  n1 -->|\"then\"| n2",
        "  n4 -->|\"70%\"| n5",
        "  n0 -.->|\"uses\"| n2",
    ] {
        assert!(mermaid.lines().any(|own| own == line), "{line} is not in\n{mermaid}");
    }
    let dot = dot(&plan());
    for line in [
        "  n5 [shape=box label=\"visit-2  (visit)  path: /th\\\"ree\"];",
        "  n4 -> n5 [label=\"70%\"];",
        "  n0 -> n2 [style=dashed constraint=false label=\"uses\"];",
    ] {
        assert!(dot.lines().any(|own| own == line), "{line} is not in\n{dot}");
    }
}

#[test]
fn json_loses_nothing() {
    let written = json(&plan()).unwrap();
    let read = from_json(&written).unwrap();
    assert_eq!(json(&read).unwrap(), written);
    assert_eq!(text(&read), text(&plan()));
}

#[test]
fn a_plan_of_another_version_is_refused() {
    let other = json(&plan()).unwrap().replacen(&format!("\"version\": {VERSION}"), "\"version\": 9999", 1);
    assert_eq!(from_json(&other).unwrap_err(), ReadError::Version(9999));
    assert!(matches!(from_json("{}"), Err(ReadError::Malformed(_))));
}

/// Left, top, right and bottom of the boxes of steps and of the shapes of forks in a picture.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let number = |line: &str, name: &str| -> Option<f64> {
        line.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.parse().ok()
    };
    let of = |line: &str| -> Option<[f64; 4]> {
        let class = line.split_once("class=\"")?.1.split('"').next()?;
        match class.split(' ').next()? {
            "step" | "fail" | "stop" | "given" | "pill" => {
                let (x, y) = (number(line, "x")?, number(line, "y")?);
                Some([x, y, x + number(line, "width")?, y + number(line, "height")?])
            }
            "if" | "choose" => {
                let points = line.split_once("points=\"")?.1.split_once('"')?.0.split(' ');
                let points: Vec<(f64, f64)> = points
                    .filter_map(|point| point.split_once(','))
                    .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                    .collect();
                let xs = points.iter().map(|(x, _)| *x);
                let ys = points.iter().map(|(_, y)| *y);
                let (left, right) = (xs.clone().fold(f64::MAX, f64::min), xs.fold(f64::MIN, f64::max));
                Some([left, ys.clone().fold(f64::MAX, f64::min), right, ys.fold(f64::MIN, f64::max)])
            }
            _ => None,
        }
    };
    svg.lines().filter_map(of).collect()
}

#[test]
fn nothing_in_a_picture_lies_on_anything_else_or_outside_of_it() {
    let picture = svg(&plan());
    let number = |name: &str| -> f64 {
        picture.split_once(&format!(" {name}=\"")).unwrap().1.split_once('"').unwrap().0.parse().unwrap()
    };
    let (width, height) = (number("width"), number("height"));
    let boxes = boxes(&picture);
    assert_eq!(boxes.len(), 10, "three steps, two forks, their four ways, and the end\n{picture}");
    for (at, one) in boxes.iter().enumerate() {
        assert!(one[0] >= 0.0 && one[1] >= 0.0 && one[2] <= width && one[3] <= height, "{one:?} in {picture}");
        for other in &boxes[at + 1..] {
            let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
            assert!(apart, "{one:?} and {other:?} in {picture}");
        }
    }
    assert!(!picture.contains("hunter2"), "a secret is not shown");
}
