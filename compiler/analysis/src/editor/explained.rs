//! What the words of the language mean that the prelude does not declare: declarations, entries, settings, attributes of every step, and
//! steps that are no calls.

/// Words, the blocks that they stand in and what they mean. A block is known by the word that opens it; `-` stands for items of journeys
/// and handlers, `:` for what every item takes. Without a block they open declarations.
const WORDS: &[(&str, &[&str], &str)] = &[
    // Declarations.
    (
        "use",
        &[""],
        "Makes what a file, a module of a library or of the standard library declares known here: `use \"./people.scn\" as people`.",
    ),
    ("const", &[""], "Gives a value a name that stands for it wherever it is read: `const fee = $130`."),
    (
        "persona",
        &[""],
        "Declares a template of the people who take journeys: a field a line, each with a value or a generator.",
    ),
    ("flow", &[""], "Declares steps that journeys call by `- do: NAME(…)`, with parameters and a result."),
    ("probe", &[""], "Declares a fault that is composed of others, with parameters."),
    (
        "scenario",
        &[""],
        "Declares a launch to be rehearsed: who takes which journey, which faults there are, and what counts as good.",
    ),
    (
        "sandbox",
        &[""],
        "Declares the parts that a scenario runs against: frontends, services, partners, agents and queues.",
    ),
    ("frontend", &["sandbox"], "A part with pages, which personas see."),
    ("service", &["sandbox"], "A part with routes, which other parts and journeys call."),
    ("partner", &["sandbox"], "Another agency: it answers envelopes."),
    ("agent", &["sandbox"], "A part that watches requests to another and does something after each."),
    ("queue", &["sandbox"], "A desk where people decide on items, each after a while."),
    ("store", &["frontend", "service", "partner", "agent", "queue"], "Records of one type, kept by a key."),
    (
        "page",
        &["frontend", "branch"],
        "A page by its path and title: what it shows, its forms, and what is done when they are submitted.",
    ),
    ("branch", &["frontend"], "What a branch of the frontend's sources changes of its pages."),
    ("form", &["page"], "A form, its fields with their types, and the page that comes after it."),
    (
        "on",
        &["page", "partner", "queue"],
        "What is done when a page is viewed, a form is submitted, an envelope comes in or a decision is made.",
    ),
    ("route", &["service"], "A method and a path that the service answers, and how."),
    // Entries of a scenario.
    ("tags", &["scenario"], "Words that scenarios are chosen and listed by."),
    ("tag", &["scenario"], "The same as `tags`, for a single word."),
    ("sandbox", &["scenario"], "The sandbox that the scenario runs in; without it, the one that `esr.toml` names."),
    ("slo", &["scenario"], "A duration that goals can name as `slo`: `p95 <= 2 * slo`."),
    ("duration", &["scenario"], "How long a run takes at most."),
    (
        "signoff",
        &["scenario"],
        "Who has to approve a run whose goals are met, before it counts: `signoff: required by: RELEASE.BOARD`.",
    ),
    (
        "goals",
        &["scenario"],
        "What counts as good, a comparison an item: `- success >= 99%`, `- p95(during: slow_bank) <= 2s`. All of them decide the verdict.",
    ),
    ("personas", &["scenario"], "Who takes the journey: a number, or items such as `- 45 of Applicant`."),
    ("load", &["scenario"], "When journeys set out, stage by stage; without it, each persona makes one, all at once."),
    (
        "think",
        &["scenario"],
        "How long people think between two steps of theirs: a duration or a range. It counts in no response time.",
    ),
    ("pacing", &["scenario"], "How long a persona waits between two journeys of its own: a duration or a range."),
    ("probes", &["scenario"], "Faults that are injected while the run is under way, each with its window of time."),
    ("steps", &["scenario", "-"], "What is done, a step an item, from top to bottom."),
    // Stages of a load.
    ("warm-up", &["load"], "Journeys at the beginning that no goal counts: `- warm-up: 10s`."),
    ("ramp", &["load"], "More and more personas make journeys: `- ramp: 50 over 1m`."),
    ("hold", &["load"], "The personas go on as they are: `- hold: 5m`."),
    ("spike", &["load"], "More personas for a while: `- spike: 200 for 30s`."),
    ("arrivals", &["load"], "Journeys arrive at a rate, however long those before take: `- arrivals: 20/s for 5m`."),
    // Steps that are no calls.
    ("if", &["-"], "The steps under `then:` where the condition holds; then `elif:` and `else:`."),
    ("then", &["-"], "The steps where the condition holds."),
    ("elif", &["-"], "Another condition, looked at where those before do not hold."),
    ("else", &["-"], "The steps where no condition holds."),
    ("choose", &["-"], "One of several ways, each taken by a share of the personas: `60%:` … `else:`."),
    ("repeat", &["-"], "The steps under `steps:` so many times, or until something holds."),
    (
        "for",
        &["-"],
        "The steps under `steps:` for each item of a list or number of a range: `- for: kind in [\"a\", \"b\"]`.",
    ),
    ("retry", &["-"], "The steps under `steps:` again while they fail, so many times at most."),
    ("group", &["-"], "Steps with a name that goals can ask for, and a timeout."),
    ("do", &["-"], "Calls a flow; `as:` gives its result a name."),
    ("return", &["-"], "Ends the flow with a result."),
    ("set", &["-"], "Gives a variable a value: `- set: total to: total + 1`."),
    // What every step takes.
    ("name", &[":"], "What reports and goals call it."),
    ("timeout", &[":"], "How long it may take before it has failed."),
    ("if", &[":"], "It is done only where the condition holds."),
    ("soft", &[":"], "Where it fails, the journey goes on, and has not succeeded."),
    ("as", &[":"], "The name of the variable that holds what comes of it."),
    ("tag", &[":"], "A word that goals can ask for: `p95(tag: money)`."),
    ("tags", &[":"], "Words that goals can ask for."),
    ("from", &[":"], "When the probe begins, from the start of the run."),
    ("for", &[":"], "How long the probe lasts."),
    // Settings of a sandbox and its parts.
    ("entry", &["sandbox"], "The frontend that journeys begin at."),
    ("data", &["sandbox"], "Records that stores hold from the beginning."),
    (
        "seed",
        &["data"],
        "Records of a store, written out or made of a template: `- seed: ledger.entries key: id records: [ … ]`.",
    ),
    ("workers", &["frontend", "service", "partner", "agent"], "How many requests are served at once; without it, all."),
    (
        "latency",
        &["frontend", "service", "partner", "agent"],
        "How long each request takes besides what it does: a duration, a range or a distribution.",
    ),
    ("port", &["frontend", "service", "partner"], "The port on this machine; without it, any that is free."),
    ("repo", &["frontend", "service", "partner"], "The folder or the repository with the part's sources."),
    ("branch", &["service", "partner"], "The branch of the repository."),
    ("build", &["frontend", "service", "partner"], "What is run once before the part starts; no shell is involved."),
    ("run", &["frontend", "service", "partner"], "The program that is the part; no shell is involved."),
    (
        "health",
        &["frontend", "service", "partner"],
        "The path that answers with a status below 400 once the part is ready.",
    ),
    ("env", &["frontend", "service", "partner"], "Variables of the program's environment."),
    (
        "calls",
        &["frontend", "service", "partner"],
        "The parts that the program calls; each one's address is in its environment.",
    ),
    ("image", &["frontend", "service", "partner"], "A container image; not in this version."),
    ("manifests", &["frontend", "service", "partner"], "Kubernetes manifests; not in this version."),
    ("openapi", &["frontend", "service", "partner"], "An OpenAPI description; not in this version."),
    ("url", &["frontend", "service", "partner"], "An address elsewhere; not in this version."),
    (
        "watches",
        &["agent"],
        "The requests that it acts on, once they are answered: `watches: payments-svc POST \"/charge\"`.",
    ),
    ("reviewers", &["queue"], "How many review at once; without it, nobody waits for a reviewer."),
    ("after", &["queue"], "How long a review takes."),
    ("decides", &["queue"], "What is decided, by weight: `choice(\"approve\" weight 9, \"reject\")`."),
    ("item", &["queue"], "The type of what is decided on."),
    ("show", &["page"], "Values that the page shows, by their names."),
    ("text", &["page"], "What the page says."),
    ("label", &["form"], "What the field is called on the page."),
    ("pattern", &["form"], "A regular expression that what is entered must match."),
    ("max", &["form"], "The largest file that is taken."),
    ("pii", &["form"], "Whether it is somebody's personal data, which no output shows."),
    ("secret", &["form"], "Whether it is a secret, which no output shows."),
];

