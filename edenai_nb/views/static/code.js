// What can be done with a block of code: copy it, or put it into a new cell below.

import { element } from "./dom.js";

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Outside of https and localhost there is no clipboard but this one.
    const area = element("textarea", "edenai-hidden");
    const held = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    held?.focus();
  }
}

// JupyterLab and Notebook 7 run the command that is named on whatever is clicked.
export function command(node, id, args = {}) {
  const link = element("span", "", {
    "data-commandlinker-command": id,
    "data-commandlinker-args": JSON.stringify(args),
  });
  node.append(link);
  link.click();
  link.remove();
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

// Commands mean the active cell.
export function activate(cell) {
  cell.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
}

// Put the text into a new cell below. False where the front end has none to offer.
export async function insertBelow(node, text) {
  const cell = node.closest(".jp-Cell");
  if (!cell) return false;
  activate(cell);
  command(node, "notebook:insert-cell-below");
  for (let i = 0; i < 30; i++) {
    await frame();
    const fresh = cell.parentElement.querySelector(".jp-Cell.jp-mod-active");
    if (fresh && fresh !== cell && fresh.querySelector(".cm-content")) {
      command(node, "notebook:replace-selection", { text });
      return true;
    }
  }
  return false;
}

export function button(label, onClick, attributes = {}) {
  const node = element("button", "edenai-button", { type: "button", ...attributes }, label);
  node.onclick = onClick;
  return node;
}

// The buttons of one block; `say(button, words)` tells the reader what has happened.
function codeTools(code, say) {
  const text = () => code.querySelector("pre").textContent.replace(/\n$/, "");
  const tools = element("div", "edenai-codetools");
  const take = button("Copy", async () => {
    await copy(text());
    say(take, "Copied");
  }, { "aria-label": "Copy the code" });
  const insert = button("Insert below", async () => {
    if (await insertBelow(tools, text())) return say(insert, "Inserted below");
    await copy(text());
    say(insert, "Copied: no cell can be inserted here");
  });
  tools.append(take, insert);
  return tools;
}

export function decorate(root, say) {
  for (const code of [root, ...root.querySelectorAll(".edenai-code")]) {
    if (code.matches(".edenai-code") && !code.querySelector(".edenai-codetools")) code.append(codeTools(code, say));
  }
}
