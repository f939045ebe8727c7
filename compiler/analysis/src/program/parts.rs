//! What is to be checked falls into parts that have nothing to do with one another.
//!
//! Each part is checked by itself, so that the trees of one are held at a time, and not those of all files. Which files have to do
//! with one another is told by their texts, before any is parsed. Wherever that is not sure, all files are one part.

use scn_plan::collections::{HashMap, IndexMap};

use memchr::{memchr, memmem, memrchr};
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;
use scn_diagnostics::SourceMap;

use crate::{
    settings::Settings,
    world::{Over, World, join, normal},
};

/// So many files are worth a part of their own: what all files share is looked at once for each part.
const FEW: usize = 32;

/// The parts of what is to be checked.
pub(super) struct Parts<'w> {
    /// Holds the texts that have been read.
    pub world: Over<'w>,
    /// The paths of each part as they were given, in their order.
    pub paths: Vec<Vec<String>>,
}

/// The parts that the files at `paths` fall into: files that use one another, or that the same settings hold for, are in one. Yields
/// none where they are too few for two parts.
pub(super) fn of<'w>(world: &'w dyn World, paths: &[String]) -> Option<Parts<'w>> {
    if paths.len() < 2 * FEW {
        return None;
    }
    let read = paths.par_iter().map(|path| {
        let text = world.read(path);
        let used = text.as_ref().map_or(Some(Vec::new()), |text| used(text));
        (text, used)
    });
    let (texts, used): (Vec<_>, Vec<Option<Vec<String>>>) = read.unzip();
    let texts = paths.iter().cloned().zip(texts).filter_map(|(path, text)| Some((path, text.ok()?))).collect();
    let world = Over { world, texts };
    let all = || vec![(0..paths.len()).collect()];
    let parts = used.into_iter().collect::<Option<Vec<_>>>();
    let parts =
        parts.and_then(|used| related(&world, paths, &used)).map_or_else(all, |same| grouped(&same, paths.len()));
    let named = |part: Vec<usize>| part.into_iter().filter_map(|at| paths.get(at).cloned()).collect();
    Some(Parts { world, paths: parts.into_iter().map(named).collect() })
}

/// Which of the files at `paths`, by their numbers, have to do with one another; `used` are the paths that each of them uses. None
/// where a file comes in that is not among them, which may lead anywhere.
fn related(world: &dyn World, paths: &[String], used: &[Vec<String>]) -> Option<UnionFind<usize>> {
    let mut numbers: HashMap<String, usize> = HashMap::default();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        edges.push((at, *numbers.entry(normal(path)).or_insert(at)));
    }
    // The settings of each folder; each has a number behind those of the files.
    let mut of_folders: HashMap<&str, Option<usize>> = HashMap::default();
    let mut settings: IndexMap<String, ()> = IndexMap::default();
    for ((at, path), used) in paths.iter().enumerate().zip(used) {
        let from = normal(path);
        for used in used {
            edges.push((at, *numbers.get(&join(&from, used))?));
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let of_folder = match of_folders.get(folder) {
            Some(known) => *known,
            None => {
                let found = world.settings(path).map(|file| settings.insert_full(file, ()).0);
                *of_folders.entry(folder).or_insert(found)
            }
        };
        edges.extend(of_folder.map(|number| (at, paths.len() + number)));
    }
    for (number, file) in settings.keys().enumerate() {
        // What is wrong in them is reported where the files are checked.
        let settings = Settings::load(world, file, &mut SourceMap::new(), &mut Vec::new());
        if !settings.libraries.is_empty() {
            return None;
        }
        for (module, _) in &settings.modules {
            edges.push((paths.len() + number, *numbers.get(module)?));
        }
    }
    let mut same = UnionFind::new(paths.len() + settings.len());
    for (one, other) in edges {
        same.union(one, other);
    }
    Some(same)
}

/// The first `count` numbers by what they are the same as, each group with at least [`FEW`] but the last.
fn grouped(same: &UnionFind<usize>, count: usize) -> Vec<Vec<usize>> {
    let mut groups: IndexMap<usize, Vec<usize>> = IndexMap::default();
    for number in 0..count {
        groups.entry(same.find(number)).or_default().push(number);
    }
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for group in groups.into_values() {
        match parts.last_mut().filter(|part| part.len() < FEW) {
            Some(part) => part.extend(group),
            None => parts.push(group),
        }
    }
    parts.iter_mut().for_each(|part| part.sort_unstable());
    parts
}

/// The paths that a text may use. They may be more than those, for a line of a block text looks like any other. None where a line
/// may use what is not told here.
fn used(text: &str) -> Option<Vec<String>> {
    let bytes = text.as_bytes();
    let mut paths = Vec::new();
    let mut from = 0;
    // Each line in which the word stands is looked at once.
    while let Some(found) = bytes.get(from..).and_then(|rest| memmem::find(rest, b"use")) {
        let at = from + found;
        let start = bytes.get(from..at).and_then(|before| memrchr(b'\n', before)).map_or(from, |line| from + line + 1);
        from = bytes.get(at..).and_then(|rest| memchr(b'\n', rest)).map_or(bytes.len(), |end| at + end);
        let before = text.get(start..at)?.trim_start_matches('\u{feff}').trim_start();
        // What cannot be seen may be passed over.
        if before.chars().any(|char| char.is_ascii_graphic()) {
            continue;
        }
        match operand(text.get(at + "use".len()..from)?) {
            Operand::Path(path) if before.is_empty() => paths.push(path.to_owned()),
            Operand::None => {}
            Operand::Path(_) | Operand::Unclear => return None,
        }
    }
    Some(paths)
}

