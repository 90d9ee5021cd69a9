// What the notebook's file holds of a view: its static form, since a widget in a file is an error wherever its kernel is
// gone. A page that opens the file while the kernel lives puts the widget back.
// The widget managers of JupyterLab and Notebook know their notebook, others may not: hence the guards.

const VIEW = "application/vnd.jupyter.widget-view+json";

// Calls `found(cell, index)` for each output of the notebook that shows this widget; true if there is any.
export function eachOutput(notebook, id, found) {
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

// Where the widget is shown, in words that are the same when its cell is run again.
export function placesOf(model) {
  const places = [];
  eachOutput(model.widget_manager?.context?.model, model.get("output_id"), ({ sharedModel }, i) => {
    places.push(`${sharedModel.getId()}/${i}`);
  });
  return places;
}

// Puts a MIME bundle in the place of the widget.
export function replaceOutput(notebook, id, data, metadata = {}) {
  return eachOutput(notebook, id, ({ outputs }, i) => outputs.set(i, { output_type: "display_data", data, metadata }));
}

// Gives the notebook another output to save; what is on the screen stays as it is.
function writeSilently({ sharedModel }, i, output) {
  sharedModel.updateOutputs?.(i, i + 1, [output], "silent-change");
}

// While the notebook is saved, `form()` stands in the place of the widget, with `facts()` in its metadata. Where the
// form is null, nothing has come from the kernel yet: what the file held before stays. Gives a function that ends this.
export function keepOnSave(model, form, facts = () => ({})) {
  const context = model.widget_manager?.context;
  const id = model.get("output_id");
  const hear = (_, state) => {
    const { dirty } = context.model;
    if (state === "started") {
      const data = form();
      const news = { view: id, ...(data && facts()) };
      eachOutput(context.model, id, (cell, i) => {
        const { metadata, data: before } = cell.outputs.get(i).toJSON();
        const { [VIEW]: _widget, ...known } = before;
        const named = { ...metadata, edenai_nb: { ...metadata.edenai_nb, ...news } };
        writeSilently(cell, i, { output_type: "display_data", data: data ?? known, metadata: named });
      });
    } else {
      eachOutput(context.model, id, (cell, i) => writeSilently(cell, i, cell.outputs.get(i).toJSON()));
      context.model.dirty = dirty;
    }
  };
  context?.saveState?.connect(hear);
  return () => context?.saveState?.disconnect(hear);
}

// Puts the widget where an output names it: in a file of a kernel that still lives, or where its first sign stands.
// True if it stands somewhere.
export function putWidget(id, cells) {
  const widget = { [VIEW]: { model_id: id, version_major: 2, version_minor: 0 } };
  let any = false;
  for (const { outputs } of cells ?? []) {
    for (let i = 0; i < (outputs?.length ?? 0); i++) {
      const output = outputs.get(i).toJSON();
      const isThere = output.data?.[VIEW]?.model_id === id;
      const { view, sign } = output.metadata?.edenai_nb ?? {};
      if (!isThere && view !== id) continue;
      any = true;
      const { "text/html": html, ...rest } = output.data; // of a first sign nothing is left
      const metadata = sign ? { edenai_nb: { view } } : output.metadata;
      if (!isThere) outputs.set(i, { ...output, data: { ...widget, ...(sign ? rest : output.data) }, metadata });
    }
  }
  return any;
}

// For a page that has opened the file.
export function comeBack({ model }) {
  return putWidget(model.get("output_id"), model.widget_manager?.context?.model?.cells);
}
