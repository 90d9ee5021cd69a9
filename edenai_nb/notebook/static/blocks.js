// What every live view is made of: blocks that take patches, and a status line. view.js or chat.js follows it.

const STATES = {
  waiting: "waiting",
  retrying: "retrying",
  thinking: "thinking",
  streaming: "streaming",
  done: "done",
  stopped: "stopped",
  failed: "failed",
};
const ENDED = new Set(["done", "stopped", "failed"]);

function money(usd) {
  if (usd >= 0.01 || usd === 0) return `$${usd.toFixed(2)}`;
  return usd >= 0.0001 ? `$${Number(usd.toPrecision(2))}` : "<$0.0001";
}

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
  }

  apply([keep, prefix, blocks]) {
    const fresh = [...blocks];
    if (prefix) fresh[0] = this.html[keep].slice(0, prefix) + fresh[0];
    while (this.root.childNodes.length > keep + fresh.length) this.root.lastChild.remove();
    fresh.forEach((html, i) => this.put(keep + i, html));
    this.html.length = keep;
    this.html.push(...fresh);
  }

  put(index, html) {
    const node = fragment(html).firstElementChild ?? document.createElement("div");
    const old = this.root.childNodes[index];
    if (!old) this.root.append(node);
    else if (this.html[index] !== html) update(old, node);
  }
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
  const wanted = [...fresh.childNodes];
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
  wanted.forEach((child, i) => (old.childNodes[i] ? update(old.childNodes[i], child) : old.append(child)));
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

// `onStop` puts a Stop button into the line.
class Status {
  constructor(onStop) {
    this.root = element("div", "edenai-status");
    this.state = element("span", "edenai-state", { role: "status", "aria-live": "polite" });
    this.facts = element("span", "edenai-facts");
    this.stop = element("button", "edenai-stop", { type: "button", title: "Stop the answer; the text so far is kept" });
    this.stop.textContent = "Stop";
    this.stop.addEventListener("click", onStop);
    this.root.append(this.state, this.facts);
    if (onStop) this.root.append(this.stop);
    this.began = performance.now();
    this.clock = setInterval(() => this.draw(), 100);
    this.show({ state: "waiting", why: "", model: "", elapsed_s: 0 });
  }

  show(status) {
    this.status = status;
    this.began = performance.now() - status.elapsed_s * 1000;
    this.root.dataset.state = status.state;
    const words = [STATES[status.state], status.why].filter(Boolean).join(" · ");
    if (this.state.textContent !== words) this.state.textContent = words; // announced only when it changes
    const ended = ENDED.has(status.state);
    this.stop.hidden = ended;
    if (ended) clearInterval(this.clock);
    this.draw();
  }

  draw() {
    const s = this.status;
    const seconds = ENDED.has(s.state) ? s.elapsed_s : (performance.now() - this.began) / 1000;
    const turn = [s.chat, s.number ? `turn ${s.number}` : ""].filter(Boolean).join(" ");
    const facts = [
      s.sandbox ? "sandbox" : "",
      s.model,
      `${seconds.toFixed(1)} s`,
      s.tokens == null ? "" : `${s.tokens.toLocaleString("en-US")} tokens`,
      s.cost == null ? "" : money(s.cost),
      turn,
      s.note,
    ];
    this.facts.textContent = facts.filter(Boolean).join(" · ");
  }

  remove() {
    clearInterval(this.clock);
  }
}
