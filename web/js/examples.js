// Things to find the like of, in boxes that people draw around them.

import { askAnew } from "./asks.js";
import { $ } from "./dom.js";
import { boxOf, setBox } from "./prompts.js";
import { get, on, set } from "./store.js";

const NONE = { fileId: null, name: null, given: [] };

/** A box that was drawn on the picture: an example, or the prompt of one object. */
export function drawn(from, to, label) {
  const box = boxOf(from, to);
  if (!box) return;
  if (get().mode === "like") add({ box, label });
  else setBox(box);
}

/** Adds an example of this photograph; those of another one go. */
export function add(example) {
  const { examples } = get();
  const given = examples && !examples.fileId ? examples.given : [];
  set({ examples: { ...NONE, given: [...given, example] } });
}

/** Takes back the last example. */
export function takeBack() {
  const given = get().examples?.given.slice(0, -1) ?? [];
  set({ examples: given.length ? { ...get().examples, given } : null });
}

const isComplete = (examples) => Boolean(examples?.given.some(({ label }) => label === 1));

/** Finds what is like the examples. */
export function findLike() {
  const { examples } = get();
  if (isComplete(examples)) askAnew(["like"], { sought: examples });
}

export function startExamples() {
  $("like-find").onclick = findLike;
  $("like-clear").onclick = () => askAnew(["like"], { examples: null, sought: null });
  on(["examples", "mode"], show);
}

function show({ examples }) {
  $("like-find").disabled = !isComplete(examples);
  $("like-clear").disabled = !examples;
}
