// Ends when the page is loaded and what is to be drawn is drawn.
const done = arguments[arguments.length - 1];
const drawn = () => {
  const late = setTimeout(done, 250);
  requestAnimationFrame(() => setTimeout(() => (clearTimeout(late), done()), 0));
};
if (document.readyState === "complete") drawn();
else addEventListener("load", drawn, { once: true });
