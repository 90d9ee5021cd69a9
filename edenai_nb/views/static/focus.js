// Who has the focus, and who has it next where that disappears.

const CONTROLS = "a[href], button, input, summary, textarea, [tabindex='0']";

// What has the focus inside of it; a shadow root may stand around it (marimo).
export function focused(root) {
  const node = root.getRootNode().activeElement;
  return node && root.contains(node) ? node : null;
}

function canFocus(node) {
  return node.isConnected && !node.disabled && node.checkVisibility();
}

// What Tab would come to in it.
export function controls(root) {
  return [...root.querySelectorAll(CONTROLS)].filter((node) => node.tabIndex >= 0 && canFocus(node));
}

// Make a change. Where it takes away what has the focus, what then stands in its place, or next to it, has it.
export function keepFocus(root, change) {
  const held = focused(root);
  const trail = []; // the way to it from the root, by numbers
  for (let node = held; node && node !== root; node = node.parentElement) {
    trail.unshift([...node.parentElement.children].indexOf(node));
  }
  change();
  if (held && !canFocus(held) && [held, null].includes(focused(root))) neighbour(root, trail)?.focus();
}

function neighbour(root, trail) {
  let place = root;
  for (const index of trail) place = place.children[Math.min(index, place.children.length - 1)] ?? place;
  if (place.matches(CONTROLS) && place.tabIndex >= 0 && canFocus(place)) return place;
  for (let box = place; box !== root.parentElement; box = box.parentElement) {
    const free = controls(box);
    const isBefore = (node) => place.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    if (free.length) return free.find((node) => !isBefore(node)) ?? free.at(-1);
  }
}
