// What is offered below a saved answer while there is a kernel: copy it, ask again or for the rest, open it in the window.

import { activate, button, command, copy, insertBelow } from "./code.js";
import { element, say } from "./dom.js";

const DEAD = new Set(["terminating", "dead", "unknown"]);
const GO_ON = "Continue exactly where you stopped. Do not repeat anything.";

export class Offers {
  constructor() {
    this.contexts = new Set(); // of the notebooks in which views have been shown
  }

  make(answer, cell) {
    const context = this.contextOf(cell);
    const first = shownLine(cell);
    if (!context || !first) return;
    if (answer.closest(".edenai-compared")) this.offerChoice(answer, first, context);
    else {
      this.offerMore(answer, cell, first, context);
      this.offerCopy(answer, cell, first, context);
    }
  }

  // Ask again, or for the rest.
  offerMore(answer, cell, first, context) {
    const notice = answer.querySelector(":scope > .edenai-notice");
    if (!notice || notice.querySelector("button")) return;
    const failed = notice.classList.contains("edenai-is-error");
    const tools = element("span", "edenai-ends");
    if (!failed && isTalk(first, "%%")) tools.append(button("Continue", () => goOn(tools, first)));
    else if (failed) tools.append(button("Retry", () => retry(tools, cell)));
    notice.append(tools);
    whileAlive(tools, context);
  }

  offerCopy(answer, cell, first, context) {
    const line = answer.nextElementSibling;
    if (!line?.matches(".edenai-status") || line.querySelector("button")) return;
    const tools = element("span", "edenai-ends");
    const take = button("Copy", async () => {
      await copy(sourceOf(answer, cell, context));
      say(take, "Copied");
    }, { "aria-label": "Copy the answer" });
    tools.append(take);
    if (isTalk(first, "%%?")) {
      const talk = chatOf(first);
      const words = `%edenchat widget${talk && ` --chat ${talk}`}`;
      const open = button("Open in window", () => runBelow(tools, words));
      tools.append(open);
      whileAlive(open, context);
    }
    line.append(tools);
  }

  // Let the conversation go on after one of several answers.
  offerChoice(answer, first, context) {
    const place = answer.closest("td");
    if (answer.querySelector(":scope > .edenai-is-error") || place.querySelector(".edenai-ends")) return;
    if (!/^%%?edenchat\b/.test(first) || /\s--once\b/.test(first)) return;
    const words = `%edenchat pick ${place.querySelector(".edenai-model").textContent} ${chatOf(first)}`.trim();
    const tools = element("div", "edenai-ends");
    tools.append(button("Continue with this one", () => runBelow(tools, words)));
    place.append(tools);
    whileAlive(tools, context);
  }

  // The notebook of a cell, where it is known.
  contextOf(cell) {
    return [...this.contexts].find((one) => sourceLine(one, cell) === shownLine(cell));
  }
}

// Whether the cell takes part in a conversation that goes on.
function isTalk(first, mark) {
  return new RegExp(`^${mark}edenchat\\b`).test(first) && !/\s--(once|new)\b/.test(first);
}

function chatOf(first) {
  return first.match(/\s(?:-c|--chat)[ =](\S+)/)?.[1] ?? "";
}

// Shows these buttons while there is a kernel.
function whileAlive(tools, { sessionContext }) {
  const held = new WeakRef(tools); // the notebook outlives them, and with them the answer that they stand in
  const hear = () => {
    const node = held.deref();
    if (node) node.hidden = DEAD.has(sessionContext.session?.kernel?.status ?? "dead");
    else sessionContext.statusChanged?.disconnect(hear);
  };
  sessionContext.statusChanged?.connect(hear);
  hear();
}

async function runBelow(node, text) {
  if (await insertBelow(node, text)) command(node, "notebook:run-cell");
}

function retry(node, cell) {
  activate(cell);
  command(node, "notebook:run-cell");
}

function goOn(node, first) {
  return runBelow(node, `${first.replace(/^(%%edenchat)\s+[A-Za-z_]\w*/, "$1")}\n${GO_ON}`);
}

// A notebook's own model says what stands in a cell; a context that is another notebook's says something else.
function modelOf(context, cell) {
  const place = [...cell.parentElement.querySelectorAll(":scope > .jp-Cell")].indexOf(cell);
  return context.isDisposed ? null : context.model?.cells?.get(Number(cell.dataset.windowedListIndex ?? place));
}

function sourceLine(context, cell) {
  return modelOf(context, cell)?.sharedModel.getSource().split("\n")[0];
}

function shownLine(cell) {
  return cell.querySelector(".cm-line")?.textContent;
}

// The answer as the model wrote it, without what is said of how it fell short.
function sourceOf(answer, cell, context) {
  const shown = [...cell.querySelectorAll(".jp-OutputArea-output")];
  const output = modelOf(context, cell).outputs?.get(shown.indexOf(answer.closest(".jp-OutputArea-output")));
  const text = output?.data["text/plain"] ?? answer.innerText;
  return answer.querySelector(":scope > .edenai-notice") ? text.replace(/(^|\n\n)\[[^[]*\]$/, "") : text;
}
