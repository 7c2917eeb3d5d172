// Says what is going on: progress, what went wrong and how to go on, short messages.

import { $, el } from "./dom.js";
import { isNamed } from "./regions.js";
import { get, on, set } from "./store.js";
import { stop } from "./session.js";

const TOAST_MS = 8000;

let timer;

/** A message for some seconds, with something to do about it. */
export function toast(text, action = null, act = null) {
  clearTimeout(timer);
  const done = () => ($("toast").hidden = true);
  const button =
    action && el("button", { type: "button", className: "small", onclick: () => (done(), act()) }, action);
  $("toast").replaceChildren(el("span", {}, text), button ?? "");
  $("toast").hidden = false;
  timer = setTimeout(done, TOAST_MS);
}

export function startStatus() {
  $("retry").onclick = () => get().problem.retry();
  $("dismiss").onclick = () => set({ problem: null });
  $("stop").onclick = stop;
  on(["problem"], showProblem);
  on(["work", "regions", "found", "named", "prompt", "photo", "missing"], showWork);
  on(["found", "named", "prompt", "missing"], (state) => ($("announce").textContent = summary(state)));
}

function showProblem({ problem }) {
  $("problem").hidden = !problem;
  $("problem").firstElementChild.textContent = problem?.message ?? "";
  $("retry").hidden = !problem?.retry;
}

function showWork(state) {
  const { work } = state;
  $("progress").hidden = $("stop").hidden = !work;
  if (work?.share === null || work === null) $("progress").removeAttribute("value");
  else $("progress").value = work.share;
  $("stage-text").textContent = work ? `${work.text} …` : summary(state);
}

const SHOW_IT = "No region was found. Point and Box segment what you show them.";
const NOTHING = {
  everything: SHOW_IT,
  whole: SHOW_IT,
  words: "Nothing fits these words. Try a more general one (bird for heron), or see what Everything finds.",
  like: "Nothing is like it. Draw the box closer around the thing, or add another example.",
};

/** What is there when nothing is being done. */
function summary({ ask, found, named, regions, prompt, missing }) {
  if (prompt) return prompted(prompt);
  if (!found) return "";
  if (!regions.length) return NOTHING[ask];
  const count = `${regions.length} ${regions.length === 1 ? "region" : "regions"}`;
  if (ask === "words") return missing.length ? `${count}; nothing found for ${missing.join(", ")}` : count;
  const unknown = regions.filter((region) => !isNamed(region)).length;
  return named ? `${count}, ${regions.length - unknown} with a label` : count;
}

function prompted({ candidates, index, points }) {
  if (candidates.length) return candidates[index].name ?? "Labelling …";
  return points.some(({ label }) => label === 1) ? "Segmenting …" : "Now add a point on the object.";
}
