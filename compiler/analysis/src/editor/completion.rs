//! What can be written next, also in a line that does not parse yet: the lines around the place tell, not the tree.

use scn_grammar::ast::Keyword;
use smol_str::SmolStr;

use super::{
    Declared,
    arguments::{control, fields, is_called, parameter},
    blocks, explained,
    line::{Argument, Call, Line, ends_with_operator, first_word, is_word},
    prelude,
};
use crate::{
    blueprint,
    expr::{LAST_MEMBERS, PAGE_MEMBERS},
    index::Kind,
    line::snake_case,
    scenario::{CONTROL, PROBE_COMMON, STAGES},
    types::Type,
};

/// What a file can declare.
const TOP: [Keyword; 7] = [
    Keyword::Use,
    Keyword::Const,
    Keyword::Persona,
    Keyword::Flow,
    Keyword::Probe,
    Keyword::Scenario,
    Keyword::Sandbox,
];

/// Steps of handlers that ask another part.
const REQUESTS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Units by the types that have them.
const UNITS: [(&str, &[&str]); 4] = [
    ("Duration", &["ms", "s", "m", "h", "d"]),
    ("Size", &["KB", "MB", "GB", "KiB", "MiB", "GiB"]),
    ("Percent", &["%"]),
    ("Rate", &["/s", "/m", "/h"]),
];

/// What a name that can be written next is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A word that begins a declaration.
    Declaration,
    /// An entry of a scenario.
    Entry,
    /// A verb of an item.
    Verb,
    /// An attribute of the line's verb, or an argument of what is called.
    Attribute,
    /// A module of the standard library.
    Module,
    /// A type.
    Type,
    /// A generator.
    Generator,
    /// A number with a unit.
    Unit,
    /// One of several words or values.
    Value,
}

/// A name that can be written next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The name.
    pub name: SmolStr,
    /// What it is.
    pub wanted: Wanted,
    /// Its signature or its type; empty where there is none.
    pub detail: String,
    /// What it does; empty where nothing is said.
    pub doc: String,
}

/// Names that files declare and that can be written next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// What the file or what it uses declares by this keyword.
    Declared(Keyword),
    /// What has a name of this kind, wherever it can be seen.
    Known(Kind),
    /// Constants of the file that has this name, or fields of what has it: a variable, a parameter, `persona`, or a field of one.
    FieldsOf(SmolStr),
    /// Fields of the template with this name.
    FieldsOfTemplate(SmolStr),
    /// Routes of the part with this name.
    RoutesOf(SmolStr),
    /// Parts that are frontends.
    Frontends,
    /// The steps of the journey, by what goals call them.
    Steps,
    /// Its groups.
    Groups,
    /// Its probes.
    Probes,
    /// Parameters of the flow or of the composed probe with this name.
    ParametersOf(SmolStr),
    /// Files beside this one.
    Files,
    /// Modules of libraries.
    Modules,
}

/// What can be written at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is being written: a byte of the text.
    pub from: usize,
    /// Whether it is in a text that is open.
    pub in_text: bool,
    /// Names that the language has.
    pub proposals: Vec<Proposal>,
    /// Names that files have.
    pub names: Vec<Names>,
    /// Names that are given already beside the place.
    pub given: Vec<SmolStr>,
}

/// What can be written at the byte `offset`.
pub fn completion(text: &str, offset: usize) -> Completion {
    let Some(line) = Line::at(text, offset) else { return Completion::default() };
    let mut found = Completion { from: offset - line.word.len(), in_text: line.in_text, ..Completion::default() };
    found.propose(&line);
    found
}

impl Completion {
    fn propose(&mut self, line: &Line<'_>) {
        let before = line.before.trim_end();
        if line.in_text {
            return self.in_text(line, before);
        }
        if before.is_empty() {
            return self.at_beginning(line);
        }
        let last = before.rsplit([' ', '\n']).next().unwrap_or_default();
        match last {
            "of" | "extends" | "is" => return self.names.push(Names::Declared(Keyword::Persona)),
            "use" => return self.modules(),
            _ => {}
        }
        let opened_by = line.parents.first().map_or("", |above| first_word(above));
        match (before, opened_by) {
            ("-", _) => return self.item(line),
            ("route", _) => return self.words(blueprint::words::METHODS.iter().copied(), Wanted::Value),
            ("on", "page") => return self.words(["submit", "view"].into_iter(), Wanted::Value),
            ("on", "partner") => return self.words(["envelope"].into_iter(), Wanted::Value),
            ("on", "queue") => return self.words(["decided"].into_iter(), Wanted::Value),
            (count, "personas") if count.strip_prefix('-').is_some_and(|count| is_number(count.trim_start())) => {
                return self.words(["of"].into_iter(), Wanted::Value);
            }
            _ => {}
        }
        if last == "do:" {
            return self.names.push(Names::Declared(Keyword::Flow));
        }
        if let Some((owner, _)) = line.word.rsplit_once('.').filter(|(owner, _)| !is_number(owner)) {
            return self.members(owner);
        }
        if is_number(line.word) {
            return self.units(line);
        }
        match line.call() {
            Some(call) => self.argument(&call, line),
            None => self.value(line, before),
        }
    }

