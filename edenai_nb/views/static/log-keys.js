// The keys in the conversation's log. For Tab it is one step, whatever stands in it. There the arrow keys lead up and down
// from turn to turn, right and left through what can be used in one; what can still be scrolled is scrolled first.

import { composes } from "./dom.js";
import { controls } from "./focus.js";

const LINE_PX = 40;
const STEPS = {
  ArrowUp: ["scrollTop", -1],
  ArrowDown: ["scrollTop", 1],
  ArrowLeft: ["scrollLeft", -1],
  ArrowRight: ["scrollLeft", 1],
};

export function takeKey(chat, event) {
  const { key, target, shiftKey } = event;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || composes(event)) return;
  const isIn = chat.log.contains(target);
  const form = isIn && target.closest("form"); // where a question is edited
  if (key === "Tab") {
    if (!form || controls(form).at(shiftKey ? 0 : -1) === target) leave(chat, event, isIn);
  } else if (STEPS[key] && isIn && !form && !shiftKey) {
    event.preventDefault();
    const next = nextOf(chat, target, ...STEPS[key]);
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }
}

function leave({ root, log }, event, isIn) {
  const stops = controls(root).filter((node) => node === log || !log.contains(node));
  const next = stops[stops.indexOf(isIn ? log : event.target) + (event.shiftKey ? -1 : 1)];
  if (next && (isIn || next === log)) {
    event.preventDefault();
    next.focus();
  } else if (isIn) log.focus({ preventScroll: true }); // the browser goes on from there
}

// What has the focus next, if that changes. From the log it is the last turn in sight.
function nextOf(chat, from, side, step) {
  const { log } = chat;
  if (from !== log && scrolls(from, side, step)) return null;
  const view = log.getBoundingClientRect();
  const all = [...log.children].filter((node) => node.checkVisibility());
  const held = all.find((node) => node.contains(from));
  if (!held) return all.findLast((node) => node.getBoundingClientRect().top < view.bottom);
  if (side === "scrollLeft") {
    const stops = [held, ...controls(held)];
    return stops[stops.indexOf(from) + step];
  }
  const { top, bottom } = held.getBoundingClientRect();
  const isCut = step < 0 ? top < view.top - 1 : bottom > view.bottom + 1;
  if (isCut && scrolls(log, side, step)) return null;
  const next = all[all.indexOf(held) + step];
  if (next !== chat.earlier) return next;
  chat.more();
  return held.previousSibling;
}

// False where it is at its end, or does not scroll.
function scrolls(node, side, step) {
  const before = node[side];
  node[side] += LINE_PX * step;
  return node[side] !== before;
}
