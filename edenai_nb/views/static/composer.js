// Where the next message is written: text, attached files, keys.

import { button } from "./code.js";
import { composes, element } from "./dom.js";
import { focused, keepFocus } from "./focus.js";
import { Mentions } from "./mentions.js";
import { chip } from "./turn.js";

const STOP_WAITS = "Stop waits for the running cell";

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
    this.area = element("textarea", "edenai-input", { rows: "2", "aria-label": "Message" });
    this.chips = element("div", "edenai-chips");
    this.file = element("input", "edenai-hidden", { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" });
    const round = { class: "edenai-button edenai-round" };
    this.stop = button("■", () => this.stopAll(), round);
    this.stop.hidden = true;
    this.nameStop("Stop");
    const attach = button("+", () => this.file.click(), { "aria-label": "Attach", title: "Attach images or text files" });
    this.submit = button("↑", () => this.send(), { ...round, "aria-label": "Send", title: "Send" });
    const row = element("div", "edenai-row");
    row.append(attach, chat.menu.picker.root, chat.menu.toggle, chat.note, this.stop, this.submit);
    this.mentions = new Mentions(this);
    this.root.append(this.chips, this.area, this.mentions.popup, this.file, row);
    this.listen();
    this.hint();
  }

  hint() {
    this.area.placeholder = this.chat.model.get("enter_sends") ? "Ask anything" : "Ask anything: Shift+Enter sends";
  }

  listen() {
    this.chat.listen("change:enter_sends", () => this.hint());
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.area.addEventListener("input", () => {
      this.grow();
      this.mentions.look();
    });
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
      if (event.key === "Escape" && !event.defaultPrevented && !composes(event) && !this.stop.hidden) this.stopAll();
    });
  }

  key(event) {
    if (composes(event)) return;
    if (this.mentions.key(event)) {
      event.preventDefault();
    } else if (this.chat.sends(event)) {
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

  // A variable of the notebook; its chip says what will be sent of it, as soon as that is known.
  async attachValue(name) {
    if (this.files.some(({ value }) => value === name)) return;
    const file = { name, value: name, size: 0 };
    this.files.push(file);
    this.drawChips();
    const { label } = await this.chat.ask("value", { name });
    if (label) file.name = label;
    else this.files = this.files.filter((other) => other !== file);
    this.drawChips();
  }

  // A question that is likely: it is sent by who reads it.
  suggest({ text, name }) {
    this.area.value = text;
    this.attachValue(name);
    this.area.focus();
  }

  drawChips() {
    const remove = (file) => () => {
      this.files = this.files.filter((other) => other !== file);
      this.drawChips();
    };
    const chips = this.files.map((file) => chip(file.name, remove(file)));
    keepFocus(this.chat.root, () => this.chips.replaceChildren(...chips));
    this.offerSend();
  }

  grow() {
    this.offerSend();
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight + 2}px`;
  }

  // The text stays until Python has it.
  async send() {
    const text = this.area.value;
    if (this.sending || (!text.trim() && !this.files.length)) return;
    this.sending = true;
    this.chat.toEnd();
    const files = this.files.filter(({ data }) => data).map(({ name, data }) => ({ name, data }));
    const values = this.files.flatMap(({ value }) => value ?? []);
    const { error } = await this.chat.ask("send", { text, files, values });
    this.sending = false;
    if (error) return;
    this.files = [];
    this.drawChips();
    if (this.area.value === text) this.area.value = "";
    this.grow();
  }

  stopAll() {
    const waits = () => {
      this.nameStop(STOP_WAITS);
      this.chat.say(`${STOP_WAITS}.`, "stop");
    };
    if (!this.chat.head.free) waits();
    this.chat.ask("stop", {}, { slow: waits });
  }

  nameStop(words) {
    this.stop.setAttribute("aria-label", words);
    this.stop.title = words;
  }

  show({ busy }) {
    const hadFocus = [this.stop, this.submit].includes(focused(this.root));
    if (this.stop.hidden === busy) this.nameStop("Stop");
    this.stop.hidden = !busy;
    this.offerSend();
    if (hadFocus && !focused(this.root)?.checkVisibility()) this.area.focus();
  }

  // While an answer comes there is Stop in its place, until something is written.
  offerSend() {
    this.submit.hidden = !this.stop.hidden && !this.area.value.trim() && !this.files.length;
  }
}
