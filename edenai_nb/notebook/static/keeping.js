// What the notebook's file holds of a view: its static form beside the widget, and in the end in its place.
// The widget managers of JupyterLab and Notebook know their notebook, others may not: hence the guards.

const VIEW = "application/vnd.jupyter.widget-view+json";
const STATE = "application/vnd.jupyter.widget-state+json";
const MODULE = "anywidget";
const UPDATE_MS = 700; // the kernel's own update of the output comes by another way, and goes first

// Calls `found(cell, index)` for each output of the notebook that shows this widget; true if there is any.
function eachOutput(notebook, id, found) {
  let any = false;
  for (const cell of notebook?.cells ?? []) {
    for (let i = 0; i < (cell.outputs?.length ?? 0); i++) {
      if (cell.outputs.get(i).data[VIEW]?.model_id !== id) continue;
      any = true;
      found(cell, i);
    }
  }
  return any;
}

// Puts a MIME bundle in the place of the widget.
function replaceOutput(notebook, id, data, metadata = {}) {
  return eachOutput(notebook, id, ({ outputs }, i) => outputs.set(i, { output_type: "display_data", data, metadata }));
}

// Writes a MIME bundle beside the widget; what is on the screen stays as it is.
function writeBeside(notebook, id, data) {
  eachOutput(notebook, id, ({ outputs, sharedModel }, i) => {
    const output = outputs.get(i).toJSON();
    const beside = { ...output, data: { ...output.data, ...data } };
    sharedModel.updateOutputs?.(i, i + 1, [beside], "silent-change");
  });
}

// Whenever the notebook is saved, `form()` goes into the file. Gives a function that ends this.
function keepOnSave(model, form) {
  const context = model.widget_manager?.context;
  const hear = (_, state) => {
    if (state !== "started") return;
    const data = form();
    if (data) writeBeside(context.model, model.get("output_id"), data);
  };
  context?.saveState?.connect(hear);
  return () => context?.saveState?.disconnect(hear);
}

// The answer is whole: `data` takes the place of the view, if the kernel's own update does not reach this page (it was
// loaded again meanwhile). Python keeps the widget until the notebook's file holds it.
function settle(model, { data, metadata }) {
  const context = model.widget_manager?.context;
  const id = model.get("output_id");
  if (!context) return;
  setTimeout(() => {
    if (context.isDisposed) return;
    if (replaceOutput(context.model, id, data, metadata) || !isShown(id)) {
      onceSaved(context, () => model.send({ kind: "replaced" }));
    }
  }, UPDATE_MS);
}

function onceSaved({ saveState }, call) {
  const hear = (_, state) => {
    if (state !== "completed") return;
    saveState.disconnect(hear);
    call();
  };
  saveState?.connect(hear);
}

// Whether it is drawn somewhere: as a part of another widget, such as an Output, it is in none of the notebook's outputs.
function isShown(id) {
  return Boolean(document.querySelector(`[data-edenai-view="${id}"]`));
}

// Keeps the state of one widget, and of no other, in the notebook: opened again and trusted, it draws the widget.
async function keepState(model) {
  const manager = model.widget_manager;
  const notebook = manager?.context?.model;
  if (!manager?.get_state || !notebook?.setMetadata) return;
  const id = model.get("output_id");
  const { state } = await manager.get_state({ drop_defaults: true });
  if (!state[id] || manager.context.isDisposed) return;
  const kept = notebook.getMetadata("widgets")?.[STATE] ?? { version_major: 2, version_minor: 0, state: {} };
  const others = Object.entries(kept.state).filter(([other, { model_module }]) => other in state || model_module !== MODULE);
  const layout = state[id].state.layout?.replace("IPY_MODEL_", "");
  const ours = Object.fromEntries([id, layout].filter((name) => state[name]).map((name) => [name, state[name]]));
  notebook.setMetadata("widgets", { [STATE]: { ...kept, state: { ...Object.fromEntries(others), ...ours } } });
}

// True for a widget that was read from the file: its kernel is gone.
async function isFromFile(model) {
  const manager = model.widget_manager;
  const whole = await manager?.get_model?.(model.get("output_id"));
  return whole?.comm_live === false;
}
