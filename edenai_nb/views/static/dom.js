// Nodes of the page, and what every part of a view needs of them.

const SAID_MS = 1500;

export function element(tag, className, attributes = {}, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // sanitised in Python; a template runs nothing
  return template.content;
}

// A button that says for a moment what has come of it.
export function say(node, words) {
  const label = (node.dataset.label ??= node.textContent);
  node.textContent = words;
  setTimeout(() => (node.textContent = label), SAID_MS);
}

export function composes(event) {
  return event.isComposing || event.keyCode === 229; // an input method is at work
}
