// What a page that has loaded us does for every answer in it. Saved ones hold no script of their own.

import { Offers } from "./cell-tools.js";
import { decorate } from "./code.js";
import { element, say } from "./dom.js";

const MERMAID = "text/vnd.mermaid";
const OURS = ".edenai-view, .edenai-chat";
const WIDE = "pre, table, .edenai-markdown > :has(.edenai-math)"; // may be wider than what there is

class Page {
  constructor() {
    this.seen = new WeakSet(); // saved answers that have been dealt with
    this.offers = new Offers();
    this.kept = new Map(); // place of a window -> what was said in it when its kernel ended
    this.rendermime = null; // JupyterLab's renderers
    this.sizes = new ResizeObserver((all) => all.forEach(({ target }) => reach(target)));
    new MutationObserver(() => this.ask()).observe(document.body, { childList: true, subtree: true });
    document.addEventListener("copy", copyAsText);
  }

  // A view brings what it knows of JupyterLab.
  meet({ widget_manager: manager }) {
    this.rendermime ??= manager?.rendermime ?? null;
    if (manager?.context) this.offers.contexts.add(manager.context);
    this.ask();
  }

  ask() {
    this.asked ??= setTimeout(() => {
      this.asked = null;
      this.look();
    });
  }

  look() {
    for (const answer of document.querySelectorAll(".edenai-markdown")) {
      if (this.seen.has(answer) || answer.closest(OURS)) continue;
      this.seen.add(answer);
      this.finish(answer, say);
      if (answer.closest(".jp-CodeCell")) this.offers.make(answer, answer.closest(".jp-CodeCell"));
    }
  }

  // A block, or a whole answer, that will not change any more: buttons for code, diagrams and formulas as JupyterLab's.
  finish(root, tell) {
    decorate(root, tell);
    for (const node of [root, ...root.querySelectorAll(WIDE)]) if (node.matches(WIDE)) this.sizes.observe(node);
    if (!this.rendermime) return;
    for (const code of root.parentElement?.querySelectorAll('.edenai-code[data-language="mermaid"]') ?? []) {
      if (root.contains(code)) this.draw(code);
    }
    this.typeset([...root.querySelectorAll(".edenai-math[data-tex]")].filter((math) => math.closest(OURS)));
  }

  // As a diagram, where JupyterLab can draw it; else it stays as it was written.
  async draw(code) {
    if (code.querySelector(".jp-RenderedMermaid")) return;
    const pre = code.querySelector("pre");
    try {
      const renderer = this.rendermime.createRenderer(MERMAID);
      const data = { [MERMAID]: pre.textContent };
      await renderer.renderModel(this.rendermime.createModel({ data, trusted: false }));
      if (!renderer.node.querySelector("img, svg")) return;
      pre.hidden = true;
      pre.after(renderer.node);
    } catch {
      // no such renderer here
    }
  }

  // Live formulas as MathJax sets them, as in the saved answer: nothing changes its size at the end.
  async typeset(formulas) {
    const typesetter = this.rendermime.latexTypesetter;
    if (!typesetter || !formulas.length) return;
    await typesetter.typeset(element("div", "")); // loads it, while the formulas are still to be seen
    for (const math of formulas) {
      if (!math.isConnected || math.querySelector("mjx-container")) continue;
      math.textContent = math.dataset.tex;
      await typesetter.typeset(math);
    }
  }
}

// What scrolls can have the focus, so that it scrolls without a mouse.
function reach(node) {
  if (node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight + 1) node.tabIndex = 0;
  else node.removeAttribute("tabindex");
}

// Formulas are copied as they were written, buttons not at all.
function copyAsText(event) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formula = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-tex]");
  const [first, last] = [formula(range.startContainer), formula(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const box = element("div", "edenai-copied");
  box.append(range.cloneContents());
  const formulas = box.querySelectorAll(".edenai-math[data-tex]");
  if (!formulas.length) return;
  for (const math of formulas) math.replaceWith(asMarkdown(math.dataset.tex));
  for (const tools of box.querySelectorAll(".edenai-codetools, .edenai-ends")) tools.remove();
  document.body.append(box); // only what is in the page has lines
  event.clipboardData.setData("text/plain", box.innerText);
  event.clipboardData.setData("text/html", box.innerHTML);
  box.remove();
  event.preventDefault();
}

function asMarkdown(tex) {
  const mark = tex.startsWith("\\[") ? "$$" : "$";
  return mark + tex.slice(2, -2) + mark;
}

export const page = (window.edenaiPage ??= new Page());
