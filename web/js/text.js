// Lines of text over the picture, where they stand in it, to select and copy; and all of them below each other.

import { $, copy, el } from "./dom.js";
import { toast } from "./status.js";
import { get, on } from "./store.js";
import { current, onView } from "./view.js";

export function startText() {
  on(["text", "lines"], show);
  onView(place);
  $("copy-text").onclick = async () => {
    await copy($("text-all").textContent);
    toast("Copied.");
  };
}

function show({ text, lines }) {
  const layer = $("text-layer");
  layer.hidden = $("text-panel").hidden = !text || !lines;
  if (layer.hidden) return;
  layer.replaceChildren(...lines.map((line) => lineOf(line)));
  $("text-all").textContent = lines.map((line) => line.text).join("\n") || "No text was found.";
  $("copy-text").disabled = lines.length === 0;
  place();
}

function lineOf({ text, quad }) {
  const line = el("span", { className: "line", title: text }, text);
  line.quad = quad;
  return line;
}

/** Lays every line on its corners: turned, and stretched to its width and height. */
function place() {
  const layer = $("text-layer");
  if (layer.hidden || !get().photo) return;
  const { zoom, x, y } = current();
  for (const line of layer.children) {
    const [[ax, ay], [bx, by], , [dx, dy]] = line.quad;
    const [width, height] = [Math.hypot(bx - ax, by - ay) * zoom, Math.hypot(dx - ax, dy - ay) * zoom];
    line.style.fontSize = `${height * 0.8}px`;
    line.style.lineHeight = `${height}px`;
    const stretch = width / (line.offsetWidth || 1);
    const angle = Math.atan2(by - ay, bx - ax);
    line.style.transform = `translate(${ax * zoom + x}px, ${ay * zoom + y}px) rotate(${angle}rad) scaleX(${stretch})`;
  }
}
