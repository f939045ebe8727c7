//! Matching paths to routes, and showing paths without anybody's data.

use http::Method;
use percent_encoding::percent_decode_str;
use scn_plan::{
    Record, Value,
    blueprint::{Part, PartKind, Route},
};
use smol_str::SmolStr;

/// Which route a request is for.
pub(crate) enum Matched<'a> {
    /// This one, with the path's parameters.
    Route(&'a Route, Record),
    /// Another method would have one; these are the methods.
    OtherMethod(Vec<&'a str>),
    /// None.
    Nothing,
}

/// The route among `routes` for a request; of several, the one with the fewest parameters, then the first.
pub(crate) fn find<'a>(routes: &'a [Route], method: &Method, path: &str) -> Matched<'a> {
    let fitting: Vec<(&Route, Record)> =
        routes.iter().filter_map(|route| Some((route, parameters(&route.path, path)?))).collect();
    let mut best: Option<&(&Route, Record)> = None;
    for candidate in fitting.iter().filter(|(route, _)| route.method == method.as_str()) {
        if best.is_none_or(|best| candidate.1.len() < best.1.len()) {
            best = Some(candidate);
        }
    }
    match best {
        Some((route, parameters)) => Matched::Route(route, parameters.clone()),
        None if fitting.is_empty() => Matched::Nothing,
        None => Matched::OtherMethod(fitting.iter().map(|(route, _)| route.method.as_str()).collect()),
    }
}

/// The parameters of `path` by the segments `{name}` of `template`; none if it does not fit.
fn parameters(template: &str, path: &str) -> Option<Record> {
    let (mut parameters, mut segments) = (Record::new(), path.split('/'));
    for expected in template.split('/') {
        let segment = percent_decode_str(segments.next()?).decode_utf8().ok()?;
        match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => {
                parameters.insert(name.into(), Value::text(segment));
            }
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// Shows the paths of requests to a part: a parameter may be anybody's data, so its name stands in its place.
pub(crate) struct PublicPaths {
    routes: Vec<Route>,
}

impl PublicPaths {
    pub(crate) fn of(part: &Part) -> Self {
        let routes = match &part.kind {
            PartKind::Service(service) => {
                service.routes.iter().filter(|route| route.path.contains('{')).cloned().collect()
            }
            PartKind::Frontend(_) | PartKind::Partner(_) => Vec::new(),
        };
        Self { routes }
    }

    pub(crate) fn shown(&self, method: &Method, path: &str) -> SmolStr {
        match find(&self.routes, method, path) {
            Matched::Route(route, _) => route.path.clone(),
            _ => path.into(),
        }
    }
}
