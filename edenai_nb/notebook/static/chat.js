// The chat window: draws what Python tells, sends intents. blocks.js and code.js stand before it.

const SLOW_MS = 1000; // after this without an answer, the reader is told what it waits for
const TOLD_MS = 5000;
const SHOWN_MODELS = 60;

const CONTROLS = "a[href], button, input, textarea, [tabindex='0']";

// What has the focus inside of it; a shadow root may stand around it (marimo).
function focused(root) {
  const node = root.getRootNode().activeElement;
  return node && root.contains(node) ? node : null;
}

function canFocus(node) {
  return node.isConnected && !node.disabled && node.tabIndex >= 0 && node.checkVisibility();
}

// Make a change. Where it takes away what has the focus, what then stands in its place, or next to it, has it.
function keepFocus(root, change) {
  const held = focused(root);
  const trail = []; // the way to it from the root, by numbers
  for (let node = held; node && node !== root; node = node.parentElement) {
    trail.unshift([...node.parentElement.children].indexOf(node));
  }
  change();
  if (held && !canFocus(held) && [held, null].includes(focused(root))) neighbour(root, trail)?.focus();
}

function neighbour(root, trail) {
  let place = root;
  for (const index of trail) place = place.children[Math.min(index, place.children.length - 1)] ?? place;
  if (place.matches(CONTROLS) && canFocus(place)) return place;
  for (let box = place; box !== root.parentElement; box = box.parentElement) {
    const free = [...box.querySelectorAll(CONTROLS)].filter(canFocus);
    const isBefore = (node) => place.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    if (free.length) return free.find((node) => !isBefore(node)) ?? free.at(-1);
  }
}

function labelled(label, field) {
  const node = element("label", "edenai-field");
  node.append(label, field);
  return node;
}

function save({ text, name, type }) {
  const link = element("a", "", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SLOW_MS);
}

async function inflate(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, data: reader.result });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function composes(event) {
  return event.isComposing || event.keyCode === 229; // an input method is at work
}

function price(usdPerToken) {
  return usdPerToken == null ? "?" : money(usdPerToken * 1e6);
}

function compact(tokens) {
  return tokens < 1e6 ? `${Math.round(tokens / 1000)}k` : `${Number((tokens / 1e6).toPrecision(3))}M`;
}

// A text field with a list of models under it; any typed id will do.
class ModelPicker {
  constructor(chat) {
    this.chat = chat;
    this.models = null;
    this.shown = [];
    this.active = -1;
    this.root = element("div", "edenai-picker");
    this.list = element("ul", "edenai-list", {
      role: "listbox",
      "aria-label": "Models",
      id: `${chat.uid}-models`,
      tabindex: "-1", // Tab stops at what scrolls, and this is gone as soon as the field is left
    });
    this.note = element("div", "edenai-note", { role: "status" });
    this.input = element("input", "edenai-input", {
      role: "combobox",
      "aria-label": "Model",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.popup = element("div", "edenai-popup");
    this.popup.hidden = true;
    this.popup.append(this.note, this.list);
    this.root.append(this.input, this.popup);
    this.input.addEventListener("focus", () => this.open());
    this.input.addEventListener("click", () => this.open());
    this.input.addEventListener("input", () => this.reveal(this.input.value));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.popup.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const option = event.target.closest("[role=option]");
      if (option) this.pick(option.dataset.id);
    });
  }

  show(model) {
    this.current = model;
    if (this.popup.hidden && this.input.value !== model) this.input.value = model; // else what is selected is lost
  }

  open() {
    if (!this.popup.hidden) return;
    this.input.select();
    this.reveal("");
  }

  async reveal(text) {
    this.popup.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.filter(text);
    if (this.models || this.isLoading) return;
    this.isLoading = true;
    this.note.textContent = "Loading the models…";
    const answer = await this.chat.ask("models", {}, { quiet: true });
    this.isLoading = false;
    this.models = answer.models ?? null;
    this.note.textContent = answer.error ? `No list of models: ${answer.error} Type an id.` : "";
    this.filter(this.input.value === this.current ? "" : this.input.value);
  }

  close() {
    this.popup.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (this.models ?? []).filter(([id]) => words.every((word) => id.toLowerCase().includes(word)));
    this.shown = found.slice(0, SHOWN_MODELS);
    if (this.models) {
      const rest = found.length - this.shown.length;
      this.note.textContent = found.length ? (rest ? `and ${rest} more: type to search` : "") : "Not in the list: Enter takes it as typed.";
    }
    this.list.replaceChildren(...this.shown.map((model, i) => this.option(model, i)));
    this.move(-1);
  }

