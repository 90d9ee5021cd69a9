// The live view of a comparison: a column for each model, all drawn with one picture of the page.

import { Answer } from "./answer.js";
import { element, say } from "./dom.js";
import { FrameScheduler } from "./frame-scheduler.js";
import { keepOnSave } from "./keeping.js";
import { onKernelEnd } from "./kernel-end.js";
import { page } from "./page.js";
import { LOST, settle, takePlace } from "./settling.js";

const UNFINISHED = "The answers were still streaming when this was saved.";

class Column {
  constructor(name, onStop) {
    this.name = name;
    this.number = null; // of the last frame heard; null until the whole page has come
    this.answer = new Answer(say, () => {
      this.answer.status.stop.textContent = "Stopping…";
      onStop();
    });
    const { body, status } = this.answer;
    this.root = element("section", "edenai-column", { "aria-label": name });
    this.root.append(element("strong", "edenai-model", {}, name), body, status.notice, status.root);
  }

  // False where one was lost.
  hear({ number, patch, status }) {
    const [keep, prefix] = patch;
    if ((keep || prefix) && number !== this.number + 1) return number <= this.number;
    this.number = number;
    this.answer.take(patch, status);
    return true;
  }

  fail(why) {
    if (this.answer.ended) return;
    this.answer.draw();
    this.answer.fail(why);
  }
}

function render({ model, el }) {
  const root = element("section", "edenai-view", {
    "aria-label": model.get("label"),
    "data-lm-suppress-shortcuts": "true", // JupyterLab would take Enter and Space from the Stop buttons
  });
  const columns = model.get("names").map((name, column) => new Column(name, () => model.send({ kind: "stop", column })));
  const grid = element("div", "edenai-columns");
  grid.append(...columns.map((column) => column.root));
  root.append(grid);
  el.append(root);
  root.dataset.edenaiView = model.get("output_id");

  const ended = () => columns.every(({ answer }) => answer.ended);
  const pictures = new FrameScheduler(() => columns.forEach(({ answer }) => answer.draw()));
  const hear = (message) => {
    if (message?.kind === "saved") settle(model, message);
    if (message?.kind !== "frame") return;
    if (!columns[message.column].hear(message)) model.send({ kind: "hello" });
    pictures.ask(ended());
  };
  const form = (why) => ({
    "text/html": `${grid.outerHTML}<p><small>${why}</small></p>`,
    "text/plain": `${grid.innerText}\n\n${why}`,
  });
  const hasCome = () => columns.some(({ number }) => number !== null);
  const forget = onKernelEnd(model, (keep) => {
    if (ended()) return;
    columns.forEach((column) => column.fail(LOST));
    if (hasCome()) keep(form(LOST));
  });
  const leave = keepOnSave(model, () => (hasCome() ? form(ended() ? "" : UNFINISHED) : null));
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  page.meet(model);
  return () => {
    model.off("msg:custom", hear);
    forget();
    leave();
    columns.forEach(({ answer }) => answer.status.remove());
    el.replaceChildren(); // JupyterLab holds the view of a closed widget for as long as its kernel lives
  };
}

export default { initialize: takePlace, render };