/// What stands behind the word `use`.
enum Operand<'t> {
    Path(&'t str),
    /// Nothing, a module of the standard library or of a library, or the rest of a longer word.
    None,
    /// Something that is mended, or that escapes stand in.
    Unclear,
}

fn operand(rest: &str) -> Operand<'_> {
    let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if rest.starts_with(is_word) {
        return Operand::None;
    }
    let operand = rest.trim_ascii_start();
    let quoted =
        operand.strip_prefix('"').map(|rest| (rest, '"')).or(operand.strip_prefix('\'').map(|rest| (rest, '\'')));
    match quoted.map(|(rest, quote)| rest.split_once(quote)) {
        Some(Some((path, _))) if !path.contains('\\') => Operand::Path(path),
        Some(_) => Operand::Unclear,
        None if operand.is_empty() || operand.starts_with(|first: char| first.is_ascii_alphabetic()) => Operand::None,
        None => Operand::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::world::WorldError;

    /// Files in memory, and the settings of folders.
    struct Files(Vec<(String, String)>);

    impl World for Files {
        fn read(&self, path: &str) -> Result<Arc<str>, WorldError> {
            let found = self.0.iter().find(|(own, _)| own == path);
            found.map(|(_, text)| text.as_str().into()).ok_or(WorldError::NotFound)
        }

        fn settings(&self, path: &str) -> Option<String> {
            let settings = format!("{}/esr.toml", path.rsplit_once('/')?.0);
            self.read(&settings).is_ok().then_some(settings)
        }
    }

    /// How many files each part has; none where all is one.
    fn sizes(files: Vec<(String, String)>) -> Option<Vec<usize>> {
        let paths: Vec<String> =
            files.iter().map(|(path, _)| path.clone()).filter(|path| path.ends_with(".scn")).collect();
        Some(of(&Files(files), &paths)?.paths.iter().map(Vec::len).collect())
    }

    fn folder(name: &str, files: usize, text: &str) -> impl Iterator<Item = (String, String)> {
        (0..files).map(move |file| (format!("{name}/{file}.scn"), text.to_owned()))
    }

    #[test]
    fn files_that_stand_alone_are_taken_together() {
        assert_eq!(sizes(folder("a", 100, "").collect()), Some(vec![32, 32, 32, 4]));
        assert_eq!(sizes(folder("a", 63, "").collect()), None);
    }

    #[test]
    fn files_that_use_one_are_together() {
        let uses = [
            "use \"./0.scn\"",
            "# First.\n\n  use  '0.scn' as other\n",
            "\u{feff}use \"../a/./0.scn\" as other\r\n",
            "useful: 1\nuse \"0.scn\" # because it is of use",
        ];
        for text in uses {
            let others = "use std.people\n# use \"../a/0.scn\"\n- use \"../a/0.scn\"\nuser: \"../a/0.scn\"\nuse";
            let files = folder("a", 50, text).chain(folder("b", 50, others));
            assert_eq!(sizes(files.collect()), Some(vec![50, 32, 18]), "{text}");
        }
    }

    #[test]
    fn where_it_is_not_sure_what_is_used_all_are_together() {
        let uses = [
            "use \"0.scn",
            "use \"\\u{30}.scn\"",
            "use \"../elsewhere.scn\"",
            "const text = |\n  use \"/dev/zero\"",
            "use \u{201c}0.scn\u{201d}",
            "use \u{200b}\"0.scn\"",
            "\u{200b}use \"0.scn\"",
            "use )\"0.scn\"",
        ];
        for text in uses {
            let files = folder("a", 1, text).chain(folder("b", 99, ""));
            assert_eq!(sizes(files.collect()), Some(vec![100]), "{text}");
        }
    }

    #[test]
    fn files_with_the_same_settings_are_together() {
        let files = || folder("a", 50, "").chain(folder("b", 50, ""));
        let with = |text: &str| sizes(files().chain([("a/esr.toml".to_owned(), text.to_owned())]).collect());
        assert_eq!(with("modules = [\"../b/7.scn\"]"), Some(vec![51, 32, 17]));
        assert_eq!(with("modules = [\"../c/7.scn\"]"), Some(vec![100]));
        assert_eq!(with("[libraries]\nb = { path = \"../b\" }"), Some(vec![100]));
    }

    #[test]
    fn long_lines_are_read_once() {
        let text = format!("# {}\n{}use {}", "use ".repeat(300_000), " ".repeat(300_000), "use ".repeat(300_000));
        assert_eq!(used(&text), Some(Vec::new()));
    }
}
