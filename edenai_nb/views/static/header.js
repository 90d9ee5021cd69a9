// Model, and behind ⋯ settings, what it took, and what can be done with the whole conversation.

import { button } from "./code.js";
import { element } from "./dom.js";
import { focused } from "./focus.js";
import { ModelPicker } from "./picker.js";

export const SLOW_MS = 1000; // after this without an answer, the reader is told what it waits for

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

export class Menu {
  constructor(chat) {
    this.chat = chat;
    this.picker = new ModelPicker(chat);
    this.facts = element("div", "edenai-facts");
    this.panel = element("div", "edenai-panel", { id: `${chat.uid}-panel`, role: "group", "aria-label": "Settings" });
    this.panel.hidden = true;
    this.toggle = button("⋯", () => this.open(), {
      "aria-label": "Settings",
      title: "New chat, settings, export, cost",
      "aria-expanded": "false",
      "aria-controls": this.panel.id,
    });
    this.fill();
  }

  fill() {
    const set = (name) => (event) => this.chat.ask("set", { [name]: event.target.value });
    this.system = element("textarea", "edenai-input", { rows: "2" });
    this.temperature = element("input", "edenai-input", { type: "number", min: "0", max: "2", step: "0.1" });
    this.tokens = element("input", "edenai-input", { type: "number", min: "1", step: "1" });
    this.fallbacks = element("input", "edenai-input", { placeholder: "up to three models, with commas between" });
    this.budget = element("input", "edenai-input", { type: "number", min: "0", step: "any", placeholder: "no limit" });
    this.fallbacks.addEventListener("change", set("fallbacks"));
    this.budget.addEventListener("change", set("budget"));
    this.system.addEventListener("change", set("system"));
    this.temperature.addEventListener("change", set("temperature"));
    this.tokens.addEventListener("change", set("max_tokens"));
    const fresh = button("New chat", () => this.chat.begin("new"), { title: "The conversation so far stays as a branch" });
    const exports = element("div", "edenai-row", { role: "group", "aria-label": "Export" });
    const forms = { markdown: "Export Markdown", jsonl: "Export JSON Lines", notebook: "Export notebook" };
    for (const [form, label] of Object.entries(forms)) exports.append(button(label, () => this.export(form)));
    this.panel.append(
      fresh,
      this.facts,
      labelled("System prompt", this.system),
      labelled("Temperature", this.temperature),
      labelled("Max tokens", this.tokens),
      labelled("Fallbacks", this.fallbacks),
      labelled("Budget of this kernel (USD)", this.budget),
      exports,
    );
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
    const fields = [this.system, this.temperature, this.tokens, this.fallbacks, this.budget];
    [head.system, head.temperature, head.max_tokens, head.fallbacks, head.budget].forEach((value, i) => {
      if (focused(this.panel) !== fields[i]) fields[i].value = value ?? "";
    });
  }
}
