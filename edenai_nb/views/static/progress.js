// The line that says how far a batch is, with a bar and a Stop button.

import { element } from "./dom.js";
import { comeBack, keepOnSave } from "./keeping.js";
import { settle } from "./settling.js";

const UNFINISHED = "The batch was still running when this was saved.";

function render({ model, el }) {
  const line = element("div", "edenai-status edenai-progress");
  line.dataset.state = "streaming";
  line.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take Enter and Space from the button
  const bar = element("progress", "edenai-bar", { max: "1", "aria-label": "Rows that have come to an end" });
  const words = element("span", "edenai-state", { role: "status" });
  const stop = element("button", "edenai-stop", { type: "button", title: "Stop the batch; what has come is kept" }, "Stop");
  stop.onclick = () => {
    stop.disabled = true;
    stop.textContent = "Stopping…";
    model.send({ kind: "stop" });
  };
  line.append(bar, words, stop);
  el.append(line);
  const draw = () => {
    bar.value = model.get("share");
    words.textContent = model.get("line");
  };
  const hear = (message) => {
    if (message.kind === "saved") settle(model, message);
  };
  const form = () => ({ "text/plain": `${model.get("line")}\n${UNFINISHED}` });
  const leave = keepOnSave(model, form);
  model.on("change:line", draw);
  model.on("msg:custom", hear);
  draw();
  model.send({ kind: "hello" });
  return () => {
    model.off("change:line", draw);
    model.off("msg:custom", hear);
    leave();
  };
}

export default { initialize: comeBack, render };
