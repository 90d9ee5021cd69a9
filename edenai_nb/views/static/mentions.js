// "@" in a message: a list of the notebook's variables, of which one is attached.

import { element } from "./dom.js";
import { point, popupOf } from "./listbox.js";

const SHOWN_NAMES = 8;
const MENTION = /(^|\s)@([\p{L}\p{N}_]*)$/u; // at its beginning an address such as a@b is none

export class Mentions {
  constructor(composer) {
    this.composer = composer;
    this.area = composer.area;
    this.shown = [];
    this.list = element("ul", "edenai-list", { role: "listbox", "aria-label": "Variables", id: `${composer.chat.uid}-names` });
    this.popup = popupOf(this.list, (name) => this.pick(name));
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.setAttribute("aria-controls", this.list.id);
    this.area.onblur = () => this.close();
  }

  typed() {
    return MENTION.exec(this.area.value.slice(0, this.area.selectionStart))?.[2];
  }

  async look() {
    if (this.typed() === undefined) return this.close();
    const { names = [] } = await this.composer.chat.ask("names", {}, { quiet: true });
    const word = this.typed()?.toLowerCase(); // what stands there by now
    if (word === undefined) return this.close();
    const found = names.filter(([name]) => name.toLowerCase().includes(word));
    this.shown = found.sort(([a], [b]) => b.toLowerCase().startsWith(word) - a.toLowerCase().startsWith(word)).slice(0, SHOWN_NAMES);
    if (!this.shown.length) return this.close();
    this.list.replaceChildren(...this.shown.map(([name, kind], i) => this.option(name, kind, i)));
    if (!this.isOpen()) this.popup.showPopover();
    const { left, top } = this.area.getBoundingClientRect();
    Object.assign(this.popup.style, { left: `${left}px`, top: "auto", bottom: `${innerHeight - top + 6}px` });
    this.move(0);
  }

  option(name, kind, index) {
    const node = element("li", "edenai-option", { role: "option", id: `${this.list.id}-${index}`, "data-id": name });
    node.append(name, element("small", "", {}, kind));
    return node;
  }

  isOpen() {
    return this.popup.matches(":popover-open");
  }

  close() {
    if (this.isOpen()) this.popup.hidePopover();
    this.area.removeAttribute("aria-activedescendant");
  }

  move(index) {
    this.active = (index + this.shown.length) % this.shown.length;
    point(this.area, [...this.list.children], this.active);
  }

  // True for a key that the list takes.
  key({ key }) {
    if (!this.isOpen()) return false;
    if (key === "ArrowDown" || key === "ArrowUp") this.move(this.active + (key === "ArrowDown" ? 1 : -1));
    else if (key === "Enter" || key === "Tab") this.pick(this.shown[this.active][0]);
    else if (key === "Escape") this.close();
    else return false;
    return true;
  }

  // The name stays in the sentence; what is sent of it is attached.
  pick(name) {
    const { selectionStart: end, value } = this.area;
    const start = end - this.typed().length - 1;
    this.area.setRangeText(`${name}${/^\s/.test(value.slice(end)) ? "" : " "}`, start, end, "end");
    this.close();
    this.composer.attachValue(name);
  }
}