    /// The first word of a line without a dash.
    fn at_beginning(&mut self, line: &Line<'_>) {
        let above = line.parents.first().copied().unwrap_or_default();
        if line.indent == 0 {
            self.words(TOP.iter().map(|keyword| keyword.as_str()), Wanted::Declaration);
            if line.is_beside_scenarios() {
                return;
            }
        }
        if let Some(verb) = super::line::verb(above) {
            // An attribute on a line of its own.
            if let "if" | "elif" = verb {
                return self.words_of("-", ["then", "elif", "else"].into_iter(), Wanted::Entry);
            }
            return self.attributes(verb, line);
        }
        if let Some(base) = above.strip_prefix("persona ").and_then(|declared| declared.split(" extends ").nth(1)) {
            let base = base.split([' ', ':']).next().unwrap_or_default();
            self.given.extend(line.siblings().into_iter().map(SmolStr::from));
            self.names.push(Names::FieldsOfTemplate(base.into()));
        }
        let (settings, declarations) = blocks::words(first_word(above));
        let given = line.siblings();
        let block = if above.is_empty() { "scenario" } else { first_word(above) };
        self.words_of(block, settings.into_iter().filter(|word| !given.contains(word)), Wanted::Entry);
        self.words_of(block, declarations.iter().copied(), Wanted::Declaration);
    }

    /// The first word of an item.
    fn item(&mut self, line: &Line<'_>) {
        match line.parents.first().map(|above| first_word(above)) {
            Some("personas" | "tags" | "signoff") => return,
            Some("load") => return self.words_of("load", STAGES.iter().copied(), Wanted::Verb),
            Some("data") => return self.words_of("data", ["seed"].into_iter(), Wanted::Verb),
            _ => {}
        }
        let place = line.place();
        let declared = prelude().iter().filter(|declared| declared.keyword == place);
        self.proposals.extend(declared.map(|declared| Proposal {
            // Any percentile will do.
            name: if declared.name == "pNN" { "p95".into() } else { declared.name.clone() },
            ..of_declared(declared, Wanted::Verb)
        }));
        match place {
            Keyword::Step => self.words_of("-", CONTROL.iter().copied(), Wanted::Verb),
            Keyword::Handler => self.words_of("-", blueprint::words::CONTROL.iter().copied(), Wanted::Verb),
            Keyword::Probe => self.names.push(Names::Declared(Keyword::Probe)),
            _ => {}
        }
    }

    /// An argument of a call, or an attribute of a verb.
    fn argument(&mut self, call: &Call, line: &Line<'_>) {
        let before = line.before.trim_end();
        let declared = prelude().iter().find(|declared| is_called(declared, call));
        if call.argument == Argument::Unnamed {
            return declared.into_iter().for_each(|declared| self.parameters(declared, line));
        }
        // Whether no value has been written yet, or one goes on.
        let is_fresh = before.ends_with([':', '(', ',', '[', '{']) || ends_with_operator(before);
        let is_verb = line.before.starts_with('-') && super::line::verb(line.before) == Some(&call.callee)
            || !line.before.starts_with('-') && call.keyword == line.place();
        // After a value comes the next attribute.
        if !is_fresh && is_verb && call.callee != "do" {
            self.attributes(&call.callee, line);
        }
        if !is_verb && matches!(call.argument, Argument::Position(_)) && !ends_with_operator(before) {
            match declared {
                Some(declared) => self.parameters(declared, line),
                None => self.names.push(Names::ParametersOf(call.callee.as_str().into())),
            }
        }
        if is_verb && !is_fresh && !matches!(call.argument, Argument::Position(_)) {
            return;
        }
        // What the step tells of itself, as `pay` does of the amount.
        if let Some((_, exposed)) = declared.and_then(|declared| declared.signature.split_once("exposes: ")) {
            self.proposals.extend(fields(exposed).into_iter().map(|(name, ty)| value_of(name, ty)));
        }
        match declared.and_then(|declared| parameter(declared, &call.argument)) {
            Some(_) if ends_with_operator(before) => self.expression(line),
            Some(ty) => self.of_type(&call.callee, &call.argument, ty, line),
            None => self.expression(line),
        }
    }

