// Chooses options by their places.
const [element, chosen] = arguments;
element.focus();
[...element.options].forEach((option, at) => (option.selected = chosen.includes(at)));
for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
