//! Hosts that journeys may ask: the sandbox's, this machine, and those that the settings admit.

use std::net::IpAddr;

use scn_diagnostics::{Diagnostic, codes};
use scn_plan::{Expr, ExprKind, Plan, TextPart, Value};

use super::steps;
use crate::{context::Context, program::inside};

/// Reports steps whose address names a host that a run would refuse to ask.
pub(super) fn check(plan: &Plan, context: &Context<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for step in steps(plan) {
        let Some(expr) = step.call.arg("path") else { continue };
        let Some((scheme, host)) = address(expr) else { continue };
        let span = inside(expr.span, context.sources);
        if !matches!(scheme.as_str(), "http" | "https") {
            let headline = format!("journeys ask by `http` or `https`, not by `{scheme}`");
            diagnostics.push(Diagnostic::new(codes::HOST_NOT_ALLOWED, span, headline));
        } else if !is_loopback(&host) && !plan.allow_hosts.iter().any(|allowed| *allowed == host) {
            let found = Diagnostic::new(
                codes::HOST_NOT_ALLOWED,
                span,
                format!("`{host}` is outside the sandbox, so a run refuses to ask it"),
            );
            diagnostics.push(found.help(format!(
                "write a path such as `\"/start\"` to ask the sandbox, or name the host in `esr.toml`: `allow-hosts = [\"{host}\"]`"
            )));
        }
    }
}

/// Scheme and host, in lower case, of an address that names a host; none for a path, and where a run decides about the host.
fn address(expr: &Expr) -> Option<(String, String)> {
    let (text, whole) = match &expr.kind {
        ExprKind::Value(Value::Text(text)) => (text.value.as_str(), true),
        ExprKind::Value(Value::Path(path)) => (path.as_str(), true),
        ExprKind::Text(parts) => match parts.first()? {
            TextPart::Literal(text) => (text.as_str(), false),
            TextPart::Value(_) => return None,
        },
        _ => return None,
    };
    let (scheme, rest) = text.split_once("://")?;
    if scheme.is_empty() || !scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter)) {
        return None;
    }
    let end = rest.find(['/', '?', '#', '\\']);
    if end.is_none() && !whole {
        return None;
    }
    let authority = rest.get(..end.unwrap_or(rest.len()))?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(address) => address.split_once(']')?.0,
        None => host.split_once(':').map_or(host, |(host, _)| host),
    };
    Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
