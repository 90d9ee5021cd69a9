// What an empty window says: a sentence, what this notebook may want to ask, and the keys.

import { button } from "./code.js";
import { element } from "./dom.js";

const USUAL = "Enter sends · Shift+Enter breaks the line · @ attaches a variable";
const SWAPPED = "Shift+Enter sends · Enter breaks the line · @ attaches a variable";

export class Welcome {
  constructor(chat) {
    const { model } = chat;
    this.chat = chat;
    this.root = element("div", "edenai-welcome");
    this.root.style.visibility = "hidden"; // until it is known that nothing was said; its place is kept
    const keys = element("p", "");
    const tell = () => (keys.textContent = model.get("enter_sends") ? USUAL : SWAPPED);
    chat.listen("change:enter_sends", tell);
    tell();
    this.asked = element("div", "edenai-suggestions", { role: "group", "aria-label": "Suggestions" });
    this.root.append(element("p", "", {}, "What would you like to know?"), this.asked, keys);
  }

  async show(isShown) {
    const wasShown = this.isShown;
    this.isShown = isShown;
    this.root.hidden = !isShown;
    this.root.style.visibility = "";
    if (!isShown || wasShown) return;
    const { suggestions = [] } = await this.chat.ask("suggest", {}, { quiet: true });
    this.asked.replaceChildren(...suggestions.map((one) => button(one.text, () => this.chat.composer.suggest(one))));
  }
}
