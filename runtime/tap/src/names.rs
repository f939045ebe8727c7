//! What a person means who types part of a scenario's name.

/// What a typed name can mean among known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Nothing.
    Nothing,
    /// This one.
    One(String),
    /// Any of these.
    Several(Vec<String>),
}

/// The one of `known` that `wanted` means: itself; else its newest version (`passport-renewal` means
/// `passport-renewal-v2` rather than `-v1`); else the only one that begins so.
pub fn named<'a>(known: impl IntoIterator<Item = &'a str>, wanted: &str) -> Named {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    if known.contains(&wanted) {
        return Named::One(wanted.to_owned());
    }
    if let Some((_, newest)) = known.iter().filter_map(|name| Some((version_of(name, wanted)?, *name))).max() {
        return Named::One(newest.to_owned());
    }
    let mut candidates: Vec<String> =
        known.into_iter().filter(|name| name.starts_with(wanted)).map(str::to_owned).collect();
    match candidates.len() {
        0 => Named::Nothing,
        1 => Named::One(candidates.remove(0)),
        _ => Named::Several(candidates),
    }
}

/// The number N where `name` is `wanted-vN`.
fn version_of(name: &str, wanted: &str) -> Option<u32> {
    name.strip_prefix(wanted)?.strip_prefix("-v")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_people_mean() {
        let known = ["passport-renewal-v9", "passport-renewal-v10", "passport-loss", "visa", "visa-extended", "tax-v1"];
        let one = |name: &str| Named::One(name.to_owned());
        for (wanted, meant) in [
            ("visa", one("visa")),
            ("passport-renewal", one("passport-renewal-v10")),
            ("passport-l", one("passport-loss")),
            ("tax", one("tax-v1")),
            ("visas", Named::Nothing),
            ("vis", Named::Several(vec!["visa".to_owned(), "visa-extended".to_owned()])),
        ] {
            assert_eq!(named(known, wanted), meant, "{wanted}");
        }
    }
}
