//! From HTML to what a person can act on.

use std::collections::HashMap;

use ego_tree::NodeId;
use scn_plan::{FileSpec, Labels, Text};
use scraper::{ElementRef, Html};
use url::Url;

use super::{Button, Choice, Control, Form, Kind, Link, Page, text};
use crate::labels::ATTRIBUTE;

/// The page of the HTML document `source`.
pub(super) fn page(url: Url, status: u16, source: String) -> Page {
    let html = Html::parse_document(&source);
    let root = html.root_element();
    // Contents of a template are no part of the page.
    let elements: Vec<ElementRef<'_>> =
        root.descendent_elements().filter(|element| !inside(*element, "template")).collect();

    let named = |name: &'static str| elements.iter().copied().filter(move |element| element.value().name() == name);
    let base = named("base").find_map(|base| url.join(base.attr("href")?).ok()).unwrap_or_else(|| url.clone());
    let title = named("title").next().map(text::visible).unwrap_or_default();
    let links = named("a").chain(named("area")).filter_map(link).collect();

    let mut forms = Forms::default();
    for form in named("form") {
        forms.add(form);
    }
    let labels = named("label").filter_map(|label| Some((label.attr("for")?, text::visible(label)))).collect();
    let mut controls: Vec<Control> = elements.iter().filter_map(|element| control(*element, &forms, &labels)).collect();
    one_of_each_radio_group(&mut controls);
    let forms = forms.forms;
    let labelled = elements.iter().filter_map(|element| marked(*element)).collect();
    drop(html);
    let (shown_path, shown_title) = (url.path().into(), title.clone());
    Page { url, shown_path, base, status, title, shown_title, source, is_html: true, forms, controls, links, labelled }
}

#[derive(Default)]
struct Forms {
    forms: Vec<Form>,
    by_node: HashMap<NodeId, usize>,
}

impl Forms {
    fn add(&mut self, element: ElementRef<'_>) {
        let text = |name| element.attr(name).map(str::to_owned);
        let id = text("id").unwrap_or_default();
        let name = text("name").filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
        let (action, method, enctype) = (text("action"), text("method"), text("enctype"));
        let node = node(element);
        self.by_node.insert(element.id(), self.forms.len());
        self.forms.push(Form { node, name, id, action, method, enctype });
    }

    /// The form that `element` belongs to: the one its `form` attribute names, else the one around it.
    fn owner(&self, element: ElementRef<'_>) -> Option<usize> {
        match element.attr("form") {
            Some(id) => self.forms.iter().position(|form| !id.is_empty() && form.id == id),
            None => element.ancestors().find_map(|around| self.by_node.get(&around.id()).copied()),
        }
    }
}

/// The number that a browser's snapshot gives an element that a person can act on.
fn node(element: ElementRef<'_>) -> Option<u32> {
    element.attr("data-esr-node")?.parse().ok()
}

fn link(element: ElementRef<'_>) -> Option<Link> {
    let href = element.attr("href")?.trim().to_owned();
    let mut seen = text::visible(element);
    if seen.is_empty() {
        let images = element.descendent_elements().filter_map(|inner| inner.attr("alt"));
        seen = element
            .attr("aria-label")
            .or_else(|| element.attr("alt"))
            .or(images.into_iter().next())
            .unwrap_or_default()
            .to_owned();
    }
    Some(Link { node: node(element), text: seen, href })
}

fn inside(element: ElementRef<'_>, name: &str) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|around| around.value().name() == name)
}

fn control(element: ElementRef<'_>, forms: &Forms, labels: &HashMap<&str, String>) -> Option<Control> {
    let kind = match element.value().name() {
        "input" => input(element, labels),
        // The parser has dropped the line break after the tag already.
        "textarea" => Kind::Lines(element.text().collect()),
        "select" => select(element),
        "button" => {
            let button = button(element, text::visible(element), element.attr("value").unwrap_or_default());
            match lowercase(element, "type").as_str() {
                "reset" => Kind::Reset(button),
                "button" => Kind::Inert(button),
                _ => Kind::Submit(button),
            }
        }
        _ => return None,
    };
    if inside(element, "datalist") {
        return None;
    }
    Some(Control {
        node: node(element),
        unseen: element.attr(text::UNSEEN_BY_BROWSER).is_some(),
        form: forms.owner(element),
        name: element.attr("name").unwrap_or_default().to_owned(),
        labels: sensitivity(element),
        disabled: is_disabled(element),
        read_only: element.attr("readonly").is_some(),
        kind,
    })
}

/// The labels that `data-esr-label` gives to an element, or to what is entered there. What a browser hides as it is typed is
/// a secret anyway.
fn sensitivity(element: ElementRef<'_>) -> Labels {
    let hidden = element.value().name() == "input" && lowercase(element, "type") == "password";
    let given = lowercase(element, ATTRIBUTE);
    let given = given.split_whitespace().map(|name| match name {
        "pii" => Labels::PII,
        "secret" => Labels::SECRET,
        _ => Labels::NONE,
    });
    given.fold(if hidden { Labels::SECRET } else { Labels::NONE }, Labels::union)
}

/// What a marked element says.
fn marked(element: ElementRef<'_>) -> Option<Text> {
    let labels = Some(sensitivity(element)).filter(|labels| labels.is_sensitive())?;
    let said = match element.value().name() {
        "input" => element.attr("value")?.to_owned(),
        _ => element.text().collect(),
    };
    Some(Text { value: said.into(), labels })
}

