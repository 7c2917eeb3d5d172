// Zoom, and what to do with the answer to points and boxes.

import { $ } from "./dom.js";
import { bySize, discard, keep, walkCandidates } from "./prompts.js";
import { on } from "./store.js";
import { fitPicture, zoomBy } from "./view.js";

const ZOOM = 1.4;

export function startTools() {
  $("zoom-in").onclick = () => zoomBy(ZOOM);
  $("zoom-out").onclick = () => zoomBy(1 / ZOOM);
  $("zoom-fit").onclick = () => fitPicture();
  $("prompt-smaller").onclick = () => walkCandidates(-1);
  $("prompt-larger").onclick = () => walkCandidates(1);
  $("prompt-keep").onclick = keep;
  $("prompt-discard").onclick = discard;
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