  option([id, input, output, context], index) {
    const node = element("li", "edenai-option", { role: "option", id: `${this.list.id}-${index}` });
    node.dataset.id = id;
    const facts = element("small", "");
    const size = context ? ` · ${compact(context)} context` : "";
    facts.textContent = `${price(input)} in · ${price(output)} out per 1M${size}`;
    node.append(id, facts);
    return node;
  }

  move(index) {
    this.active = Math.max(-1, Math.min(index, this.shown.length - 1));
    [...this.list.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === this.active)));
    const node = this.list.children[this.active];
    node?.scrollIntoView({ block: "nearest" });
    if (node) this.input.setAttribute("aria-activedescendant", node.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (composes(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.popup.hidden) this.open();
      else this.move(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.pick(this.shown[this.active]?.[0] ?? this.input.value);
    } else if (event.key === "Escape" && !this.popup.hidden) {
      event.stopPropagation();
      this.input.value = this.current;
      this.close();
    }
  }

  // What is typed is an id where it finds nothing; a search that was not finished changes nothing.
  leave() {
    const text = this.input.value.trim();
    const isSearch = this.shown.length > 0 && !this.models.some(([id]) => id === text);
    this.choose(this.popup.hidden || isSearch ? "" : text);
  }

  // The field keeps the focus, and what is typed next is a new search.
  pick(id) {
    this.choose(id);
    this.input.select();
  }

  choose(id) {
    this.close();
    const model = id.trim() || this.current;
    this.input.value = model;
    if (model !== this.current) this.chat.ask("set", { model });
    this.current = model;
  }
}

// One question and its answer.
class TurnView {
  constructor(chat, id) {
    this.chat = chat;
    this.id = id;
    this.root = element("article", "edenai-turn");
    this.question = element("div", "edenai-question");
    this.text = element("div", "edenai-text");
    this.files = element("div", "edenai-chips");
    this.question.append(this.text, this.files);
    this.body = element("div", "edenai-markdown jp-RenderedHTMLCommon jp-RenderedMarkdown");
    this.blocks = new Blocks(this.body);
    this.status = new Status(null);
    this.tools = element("div", "edenai-tools", { role: "group", "aria-label": "Actions of this turn" });
    const foot = element("div", "edenai-foot");
    foot.append(this.status.root, this.tools);
    this.root.append(this.question, this.body, foot);
    this.build();
  }

  build() {
    const act = (kind, fields = {}) => this.chat.ask(kind, { id: this.id, ...fields });
    this.walker = element("span", "edenai-walker", { role: "group", "aria-label": "Branches" });
    this.place = element("span", "");
    this.back = button("‹", () => act("walk", { step: -1 }), { "aria-label": "Earlier branch" });
    this.forth = button("›", () => act("walk", { step: 1 }), { "aria-label": "Later branch" });
    this.walker.append(this.back, this.place, this.forth);
    this.copy = button("Copy", () => this.copyAnswer());
    this.goOn = button("Continue", () => act("continue"));
    this.retry = button("Retry", () => act("retry"));
    this.remove = button("Delete", () => {
      if (this.remove.dataset.sure) act("delete");
      else this.ensure(true);
    });
    this.remove.addEventListener("blur", () => this.ensure(false));
    this.change = button("Edit", () => this.edit());
    this.tools.append(this.walker, this.copy, this.goOn, this.retry, this.change, this.remove);
  }

  ensure(asked) {
    if (asked) this.remove.dataset.sure = "yes";
    else delete this.remove.dataset.sure;
    this.remove.textContent = asked ? "Really delete?" : "Delete";
  }

  show({ prompt, files, patch, status }) {
    if (prompt !== undefined) {
      this.prompt = prompt;
      this.text.textContent = prompt;
      this.files.replaceChildren(...files.map((name) => chip(name)));
    }
    if (patch) this.blocks.apply(patch);
    if (status) this.tell(status);
    if (patch) this.decorate(patch[0] - 1);
  }

  tell(status) {
    this.status.show(status);
    this.ended = ENDED.has(status.state);
    this.body.setAttribute("aria-busy", String(!this.ended));
    this.isShort = this.ended && Boolean(status.state !== "done" || status.why); // why: cut at the length limit
    this.copy.disabled = !this.ended;
    this.retry.disabled = !this.ended;
  }

  locate(number, place, count, isLast) {
    this.root.setAttribute("aria-label", `Turn ${number}`);
    this.walker.hidden = count < 2;
    this.place.textContent = `${place}/${count}`;
    this.back.disabled = place === 1;
    this.forth.disabled = place === count;
    this.goOn.hidden = !(isLast && this.isShort && this.blocks.html.length);
  }

