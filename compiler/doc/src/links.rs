//! Where names are documented.

use std::collections::HashMap;

use crate::model::{Kind, Module};

/// Which page and which place on it a name leads to.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The stem of each module's page, by the module's name.
    pages: Vec<(String, String)>,
    targets: HashMap<String, (String, String)>,
}

impl Links {
    /// The names of `modules`, whose pages are named after them.
    pub fn new(modules: &[Module]) -> Links {
        let mut links = Links::default();
        for module in modules {
            let mut stem = stem(&module.name);
            let mut number = 1;
            while stem == "index" || links.pages.iter().any(|(_, taken)| *taken == stem) {
                number += 1;
                stem = format!("{}-{number}", self::stem(&module.name));
            }
            links.add(module, &stem);
            links.pages.push((module.name.clone(), stem));
        }
        links
    }

    /// The names of a module, on the page of this stem. A name that is known already keeps its place.
    pub fn add(&mut self, module: &Module, page: &str) {
        let mut anchors = Anchors::default();
        for kind in Kind::ALL {
            let mut entries = module.of(kind).peekable();
            if entries.peek().is_some() {
                anchors.next(kind.plural());
            }
            for entry in entries {
                let target = (page.to_owned(), anchors.next(&entry.name));
                self.targets.entry(entry.name.clone()).or_insert(target);
            }
        }
    }

    /// The stem of the page of the module named `name`.
    pub fn page(&self, name: &str) -> Option<&str> {
        self.pages.iter().find(|(module, _)| module == name).map(|(_, stem)| stem.as_str())
    }

    /// Where `name` is documented, seen from the page `from`.
    pub(crate) fn target(&self, name: &str, from: &str) -> Option<String> {
        let (page, anchor) = self.targets.get(name)?;
        Some(if page == from { format!("#{anchor}") } else { format!("{page}.md#{anchor}") })
    }
}

/// The anchors of a page's headings, each unique, as Markdown's readers make them.
#[derive(Debug, Default)]
pub(crate) struct Anchors(HashMap<String, usize>);

impl Anchors {
    /// The anchor of the next heading.
    pub fn next(&mut self, heading: &str) -> String {
        let anchor: String = heading
            .to_lowercase()
            .chars()
            .filter_map(|character| match character {
                ' ' => Some('-'),
                '-' | '_' => Some(character),
                _ => character.is_alphanumeric().then_some(character),
            })
            .collect();
        let count = self.0.entry(anchor.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
    }
}

/// What the page of the module `name` is called, without its ending.
fn stem(name: &str) -> String {
    let name = name.trim_start_matches(['.', '/']);
    let name = name.strip_suffix(".yaml").unwrap_or(name);
    let name = name.strip_suffix(".scn").unwrap_or(name);
    let stem: String = name
        .chars()
        .map(|character| if character.is_alphanumeric() || matches!(character, '.' | '_') { character } else { '-' })
        .collect();
    if stem.is_empty() { "module".to_owned() } else { stem }
}
