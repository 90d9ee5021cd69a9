// The chat window: draws what Python tells, sends intents. See ChatWidget for what stands before it.

import { button } from "./code.js";
import { Composer } from "./composer.js";
import { composes, element } from "./dom.js";
import { focused, keepFocus } from "./focus.js";
import { FrameScheduler } from "./frame-scheduler.js";
import { Menu, SLOW_MS } from "./header.js";
import { comeBack, keepOnSave, placesOf } from "./keeping.js";
import { onKernelEnd } from "./kernel-end.js";
import { KeyForm } from "./keys.js";
import { takeKey } from "./log-keys.js";
import { page } from "./page.js";
import { ENDED } from "./status.js";
import { FoldedTurn } from "./turn.js";
import { Welcome } from "./welcome.js";

const TOLD_MS = 5000;
const STEP = 20; // turns that are drawn, and how many more at a time
const NEAR_PX = 300; // to the top: time for more
const OPEN_TURNS = 2; // in what is saved; those before are folded
const NOTHING = "Nothing was said in this chat window.";
const CHAT_LOST = "The kernel ended; what was said is kept. Run the cell again to go on.";

async function inflate(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

class Chat {
  constructor(model) {
    this.model = model;
    this.forgets = [];
    this.uid = `edenai-${Math.random().toString(36).slice(2)}`;
    this.head = {};
    this.turns = new Map();
    this.path = [];
    this.shown = STEP;
    this.waiting = new Map(); // ticket -> what to do with its answer
    this.count = 0;
    this.number = null; // of the last frame heard; null until a whole one has come
    this.pictures = new FrameScheduler(() => keepFocus(this.root, () => this.draw()));
    this.root = element("section", "edenai-chat", { "aria-label": "Chat" });
    this.log = element("div", "edenai-log", { role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" });
    this.empty = button("Back to the conversation before", () => this.begin("back"), { hidden: "" });
    this.earlier = button("", () => this.more(), { hidden: "" });
    this.jump = button("↓ New text below", () => this.toEnd(), { class: "edenai-button edenai-jump", hidden: "" });
    this.note = element("div", "edenai-note", { role: "status", "aria-live": "polite" });
    this.menu = new Menu(this);
    this.composer = new Composer(this);
    this.welcome = new Welcome(this);
    this.log.append(this.empty, this.earlier);
    this.log.onscroll = () => {
      this.offerJump();
      if (!this.isFollowing && this.log.scrollTop < NEAR_PX && !this.earlier.hidden) this.more();
    };
    this.isFollowing = true;
    this.top = 0; // how far it was scrolled when that was last looked at
    this.sizes = new ResizeObserver(() => this.follows() && this.toEnd()); // a turn in sight may be taller than thought
    this.sizes.observe(this.log); // and what is below it may grow
    this.keys = new KeyForm(this);
    this.root.append(this.welcome.root, this.log, this.jump, this.keys.root, this.menu.panel, this.composer.root);
    this.root.onkeydown = (event) => takeKey(this, event);
    // JupyterLab would take keys from what has the focus, but for this word on that very node.
    this.root.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
    this.size();
    this.listen("change:height", () => this.size());
  }

  // Hear of changes for as long as the view is there.
  listen(what, call) {
    this.model.on(what, call);
    this.forgets.push(() => this.model.off(what, call));
  }

  size() {
    this.root.style.height = ""; // where it was dragged to
    this.root.style.setProperty("--edenai-height", this.model.get("height"));
  }

  // Leave this conversation for another one, in which something will be asked.
  begin(kind) {
    this.ask(kind);
    this.composer.area.focus();
  }

  // Send an intent; resolves to Python's answer, `{error}` if it was refused.
  ask(kind, fields = {}, { quiet = false, slow = null, buffers } = {}) {
    const ticket = `${this.uid}-${++this.count}`;
    return new Promise((resolve) => {
      const clock = setTimeout(() => {
        if (slow) slow();
        else if (!quiet) this.say("No answer from the kernel yet: it is running a cell, or gone.", kind);
      }, SLOW_MS);
      this.waiting.set(ticket, (answer) => {
        clearTimeout(clock);
        if (this.said === kind) this.say("");
        if (answer.needs_key) this.keys.show();
        else if (answer.error && !quiet) this.say(answer.error, kind);
        resolve(answer);
      });
      this.model.send({ kind, ticket, ...fields }, undefined, buffers);
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
      if (message.number === this.number + 1) this.take(message);
      else if (message.number > this.number) this.model.send({ kind: "hello" }); // one was lost
    }
  }

  take({ number, path, turns = {}, head }) {
    this.number = number;
    keepFocus(this.root, () => {
      if (path) this.follow(path);
      if (head) this.show(head);
      this.log.tabIndex = this.path.length || this.head.earlier ? 0 : -1;
    });
    // The first turn makes the window as high as it will be: who writes goes on seeing where.
    if (path?.length && focused(this.composer.root)) this.composer.root.scrollIntoView({ block: "nearest" });
    for (const [id, news] of Object.entries(turns)) this.turns.get(id)?.take(news);
    this.pictures.ask(Object.values(turns).some(({ status }) => ENDED.has(status?.state)));
  }

  draw() {
    const follows = this.follows();
    const drawn = [...this.turns.values()].filter((turn) => turn.draw());
    if (follows) this.toEnd();
    else this.offerJump(drawn.length > 0);
  }

  // The conversation as an ordinary output; its markdown once all has been said.
  form(why = this.path.length ? "" : NOTHING) {
    this.draw();
    const turns = this.saved();
    const html = turns.map((turn) => turn.html);
    const earlier = html.length > OPEN_TURNS + 1 ? html.splice(0, html.length - OPEN_TURNS) : [];
    if (earlier.length) html.unshift(`<details><summary>${earlier.length} earlier turns</summary>${earlier.join("")}</details>`);
    const text = [...turns.map((turn) => turn.text), why].filter(Boolean).join("\n\n");
    return {
      "text/html": html.join("") + (why && `<p><small>${why}</small></p>`),
      ...(turns.every((turn) => turn.markdown) ? { "text/markdown": text } : {}),
      "text/plain": text,
    };
  }

  // A long conversation comes in parts, its end first.
  isWhole() {
    return this.number !== null && this.path.every(([id]) => this.turns.get(id).prompt !== undefined);
  }

  // What a new kernel goes on with.
  facts() {
    return { chat: this.saved().flatMap(({ record }) => record ?? []) };
  }

  saved() {
    return this.path.map(([id]) => this.turns.get(id).saved());
  }

  show(head) {
    this.head = head;
    this.menu.show(head);
    this.composer.show(head);
    this.empty.hidden = !head.earlier;
  }

  follow(path) {
    const ids = new Set(path.map(([id]) => id));
    for (const [id, turn] of this.turns) {
      if (ids.has(id)) continue;
      turn.dispose();
      this.turns.delete(id);
    }
    const follows = this.follows();
    this.shown = follows ? STEP : Math.max(STEP, this.shown + path.length - this.path.length);
    this.path = path;
    this.welcome.show(path.length === 0);
    this.arrange();
    if (follows) this.toEnd(); // what was above may have gone
  }

  // The last turns stand in the page, those before are folded.
  arrange() {
    const first = this.path.length - this.shown;
    let before = this.earlier;
    let folded = 0;
    this.path.forEach(([id, place, count], i) => {
      const known = this.turns.get(id) ?? new FoldedTurn(this, id);
      const turn = i < first ? known.fold() : known.open();
      this.turns.set(id, turn);
      if (!turn.root) return folded++;
      turn.locate(i + 1, place, count, i === this.path.length - 1);
      if (before.nextSibling !== turn.root) before.after(turn.root);
      before = turn.root;
    });
    this.earlier.textContent = `${folded} earlier ${folded === 1 ? "turn" : "turns"}`;
    this.earlier.hidden = !folded;
  }

  // Earlier turns come above what is read, which stays where it is.
  more() {
    const { nextSibling: read } = this.earlier;
    const { top } = read.getBoundingClientRect();
    this.shown += STEP;
    keepFocus(this.root, () => this.arrange());
    this.log.scrollTop += read.getBoundingClientRect().top - top;
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
  }

  // Who has seen the end stays there, whatever grows, until they scroll up.
  follows() {
    if (this.log.scrollTop < this.top || this.atEnd()) this.isFollowing = this.atEnd();
    this.top = this.log.scrollTop;
    this.log.style.overflowAnchor = this.isFollowing ? "none" : "auto"; // else the browser scrolls up by itself
    return this.isFollowing;
  }

  // While text comes in that is out of sight; afterwards until it has been seen.
  offerJump(isNew = this.head.busy) {
    const isOffered = !this.follows() && (isNew || !this.jump.hidden);
    if (this.jump.hidden === isOffered) keepFocus(this.root, () => (this.jump.hidden = !isOffered));
  }

  toEnd() {
    this.isFollowing = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.offerJump();
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
        if (message.first) chat.take(frame);
        else if (chat.number !== null) chat.hear(frame);
      } else if (message && chat.number !== null) chat.hear(message);
    });
  };
  const forget = onKernelEnd(model, (keep) => {
    if (!chat.isWhole()) return; // what the file held before stays
    chat.draw();
    for (const turn of chat.turns.values()) turn.answer?.fail("the kernel ended");
    const facts = chat.facts();
    for (const place of placesOf(model)) page.kept.set(place, facts.chat);
    keep(chat.form(CHAT_LOST), facts);
  });
  const leave = keepOnSave(
    model,
    () => (chat.isWhole() ? chat.form() : null),
    () => chat.facts(),
  );
  model.on("msg:custom", hear);
  const place = placesOf(model).find((one) => page.kept.has(one));
  model.send({ kind: "hello", kept: page.kept.get(place) });
  page.kept.delete(place);
  page.meet(model);
  return () => {
    model.off("msg:custom", hear);
    for (const end of [forget, leave, ...chat.forgets]) end();
    chat.menu.picker.close();
    chat.turns.forEach((turn) => turn.dispose());
    el.replaceChildren(); // JupyterLab holds the view of a closed widget for as long as its kernel lives
  };
}

export default { initialize: comeBack, render };