  // Buttons for the code blocks that can change no more.
  decorate(first) {
    const blocks = [...this.body.children].slice(Math.max(0, first), this.ended ? undefined : -1);
    for (const block of blocks) decorate(block, (_, words) => this.chat.tell(words));
  }

  async copyAnswer() {
    const { text } = await this.chat.ask("source", { id: this.id });
    if (text === undefined) return;
    await copy(text);
    this.chat.tell("Copied");
  }

  edit() {
    if (this.editor) return;
    this.editor = element("form", "edenai-editor");
    const area = element("textarea", "edenai-input", { "aria-label": "Edit the question", rows: "3" });
    area.value = this.prompt;
    const done = () => {
      const hadFocus = focused(this.editor);
      this.editor.replaceWith(this.question);
      this.editor = null;
      if (hadFocus) this.change.focus();
    };
    const send = async () => {
      const { error } = await this.chat.ask("edit", { id: this.id, text: area.value });
      if (!error) done();
    };
    area.addEventListener("keydown", (event) => {
      if (composes(event)) return;
      if (event.key === "Escape") {
        event.stopPropagation();
        done();
      } else if (this.chat.sends(event)) {
        event.preventDefault();
        send();
      }
    });
    this.editor.append(area, button("Ask again", send), button("Cancel", done));
    this.question.replaceWith(this.editor);
    area.focus();
  }

  dispose() {
    this.status.remove();
    this.root.remove();
  }
}

function chip(name, onRemove) {
  const node = element("span", "edenai-chip");
  node.append(name);
  if (onRemove) node.append(button("×", onRemove, { "aria-label": `Remove ${name}` }));
  return node;
}

class Composer {
  constructor(chat) {
    this.chat = chat;
    this.files = [];
    this.root = element("form", "edenai-composer", { "aria-label": "Your message" });
    this.area = element("textarea", "edenai-input", { rows: "1", placeholder: "Ask anything", "aria-label": "Message" });
    this.chips = element("div", "edenai-chips");
    this.file = element("input", "edenai-hidden", { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" });
    this.stop = button("Stop", () => this.stopAll(), { class: "edenai-button edenai-strong" });
    this.stop.hidden = true;
    const attach = button("Attach", () => this.file.click(), { title: "Attach images or text files" });
    const send = button("Send", () => this.send(), { class: "edenai-button edenai-strong" });
    const row = element("div", "edenai-row");
    row.append(attach, this.chat.note, this.stop, send);
    this.root.append(this.chips, this.area, this.file, row);
    this.listen();
  }

  listen() {
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.area.addEventListener("input", () => this.grow());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("paste", (event) => {
      const { types } = event.clipboardData;
      const isText = types.includes("text/plain") && types.includes("text/html"); // an office adds a picture of it
      if (!isText) this.take(event, event.clipboardData);
    });
    this.file.addEventListener("change", () => {
      this.attach([...this.file.files]);
      this.file.value = "";
    });
    const zone = this.chat.root;
    const mark = (isOver) => zone.classList.toggle("edenai-over", isOver);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(event.dataTransfer.types.includes("Files"));
    });
    zone.addEventListener("dragleave", (event) => mark(zone.contains(event.relatedTarget)));
    zone.addEventListener("drop", (event) => {
      mark(false);
      this.take(event, event.dataTransfer);
    });
    zone.addEventListener("keydown", (event) => {
      event.stopPropagation(); // JupyterLab also takes Enter
      if (event.key === "Escape" && !composes(event) && !this.stop.hidden) this.stopAll();
    });
  }

