// An answer in the output of a cell: the view takes its place there, and leaves it to the saved form at the end.

import { comeBack, eachOutput, putWidget, replaceOutput } from "./keeping.js";

export const LOST = "The kernel ended before the answer was complete; what had arrived is kept. Run the cell again.";
const UPDATE_MS = 700; // the kernel's own update of the output comes by another way, and goes first

// Takes the output away in which the widget stands; what comes after it moves up.
export function removeOutput(notebook, id) {
  eachOutput(notebook, id, ({ sharedModel }, i) => sharedModel.updateOutputs?.(i, i + 1, []));
}

// The Output widgets of a page. They never hear of an update of an output that they hold (ipywidgets #1844), but their
// models may be changed as a notebook's cells are, and keep that in the kernel. No public way leads to all of them.
async function outputWidgets(manager) {
  const models = await Promise.allSettled(Object.values(manager?._models ?? {}));
  return models.map(({ value }) => value).filter((widget) => widget?.outputs?.toJSON);
}

// True if `change(widget)` has changed any.
async function inOutputWidgets(manager, change) {
  const changed = (await outputWidgets(manager)).filter(change);
  for (const widget of changed) {
    widget.set("outputs", widget.outputs.toJSON(), { newMessage: true }); // as it does itself: it is drawn already
    widget.save_changes();
  }
  return changed.length > 0;
}

// For a page that has just been given the widget. Python is told where no output names it.
export function takePlace({ model }) {
  if (comeBack({ model })) return;
  inOutputWidgets(model.widget_manager, (widget) => putWidget(model.get("output_id"), [widget])).then(
    (any) => any || model.send({ kind: "unplaced" }),
  );
}

// The answer is whole: `data` takes the place of the view, if the kernel's own update does not reach this page (it was
// loaded again meanwhile); it is asked for only then. Python keeps the widget until the notebook's file holds it.
export function settle(model, { data, metadata }) {
  const context = model.widget_manager?.context;
  const id = model.get("output_id");
  if (!context) return;
  setTimeout(async () => {
    if (context.isDisposed) return;
    const places = [context.model, ...(await outputWidgets(model.widget_manager)).map((widget) => ({ cells: [widget] }))];
    if (!data && places.some((place) => eachOutput(place, id, () => {}))) return model.send({ kind: "missed" });
    replaceOutput(context.model, id, data, metadata);
    await inOutputWidgets(model.widget_manager, (widget) => replaceOutput({ cells: [widget] }, id, data, metadata));
    onceSaved(context, () => isShown(id) || model.send({ kind: "replaced" }));
  }, UPDATE_MS);
}

// After the next save: one that is under way may have begun before.
function onceSaved({ saveState }, call) {
  let hasBegun = false;
  const hear = (_, state) => {
    hasBegun ||= state === "started";
    if (!hasBegun || state !== "completed") return;
    saveState.disconnect(hear);
    call();
  };
  saveState?.connect(hear);
}

// Whether it is drawn somewhere: as a part of another widget, such as an Output, it is in none of the notebook's outputs.
function isShown(id) {
  return Boolean(document.querySelector(`[data-edenai-view="${id}"]`));
}
