// The bar over the picture: tool, sign of a click, zoom, and what to do with the answer to points and boxes.

import { $ } from "./dom.js";
import { bySize, discard, keep, walkCandidates } from "./prompts.js";
import { on, set } from "./store.js";
import { fitPicture, zoomBy } from "./view.js";

const ZOOM = 1.4;

/** Chooses look, point or box; points and box that were not kept go. */
export function setTool(tool) {
  document.querySelector(`[name=tool][value=${tool}]`).checked = true;
  discard();
  set({ tool, hovered: null, rubber: null });
}

export function startTools() {
  for (const input of document.querySelectorAll("[name=tool]")) input.onchange = () => setTool(input.value);
  for (const input of document.querySelectorAll("[name=sign]"))
    input.onchange = () => set({ sign: Number(input.value) });
  $("zoom-in").onclick = () => zoomBy(ZOOM);
  $("zoom-out").onclick = () => zoomBy(1 / ZOOM);
  $("zoom-fit").onclick = () => fitPicture();
  $("prompt-smaller").onclick = () => walkCandidates(-1);
  $("prompt-larger").onclick = () => walkCandidates(1);
  $("prompt-keep").onclick = keep;
  $("prompt-discard").onclick = discard;
  on(["tool"], ({ tool }) => {
    $("sign").hidden = tool !== "point";
    $("canvas").dataset.tool = tool;
  });
  on(["prompt"], ({ prompt }) => showPrompt(prompt));
}

function showPrompt(prompt) {
  $("prompt-bar").hidden = !prompt;
  if (!prompt) return;
  const { candidates, index } = prompt;
  const order = bySize(candidates);
  const at = order.indexOf(index);
  $("prompt-place").textContent = candidates.length ? `${at + 1} of ${candidates.length}` : "";
  $("prompt-keep").disabled = !candidates.length;
  $("prompt-smaller").disabled = at <= 0;
  $("prompt-larger").disabled = at === candidates.length - 1;
}
