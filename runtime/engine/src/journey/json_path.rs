//! The part of JSONPath (RFC 9535) that names one value: `$`, `.name`, `['name']`, `[index]`.

use scn_plan::Value;
use serde_json::Value as Json;

/// The value at `path`; none if there is none, or if the path is of another kind.
pub(super) fn find(json: &Json, path: &str) -> Value {
    steps(path)
        .and_then(|steps| steps.iter().try_fold(json, |at, step| step.of(at)))
        .map_or(Value::None, Value::from_json)
}

enum Step<'a> {
    Name(&'a str),
    /// From the end where negative.
    Index(i64),
}

impl Step<'_> {
    fn of<'j>(&self, json: &'j Json) -> Option<&'j Json> {
        match (self, json) {
            (Step::Name(name), Json::Object(fields)) => fields.get(*name),
            (Step::Index(at), Json::Array(items)) => {
                let from_end = usize::try_from(at.unsigned_abs()).ok()?;
                items.get(if *at < 0 { items.len().checked_sub(from_end)? } else { from_end })
            }
            _ => None,
        }
    }
}

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            if name.is_empty() || name == "*" {
                return None;
            }
            steps.push(Step::Name(name));
            rest = after;
        } else {
            let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
            let quoted = |quote| inside.trim().strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
            steps.push(match quoted('\'').or_else(|| quoted('"')) {
                Some(name) => Step::Name(name),
                None => Step::Index(inside.trim().parse().ok()?),
            });
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_values() {
        let json = serde_json::json!({ "a": { "b c": [10, 20, { "d": "x" }] }, "n": null });
        for (path, expected) in [
            ("$.a['b c'][0]", "10"),
            ("$.a[\"b c\"][-1].d", "\"x\""),
            ("$.n", "none"),
            ("$.missing.deeper", "none"),
            ("$.a[0]", "none"),
            ("$.a.*", "none"),
            ("a.b", "none"),
        ] {
            assert_eq!(find(&json, path).to_string(), expected, "{path}");
        }
        assert_eq!(find(&json, "$"), Value::from_json(&json));
    }
}
