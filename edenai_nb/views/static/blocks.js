// What every live view is made of: blocks that take patches, and a status line. view.js or chat.js follows it.

const ENDED = new Set(["done", "stopped", "failed"]);

function element(tag, className, attributes = {}) {
  const node = document.createElement(tag);
  node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // sanitised in Python; a template runs nothing
  return template.content;
}

// Keeps the blocks' HTML beside their nodes, so that a patch touches only what it names.
class Blocks {
  constructor(root) {
    this.root = root;
    this.html = [];
    this.drawn = []; // the HTML that the nodes stand for
    this.from = Infinity; // the first block that is not drawn yet
    this.growth = null; // how far the HTML of the last node has been followed
  }

  take([keep, prefix, blocks]) {
    const fresh = [...blocks];
    if (prefix) fresh[0] = this.html[keep].slice(0, prefix) + fresh[0];
    this.html.length = keep;
    this.html.push(...fresh);
    this.from = Math.min(this.from, keep);
  }

  // Draws what has been taken; gives the nodes that were finished by it: while the text grows the last one is not.
  draw(ended) {
    const { root, html, from } = this;
    while (root.childNodes.length > html.length) root.lastChild.remove();
    for (let i = from; i < html.length; i++) {
      if (this.drawn[i] !== html[i]) this.put(i, html[i]);
    }
    this.drawn = [...html];
    this.from = Infinity;
    return [...root.children].slice(Math.max(0, from - 1), ended ? undefined : -1);
  }

  put(index, html) {
    const old = this.root.childNodes[index];
    if (this.growth?.node !== old) this.growth = old ? new TailPatcher(old) : null;
    if (old && this.growth.follow(this.drawn[index], html)) return;
    const node = fragment(html).firstElementChild ?? document.createElement("div");
    if (old) update(old, node);
    else this.root.append(node);
  }
}

const TOKEN = /<(\/?)([a-z][a-z0-9]*)(?:\s[^\s=>]+(?:="[^"]*")?)*\s*>|[^<]+/g;
const VOID = new Set(["br", "hr", "img"]);
const MARKS = 8; // places to go back to: a line of code may get other colours

// A node whose HTML grows at its end: only what comes after the last tag that both have is parsed again.
class TailPatcher {
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
function update(old, fresh) {
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

const REST = 4; // times what the last picture took, until the next
const UNSEEN_MS = 250; // a page that nobody sees has no pictures

// Calls `draw` with the page's next picture, however often it is asked, and less often where drawing is slow: the
// page is never behind, and never busy with us alone. What comes last does not wait for that.
class FrameScheduler {
  constructor(draw) {
    this.draw = draw;
    this.asked = false;
    this.next = 0;
    this.painted = new MessageChannel(); // a timer would be late where nobody sees the page
  }

  ask(isLast = false) {
    if (this.asked && !isLast) return;
    clearTimeout(this.rest);
    this.asked = true;
    this.rest = setTimeout(() => this.soon(), isLast ? 0 : Math.max(0, this.next - performance.now()));
  }

  soon() {
    const once = () => {
      cancelAnimationFrame(picture);
      clearTimeout(timer);
      this.take();
    };
    const picture = requestAnimationFrame(once);
    const timer = setTimeout(once, UNSEEN_MS);
  }

  take() {
    if (!this.asked) return;
    const began = performance.now();
    this.asked = false;
    this.draw();
    this.restAfter(began);
    this.painted.port1.onmessage = () => this.restAfter(began); // the browser has laid out and painted, too
    this.painted.port2.postMessage(null);
  }

  restAfter(began) {
    const ended = performance.now();
    this.next = ended + REST * (ended - began);
  }
}

// What Python says about a turn: how its answer fell short, and a line in which only the seconds are counted here.
// `onStop` puts a Stop button into the line.
class Status {
  constructor(onStop) {
    this.root = element("div", "edenai-status");
    this.notice = element("div", "edenai-notice");
    this.state = element("span", "edenai-state", { role: "status", "aria-live": "polite" });
    this.facts = element("span", "edenai-facts");
    this.stop = element("button", "edenai-stop", { type: "button", title: "Stop the answer; the text so far is kept" });
    this.stop.textContent = "Stop";
    this.stop.addEventListener("click", onStop);
    this.root.append(this.state, this.facts);
    if (onStop) this.root.append(this.stop);
    this.clock = setInterval(() => this.draw(), 100);
    this.show({ state: "waiting", note: "", notice: null, facts: "", elapsed_s: 0 });
  }

  show(status) {
    this.status = status;
    this.began = performance.now() - status.elapsed_s * 1000;
    this.root.dataset.state = status.state;
    const words = [status.state, status.note].filter(Boolean).join(" · ");
    if (this.state.textContent !== words) this.state.textContent = words; // announced only when it changes
    this.ended = ENDED.has(status.state);
    this.stop.hidden = this.ended;
    if (this.ended) clearInterval(this.clock);
    this.tell(status.notice);
    this.draw();
  }

  tell(notice) {
    this.notice.hidden = !notice;
    if (!notice || this.notice.hasChildNodes()) return;
    this.notice.classList.add(`edenai-is-${notice.level}`);
    const title = element("strong", "");
    title.textContent = notice.title;
    this.notice.replaceChildren(title, ` ${notice.hint}`);
  }

  draw() {
    const { facts, elapsed_s } = this.status;
    const counts = !this.ended && elapsed_s !== null;
    const seconds = counts ? `${((performance.now() - this.began) / 1000).toFixed(1)} s` : "";
    this.facts.textContent = [facts, seconds].filter(Boolean).join(" · ");
    this.root.hidden = this.ended && !facts;
  }

  words() {
    return [this.notice.textContent, this.facts.textContent].filter(Boolean).join(" · ");
  }

  remove() {
    clearInterval(this.clock);
  }
}
