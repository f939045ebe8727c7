//! Matching paths to routes, and showing paths without anybody's data.

use http::Method;
use percent_encoding::percent_decode_str;
use scn_plan::{
    Record, Value,
    blueprint::{Part, PartKind, Route},
};
use smol_str::{SmolStr, format_smolstr};

use super::{agent::WATCH_PATH, call::ITEMS_PATH};

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
    let of_method = routes.iter().filter(|route| route.method == method.as_str());
    if let Some((route, parameters)) = best(of_method.map(|route| (route, route.path.as_str())), path) {
        return Matched::Route(route, parameters);
    }
    let fitting = routes.iter().filter(|route| parameters(&route.path, path).is_some());
    let methods: Vec<&str> = fitting.map(|route| route.method.as_str()).collect();
    if methods.is_empty() { Matched::Nothing } else { Matched::OtherMethod(methods) }
}

/// Of those whose template fits `path`, the first with the fewest parameters.
fn best<'a, T>(templates: impl Iterator<Item = (T, &'a str)>, path: &str) -> Option<(T, Record)> {
    let fitting = templates.filter_map(|(of, template)| Some((of, parameters(template, path)?)));
    fitting.min_by_key(|(_, parameters)| parameters.len())
}

/// The parameters of `path` by the segments `{name}` of `template`; none if it does not fit.
pub(super) fn parameters(template: &str, path: &str) -> Option<Record> {
    let (mut parameters, mut segments) = (Record::default(), path.split('/'));
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

/// What stands for a path that a part does not declare: it may hold anybody's data.
pub(super) const UNKNOWN_PATH: SmolStr = SmolStr::new_static("[unknown path]");

/// Shows the paths of requests to a part as the part declares them: a parameter may be anybody's data, so its name stands
/// in its place, and of what is not declared nothing is shown.
pub(crate) struct PublicPaths {
    /// Paths that are shown as they are.
    fixed: Vec<SmolStr>,
    /// Methods and path templates.
    routes: Vec<(SmolStr, SmolStr)>,
}

impl PublicPaths {
    pub(crate) fn of(part: &Part) -> Self {
        let (fixed, routes) = match &part.kind {
            PartKind::Service(service) => (Vec::new(), service.routes.as_slice()),
            PartKind::Frontend(frontend) => (frontend.pages.keys().cloned().collect(), [].as_slice()),
            PartKind::Agent(_) => (vec![WATCH_PATH.into()], [].as_slice()),
            PartKind::Queue(_) => {
                let item = (SmolStr::new_static("GET"), format_smolstr!("{ITEMS_PATH}/{{key}}"));
                return Self { fixed: vec![ITEMS_PATH.into()], routes: vec![item] };
            }
            PartKind::Partner(partner) => (
                partner.envelopes.keys().map(|schema| esr_engine::envelopes::path(schema).into()).collect(),
                [].as_slice(),
            ),
        };
        Self { fixed, routes: routes.iter().map(|route| (route.method.clone(), route.path.clone())).collect() }
    }

    pub(crate) fn shown(&self, method: &Method, path: &str) -> SmolStr {
        if let Some(fixed) = self.fixed.iter().find(|fixed| *fixed == path) {
            return fixed.clone();
        }
        let template = |(_, template): &'_ (SmolStr, SmolStr)| template.clone();
        let of_method = self.routes.iter().filter(|(of, _)| of == method.as_str()).map(template);
        // A request with a method that the route lacks is for that route all the same.
        let fitting = shown_as(of_method, path).or_else(|| shown_as(self.routes.iter().map(template), path));
        fitting.unwrap_or(UNKNOWN_PATH)
    }
}

/// The template that `path` is shown as.
fn shown_as(templates: impl Iterator<Item = SmolStr>, path: &str) -> Option<SmolStr> {
    let fitting = templates.filter_map(|template| Some((parameters(&template, path)?.len(), template)));
    fitting.min_by_key(|(parameters, _)| *parameters).map(|(_, template)| template)
}
