// The blocks of an answer, which take patches.

import { fragment } from "./dom.js";
import { TailPatcher, update } from "./tail-patcher.js";

// Keeps the blocks' HTML beside their nodes, so that a patch touches only what it names.
export class Blocks {
  constructor(root) {
    this.root = root;
    this.html = [];
    this.drawn = []; // the HTML that the nodes stand for
    this.from = Infinity; // the first block that is not drawn yet
    this.growth = null; // how far the HTML of the last node has been followed
  }

  take([keep, prefix, blocks]) {
    const fresh = [...blocks];
    if (prefix) fresh[0] = this.html[keep].slice(0, prefix) + fresh[0];
    this.html.length = keep;
    this.html.push(...fresh);
    this.from = Math.min(this.from, keep);
  }

  // Draws what has been taken; gives the nodes that were finished by it: while the text grows the last one is not.
  draw(ended) {
    const { root, html, from } = this;
    while (root.childNodes.length > html.length) root.lastChild.remove();
    for (let i = from; i < html.length; i++) {
      if (this.drawn[i] !== html[i]) this.put(i, html[i]);
    }
    this.drawn = [...html];
    this.from = Infinity;
    return [...root.children].slice(Math.max(0, from - 1), ended ? undefined : -1);
  }

  put(index, html) {
    const old = this.root.childNodes[index];
    if (this.growth?.node !== old) this.growth = old ? new TailPatcher(old) : null;
    if (old && this.growth.follow(this.drawn[index], html)) return;
    const node = fragment(html).firstElementChild ?? document.createElement("div");
    if (old) update(old, node);
    else this.root.append(node);
  }
}
