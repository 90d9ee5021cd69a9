// One answer as it comes: its blocks, its status line, and what has been heard and not drawn.

import { Blocks } from "./blocks.js";
import { element } from "./dom.js";
import { page } from "./page.js";
import { ENDED, Status } from "./status.js";

export class Answer {
  // `say(button, words)` tells the reader what a button of the code has done; `onStop` as in Status.
  constructor(say, onStop = null) {
    this.say = say;
    this.body = element("div", "edenai-markdown jp-RenderedHTMLCommon jp-RenderedMarkdown", { "aria-busy": "true" });
    this.blocks = new Blocks(this.body);
    this.status = new Status(onStop);
    this.news = null; // the status that has been heard and not drawn
  }

  // Whether nothing more will come, as far as has been heard.
  get ended() {
    return ENDED.has((this.news ?? this.status.status).state);
  }

  take(patch, status) {
    this.blocks.take(patch);
    this.news = status;
  }

  // Draws what has been taken since the last time. True if that was anything.
  draw() {
    if (!this.news) return false;
    const finished = this.blocks.draw(this.ended);
    this.status.show(this.news);
    this.news = null;
    this.body.setAttribute("aria-busy", String(!this.ended));
    for (const block of finished) page.finish(block, this.say);
    return true;
  }

  // The kernel has ended, and with it what was still coming.
  fail(why) {
    const notice = { level: "error", title: why, hint: "" };
    if (!this.ended) this.status.show({ ...this.status.status, state: "failed", note: "", notice });
  }
}
