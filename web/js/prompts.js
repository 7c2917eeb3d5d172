// Segmenting what people point at: masks first (they come at once), their names right after; keep or discard.

import { examine } from "./describe.js";
import { call, inWords } from "./http.js";
import { described, regionOf } from "./regions.js";
import { maskAt, namedAt } from "./requests.js";
import { get, set } from "./store.js";

const NOTHING = { points: [], box: null, candidates: [], index: 0 };

let asked = new AbortController();

/** Adds a point, label 1 on the object and 0 off it, and asks again. */
export function addPoint([x, y], label) {
  const prompt = get().prompt ?? NOTHING;
  return ask({ ...prompt, points: [...prompt.points, { x: rounded(x), y: rounded(y), label }] });
}

/** The box between two corners, or null if it has no pixel. */
export function boxOf([ax, ay], [bx, by]) {
  const box = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)].map(rounded);
  return box[2] - box[0] >= 1 && box[3] - box[1] >= 1 ? box : null;
}

/** Takes the object in a box. */
export const setBox = (box) => ask({ ...NOTHING, box });

/** Shows the next larger (1) or smaller (-1) of the nested answers. */
export function walkCandidates(step) {
  const { prompt } = get();
  if (!prompt?.candidates.length) return;
  const order = bySize(prompt.candidates);
  const at = order.indexOf(prompt.index) + step;
  if (order[at] !== undefined) set({ prompt: { ...prompt, index: order[at] } });
}

/** Positions of the candidates, smallest first. */
export const bySize = (candidates) =>
  candidates.map((_, i) => i).sort((a, b) => candidates[a].area - candidates[b].area);

/** The answer on the picture becomes a region; its depth and text follow. */
export async function keep() {
  const { prompt, regions } = get();
  const region = prompt?.candidates[prompt.index];
  if (!region) return;
  asked.abort();
  set({ regions: [...regions, region], prompt: null, selected: region.id });
  await examine(region).catch((error) => set({ problem: { ...inWords(error), retry: null } }));
}

export function discard() {
  asked.abort();
  set({ prompt: null });
}

const rounded = (value) => Math.round(value * 10) / 10;

async function ask(prompt) {
  asked.abort();
  asked = new AbortController();
  set({ prompt, problem: null });
  const { photo, naming } = get();
  if (!photo?.fileId || !(prompt.box || prompt.points.some(({ label }) => label === 1))) return;
  try {
    await answer(prompt, photo.fileId, naming, asked.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    set({ problem: { ...inWords(error), retry: () => ask(prompt) } });
  }
}

async function answer({ points, box }, fileId, naming, signal) {
  const found = await call("segment", { body: maskAt(fileId, { points, box }), signal });
  signal.throwIfAborted();
  const candidates = found.labels.map((entry) => regionOf(entry, { points, box }));
  set({ prompt: { points, box, candidates, index: 0 } });
  const named = await call("segment", { body: namedAt(fileId, { points, box }, naming), signal });
  signal.throwIfAborted();
  const prompt = get().prompt;
  set({
    prompt: { ...prompt, candidates: candidates.map((region, i) => described(region, named.labels[i])) },
  });
}
