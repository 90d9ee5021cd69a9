// What two lists have in common, of models and of variables: they lie over the page, and the keys stay in a field.

import { element } from "./dom.js";

// What is pressed in the list goes to `pick`.
export function popupOf(list, pick) {
  const popup = element("div", "edenai-popup", { popover: "manual" });
  popup.append(list);
  popup.onmousedown = (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) pick(option.dataset.id);
  };
  return popup;
}

// Marks the option that the field's keys have come to, if any, and gives it.
export function point(field, options, index) {
  options.forEach((node, i) => node.setAttribute("aria-selected", String(i === index)));
  if (options[index]) field.setAttribute("aria-activedescendant", options[index].id);
  else field.removeAttribute("aria-activedescendant");
  return options[index];
}