  key(event) {
    if (composes(event)) return;
    if (this.chat.sends(event)) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.area.value && this.chat.lastPrompt()) {
      event.preventDefault();
      this.area.value = this.chat.lastPrompt();
      this.grow();
    }
  }

  take(event, data) {
    const files = [...(data?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.attach(files);
  }

  async attach(files) {
    for (const file of files) {
      const size = this.files.reduce((sum, other) => sum + other.size, file.size);
      const limit = this.chat.head.limit;
      if (size > limit) {
        this.chat.say(`${file.name} is too large: attached files may have ${limit / 1e6} MB together.`);
        continue;
      }
      this.files.push({ ...(await readFile(file)), size: file.size });
    }
    this.drawChips();
  }

  drawChips() {
    const remove = (file) => () => {
      this.files = this.files.filter((other) => other !== file);
      this.drawChips();
    };
    const chips = this.files.map((file) => chip(file.name, remove(file)));
    keepFocus(this.chat.root, () => this.chips.replaceChildren(...chips));
  }

  grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight + 2}px`;
  }

  // The text stays until Python has it.
  async send() {
    const text = this.area.value;
    if (this.sending || (!text.trim() && !this.files.length)) return;
    this.sending = true;
    this.chat.toEnd();
    const files = this.files.map(({ name, data }) => ({ name, data }));
    const { error } = await this.chat.ask("send", { text, files });
    this.sending = false;
    if (error) return;
    this.files = [];
    this.drawChips();
    if (this.area.value === text) this.area.value = "";
    this.grow();
  }

  stopAll() {
    this.stop.textContent = this.chat.head.free ? "Stopping…" : "Stop waits for the running cell";
    this.chat.ask("stop", {}, { slow: () => (this.stop.textContent = "Stop waits for the running cell") });
  }

  show({ busy }) {
    this.area.placeholder = this.chat.model.get("enter_sends") ? "Ask anything" : "Ask anything: Shift+Enter sends";
    if (this.stop.hidden === !busy) return;
    const hadFocus = focused(this.root) === this.stop;
    this.stop.hidden = !busy;
    this.stop.textContent = "Stop";
    if (!busy && hadFocus) this.area.focus();
  }
}

// Model, settings, what it took, and what can be done with the whole conversation.
class Header {
  constructor(chat) {
    this.chat = chat;
    this.root = element("div", "edenai-head");
    this.picker = new ModelPicker(chat);
    this.facts = element("span", "edenai-facts");
    this.panel = element("div", "edenai-panel", { id: `${chat.uid}-panel` });
    this.panel.hidden = true;
    const toggle = button("Settings", () => this.toggle(toggle), {
      "aria-expanded": "false",
      "aria-controls": this.panel.id,
    });
    const fresh = button("New chat", () => chat.begin("new"), { title: "The conversation so far stays as a branch" });
    const [row, buttons] = [element("div", "edenai-row"), element("div", "edenai-row")];
    buttons.append(toggle, fresh);
    row.append(this.facts, buttons);
    this.root.append(this.picker.root, row);
    this.fill();
  }

  fill() {
    const set = (name) => (event) => this.chat.ask("set", { [name]: event.target.value });
    this.system = element("textarea", "edenai-input", { rows: "2" });
    this.temperature = element("input", "edenai-input", { type: "number", min: "0", max: "2", step: "0.1" });
    this.tokens = element("input", "edenai-input", { type: "number", min: "1", step: "1" });
    this.system.addEventListener("change", set("system"));
    this.temperature.addEventListener("change", set("temperature"));
    this.tokens.addEventListener("change", set("max_tokens"));
    const exports = element("div", "edenai-row", { role: "group", "aria-label": "Export" });
    const forms = { markdown: "Export Markdown", jsonl: "Export JSON Lines", notebook: "Export notebook" };
    for (const [form, label] of Object.entries(forms)) exports.append(button(label, () => this.export(form)));
    this.panel.append(
      labelled("System prompt", this.system),
      labelled("Temperature", this.temperature),
      labelled("Max tokens", this.tokens),
      exports,
    );
  }

  async export(form) {
    const file = await this.chat.ask("export", { form });
    if (!file.error) save(file);
  }

  toggle(node) {
    this.panel.hidden = !this.panel.hidden;
    node.setAttribute("aria-expanded", String(!this.panel.hidden));
  }

  show(head) {
    this.picker.show(head.model);
    this.facts.textContent = head.tokens ? `${head.tokens.toLocaleString("en-US")} tokens · ${money(head.cost)}` : "";
    const fields = [this.system, this.temperature, this.tokens];
    [head.system, head.temperature, head.max_tokens].forEach((value, i) => {
      if (focused(this.panel) !== fields[i]) fields[i].value = value ?? "";
    });
  }
}

class Chat {
  constructor(model) {
    this.model = model;
    this.uid = `edenai-${Math.random().toString(36).slice(2)}`;
    this.head = {};
    this.turns = new Map();
    this.path = [];
    this.waiting = new Map(); // ticket -> what to do with its answer
    this.count = 0;
    this.number = null; // of the last frame drawn; null until a whole one has come
    this.root = element("section", "edenai-chat", {
      "aria-label": "Chat",
      "data-lm-suppress-shortcuts": "true", // JupyterLab would take keys from the fields
    });
    this.log = element("div", "edenai-log", { role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" });
    this.empty = button("Back to the conversation before", () => this.begin("back"));
    this.empty.hidden = true;
    this.jump = button("↓ New text below", () => this.toEnd(), { class: "edenai-button edenai-jump" });
    this.jump.hidden = true;
    this.note = element("div", "edenai-note", { role: "status", "aria-live": "polite" });
    this.header = new Header(this);
    this.composer = new Composer(this);
    this.log.append(this.empty);
    this.log.addEventListener("scroll", () => this.offerJump());
    this.root.append(this.header.root, this.header.panel, this.log, this.jump, this.composer.root);
  }

  // Leave this conversation for another one, in which something will be asked.
  begin(kind) {
    this.ask(kind);
    this.composer.area.focus();
  }

  // Send an intent; resolves to Python's answer, `{error}` if it was refused.
  ask(kind, fields = {}, { quiet = false, slow = null } = {}) {
    const ticket = `${this.uid}-${++this.count}`;
    return new Promise((resolve) => {
      const clock = setTimeout(() => {
        if (slow) slow();
        else if (!quiet) this.say("No answer from the kernel yet: it is running a cell, or gone.", kind);
      }, SLOW_MS);
      this.waiting.set(ticket, (answer) => {
        clearTimeout(clock);
        if (this.said === kind) this.say("");
        if (answer.error && !quiet) this.say(answer.error, kind);
        resolve(answer);
      });
      this.model.send({ kind, ticket, ...fields });
    });
  }

  // What stands beside the buttons until something else is said, or what it is about has been done.
  say(text, about = null) {
    this.said = about;
    this.note.textContent = text;
  }

  // The same for what needs no reading twice.
  tell(text) {
    const about = Symbol("told");
    this.say(text, about);
    setTimeout(() => this.said === about && this.say(""), TOLD_MS);
  }

  sends(event) {
    if (event.key !== "Enter" || composes(event)) return false;
    return this.model.get("enter_sends") ? !event.shiftKey : event.shiftKey;
  }

  lastPrompt() {
    return this.turns.get(this.path.at(-1)?.[0])?.prompt;
  }

  hear(message) {
    if (message.kind === "answer") {
      this.waiting.get(message.ticket)?.(message);
      this.waiting.delete(message.ticket);
    } else if (message.kind === "frame") {
      if (message.number === this.number + 1) this.draw(message);
      else if (message.number > this.number) this.model.send({ kind: "hello" }); // one was lost
    }
  }

  draw(frame) {
    keepFocus(this.root, () => this.put(frame));
  }

  put({ number, path, turns = {}, head }) {
    const wasAtEnd = this.atEnd();
    this.number = number;
    if (path) this.follow(path);
    for (const [id, news] of Object.entries(turns)) this.turns.get(id)?.show(news);
    if (head) {
      this.head = head;
      this.header.show(head);
      this.composer.show(head);
      this.empty.hidden = !head.earlier;
    }
    this.path.forEach(([id, place, count], i) => {
      if (path || turns[id]) this.turns.get(id).locate(i + 1, place, count, i === this.path.length - 1);
    });
    if (wasAtEnd) this.toEnd();
    this.offerJump();
  }

  follow(path) {
    const ids = new Set(path.map(([id]) => id));
    for (const [id, turn] of this.turns) {
      if (ids.has(id)) continue;
      turn.dispose();
      this.turns.delete(id);
    }
    this.path = path;
    path.forEach(([id], i) => {
      if (!this.turns.has(id)) this.turns.set(id, new TurnView(this, id));
      const { root } = this.turns.get(id);
      const there = this.log.children[i + 1]; // the first one is the way back
      if (there !== root) this.log.insertBefore(root, there ?? null);
    });
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
  }

  // While an answer comes in that is out of sight; afterwards until it has been seen.
  offerJump() {
    const isOffered = !this.atEnd() && (this.head.busy || !this.jump.hidden);
    if (this.jump.hidden === isOffered) keepFocus(this.root, () => (this.jump.hidden = !isOffered));
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.offerJump();
    // What comes into sight only now may be taller than was thought.
    requestAnimationFrame(() => (this.log.scrollTop = this.log.scrollHeight));
  }
}

function render({ model, el }) {
  const chat = new Chat(model);
  el.classList.add("edenai-window");
  el.append(chat.root);
  let queue = Promise.resolve(); // a whole frame takes time to unpack, and the next must not overtake it
  const hear = (message, buffers) => {
    queue = queue.then(async () => {
      if (message?.kind === "packed") {
        const frame = await inflate(buffers[0]);
        if (message.first) chat.draw(frame);
        else if (chat.number !== null) chat.hear(frame);
      } else if (message && chat.number !== null) chat.hear(message);
    });
  };
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  return () => {
    model.off("msg:custom", hear);
    chat.turns.forEach((turn) => turn.dispose());
  };
}

export default { render };
