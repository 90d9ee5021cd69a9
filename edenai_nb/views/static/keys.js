// What a window without a key offers: enter one, or try the sandbox.

import { button } from "./code.js";
import { element } from "./dom.js";

export class KeyForm {
  constructor(chat) {
    this.chat = chat;
    this.root = element("form", "edenai-notice edenai-is-error edenai-keys", { "aria-label": "No key", hidden: "" });
    this.title = element("strong", "", { role: "status" });
    this.field = element("input", "edenai-input", {
      type: "password",
      "aria-label": "Eden AI key",
      placeholder: "Eden AI key",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.enter = button("Enter a key", () => this.open());
    this.use = button("Use it", () => this.send());
    this.sandbox = button("Try the sandbox", () => this.ask("sandbox"));
    this.root.append(this.title, this.field, this.use, this.enter, this.sandbox);
    this.root.onsubmit = (event) => {
      event.preventDefault();
      this.send();
    };
  }

  show() {
    this.title.textContent = "No Eden AI key was found.";
    this.root.hidden = false;
    this.field.hidden = this.use.hidden = true;
    this.enter.hidden = false;
    this.enter.focus();
  }

  open() {
    this.field.hidden = this.use.hidden = false;
    this.enter.hidden = true;
    this.field.focus();
  }

  // The key goes to the kernel in one message, and is nowhere else: not in the model, not in the file.
  send() {
    const key = this.field.value;
    this.field.value = "";
    this.ask("key", { key });
  }

  async ask(kind, fields = {}) {
    const { said, error } = await this.chat.ask(kind, fields, { quiet: true });
    this.title.textContent = error ?? "";
    this.root.hidden = !error;
    if (error) return;
    this.chat.tell(said);
    this.chat.composer.send(); // what could not be sent
  }
}
