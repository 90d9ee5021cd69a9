// Where the next message is written: text, attached files, keys.

import { button } from "./code.js";
import { composes, element } from "./dom.js";
import { focused, keepFocus } from "./focus.js";
import { chip } from "./turn.js";

function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, data: reader.result });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.files = [];
    this.root = element("form", "edenai-composer", { "aria-label": "Your message" });
    this.area = element("textarea", "edenai-input", { rows: "1", "aria-label": "Message" });
    this.chips = element("div", "edenai-chips");
    this.file = element("input", "edenai-hidden", { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" });
    this.stop = button("Stop", () => this.stopAll(), { class: "edenai-button edenai-strong" });
    this.stop.hidden = true;
    const attach = button("Attach", () => this.file.click(), { title: "Attach images or text files" });
    const send = button("Send", () => this.send(), { class: "edenai-button edenai-strong" });
    const row = element("div", "edenai-row");
    row.append(attach, this.chat.note, this.stop, send);
    this.root.append(this.chips, this.area, this.file, row);
    this.listen();
    this.hint();
  }

  hint() {
    this.area.placeholder = this.chat.model.get("enter_sends") ? "Ask anything" : "Ask anything: Shift+Enter sends";
  }

  listen() {
    this.chat.model.on("change:enter_sends", () => this.hint());
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.area.addEventListener("input", () => this.grow());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("paste", (event) => {
      const { types } = event.clipboardData;
      const isText = types.includes("text/plain") && types.includes("text/html"); // an office adds a picture of it
      if (!isText) this.take(event, event.clipboardData);
    });
    this.file.addEventListener("change", () => {
      this.attach([...this.file.files]);
      this.file.value = "";
    });
    const zone = this.chat.root;
    const mark = (isOver) => zone.classList.toggle("edenai-over", isOver);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(event.dataTransfer.types.includes("Files"));
    });
    zone.addEventListener("dragleave", (event) => mark(zone.contains(event.relatedTarget)));
    zone.addEventListener("drop", (event) => {
      mark(false);
      this.take(event, event.dataTransfer);
    });
    zone.addEventListener("keydown", (event) => {
      event.stopPropagation(); // JupyterLab also takes Enter
      if (event.key === "Escape" && !composes(event) && !this.stop.hidden) this.stopAll();
    });
  }

  key(event) {
    if (composes(event)) return;
    if (this.chat.sends(event)) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.area.value && this.chat.lastPrompt()) {
      event.preventDefault();
      this.area.value = this.chat.lastPrompt();
      this.grow();
    }
  }

  take(event, data) {
    const files = [...(data?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.attach(files);
  }

  async attach(files) {
    for (const file of files) {
      const size = this.files.reduce((sum, other) => sum + other.size, file.size);
      const limit = this.chat.head.limit;
      if (size > limit) {
        this.chat.say(`${file.name} is too large: attached files may have ${limit / 1e6} MB together.`);
        continue;
      }
      this.files.push({ ...(await readFile(file)), size: file.size });
    }
    this.drawChips();
  }

  drawChips() {
    const remove = (file) => () => {
      this.files = this.files.filter((other) => other !== file);
      this.drawChips();
    };
    const chips = this.files.map((file) => chip(file.name, remove(file)));
    keepFocus(this.chat.root, () => this.chips.replaceChildren(...chips));
  }

  grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight + 2}px`;
  }

  // The text stays until Python has it.
  async send() {
    const text = this.area.value;
    if (this.sending || (!text.trim() && !this.files.length)) return;
    this.sending = true;
    this.chat.toEnd();
    const files = this.files.map(({ name, data }) => ({ name, data }));
    const { error } = await this.chat.ask("send", { text, files });
    this.sending = false;
    if (error) return;
    this.files = [];
    this.drawChips();
    if (this.area.value === text) this.area.value = "";
    this.grow();
  }

  stopAll() {
    this.stop.textContent = this.chat.head.free ? "Stopping…" : "Stop waits for the running cell";
    this.chat.ask("stop", {}, { slow: () => (this.stop.textContent = "Stop waits for the running cell") });
  }

  show({ busy }) {
    if (this.stop.hidden === !busy) return;
    const hadFocus = focused(this.root) === this.stop;
    this.stop.hidden = !busy;
    this.stop.textContent = "Stop";
    if (!busy && hadFocus) this.area.focus();
  }
}