    /// What fits a parameter of this type.
    fn of_type(&mut self, callee: &str, argument: &Argument, written: &str, line: &Line<'_>) {
        if let Some(kind) = control(callee, argument) {
            return self.names.push(Names::Known(kind));
        }
        let ty = written.split(" = ").next().unwrap_or_default();
        let ty = ty.strip_prefix("Maybe[").and_then(|ty| ty.strip_suffix(']')).unwrap_or(ty);
        if let Some(choices) = ty.strip_prefix("Choice{").and_then(|choices| choices.split('}').next()) {
            return self.words(choices.split(',').map(str::trim), Wanted::Value);
        }
        match ty {
            "Path" | "Page" => self.names.push(Names::Known(Kind::Page)),
            "Part" | "Service" | "Partner" | "Queue" | "Frontend" => self.names.push(Names::Known(Kind::Part)),
            "Store" => self.names.push(Names::Known(Kind::Store)),
            "Step" => self.names.push(Names::Steps),
            "Group" => self.names.push(Names::Groups),
            "Probe" => self.names.push(Names::Probes),
            "Persona" => self.names.push(Names::Declared(Keyword::Persona)),
            "Name" => {}
            "Bool" => {
                self.words(["true", "false"].into_iter(), Wanted::Value);
                self.expression(line);
            }
            _ => self.expression(line),
        }
    }

    /// What comes behind a dot.
    fn members(&mut self, owner: &str) {
        let members = match owner {
            "page" => &PAGE_MEMBERS,
            "last" => &LAST_MEMBERS,
            _ => return self.names.push(Names::FieldsOf(owner.into())),
        };
        self.proposals.extend(members.iter().map(|member| Proposal {
            name: format!("{owner}.{}", member.name).into(),
            wanted: Wanted::Value,
            detail: member.result.to_string(),
            doc: String::new(),
        }));
    }

    /// What stands in quotes.
    fn in_text(&mut self, line: &Line<'_>, before: &str) {
        if before == "use" {
            return self.names.push(Names::Files);
        }
        if before.starts_with("form ") && before.ends_with("->") {
            return self.names.push(Names::Known(Kind::Page));
        }
        let Some(call) = line.call() else { return };
        if call.keyword == Keyword::Handler && call.argument == Argument::Position(1) {
            // `post: ledger "/entries"` names a route.
            let service = before.split_once(':').and_then(|(_, rest)| rest.split_whitespace().next());
            if let Some(service) = service.filter(|_| REQUESTS.contains(&call.callee.as_str())) {
                return self.names.push(Names::RoutesOf(service.into()));
            }
        }
        let declared = prelude().iter().find(|declared| is_called(declared, &call));
        let Some(ty) = declared.and_then(|declared| parameter(declared, &call.argument)) else { return };
        match control(&call.callee, &call.argument) {
            Some(kind) => self.names.push(Names::Known(kind)),
            None if ty.contains("Path") || ty.contains("Page") => self.names.push(Names::Known(Kind::Page)),
            None => {}
        }
    }

    /// A value that is no argument of anything.
    fn value(&mut self, line: &Line<'_>, before: &str) {
        let above = line.parents.first().copied().unwrap_or_default();
        let key = before.strip_suffix(':').unwrap_or_default();
        match key {
            "sandbox" => return self.names.push(Names::Known(Kind::Sandbox)),
            "latency" | "after" | "decides" => return self.generators(),
            "entry" => return self.names.push(Names::Frontends),
            "watches" => return self.names.push(Names::Known(Kind::Part)),
            _ => {}
        }
        if before.starts_with("form ") && before.ends_with("->") {
            return self.names.push(Names::Known(Kind::Page));
        }
        let is_field = above.starts_with("form ");
        if is_field && is_word(key) || is_type(before) {
            self.words(Type::NAMES.iter().copied(), Wanted::Type);
            return self.names.push(Names::Declared(Keyword::Persona));
        }
        if is_field && !ends_with_operator(before) {
            let given = line.given();
            let words = blueprint::words::FIELD.iter().copied().filter(|word| !given.contains(word));
            return self.words_of("form", words, Wanted::Attribute);
        }
        if above.starts_with("persona ") && is_word(key) {
            self.generators();
        }
        self.expression(line);
    }