/// What `word` means in the block that `opened_by` opens; see [`WORDS`].
pub fn explained(word: &str, opened_by: &str) -> Option<&'static str> {
    let found = WORDS.iter().find(|(name, blocks, _)| *name == word && blocks.contains(&opened_by));
    found.map(|(_, _, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::{super::blocks, explained};
    use crate::{
        blueprint,
        scenario::{COMMON, CONTROL, PROBE_COMMON, STAGES},
    };

    #[test]
    fn every_word_of_the_language_is_explained() {
        let blocks = ["scenario", "sandbox", "frontend", "service", "partner", "agent", "queue", "page", "branch"];
        for block in blocks {
            let (settings, declarations) = blocks::words(block);
            for word in settings.iter().chain(declarations) {
                let word = word.split(' ').next().expect("a word");
                assert!(explained(word, block).is_some(), "`{word}` in `{block}`");
            }
        }
        for word in CONTROL.iter().chain(&blueprint::words::CONTROL) {
            assert!(explained(word, "-").is_some(), "`{word}`");
        }
        for word in COMMON.iter().chain(PROBE_COMMON).chain(&blueprint::words::COMMON) {
            assert!(explained(word, ":").is_some(), "`{word}:`");
        }
        assert!(STAGES.iter().all(|word| explained(word, "load").is_some()));
        assert!(blueprint::words::FIELD.iter().all(|word| explained(word, "form").is_some()));
    }
}
