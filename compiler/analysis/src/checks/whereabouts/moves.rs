//! Where a frontend leads: from a page that a browser shows to those that it can show next.

use std::collections::BTreeSet;

use scn_plan::{
    Value,
    blueprint::{Form, Frontend, Handler, HandlerStepKind, Page},
};
use smallvec::SmallVec;
use smol_str::SmolStr;

/// What a browser shows: the page under whose address it is, and the page that is shown there, which is another one where a
/// handler replies with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checks) struct Sight {
    /// The page of the address: its place among the frontend's pages.
    pub address: usize,
    /// The page that is shown.
    pub shown: usize,
}

/// A few sights, each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::checks) struct Sights(SmallVec<[Sight; 4]>);

impl Sights {
    /// Adds one, unless it is there.
    pub fn insert(&mut self, sight: Sight) {
        if let Err(at) = self.0.binary_search(&sight) {
            self.0.insert(at, sight);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Them all, in order.
    pub fn iter(&self) -> impl Iterator<Item = Sight> + '_ {
        self.0.iter().copied()
    }

    /// Leaves out those that are not to be kept.
    pub fn retain(&mut self, keep: impl Fn(&Sight) -> bool) {
        self.0.retain(|sight| keep(sight));
    }
}

impl Extend<Sight> for Sights {
    fn extend<T: IntoIterator<Item = Sight>>(&mut self, sights: T) {
        sights.into_iter().for_each(|sight| self.insert(sight));
    }
}

impl FromIterator<Sight> for Sights {
    fn from_iter<T: IntoIterator<Item = Sight>>(sights: T) -> Self {
        let mut all = Self::default();
        all.extend(sights);
        all
    }
}

/// Where a journey may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// What its browser may show.
    pub sights: Sights,
    /// Whether it may have no page open.
    pub nowhere: bool,
}

impl Whereabouts {
    /// Adds where else it may be; whether that is news.
    pub fn add(&mut self, other: &Whereabouts) -> bool {
        let before = (self.sights.len(), self.nowhere);
        self.sights.extend(other.sights.iter());
        self.nowhere |= other.nowhere;
        before != (self.sights.len(), self.nowhere)
    }

    /// Whether no journey comes here.
    pub fn is_empty(&self) -> bool {
        self.sights.is_empty() && !self.nowhere
    }
}

/// The moves of a frontend.
pub(in crate::checks) struct Moves<'a> {
    frontend: &'a Frontend,
    /// What opening each page may show.
    views: Vec<Sights>,
    /// What submitting each form of each page may show.
    submissions: Vec<Vec<(&'a SmolStr, Sights)>>,
}

impl<'a> Moves<'a> {
    /// The moves of `frontend`.
    pub fn of(frontend: &'a Frontend) -> Self {
        let mut moves = Self { frontend, views: Vec::new(), submissions: Vec::new() };
        moves.views = (0..frontend.pages.len())
            .map(|page| {
                let mut sights = Sights::default();
                moves.open(page, &mut sights, &mut BTreeSet::new());
                sights
            })
            .collect();
        moves.submissions = frontend
            .pages
            .values()
            .enumerate()
            .map(|(at, page)| page.forms.values().map(|form| (&form.name, moves.answer(at, page, form))).collect())
            .collect();
        moves
    }

    /// The page at `index`.
    pub fn page(&self, index: usize) -> Option<&'a Page> {
        self.frontend.pages.get_index(index).map(|(_, page)| page)
    }

    /// The place of the page that has this path.
    pub fn index(&self, path: &str) -> Option<usize> {
        self.frontend.pages.get_index_of(path)
    }

    /// Every page under its own address.
    pub fn anywhere(&self) -> Sights {
        (0..self.frontend.pages.len()).flat_map(|page| self.view(page)).collect()
    }

    /// What opening the page may show.
    pub fn view(&self, page: usize) -> impl Iterator<Item = Sight> + use<'_, 'a> {
        self.views.get(page).into_iter().flat_map(Sights::iter)
    }

    /// What submitting a form of what is shown may show: the form named `name`, or any of them.
    pub fn submit<'m>(&'m self, from: Sight, name: Option<&'m str>) -> impl Iterator<Item = Sight> + use<'m, 'a> {
        let forms = self.submissions.get(from.shown).into_iter().flatten();
        forms.filter(move |(form, _)| name.is_none_or(|name| *form == name)).flat_map(|(_, sights)| sights.iter())
    }

    /// Opens the page: a handler may reply with others.
    fn open(&self, page: usize, sights: &mut Sights, seen: &mut BTreeSet<usize>) {
        if !seen.insert(page) {
            return;
        }
        sights.insert(Sight { address: page, shown: page });
        if let Some(handler) = self.page(page).and_then(|page| page.on_view.as_ref()) {
            self.replies(page, handler, sights, seen);
        }
    }

    fn replies(&self, at: usize, handler: &Handler, sights: &mut Sights, seen: &mut BTreeSet<usize>) {
        handler.for_each_step(&mut |step| {
            let HandlerStepKind::Call { call, .. } = &step.kind else { return };
            let Some(page) = call.arg("page") else { return };
            let shown: Vec<usize> = match page.as_value() {
                Some(Value::Symbol(path) | Value::Path(path)) => self.index(path).into_iter().collect(),
                Some(Value::Text(path)) => self.index(&path.value).into_iter().collect(),
                Some(_) => Vec::new(),
                None => (0..self.frontend.pages.len()).collect(),
            };
            let redirects = match call.arg("status").and_then(|status| status.as_value()) {
                Some(Value::Int(status)) => (300..400).contains(status),
                _ => true,
            };
            for page in shown {
                sights.insert(Sight { address: at, shown: page });
                if redirects {
                    self.open(page, sights, seen);
                }
            }
        });
    }

    /// What the frontend may answer to a form of the page `at`.
    fn answer(&self, at: usize, page: &Page, form: &Form) -> Sights {
        // What is not filled in right shows the page again.
        let mut sights = Sights::from_iter([Sight { address: at, shown: at }]);
        let to = form.to.as_ref().unwrap_or(&page.path);
        if let Some(to) = self.index(to) {
            sights.extend(self.view(to));
        }
        if let Some(handler) = &form.on_submit {
            self.replies(at, handler, &mut sights, &mut BTreeSet::new());
        }
        sights
    }
}
