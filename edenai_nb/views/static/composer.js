// Where the next message is written: text, attached files, keys.

import { button } from "./code.js";
import { composes, element } from "./dom.js";
import { focused, keepFocus } from "./focus.js";
import { Mentions } from "./mentions.js";
import { chip } from "./turn.js";

const STOP_WAITS = "Stop waits for the running cell";

const PIECE = 1e6; // bytes in a message: servers take ten times that

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.files = [];
    this.root = element("form", "edenai-composer", { "aria-label": "Your message" });
    this.area = element("textarea", "edenai-input", { rows: "2", "aria-label": "Message" });
    this.chips = element("div", "edenai-chips");
    this.file = element("input", "edenai-hidden", { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" });
    const round = { class: "edenai-button edenai-round" };
    this.stop = button("■", () => this.stopAll(), { ...round, hidden: "" });
    this.nameStop("Stop");
    const attach = button("+", () => this.file.click(), { "aria-label": "Attach", title: "Attach files" });
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
    this.root.onsubmit = (event) => event.preventDefault();
    this.area.oninput = () => {
      this.grow();
      this.mentions.look();
    };
    this.area.onkeydown = (event) => this.key(event);
    this.area.onpaste = (event) => {
      const { types } = event.clipboardData;
      const isText = types.includes("text/plain") && types.includes("text/html"); // an office adds a picture of it
      if (!isText) this.take(event, event.clipboardData);
    };
    this.file.onchange = () => {
      this.attach([...this.file.files]);
      this.file.value = "";
    };
    const zone = this.chat.root;
    const mark = (isOver) => zone.classList.toggle("edenai-over", isOver);
    zone.ondragover = (event) => {
      event.preventDefault();
      mark(event.dataTransfer.types.includes("Files"));
    };
    zone.ondragleave = (event) => mark(zone.contains(event.relatedTarget));
    zone.ondrop = (event) => {
      mark(false);
      this.take(event, event.dataTransfer);
    };
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

  attach(files) {
    const { limit } = this.chat.head;
    for (const file of files) {
      const { name, size } = file;
      if (size > limit) this.chat.say(`${name} is too large: a file may have ${limit / 1e6} MB.`);
      else this.files.push({ name, size, id: `${this.chat.uid}-${++this.chat.count}`, content: file });
    }
    this.drawChips();
    this.coming = this.bring();
  }

  // To the kernel, a piece once the one before has arrived. What is removed meanwhile comes no further.
  async bring() {
    await this.coming;
    for (const file of this.files.filter(({ content }) => content)) {
      const { id, name, size, content } = file;
      file.content = null;
      for (let at = 0; at < size && this.files.includes(file); at += PIECE) {
        file.chip.dataset.part = `${Math.floor((100 * at) / size)} %`;
        const piece = await content.slice(at, at + PIECE).arrayBuffer().catch(() => this.chat.say(`${name} cannot be read.`));
        if (!piece || (await this.chat.ask("piece", { file: id }, { buffers: [new DataView(piece)] })).error) break;
      }
      delete file.chip.dataset.part;
    }
  }

  remove(file) {
    this.files = this.files.filter((other) => other !== file);
    if (file.id) this.chat.ask("drop", { file: file.id }, { quiet: true });
    this.drawChips();
  }

  // A variable of the notebook; its chip says what will be sent of it, as soon as that is known.
  async attachValue(name) {
    if (this.files.some(({ value }) => value === name)) return;
    const file = { name, value: name, size: 0 };
    this.files.push(file);
    this.drawChips();
    const { label } = await this.chat.ask("value", { name });
    if (!label) return this.remove(file);
    Object.assign(file, { name: label, chip: null });
    this.drawChips();
  }

  // A question that is likely: it is sent by who reads it.
  suggest({ text, name }) {
    this.area.value = text;
    this.attachValue(name);
    this.area.focus();
  }

  drawChips() {
    for (const file of this.files) file.chip ??= this.chip(file);
    keepFocus(this.chat.root, () => this.chips.replaceChildren(...this.files.map((file) => file.chip)));
    this.offerSend();
  }

  // A small picture where it is one, its name, its size.
  chip(file) {
    const { name, size, content } = file;
    const node = chip(name, () => this.remove(file));
    const words = size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`;
    if (size) node.lastChild.before(element("small", "", {}, words));
    if (content?.type.startsWith("image/")) {
      const picture = element("img", "", { alt: "", src: URL.createObjectURL(content) });
      picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
      node.prepend(picture);
    }
    return node;
  }

  grow() {
    this.offerSend();
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight + 2}px`;
  }

  // The text stays until Python has it.
  async send() {
    if (this.sending || (!this.area.value.trim() && !this.files.length)) return;
    this.sending = true;
    this.chat.toEnd();
    await this.coming;
    const text = this.area.value;
    const files = this.files.filter(({ id }) => id).map(({ id, name, size }) => ({ id, name, size }));
    const values = this.files.flatMap(({ value }) => value ?? []);
    const sent = this.files;
    const { error } = await this.chat.ask("send", { text, files, values });
    this.sending = false;
    if (error) return;
    this.files = this.files.filter((file) => !sent.includes(file));
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
