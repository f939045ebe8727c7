// Puts other texts where texts.js found some: [place, text] each. Yields what was there.
const others = new Map(arguments[0]);
const before = [];
let at = 0;
const put = (holder, name) => {
  if (others.has(at)) {
    before.push([at, holder[name]]);
    holder[name] = others.get(at);
  }
  at += 1;
};
const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
const nodes = [];
while (walk.nextNode()) nodes.push(walk.currentNode);
nodes.forEach((node) => put(node, "data"));
document.querySelectorAll("input, textarea").forEach((element) => put(element, "value"));
return before;
