// The page as it is now, as HTML that says of every element that a person can act on which one it is
// (data-esr-node), what it holds, and of every element whether it is seen (data-esr-unseen).
const key = Symbol.for("esr");
const known = (window[key] ??= { numbers: new WeakMap(), nodes: new Map(), next: 1 });
const all = document.querySelectorAll("*");
const root = document.documentElement.cloneNode(true);
const copies = [root, ...root.querySelectorAll("*")];
const acted = new Set(["form", "input", "select", "textarea", "button", "a", "area"]);
all.forEach((element, at) => {
  const copy = copies[at];
  const name = element.localName;
  if (acted.has(name)) {
    if (!known.numbers.has(element)) {
      known.numbers.set(element, known.next);
      known.nodes.set(known.next++, new WeakRef(element));
    }
    copy.setAttribute("data-esr-node", known.numbers.get(element));
  }
  if (name === "input") {
    if (element.type === "checkbox" || element.type === "radio") {
      copy.toggleAttribute("checked", element.checked);
    } else if (element.type === "file") {
      [...element.files].forEach((file) => copy.setAttribute("data-esr-file", file.name));
    } else {
      copy.setAttribute("value", element.value);
    }
  } else if (name === "textarea") {
    // The parser drops a first line break.
    copy.textContent = "\n" + element.value;
  } else if (name === "option") {
    copy.toggleAttribute("selected", element.selected);
    return;
  } else if (name === "script" || name === "style") {
    copy.textContent = "";
    return;
  }
  const unseen = !element.checkVisibility({ visibilityProperty: true });
  if (unseen && document.body?.contains(element) && getComputedStyle(element).display !== "contents") {
    copy.setAttribute("data-esr-unseen", "");
  }
});
return { url: location.href, html: "<!DOCTYPE html>" + root.outerHTML };
