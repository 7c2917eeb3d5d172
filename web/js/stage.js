// Keeps the canvas as large as its frame and as dense as the screen, and paints it when something changed.

import { $ } from "./dom.js";
import { Painter } from "./painter.js";
import { get, on } from "./store.js";
import { current, fitPicture, onView, resize } from "./view.js";

const SHOWN = [
  "photo",
  "regions",
  "filter",
  "sort",
  "hovered",
  "selected",
  "solo",
  "prompt",
  "cursor",
  "rubber",
  "mode",
  "examples",
  "fills",
  "names",
  "depth",
  "depthOn",
  "blend",
  "compare",
];

let painter;
let asked = false;
let fitted = "";

export function startStage() {
  painter = new Painter($("canvas"));
  new ResizeObserver(measure).observe($("frame"));
  onView(repaint);
  on(SHOWN, repaint);
  on(["photo"], fitNew);
}

/** Fits a photograph when it is there for the first time. */
function fitNew({ photo }) {
  const size = photo?.width ? `${photo.width}x${photo.height} ${photo.name}` : "";
  if (size && size !== fitted) {
    $("frame").style.setProperty("--aspect", `${photo.width} / ${photo.height}`);
    fitPicture({ width: photo.width, height: photo.height });
  }
  fitted = size;
}

function measure() {
  const { clientWidth, clientHeight } = $("frame");
  if (!clientWidth) return;
  const density = devicePixelRatio;
  $("canvas").width = Math.round(clientWidth * density);
  $("canvas").height = Math.round(clientHeight * density);
  resize(clientWidth, clientHeight, density);
  painter.paint(get(), current());
}

/** Paints before the next frame, once however often it is asked for. */
function repaint() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    painter.paint(get(), current());
  });
}
