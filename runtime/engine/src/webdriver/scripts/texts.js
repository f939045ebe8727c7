// Every text of the page that is drawn, in an order that cover.js knows.
const texts = [];
const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) texts.push(walk.currentNode.data);
document.querySelectorAll("input, textarea").forEach((element) => texts.push(element.type === "file" ? "" : element.value));
return texts;
