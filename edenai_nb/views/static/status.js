// The status line of an answer, and the box that says how it fell short.

import { element } from "./dom.js";

export const ENDED = new Set(["done", "stopped", "failed"]);

// What Python says about a turn: how its answer fell short, and a line in which only the seconds are counted here.
// `onStop` puts a Stop button into the line.
export class Status {
  constructor(onStop) {
    this.root = element("div", "edenai-status");
    this.notice = element("div", "edenai-notice");
    this.name = element("div", "edenai-name");
    this.state = element("span", "edenai-state", { role: "status", "aria-live": "polite" });
    this.facts = element("span", "edenai-facts", { "aria-live": "off" }); // else its seconds are read out
    this.stop = element("button", "edenai-stop", { type: "button", title: "Stop the answer; the text so far is kept" }, "Stop");
    this.stop.onclick = onStop;
    this.root.append(this.state, this.facts);
    if (onStop) this.root.append(this.stop);
    this.clock = setInterval(() => this.draw(), 100);
    this.show({ state: "waiting", note: "", notice: null, facts: "", elapsed_s: 0 });
  }

  show(status) {
    this.status = status;
    this.began = performance.now() - status.elapsed_s * 1000;
    this.root.dataset.state = status.state;
    const words = [status.state, status.note].filter(Boolean).join(" · ");
    if (this.state.textContent !== words) this.state.textContent = words; // announced only when it changes
    this.ended = ENDED.has(status.state);
    this.stop.hidden = this.ended;
    if (this.ended) clearInterval(this.clock);
    this.name.textContent = status.who ?? "";
    this.tell(status.notice);
    this.draw();
  }

  tell(notice) {
    this.notice.hidden = !notice;
    if (!notice || this.notice.hasChildNodes()) return;
    this.notice.classList.add(`edenai-is-${notice.level}`);
    this.notice.replaceChildren(element("strong", "", {}, notice.title), ` ${notice.hint}`);
  }

  draw() {
    const { facts, elapsed_s } = this.status;
    const counts = !this.ended && elapsed_s !== null;
    const seconds = counts ? `${((performance.now() - this.began) / 1000).toFixed(1)} s` : "";
    this.facts.textContent = [facts, seconds].filter(Boolean).join(" · ");
    this.root.hidden = this.ended && !facts;
  }

  words() {
    return [this.notice.textContent, this.facts.textContent].filter(Boolean).join(" · ");
  }

  remove() {
    clearInterval(this.clock);
  }
}
