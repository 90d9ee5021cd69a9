// A text field with a list of models under it; any typed id will do.

import { composes, element } from "./dom.js";

const SHOWN_MODELS = 60;

function compact(tokens) {
  return tokens < 1e6 ? `${Math.round(tokens / 1000)}k` : `${Number((tokens / 1e6).toPrecision(3))}M`;
}

export class ModelPicker {
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
    this.popup = element("div", "edenai-popup", { popover: "manual" });
    this.popup.hidden = true;
    this.popup.append(this.note, this.list);
    this.root.append(this.input, this.popup);
    this.place = (event) => this.popup.contains(event?.target) || this.lay();
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
    if (!this.popup.matches(":popover-open")) this.popup.showPopover();
    document.addEventListener("scroll", this.place, true);
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
    if (this.popup.matches(":popover-open")) this.popup.hidePopover();
    document.removeEventListener("scroll", this.place, true);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  // Above the field where there is more room than below it.
  lay() {
    const { left, top, bottom } = this.input.getBoundingClientRect();
    const { style, offsetWidth } = this.popup;
    const isAbove = top > innerHeight - bottom;
    style.left = `${Math.max(4, Math.min(left, innerWidth - offsetWidth - 4))}px`;
    style.top = isAbove ? "auto" : `${bottom + 6}px`;
    style.bottom = isAbove ? `${innerHeight - top + 6}px` : "auto";
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
    this.place();
    this.move(-1);
  }

  option([id, input, output, context], index) {
    const node = element("li", "edenai-option", { role: "option", id: `${this.list.id}-${index}` });
    node.dataset.id = id;
    const facts = element("small", "");
    const size = context ? ` · ${compact(context)} context` : "";
    facts.textContent = `${input} in · ${output} out per 1M${size}`;
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
