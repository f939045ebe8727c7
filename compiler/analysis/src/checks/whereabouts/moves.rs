//! Where a frontend leads: from a page that a browser shows to those that it can show next.

use scn_plan::{
    Value,
    blueprint::{Form, Frontend, Handler, HandlerStepKind, Page},
};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::sights::{Sight, Sights};

/// The moves of a frontend.
pub(in crate::checks) struct Moves<'a> {
    frontend: &'a Frontend,
    /// What a browser may show at all; a number in [`Sights`] is a place here.
    sights: Vec<Sight>,
    /// What opening each page may show.
    views: Vec<Sights>,
    /// What opening any page may show.
    anywhere: Sights,
    /// What submitting the forms of each page may show.
    submissions: Vec<Submissions<'a>>,
}

/// What submitting the forms of a page may show.
struct Submissions<'a> {
    /// Any of them.
    any: Sights,
    /// Each by its name.
    forms: Vec<(&'a SmolStr, Sights)>,
}

/// Sights that are yet to be numbered, each once.
#[derive(Default)]
struct Found(SmallVec<[Sight; 4]>);

impl Found {
    fn insert(&mut self, sight: Sight) {
        if !self.0.contains(&sight) {
            self.0.push(sight);
        }
    }
}

impl<'a> Moves<'a> {
    /// The moves of `frontend`.
    pub fn of(frontend: &'a Frontend) -> Self {
        let finder = Finder { frontend };
        let views: Vec<Found> = (0..frontend.pages.len()).map(|page| finder.view(page)).collect();
        let answers = frontend.pages.values().enumerate().map(|(at, page)| {
            let answers = page.forms.values().map(|form| (&form.name, finder.answer(at, page, form, &views)));
            answers.collect::<Vec<(&SmolStr, Found)>>()
        });
        let answers: Vec<Vec<(&SmolStr, Found)>> = answers.collect();
        let found = views.iter().chain(answers.iter().flatten().map(|(_, found)| found));
        let mut sights: Vec<Sight> = found.flat_map(|found| &found.0).copied().collect();
        sights.sort_unstable();
        sights.dedup();
        let numbered =
            |found: &Found| -> Sights { found.0.iter().filter_map(|sight| sights.binary_search(sight).ok()).collect() };
        let union = |of: &mut dyn Iterator<Item = &Sights>| {
            let mut all = Sights::default();
            for sights in of {
                all.add(sights);
            }
            all
        };
        let views: Vec<Sights> = views.iter().map(numbered).collect();
        let anywhere = union(&mut views.iter());
        let submissions = answers.iter().map(|answers| {
            let forms: Vec<(&SmolStr, Sights)> = answers.iter().map(|(name, found)| (*name, numbered(found))).collect();
            Submissions { any: union(&mut forms.iter().map(|(_, sights)| sights)), forms }
        });
        let submissions = submissions.collect();
        Self { frontend, views, anywhere, submissions, sights }
    }

    /// The page at `index`.
    pub fn page(&self, index: usize) -> Option<&'a Page> {
        self.frontend.pages.get_index(index).map(|(_, page)| page)
    }

    /// The sights of these numbers, in order.
    pub fn sights(&self, of: &Sights) -> impl Iterator<Item = Sight> {
        of.iter().filter_map(|number| self.sights.get(number).copied())
    }

    /// Those of them that are to be kept.
    pub fn only(&self, of: &Sights, keep: impl Fn(Sight) -> bool) -> Sights {
        let mut kept = of.clone();
        for number in of.iter() {
            if !self.sights.get(number).is_some_and(|sight| keep(*sight)) {
                kept.remove(number);
            }
        }
        kept
    }

    /// Every page under its own address.
    pub fn anywhere(&self) -> &Sights {
        &self.anywhere
    }

    /// What opening the page may show.
    pub fn view(&self, page: usize) -> Option<&Sights> {
        self.views.get(page)
    }

    /// What submitting a form of what is shown may show: the form named `name`, or any of them.
    pub fn submit(&self, from: &Sights, name: Option<&str>) -> Sights {
        let mut next = Sights::default();
        for submissions in self.sights(from).filter_map(|sight| self.submissions.get(sight.shown)) {
            match name {
                None => {
                    next.add(&submissions.any);
                }
                Some(name) => {
                    for (_, sights) in submissions.forms.iter().filter(|(form, _)| *form == name) {
                        next.add(sights);
                    }
                }
            }
        }
        next
    }

    /// What submitting any form of a page may show.
    pub fn submissions(&self, page: usize) -> Option<&Sights> {
        self.submissions.get(page).map(|submissions| &submissions.any)
    }
}

/// Pages that have been opened on a way.
type Seen = SmallVec<[usize; 8]>;

/// Finds what opening pages and submitting forms may show.
struct Finder<'a> {
    frontend: &'a Frontend,
}

impl Finder<'_> {
    fn index(&self, path: &str) -> Option<usize> {
        self.frontend.pages.get_index_of(path)
    }

    fn view(&self, page: usize) -> Found {
        let mut sights = Found::default();
        self.open(page, &mut sights, &mut Seen::new());
        sights
    }

    /// Opens the page: a handler may reply with others.
    fn open(&self, page: usize, sights: &mut Found, seen: &mut Seen) {
        if seen.contains(&page) {
            return;
        }
        seen.push(page);
        sights.insert(Sight { address: page, shown: page });
        if let Some(handler) = self.frontend.pages.get_index(page).and_then(|(_, page)| page.on_view.as_ref()) {
            self.replies(page, handler, sights, seen);
        }
    }

    fn replies(&self, at: usize, handler: &Handler, sights: &mut Found, seen: &mut Seen) {
        handler.for_each_step(&mut |step| {
            let HandlerStepKind::Call { call, .. } = &step.kind else { return };
            let Some(page) = call.arg("page") else { return };
            let (known, any) = match page.as_value() {
                Some(Value::Symbol(path) | Value::Path(path)) => (self.index(path), 0),
                Some(Value::Text(path)) => (self.index(&path.value), 0),
                Some(_) => (None, 0),
                None => (None, self.frontend.pages.len()),
            };
            let redirects = match call.arg("status").and_then(|status| status.as_value()) {
                Some(Value::Int(status)) => (300..400).contains(status),
                _ => true,
            };
            for page in known.into_iter().chain(0..any) {
                sights.insert(Sight { address: at, shown: page });
                if redirects {
                    self.open(page, sights, seen);
                }
            }
        });
    }

    /// What the frontend may answer to a form of the page `at`.
    fn answer(&self, at: usize, page: &Page, form: &Form, views: &[Found]) -> Found {
        // What is not filled in right shows the page again.
        let mut sights = Found::default();
        sights.insert(Sight { address: at, shown: at });
        let to = form.to.as_ref().unwrap_or(&page.path);
        if let Some(to) = self.index(to).and_then(|to| views.get(to)) {
            to.0.iter().for_each(|sight| sights.insert(*sight));
        }
        if let Some(handler) = &form.on_submit {
            self.replies(at, handler, &mut sights, &mut Seen::new());
        }
        sights
    }
}
