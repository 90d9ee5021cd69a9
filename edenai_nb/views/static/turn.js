// One question and its answer, and what can be done with them.

import { Answer } from "./answer.js";
import { button, copy } from "./code.js";
import { composes, element } from "./dom.js";
import { focused } from "./focus.js";
import { iconButton } from "./icons.js";
import { page } from "./page.js";

const STILL = "The answer was still streaming when this was saved.";

export function chip(name, onRemove) {
  const node = element("span", "edenai-chip");
  node.append(name);
  if (onRemove) node.append(button("×", onRemove, { "aria-label": `Remove ${name}` }));
  return node;
}

// What is known of a turn that is not in the page: of a long conversation only the end is, until more is wanted.
export class FoldedTurn {
  constructor(chat, id) {
    this.chat = chat;
    this.id = id;
    this.news = [];
  }

  get prompt() {
    return this.news[0]?.prompt;
  }

  take(news) {
    if (news.prompt !== undefined) this.news = []; // everything, again
    this.news.push(news);
  }

  open() {
    const turn = new TurnView(this.chat, this.id);
    for (const news of this.news) turn.take(news);
    turn.draw();
    return turn;
  }

  saved() {
    const forms = this.news.findLast(({ saved }) => saved)?.saved;
    if (forms?.html) return { ...forms, text: forms.markdown };
    const turn = this.open();
    const saved = turn.saved();
    turn.dispose();
    return saved;
  }

  fold() {
    return this;
  }

  draw() {}

  dispose() {}
}

class TurnView {
  constructor(chat, id) {
    this.chat = chat;
    this.id = id;
    const label = `${chat.uid}-${id}`;
    this.root = element("article", "edenai-turn", { tabindex: "-1", "aria-describedby": label });
    this.question = element("div", "edenai-question");
    this.text = element("div", "edenai-text", { id: label });
    this.files = element("div", "edenai-chips");
    this.question.append(this.text, this.files);
    this.answer = new Answer((_, words) => chat.tell(words));
    this.tools = element("div", "edenai-tools", { role: "group", "aria-label": "Actions of this turn" });
    const foot = element("div", "edenai-foot");
    foot.append(this.answer.status.root, this.tools);
    this.build();
    this.asking = element("div", "edenai-tools edenai-asking");
    this.asking.append(this.walker, this.change);
    this.root.append(this.question, this.asking, this.answer.body, this.answer.status.notice, foot);
    chat.sizes.observe(this.root);
    page.sizes.observe(this.text);
  }

  build() {
    const act = (kind, fields = {}) => (kind !== "retry" || this.ended) && this.chat.ask(kind, { id: this.id, ...fields });
    this.walker = element("span", "edenai-walker", { role: "group", "aria-label": "Branches" });
    this.place = element("span", "");
    this.back = button("‹", () => act("walk", { step: -1 }), { "aria-label": "Earlier branch" });
    this.forth = button("›", () => act("walk", { step: 1 }), { "aria-label": "Later branch" });
    this.walker.append(this.back, this.place, this.forth);
    this.copy = iconButton("copy", "Copy", () => this.copyAnswer());
    this.goOn = button("Continue", () => act("continue"));
    this.retry = iconButton("retry", "Retry", () => act("retry"), "Ask again; this answer stays as a branch");
    this.other = iconButton("swap", "Retry with another model", () =>
      this.chat.menu.picker.pickFor((model) => act("retry", { model })),
    );
    this.retries = [this.retry, this.other];
    this.remove = iconButton("remove", "Delete", () => {
      if (this.remove.dataset.sure) act("delete");
      else this.ensure(true);
    });
    this.remove.onblur = () => this.ensure(false);
    this.change = iconButton("edit", "Edit", () => this.edit(), "Edit the question");
    this.tools.append(this.copy, this.goOn, ...this.retries, this.remove);
  }

  ensure(asked) {
    if (asked) this.remove.dataset.sure = "yes";
    else delete this.remove.dataset.sure;
    this.remove.setAttribute("aria-label", asked ? "Really delete?" : "Delete"); // and shown, once asked
  }

  take({ prompt, files, asked, patch, status, saved }) {
    this.forms = saved ?? this.forms; // comes with its end, or later
    if (prompt !== undefined) {
      this.prompt = prompt;
      this.text.textContent = prompt;
      this.asked = asked; // as a file keeps it
      this.files.replaceChildren(...files.map((name) => chip(name)));
    }
    if (patch) this.answer.take(patch, status);
  }

  // Draws what has been taken since the last time. True if that was anything.
  draw() {
    if (!this.answer.draw()) return false;
    const { ended, status } = this.answer;
    this.ended = ended;
    for (const node of this.retries) node.setAttribute("aria-disabled", String(!ended)); // they keep the focus
    this.isShort = ended && Boolean(status.status.notice);
    this.offerMore();
    return true;
  }

  locate(number, place, count, isLast) {
    this.root.setAttribute("aria-label", `Turn ${number}`);
    this.walker.hidden = count < 2;
    this.place.textContent = `${place}/${count}`;
    this.back.disabled = place === 1;
    this.forth.disabled = place === count;
    this.isLast = isLast;
    this.offerMore();
  }

  offerMore() {
    this.goOn.hidden = !(this.isLast && this.isShort && this.answer.blocks.html.length);
  }

  // What a file keeps of it: as Python has written it, or as it looks so far.
  saved() {
    if (this.forms?.html) return { ...this.forms, text: this.forms.markdown };
    const { body, blocks, status } = this.answer;
    const line = element("small", "", {}, this.answer.ended ? status.words() : STILL);
    const html = `${this.asked}${blocks.html.join("")}<p>${line.outerHTML}</p>`;
    const said = body.innerText || body.textContent; // what is out of sight has no innerText
    const text = [`> ${this.prompt}`, said, line.textContent].join("\n\n");
    return { ...this.forms, html: `<div class="${body.className}">${html}</div>`, text };
  }

  async copyAnswer() {
    const { text } = await this.chat.ask("source", { id: this.id });
    if (text === undefined) return;
    await copy(text);
    this.chat.tell("Copied");
  }

  edit() {
    if (this.editor) return;
    this.editor = element("form", "edenai-editor");
    const area = element("textarea", "edenai-input", { "aria-label": "Edit the question", rows: "3" });
    area.value = this.prompt;
    const done = () => {
      const hadFocus = focused(this.editor);
      this.editor.replaceWith(this.question);
      this.editor = null;
      if (hadFocus) this.change.focus();
    };
    const send = async () => {
      const { error } = await this.chat.ask("edit", { id: this.id, text: area.value });
      if (!error) done();
    };
    area.onkeydown = (event) => {
      if (composes(event)) return;
      if (event.key === "Escape") {
        event.stopPropagation();
        done();
      } else if (this.chat.sends(event)) {
        event.preventDefault();
        send();
      }
    };
    this.editor.append(area, button("Ask again", send), button("Cancel", done));
    this.question.replaceWith(this.editor);
    area.focus();
  }

  open() {
    return this;
  }

  // What is known of it, once it need not be in the page; itself while something goes on in it.
  fold() {
    if (!this.ended || this.editor) return this;
    const { prompt, asked, answer, forms: saved } = this;
    const files = [...this.files.children].map((node) => node.textContent);
    const status = answer.news ?? answer.status.status;
    const folded = new FoldedTurn(this.chat, this.id);
    folded.take({ prompt, files, asked, saved, patch: [0, 0, answer.blocks.html], status });
    this.dispose();
    return folded;
  }

  dispose() {
    this.chat.sizes.unobserve(this.root);
    this.answer.status.remove();
    this.root.remove();
  }
}
