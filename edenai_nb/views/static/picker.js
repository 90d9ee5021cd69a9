// A text field with a list of models over the page; an id that is not in it is taken only after a second Enter.

import { composes, element } from "./dom.js";
import { point, popupOf } from "./listbox.js";

const SHOWN_MODELS = 60;
const SIGNS = { vision: "◉", files: "▤", audio: "♪", video: "▷", tools: "⚒", schema: "{}", reasoning: "✻", web: "@" };

function compact(tokens) {
  return tokens < 1e6 ? `${Math.round(tokens / 1000)}k` : `${Number((tokens / 1e6).toPrecision(3))}M`;
}

function cells(className, texts, attributes) {
  const row = element("div", className, attributes);
  row.append(...texts.map((text) => element("span", "", {}, text)));
  return row;
}

export class ModelPicker {
  constructor(chat) {
    this.chat = chat;
    this.models = null;
    this.recent = [];
    this.shown = [];
    this.options = [];
    this.active = -1;
    this.root = element("div", "edenai-picker");
    this.list = element("div", "edenai-list", {
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
    this.popup = popupOf(this.list, (id) => this.pick(id));
    this.popup.prepend(this.note);
    this.root.append(this.input, this.popup);
    this.place = (event) => this.popup.contains(event?.target) || this.lay();
    this.input.onfocus = () => this.open();
    this.input.onclick = () => this.open();
    this.input.oninput = () => this.reveal(this.input.value);
    this.input.onkeydown = (event) => this.key(event);
    this.input.onblur = () => this.leave();
  }

  get isOpen() {
    return this.popup.matches(":popover-open");
  }

  show(model) {
    this.current = model;
    if (!this.isOpen && this.input.value !== model) this.input.value = model; // else what is selected is lost
  }

  open() {
    if (this.isOpen) return;
    this.input.select();
    this.reveal("");
  }

  // What is chosen next goes to `call`; the conversation's own model stays.
  pickFor(call) {
    this.input.focus();
    this.open();
    this.call = call;
  }

  async reveal(text) {
    if (!this.isOpen) this.popup.showPopover();
    document.addEventListener("scroll", this.place, true);
    this.input.setAttribute("aria-expanded", "true");
    this.filter(text);
    if (this.models || this.isLoading) return;
    this.isLoading = true;
    this.note.textContent = "Loading the models…";
    const answer = await this.chat.ask("models", {}, { quiet: true });
    this.isLoading = false;
    this.models = answer.models ?? null;
    this.recent = answer.recent ?? [];
    this.note.textContent = answer.error ? `No list of models: ${answer.error} Type an id.` : "";
    this.filter(this.input.value === this.current ? "" : this.input.value);
  }

  close() {
    if (this.isOpen) this.popup.hidePopover();
    this.call = null;
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
    const recent = words.length ? [] : this.recent.flatMap((id) => found.filter(([one]) => one === id));
    this.shown = [...recent, ...found].slice(0, SHOWN_MODELS);
    if (this.models) {
      const rest = recent.length + found.length - this.shown.length;
      this.note.textContent = found.length ? (rest ? `and ${rest} more: type to search` : "") : "Not in the list: Enter twice takes it as typed.";
    }
    if (this.models && !found.length) this.shown = [[text.trim()]];
    this.draw(recent.length);
    this.place();
    this.move(-1);
  }

  // In groups: those used before, then each provider's.
  draw(recent) {
    this.list.replaceChildren();
    let [group, last] = [];
    this.options = this.shown.map((model, i) => {
      const name = i < recent ? "Recent" : model[4] ?? "As typed";
      if (name !== last) {
        group = element("div", "edenai-group", { role: "group", "aria-label": name });
        group.append(this.heads(name, !last));
        this.list.append(group);
        last = name;
      }
      group.append(this.option(model, i));
      return group.lastChild;
    });
  }

  heads(name, isFirst) {
    return cells("edenai-heads", [name, "", ...(isFirst ? ["context", "in $/M", "out $/M"] : ["", "", ""])], { "aria-hidden": "true" });
  }

  option([id, input, output, context, , abilities = []], index) {
    const size = context ? compact(context) : "?";
    const said = input ? [id, ...abilities, `${size} context`, `${input} in`, `${output} out per million tokens`] : [id];
    const marks = abilities.map((word) => SIGNS[word] ?? "").join(" ");
    const node = cells("edenai-option", input ? [id, marks, size, input, output] : [id], {
      role: "option",
      id: `${this.list.id}-${index}`,
      "aria-label": said.join(", "),
      title: abilities.join(", "),
    });
    node.dataset.id = id;
    return node;
  }

  move(index) {
    this.active = Math.max(-1, Math.min(index, this.shown.length - 1));
    point(this.input, this.options, this.active)?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (composes(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) this.open();
      else this.move(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.active < 0 && this.isOpen && !this.takes(this.input.value.trim())) this.move(0);
      else this.pick(this.shown[this.active]?.[0] ?? this.input.value);
    } else if (event.key === "Escape" && this.isOpen) {
      event.stopPropagation();
      this.input.value = this.current;
      this.close();
    }
  }

  // Whether this is an id at once: one of the list, or any where there is none.
  takes(text) {
    return !this.models || !text || this.models.some(([id]) => id === text);
  }

  // A search that was not finished changes nothing.
  leave() {
    const text = this.input.value.trim();
    this.call = null;
    this.choose(this.isOpen && this.takes(text) ? text : "");
  }

  // The field keeps the focus, and what is typed next is a new search.
  pick(id) {
    this.choose(id);
    this.input.select();
  }

  choose(id) {
    const { call } = this;
    const model = id.trim() || this.current;
    this.close();
    this.input.value = call ? this.current : model;
    if (call) return call(model);
    if (model !== this.current) this.chat.ask("set", { model });
    this.current = model;
  }
}
