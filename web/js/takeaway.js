// The dialog with files to download and commands to copy.

import { coco } from "./export/coco.js";
import { ENDINGS, cutouts, documentOf, stemOf } from "./export/documents.js";
import { indexPng } from "./export/index.js";
import { overlayPng } from "./export/overlay.js";
import { curl, python } from "./export/snippets.js";
import { $, copy, save } from "./dom.js";
import { inWords } from "./http.js";
import { shown } from "./regions.js";
import { asked, namedAt, shownOf } from "./requests.js";
import { toast } from "./status.js";
import { get, on, set } from "./store.js";

const documents = Object.entries(ENDINGS).map(([format, ending]) => [
  format,
  [ending, (state) => documentOf(state, format)],
]);

const json = (value) => new Blob([JSON.stringify(value)], { type: "application/json" });

/** Ending of the file's name, and its content: from the state and what is shown of it. */
const FILES = {
  overlay: ["-overlay.png", (state) => overlayPng(state)],
  index: ["-index.png", ({ photo }, { regions, colors }) => indexPng(photo, regions, colors)],
  shown: ["-shown.json", ({ photo }, { regions }) => json(coco(photo, regions))],
  cutouts: ["-cutouts.zip", (state) => cutouts(state)],
  ...Object.fromEntries(documents),
};

export function startTakeAway() {
  on(["found", "photo"], ({ found }) => ($("take").disabled = !found));
  $("take").onclick = show;
  for (const button of document.querySelectorAll("[data-export]")) button.onclick = () => download(button);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.onclick = () => copy($(button.dataset.copy).textContent).then(() => toast("Copied."));
  }
}

function show() {
  const state = get();
  const { regions } = shown(state);
  $("take-count").textContent = `${regions.length} of ${state.regions.length} regions`;
  const grid = state.ask === "everything" || state.ask === "whole";
  document.querySelector("[data-export=coco_panoptic]").disabled = !grid;
  $("curl").textContent = curl(state.photo.name, bodies(state, regions));
  $("python").textContent = python(state.photo.name, bodies(state, regions));
  $("take-dialog").showModal();
}

/** The requests whose answers hold these regions. */
function bodies(state, regions) {
  const { photo, naming } = state;
  const found = regions.some(({ prompt }) => !prompt) || regions.length === 0;
  const prompts = regions
    .filter(({ prompt }) => prompt)
    .map(({ prompt }) => namedAt(photo.fileId, prompt, naming));
  return [...(found ? [shownOf(asked(state))] : []), ...prompts];
}

async function download(button) {
  const [ending, make] = FILES[button.dataset.export];
  const state = get();
  button.classList.add("busy");
  try {
    save(await make(state, shown(state)), stemOf(state.photo.name) + ending);
  } catch (error) {
    $("take-dialog").close();
    set({ problem: { ...inWords(error), retry: null } });
  } finally {
    button.classList.remove("busy");
  }
}
