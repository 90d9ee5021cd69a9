// The line that says what a cell waits for, with the seconds and a Stop button.

import { removeOutput } from "./settling.js";

function render({ model, el }) {
  const line = document.createElement("div");
  line.className = "edenai-status edenai-waiting";
  line.dataset.state = "waiting";
  line.setAttribute("role", "status");
  line.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take Enter and Space from the button
  const words = document.createElement("span");
  words.className = "edenai-state";
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "edenai-button";
  stop.textContent = "Stop";
  stop.onclick = () => {
    stop.disabled = true;
    stop.textContent = "Stopping…";
    model.send({ kind: "stop" });
  };
  const begun = performance.now() - 1000 * model.get("elapsed_s");
  const tick = () => {
    const seconds = `${Math.floor((performance.now() - begun) / 1000)} s`;
    words.textContent = `waiting for ${model.get("variable")} (${[model.get("model"), seconds].filter(Boolean).join(", ")})`;
  };
  tick();
  const clock = setInterval(tick, 1000);
  line.append(words, stop);
  el.append(line);
  model.on("msg:custom", ({ kind }) => {
    if (kind === "gone") removeOutput(model.widget_manager?.context?.model, model.get("output_id"));
  });
  return () => clearInterval(clock);
}

export default { render };
