//! Whatever stands in a rules file, it is read or refused with places that lie in it.

use std::{path::Path, sync::Arc};

use scn_analysis::{Options, World, WorldError, compile};

/// A sandbox and a rules file.
struct Two<'t>(&'t str, &'t str);

impl World for Two<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
        match path {
            "agency.scn" => Ok(self.0.into()),
            "rules.yaml" => Ok(self.1.into()),
            _ => Err(WorldError::NotFound),
        }
    }

    fn settings(&self, _path: &str) -> Option<String> {
        None
    }
}

#[test]
fn any_text_is_read_or_refused() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ui/rules");
    let read = |name: &str| std::fs::read_to_string(shipped.join(name)).expect("the corpus is there");
    let (agency, rules) = (read("good.scn"), read("good.rules.yaml"));
    let options = Options { rules: Some("rules.yaml".to_owned()), ..Options::default() };
    let check = |text: &str| {
        let compilation = compile(&Two(&agency, text), "agency.scn", &options);
        for found in &compilation.diagnostics {
            let span = found.primary.span;
            let source = compilation.sources.get(span.source).expect("a source of the compilation");
            assert!(source.text().get(span.range()).is_some(), "{found:?} in {text:?}");
        }
    };
    // Only the part with rules of every kind, for each text is compiled from the start.
    let rules = &rules[rules.find("rules:").expect("the list")..];
    for (at, _) in rules.char_indices().step_by(23) {
        check(&rules[..at]);
        for inserted in ["\"", "[", "\t", ": ", "\n", "ß", "*a ", "--- "] {
            check(&format!("{}{inserted}{}", &rules[..at], &rules[at..]));
        }
    }
    for text in [
        "",
        "~",
        "[]",
        "a",
        "- ",
        "- - -",
        "rules:",
        "rules: 1",
        "\u{feff}- a",
        "- !x {}",
        "? [a]\n: b",
        "%YAML 9\n---\n",
    ] {
        check(text);
    }
    check(&"[".repeat(100_000));
    check(&"- ".repeat(100_000));
}
