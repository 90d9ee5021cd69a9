// The live view of one turn: draws frames, sends the reader's intents. answer.js and what it needs stand before it.

import { Answer } from "./answer.js";
import { element, say } from "./dom.js";
import { FrameScheduler } from "./frame-scheduler.js";
import { keepOnSave } from "./keeping.js";
import { onKernelEnd } from "./kernel-end.js";
import { page } from "./page.js";
import { LOST, settle, takePlace } from "./settling.js";

const UNFINISHED = "The answer was still streaming when this was saved.";

// Where the reader sees the end of the answer, or writes in a cell below it, that stays in place while it grows.
class ScrollAnchor {
  constructor(root) {
    this.root = root;
  }

  before() {
    this.box = this.root.closest(".jp-WindowedPanel-outer, .jp-Notebook");
    this.bottom = this.root.getBoundingClientRect().bottom;
    const view = this.box?.getBoundingClientRect();
    this.sees = view && this.bottom > view.top && this.bottom <= view.bottom + 1;
  }

  after() {
    if (!this.sees) return;
    const grown = this.root.getBoundingClientRect().bottom - this.bottom;
    const hidden = this.root.getBoundingClientRect().bottom - this.box.getBoundingClientRect().bottom;
    const shift = this.writesBelow() ? grown : Math.min(grown, hidden);
    if (shift > 0) this.box.scrollTop += shift;
  }

  writesBelow() {
    const cell = document.activeElement?.closest(".jp-Cell.jp-mod-editMode, .jp-Cell .cm-focused");
    return Boolean(cell && this.root.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);
  }
}

function render({ model, el }) {
  const root = element("section", "edenai-view", {
    "aria-label": model.get("label"),
    "data-lm-suppress-shortcuts": "true", // JupyterLab would take Enter and Space from the Stop button
  });
  const answer = new Answer(say, () => {
    status.stop.textContent = "Stopping…";
    model.send({ kind: "stop" });
  });
  const { body, blocks, status } = answer;
  root.append(status.name, body, status.notice, status.root);
  el.append(root);

  const follower = new ScrollAnchor(root);
  let number = null; // of the last frame heard; null until the whole page has come
  const draw = () => {
    follower.before();
    if (answer.draw()) follower.after();
  };
  const pictures = new FrameScheduler(draw);
  root.dataset.edenaiView = model.get("output_id");
  const hear = (message) => {
    if (message?.kind === "saved") settle(model, message);
    if (message?.kind !== "frame") return;
    const [keep, prefix] = message.patch;
    if ((keep || prefix) && message.number !== number + 1) {
      if (message.number > number) model.send({ kind: "hello" }); // one was lost
      return;
    }
    number = message.number;
    answer.take(message.patch, message.status);
    const { ended } = answer;
    if (ended && document.activeElement === status.stop) root.closest(".jp-Cell")?.focus(); // the view goes next
    pictures.ask(ended);
  };
  const form = (why) => ({
    "text/html": `<div class="${body.className}">${blocks.html.join("")}</div><p><small>${why}</small></p>`,
    "text/plain": `${body.innerText}\n\n${why}`,
  });
  const forget = onKernelEnd(model, (keep) => {
    if (answer.ended) return;
    draw();
    answer.fail(LOST);
    if (number !== null) keep(form(LOST));
  });
  const leave = keepOnSave(model, () => (number === null ? null : form(answer.ended ? "" : UNFINISHED)));
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  page.meet(model);
  return () => {
    model.off("msg:custom", hear);
    forget();
    leave();
    status.remove();
    el.replaceChildren(); // JupyterLab holds the view of a closed widget for as long as its kernel lives
  };
}

export default { initialize: takePlace, render };
