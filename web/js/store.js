// What this tab knows. Nothing is kept outside of it: two tabs share nothing, and a reload forgets.

/** What is known before the service has answered to a way of asking. */
export const NO_ANSWER = {
  regions: [],
  found: false, // whether its regions are there
  named: false, // whether they have names
  examined: false, // whether the picture has them too, and depth and text are known: nothing is left to do
  missing: [], // words for which nothing was found
};

/** State without a photograph; what people chose (mode, words, switches, vocabulary) is not in it. */
export const EMPTY = {
  photo: null, // {blob, name, bitmap, exact: whether the bitmap is the service's, fileId, width, height}
  ...NO_ANSWER,
  others: {}, // answers to the other ways of asking, by `ask`
  scene: null, // {alternatives: [{label, confidence, read_as}], unknown} of the whole picture
  prompt: null, // {points, box, candidates, index, busy}
  hovered: null, // ids
  selected: null,
  solo: null,
  cursor: null, // [x, y] of the keyboard's cross
  rubber: null, // [x0, y0, x1, y1] of the box being drawn
  depth: null, // bitmap
  lines: null, // text
  work: null, // {text, share or null}
  problem: null, // {message, retry or null}
};

const state = {
  ...EMPTY,
  mode: "everything", // an `ask`, "point" or "box"
  ask: "everything", // what the regions are the answer to: "everything", "whole", "words" or "like"
  detail: 0, // crop layers of everything and whole objects
  words: [],
  examples: null, // {fileId, name: of another photograph or null, given: [{box, label, mask: of a region}]}, being drawn
  sought: null, // the examples of the last search
  sign: 1,
  fills: true,
  names: true,
  text: false,
  depthOn: false,
  blend: 0.7,
  compare: null, // share of the width that shows the original
  filter: { text: "", confidence: 0, size: 0, unknown: true },
  sort: "confidence",
  naming: {}, // {vocabulary}, or {labels} and perhaps {labels_lang}, of the last classification
  labelNotes: [], // {label, sent} and {untranslated} of its answer
  models: {},
};

const listeners = [];
let changed = null;

/** The state; read only, change it with `set`. */
export const get = () => state;

/** Changes members of the state; listeners hear of it together, soon. */
export function set(members) {
  if (!changed) queueMicrotask(tell);
  changed = new Set([...(changed ?? []), ...Object.keys(members)]);
  Object.assign(state, members);
}

function tell() {
  const keys = changed;
  changed = null;
  for (const { names, listener } of listeners) if (names.some((name) => keys.has(name))) listener(state);
}

/** Calls `listener(state)` when one of the named members has changed. */
export function on(names, listener) {
  listeners.push({ names, listener });
}
