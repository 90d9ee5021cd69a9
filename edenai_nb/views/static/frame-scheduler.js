// When to draw.

const REST = 4; // times what the last picture took, until the next
const UNSEEN_MS = 250; // a page that nobody sees has no pictures

// Calls `draw` with the page's next picture, however often it is asked, and less often where drawing is slow: the
// page is never behind, and never busy with us alone. What comes last does not wait for that.
export class FrameScheduler {
  constructor(draw) {
    this.draw = draw;
    this.asked = false;
    this.next = 0;
  }

  ask(isLast = false) {
    if (this.asked && !isLast) return;
    clearTimeout(this.rest);
    this.asked = true;
    this.rest = setTimeout(() => this.soon(), isLast ? 0 : Math.max(0, this.next - performance.now()));
  }

  soon() {
    const once = () => {
      cancelAnimationFrame(picture);
      clearTimeout(timer);
      this.take();
    };
    const picture = requestAnimationFrame(once);
    const timer = setTimeout(once, UNSEEN_MS);
  }

  take() {
    if (!this.asked) return;
    const began = performance.now();
    this.asked = false;
    this.draw();
    this.restAfter(began);
    // A message comes once the browser has laid out and painted, too; a timer would be late where nobody sees the page.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close(); // an open one would hold the view, and all that it has drawn, for ever
      this.restAfter(began);
    };
    port2.postMessage(null);
  }

  restAfter(began) {
    const ended = performance.now();
    this.next = ended + REST * (ended - began);
  }
}
