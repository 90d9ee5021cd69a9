// The live view of one turn: draws frames, sends the reader's intents. blocks.js stands before it.

// The page that loaded this module: Python keeps the widget for a page that is loaded again in mid-stream.
const PAGE = `${performance.timeOrigin} ${Math.random()}`;

function render({ model, el }) {
  const root = element("section", "edenai-view", {
    "aria-label": model.get("label"),
    "data-lm-suppress-shortcuts": "true", // JupyterLab would take Enter and Space from the Stop button
  });
  const body = element("div", "edenai-markdown jp-RenderedHTMLCommon jp-RenderedMarkdown", { "aria-busy": "true" });
  const status = new Status(() => {
    status.stop.disabled = true;
    status.stop.textContent = "Stopping…";
    model.send({ kind: "stop" });
  });
  root.append(body, status.root);
  el.append(root);

  const blocks = new Blocks(body);
  let number = null; // of the last frame drawn; null until the whole page has come
  const hear = (message) => {
    if (message?.kind !== "frame") return;
    const whole = message.patch[0] === 0 && message.patch[1] === 0;
    if (!whole && message.number !== number + 1) {
      if (message.number > number) model.send({ kind: "hello", page: PAGE }); // one was lost
      return;
    }
    number = message.number;
    blocks.apply(message.patch);
    status.show(message.status);
    body.setAttribute("aria-busy", String(!ENDED.has(message.status.state)));
  };
  model.on("msg:custom", hear);
  model.send({ kind: "hello", page: PAGE });
  return () => {
    model.off("msg:custom", hear);
    status.remove();
  };
}

export default { render };