    fn expression(&mut self, line: &Line<'_>) {
        self.names.push(Names::Declared(Keyword::Const));
        // Only journeys and handlers have somebody who takes them, and names that are given on the way.
        let words: &[&str] = match blocks::reads(&line.parents) {
            blocks::Reads::Constants => return,
            blocks::Reads::Journey => &["persona", "page", "last"],
            blocks::Reads::Handler => &["form", "body", "path", "query", "session"],
            blocks::Reads::Fields => &[],
        };
        self.names.push(Names::Known(Kind::Variable));
        self.words(words.iter().copied(), Wanted::Value);
    }

    fn generators(&mut self) {
        let generators = prelude().iter().filter(|declared| declared.keyword == Keyword::Generator);
        self.proposals.extend(generators.map(|declared| of_declared(declared, Wanted::Generator)));
    }

    /// The number that is being written, with each unit that fits.
    fn units(&mut self, line: &Line<'_>) {
        let number = line.word.trim_end_matches(|char: char| !char.is_ascii_digit());
        let call = line.call();
        let declared = call.as_ref().and_then(|call| prelude().iter().find(|declared| is_called(declared, call)));
        let ty = call.and_then(|call| declared.and_then(|declared| parameter(declared, &call.argument)));
        let fits = |of: &str| ty.is_none_or(|ty| ty.contains(of) || ty.contains("Any"));
        for (of, units) in UNITS.iter().filter(|(of, _)| fits(of)) {
            self.proposals.extend(units.iter().map(|unit| Proposal {
                name: format!("{number}{unit}").into(),
                wanted: Wanted::Unit,
                detail: (*of).to_owned(),
                doc: String::new(),
            }));
        }
    }

    fn modules(&mut self) {
        self.names.push(Names::Modules);
        self.words(scn_stdlib::MODULES.iter().map(|module| module.name), Wanted::Module);
    }

    /// The attributes of a verb that are not given yet.
    fn attributes(&mut self, verb: &str, line: &Line<'_>) {
        let place = line.place();
        match prelude().iter().find(|declared| declared.keyword == place && declared.name == verb) {
            Some(declared) => self.parameters(declared, line),
            None => self.names.push(Names::ParametersOf(verb.into())),
        }
        let common: &[&str] = match place {
            Keyword::Step => crate::scenario::COMMON,
            Keyword::Probe => PROBE_COMMON,
            Keyword::Handler => &blueprint::words::COMMON,
            _ => &[],
        };
        let given = line.given();
        self.words_of(":", common.iter().copied().filter(|name| !given.contains(name)), Wanted::Attribute);
    }

    /// The parameters that are not given yet, by their names or by their places.
    fn parameters(&mut self, declared: &Declared, line: &Line<'_>) {
        let given: Vec<SmolStr> = line.given().into_iter().map(snake_case).collect();
        let placed = match line.call().map(|call| call.argument) {
            Some(Argument::Position(at)) => at,
            Some(Argument::Unnamed) => 0,
            _ => usize::from(!line.before.is_empty()),
        };
        let params = declared.params.iter().skip(placed).filter(|(name, _)| !given.contains(name));
        self.proposals.extend(params.map(|(name, ty)| Proposal {
            name: name.clone(),
            wanted: Wanted::Attribute,
            detail: ty.clone(),
            doc: String::new(),
        }));
    }

    fn words<'n>(&mut self, names: impl Iterator<Item = &'n str>, wanted: Wanted) {
        self.words_of("", names, wanted);
    }

    /// Words of the block that `opened_by` opens, with what they mean there.
    fn words_of<'n>(&mut self, opened_by: &str, names: impl Iterator<Item = &'n str>, wanted: Wanted) {
        let proposals = names.map(|name| {
            let word = name.split(' ').next().unwrap_or_default();
            let doc = explained(word, opened_by).unwrap_or_default().to_owned();
            Proposal { name: name.into(), wanted, detail: String::new(), doc }
        });
        self.proposals.extend(proposals);
    }
}

fn value_of(name: SmolStr, detail: String) -> Proposal {
    Proposal { name, wanted: Wanted::Value, detail, doc: String::new() }
}

fn of_declared(declared: &Declared, wanted: Wanted) -> Proposal {
    Proposal { name: declared.name.clone(), wanted, detail: declared.signature.clone(), doc: declared.doc.clone() }
}

/// Whether what comes behind `before` is a type: of a parameter, of a constant, of a result.
fn is_type(before: &str) -> bool {
    let declares = ["flow ", "probe ", "const ", "store ", "route "].iter().any(|word| before.starts_with(word));
    declares && before.ends_with([':', '>', '[']) && !before.contains('=')
}

fn is_number(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_digit())
}
