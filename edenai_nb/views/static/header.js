// Model, and behind ⋯ settings, what it took, and what can be done with the whole conversation.

import { button } from "./code.js";
import { element } from "./dom.js";
import { focused } from "./focus.js";
import { ModelPicker } from "./picker.js";

export const SLOW_MS = 1000; // after this without an answer, the reader is told what it waits for

// What can be set: its name in Python, its label, its element with its attributes.
const FIELDS = [
  ["system", "System prompt", "textarea", { rows: "2" }],
  ["temperature", "Temperature", "input", { type: "number", min: "0", max: "2", step: "0.1" }],
  ["max_tokens", "Max tokens", "input", { type: "number", min: "1", step: "1" }],
  ["fallbacks", "Fallbacks", "input", { placeholder: "up to three, with commas between" }],
  ["budget", "Budget of this kernel (USD)", "input", { type: "number", min: "0", step: "any", placeholder: "no limit" }],
];

function save({ text, name, type }) {
  const link = element("a", "", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SLOW_MS);
}

export class Menu {
  constructor(chat) {
    this.chat = chat;
    this.picker = new ModelPicker(chat);
    this.facts = element("div", "edenai-facts");
    this.panel = element("div", "edenai-panel", { id: `${chat.uid}-panel`, role: "group", "aria-label": "Settings", hidden: "" });
    this.toggle = button("⋯", () => this.open(), {
      "aria-label": "Settings",
      title: "New chat, settings, export, cost",
      "aria-expanded": "false",
      "aria-controls": this.panel.id,
    });
    this.fill();
  }

  fill() {
    const fresh = button("New chat", () => this.chat.begin("new"), { title: "The conversation so far stays as a branch" });
    const exports = element("div", "edenai-row", { role: "group", "aria-label": "Export" });
    const forms = { markdown: "Export Markdown", jsonl: "Export JSON Lines", notebook: "Export notebook" };
    for (const [form, label] of Object.entries(forms)) exports.append(button(label, () => this.export(form)));
    this.fields = FIELDS.map(([name, , tag, attributes]) => {
      const field = element(tag, "edenai-input", { name, ...attributes });
      field.onchange = () => this.chat.ask("set", { [name]: field.value });
      return field;
    });
    const labels = this.fields.map((field, i) => {
      const node = element("label", "edenai-field");
      node.append(FIELDS[i][1], field);
      return node;
    });
    this.panel.append(fresh, this.facts, ...labels, exports);
  }

  async export(form) {
    const file = await this.chat.ask("export", { form });
    if (!file.error) save(file);
  }

  open() {
    this.panel.hidden = !this.panel.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.panel.hidden));
  }

  show(head) {
    this.picker.show(head.model);
    this.facts.textContent = head.facts;
    for (const field of this.fields) {
      if (focused(this.panel) !== field) field.value = head[field.name] ?? "";
    }
  }
}
