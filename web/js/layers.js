// Switches for what lies over the photograph: regions, names, depth, text, and the comparison with the original.

import { $ } from "./dom.js";
import { call, inWords } from "./http.js";
import { get, on, set } from "./store.js";
import { current, onView } from "./view.js";

let asked = null; // the photograph whose depth is under way

export function startLayers() {
  $("show-fills").onchange = ({ target }) => set({ fills: target.checked });
  $("show-names").onchange = ({ target }) => set({ names: target.checked });
  $("show-depth").onchange = ({ target }) => set({ depthOn: target.checked });
  $("show-text").onchange = ({ target }) => set({ text: target.checked });
  $("show-compare").onchange = ({ target }) =>
    set({ compare: target.checked ? $("compare").value / 1000 : null });
  $("blend").oninput = ({ target }) => set({ blend: target.value / 100 });
  $("compare").oninput = ({ target }) => set({ compare: target.value / 1000 });
  on(["depthOn"], ({ depthOn }) => ($("blend").hidden = !depthOn));
  on(["depthOn", "photo"], ({ depthOn, depth }) => depthOn && !depth && fetchDepth());
  on(["compare", "photo"], placeDivider);
  onView(placeDivider);
}

/** Asks once for the depth of a photograph, and keeps it while the photograph is open. */
async function fetchDepth() {
  const { fileId } = get().photo ?? {};
  if (!fileId || asked === fileId) return;
  asked = fileId;
  try {
    const depth = await depthImage(fileId);
    if (get().photo?.fileId === fileId) set({ depth });
  } catch (error) {
    set({ problem: { ...inWords(error), retry: () => (set({ problem: null }), fetchDepth()) } });
  } finally {
    asked = null;
  }
}

async function depthImage(fileId) {
  const image = new Image();
  image.src = (await call(`depth/${fileId}?format=color`)).depth_map;
  await image.decode();
  return image;
}

/** The slider's thumb lies on the divider: it spans the photograph. */
function placeDivider() {
  const { compare, photo } = get();
  const slider = $("compare");
  slider.hidden = compare === null;
  if (compare === null || !photo) return;
  const { zoom, x, width } = current();
  slider.style.left = `${x}px`;
  slider.style.width = `${photo.width * zoom}px`;
  slider.classList.toggle("wide", photo.width * zoom > width);
}
