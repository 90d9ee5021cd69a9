// What an empty window says: a sentence, and the keys.

import { element } from "./dom.js";

const USUAL = "Enter sends · Shift+Enter breaks the line";
const SWAPPED = "Shift+Enter sends · Enter breaks the line";

export class Welcome {
  constructor({ model }) {
    this.root = element("div", "edenai-welcome");
    this.root.hidden = true; // until it is known that nothing was said
    const [title, keys] = [element("p", ""), element("p", "")];
    title.textContent = "What would you like to know?";
    const tell = () => (keys.textContent = model.get("enter_sends") ? USUAL : SWAPPED);
    model.on("change:enter_sends", tell);
    tell();
    this.root.append(title, keys);
  }
}
