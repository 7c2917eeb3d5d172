// The dialog with files to download and commands to copy; they hold the regions that are on the picture.

import { coco } from "./export/coco.js";
import { indexPng } from "./export/index.js";
import { labelStudio } from "./export/labelstudio.js";
import { overlayPng } from "./export/overlay.js";
import { curl, python } from "./export/snippets.js";
import { yolo } from "./export/yolo.js";
import { zip } from "./export/zip.js";
import { $, copy, save } from "./dom.js";
import { inWords } from "./http.js";
import { shown } from "./regions.js";
import { everything, namedAt } from "./requests.js";
import { toast } from "./status.js";
import { get, on, set } from "./store.js";

const json = (value) => new Blob([JSON.stringify(value)], { type: "application/json" });

/** Ending of the file's name, and its content: from the state and what is shown of it. */
const FILES = {
  overlay: ["-overlay.png", (state) => overlayPng(state)],
  coco: ["-coco.json", ({ photo }, { regions }) => json(coco(photo, regions))],
  yolo: ["-yolo.zip", ({ photo }, { regions }) => zip(yolo(photo, regions))],
  labelstudio: [
    "-label-studio.json",
    ({ photo, models }, { regions }) => json(labelStudio(photo, regions, models.segmenter?.name)),
  ],
  index: ["-index.png", ({ photo }, { regions, colors }) => indexPng(photo, regions, colors)],
};

export function startTakeAway() {
  on(["found", "photo"], ({ found }) => ($("take").disabled = !found));
  $("take").onclick = show;
  for (const button of document.querySelectorAll("[data-export]"))
    button.onclick = () => download(button.dataset.export);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.onclick = () => copy($(button.dataset.copy).textContent).then(() => toast("Copied."));
  }
}

function show() {
  const state = get();
  const { regions } = shown(state);
  const count = `${regions.length} of ${state.regions.length} regions`;
  $("take-what").textContent = `The files contain the visible regions: ${count}.`;
  $("curl").textContent = curl(state.photo.name, bodies(state, regions));
  $("python").textContent = python(state.photo.name, bodies(state, regions));
  $("take-dialog").showModal();
}

/** The requests whose answers hold these regions. */
function bodies({ photo, naming }, regions) {
  const grid = regions.some(({ prompt }) => !prompt) || regions.length === 0;
  const prompts = regions
    .filter(({ prompt }) => prompt)
    .map(({ prompt }) => namedAt(photo.fileId, prompt, naming));
  return [...(grid ? [everything(photo.fileId, naming)] : []), ...prompts];
}

async function download(kind) {
  const [ending, make] = FILES[kind];
  const state = get();
  try {
    const name = state.photo.name.replace(/\.[^.]*$/, "");
    save(await make(state, shown(state)), name + ending);
  } catch (error) {
    $("take-dialog").close();
    set({ problem: { ...inWords(error), retry: null } });
  }
}
