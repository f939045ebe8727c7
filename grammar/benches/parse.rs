//! How fast a file becomes a tree: `cargo bench -p scn-grammar --bench parse [FILE…]`.
//!
//! Without files, those of `scenarios`. Prints megabytes (10⁶ bytes) of source a second on one core, the best of several rounds, and
//! how long reading takes beside copying the bytes, which says something on any machine.

use std::{fs, hint::black_box, path::PathBuf, time::Instant};

use scn_diagnostics::SourceId;

const ROUNDS: usize = 15;

fn main() {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).map(PathBuf::from).collect();
    let files = if given.is_empty() { shipped() } else { given };
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("a readable file")).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let times = bytes.max(1).div_ceil(1_000_000).max(1_000_000 / bytes.max(1));
    let parsed = best(|| {
        for text in texts.iter().cycle().take(texts.len() * times) {
            black_box(scn_grammar::parse(SourceId(0), black_box(text)));
        }
    });
    let copied = best(|| {
        for text in texts.iter().cycle().take(texts.len() * times) {
            black_box(black_box(text).clone());
        }
    });
    let size = (bytes * times) as f64 / 1e6;
    println!("{} files, {bytes} bytes", texts.len());
    println!("{:.1} MB/s from text to tree", size / parsed);
    println!("{:.0} times as long as copying the bytes", parsed / copied);
}

/// The sources that the repository shows.
fn shipped() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    [root.clone(), root.join("gov")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "scn"))
        .collect()
}

/// Seconds of the fastest round.
fn best(mut run: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
