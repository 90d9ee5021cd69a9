// A kernel that ends under a view: what has come becomes an ordinary output, so that the file says what happened.

const LOST = "The kernel ended before the answer was complete; what had arrived is kept. Run the cell again.";
const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const VIEW = "application/vnd.jupyter.widget-view+json";

// Calls `lost(keep)` when the kernel ends; `keep(bundle)` puts a MIME bundle in the place of the view. Gives a function
// that ends this. The widget managers of JupyterLab and Notebook know their notebook, others may not: hence the guards.
function onKernelEnd(model, lost) {
  const context = model.widget_manager?.context;
  const changes = context?.sessionContext?.statusChanged;
  const hear = (_, state) => {
    if (GONE.has(state)) lost((bundle) => replaceOutput(context.model, model.get("output_id"), bundle));
  };
  changes?.connect(hear);
  return () => changes?.disconnect(hear);
}

function replaceOutput(notebook, id, data) {
  for (const { outputs } of notebook?.cells ?? []) {
    for (let i = 0; i < (outputs?.length ?? 0); i++) {
      if (outputs.get(i).data[VIEW]?.model_id !== id) continue;
      outputs.set(i, { output_type: "display_data", data, metadata: {} });
    }
  }
}
