// Enters a text where keys would not do: as a script of the page sees it, it was typed.
const [element, text] = arguments;
const kind = element.localName === "textarea" ? HTMLTextAreaElement : HTMLInputElement;
element.focus();
Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(element, text);
for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