fn lowercase(element: ElementRef<'_>, attribute: &str) -> String {
    element.attr(attribute).unwrap_or_default().trim().to_ascii_lowercase()
}

fn input(element: ElementRef<'_>, labels: &HashMap<&str, String>) -> Kind {
    let written = element.attr("value");
    let value = written.unwrap_or_default().to_owned();
    let checked = element.attr("checked").is_some();
    // HTML: a checkbox or radio button without a value submits `on`.
    let ticked = || written.unwrap_or("on").to_owned();
    let labelled = |default: &str| button(element, written.unwrap_or(default).to_owned(), &value);
    match lowercase(element, "type").as_str() {
        "hidden" => Kind::Hidden(value),
        "checkbox" => Kind::Checkbox { value: ticked(), checked },
        "radio" => Kind::Radio { value: ticked(), label: label_of(element, labels), checked },
        "file" => {
            let chosen = element.attr("data-esr-file").map(|name| FileSpec { name: name.into(), size: 0 });
            Kind::File(chosen.into_iter().collect())
        }
        "submit" => Kind::Submit(labelled("Submit")),
        "reset" => Kind::Reset(labelled("Reset")),
        "button" => Kind::Inert(labelled("")),
        "image" => {
            let label = element.attr("alt").unwrap_or("Submit").to_owned();
            Kind::Submit(Button { image: true, ..button(element, label, "") })
        }
        "color" if value.is_empty() => Kind::Line("#000000".to_owned()),
        "range" if value.is_empty() => Kind::Line(middle(element)),
        _ => Kind::Line(value.replace(['\n', '\r'], "")),
    }
}

/// HTML: where a slider stands that has no value.
fn middle(element: ElementRef<'_>) -> String {
    let number = |name, default: f64| element.attr(name).and_then(|text| text.trim().parse().ok()).unwrap_or(default);
    let (low, high) = (number("min", 0.0), number("max", 100.0));
    if high < low { low } else { low + (high - low) / 2.0 }.to_string()
}

/// The text of the label that names the control, or that is around it.
fn label_of(element: ElementRef<'_>, labels: &HashMap<&str, String>) -> String {
    let by_id = element.attr("id").and_then(|id| labels.get(id)).cloned();
    by_id.unwrap_or_else(|| {
        let mut around = element.ancestors().filter_map(ElementRef::wrap);
        around.find(|around| around.value().name() == "label").map(text::visible).unwrap_or_default()
    })
}

fn button(element: ElementRef<'_>, label: String, value: &str) -> Button {
    let text = |name| element.attr(name).map(str::to_owned);
    let label = if label.is_empty() { text("aria-label").unwrap_or_default() } else { text::collapse(&label) };
    let (action, method, enctype) = (text("formaction"), text("formmethod"), text("formenctype"));
    Button { label, value: value.to_owned(), image: false, action, method, enctype }
}

fn select(element: ElementRef<'_>) -> Kind {
    let multiple = element.attr("multiple").is_some();
    let options = element.descendent_elements().filter(|inner| inner.value().name() == "option");
    let mut options: Vec<Choice> = options
        .map(|option| {
            let group = option.parent().and_then(ElementRef::wrap).filter(|group| group.value().name() == "optgroup");
            let label = text::visible(option);
            Choice {
                value: option.attr("value").map_or_else(|| label.clone(), str::to_owned),
                label: option.attr("label").map_or(label, str::to_owned),
                selected: option.attr("selected").is_some(),
                disabled: option.attr("disabled").is_some()
                    || group.is_some_and(|group| group.attr("disabled").is_some()),
            }
        })
        .collect();
    if !multiple {
        // HTML: the last that is marked, else the first that can be chosen, unless several rows are seen at once.
        let rows = element.attr("size").and_then(|size| size.parse::<u32>().ok()).unwrap_or(1);
        let first = || options.iter().position(|option| !option.disabled).filter(|_| rows <= 1);
        let chosen = options.iter().rposition(|option| option.selected).or_else(first);
        for (at, option) in options.iter_mut().enumerate() {
            option.selected = Some(at) == chosen;
        }
    }
    Kind::Select { options, multiple }
}

/// HTML: disabled itself, or in a disabled field set but not in that set's first legend.
fn is_disabled(element: ElementRef<'_>) -> bool {
    if element.attr("disabled").is_some() {
        return true;
    }
    let mut inner = element.id();
    for around in element.ancestors().filter_map(ElementRef::wrap) {
        if around.value().name() == "fieldset" && around.attr("disabled").is_some() {
            let legend = around.child_elements().find(|child| child.value().name() == "legend");
            if legend.is_none_or(|legend| legend.id() != inner) {
                return true;
            }
        }
        inner = around.id();
    }
    false
}

/// HTML: of a group's radio buttons that are marked as chosen, the last one is.
fn one_of_each_radio_group(controls: &mut [Control]) {
    let mut chosen = HashMap::new();
    for (at, control) in controls.iter().enumerate() {
        if let Kind::Radio { checked: true, .. } = control.kind {
            chosen.insert((control.form, control.name.clone()), at);
        }
    }
    for (at, control) in controls.iter_mut().enumerate() {
        let group = (control.form, control.name.clone());
        if let Kind::Radio { checked, .. } = &mut control.kind {
            *checked = chosen.get(&group) == Some(&at);
        }
    }
}
