// A kernel that ends under a view: what has come becomes an ordinary output, so that the file says what happened.

import { replaceOutput } from "./keeping.js";

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

// Calls `lost(keep)` when the kernel ends; `keep(bundle, facts)` puts a MIME bundle in the place of the view. Gives a
// function that ends this.
export function onKernelEnd(model, lost) {
  const context = model.widget_manager?.context;
  const changes = context?.sessionContext?.statusChanged;
  const keep = (bundle, facts) =>
    replaceOutput(context.model, model.get("output_id"), bundle, facts ? { edenai_nb: facts } : {});
  const hear = (_, state) => {
    if (GONE.has(state)) lost(keep);
  };
  changes?.connect(hear);
  return () => changes?.disconnect(hear);
}
