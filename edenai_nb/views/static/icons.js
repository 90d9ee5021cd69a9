// Buttons that are pictures; their names are for who does not see them.

import { button } from "./code.js";

// Lines on a sheet of 16 by 16.
const LINES = {
  copy: "M6 5h7v9H6zM3 11V2h7",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 1.5v3.2H9.8",
  swap: "M2.5 5.5h10l-2.5-3M13.5 10.5h-10l2.5 3",
  edit: "M3 13l.7-2.8L11 3l2 2-7.2 7.2z",
  remove: "M3 4.5h10M6 4.5V2.5h4v2M4.5 4.5l.5 9h6l.5-9",
};
const SVG = "http://www.w3.org/2000/svg";

export function iconButton(name, label, onClick, title = label) {
  const node = button("", onClick, { class: "edenai-button edenai-icon", "aria-label": label, title });
  const picture = document.createElementNS(SVG, "svg");
  const lines = document.createElementNS(SVG, "path");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  lines.setAttribute("d", LINES[name]);
  picture.append(lines);
  node.append(picture);
  return node;
}
