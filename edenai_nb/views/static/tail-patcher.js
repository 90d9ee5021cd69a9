// A node that grows at its end: only what is new is put into it.

import { fragment } from "./dom.js";

const TOKEN = /<(\/?)([a-z][a-z0-9]*)(?:\s[^\s=>]+(?:="[^"]*")?)*\s*>|[^<]+/g;
const VOID = new Set(["br", "hr", "img"]);
const MARKS = 8; // places to go back to: a line of code may get other colours

// A node whose HTML grows at its end: only what comes after the last tag that both have is parsed again.
export class TailPatcher {
  constructor(node) {
    this.node = node;
    this.marks = []; // { at: behind a tag or before one, open: [name, how many children have begun] of each element }
  }

  // Turn the node from one HTML into the other. False, with nothing done, where the HTML is not like the nodes.
  follow(old, html) {
    const { at, open } = this.advance(html, common(old, html));
    const nodes = this.nodes(open);
    if (!nodes) return false;
    let fresh = fragment(open.map(([name]) => `<${name}>`).join("") + html.slice(at)).firstChild;
    nodes.forEach((node, depth) => {
      const isLast = depth === nodes.length - 1;
      updateChildren(node, [...fresh.childNodes].slice(isLast ? 0 : 1), open[depth][1]);
      fresh = fresh.firstChild;
    });
    return true;
  }

  advance(html, end) {
    while (this.marks.length && this.marks.at(-1).at > end) this.marks.pop();
    const last = this.marks.at(-1) ?? { at: 0, open: [] };
    const mark = { at: last.at, open: last.open.map((element) => [...element]) };
    TOKEN.lastIndex = mark.at;
    for (let token; (token = TOKEN.exec(html)) && TOKEN.lastIndex <= end; ) {
      const mayGoOn = !token[2] && TOKEN.lastIndex === end; // a text, in the other HTML
      if (mayGoOn || token.index !== mark.at) break; // or not what our own HTML is made of
      count(mark.open, token);
      mark.at = TOKEN.lastIndex;
    }
    if (mark.at > last.at) this.marks = [...this.marks, mark].slice(-MARKS);
    return mark;
  }

  // The nodes of the open elements, the outermost first; null where they are others.
  nodes(open) {
    const nodes = [];
    let node = this.node;
    for (const [name, count] of open) {
      if (node?.localName !== name || node.childNodes.length < count) return null;
      nodes.push(node);
      node = node.childNodes[count - 1];
    }
    return nodes.length ? nodes : null;
  }
}

function count(open, [, closes, name]) {
  if (closes) open.pop();
  else if (open.length) open.at(-1)[1] += 1;
  if (name && !closes && !VOID.has(name)) open.push([name, 0]);
}

// How many characters two strings share at their beginning.
function common(one, other) {
  let low = 0;
  let high = Math.min(one.length, other.length);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (one.slice(low, middle) === other.slice(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

// Turn `old` into `fresh` and leave every node alone that is the same in both.
export function update(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
    if (fresh.data.startsWith(old.data)) old.appendData(fresh.data.slice(old.data.length));
    else old.data = fresh.data;
    return;
  }
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  attributes(old, fresh);
  updateChildren(old, [...fresh.childNodes]);
}

// Make `wanted` the children of `old` from this place on.
function updateChildren(old, wanted, from = 0) {
  while (old.childNodes.length > from + wanted.length) old.lastChild.remove();
  wanted.forEach((child, i) => (old.childNodes[from + i] ? update(old.childNodes[from + i], child) : old.append(child)));
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
