// The row of buttons that say what to find, and the line below it: what to do now, with the controls for it.

import { ask, askAnew } from "./asks.js";
import { $ } from "./dom.js";
import { splitLabels } from "./labels.js";
import { discard } from "./prompts.js";
import { get, on, set } from "./store.js";

const MOST_WORDS = 32;
const HINTS = {
  everything: "Every region: things and their parts.",
  whole: "Whole things, and areas such as sky or floor.",
  words: "",
  point: "Click a thing.",
  box: "Drag a box around a thing.",
  like: "Drag a box around one thing or more.",
};
const SIGNS = { point: ["+ part of it", "− not"], like: ["+ like this", "− not this"] };

/** Chooses what to find and how; points and box that were not kept go. */
export function setMode(mode) {
  document.querySelector(`[name=mode][value=${mode}]`).checked = true;
  discard();
  document.querySelector("[name=sign][value='1']").checked = true;
  set({ mode, sign: 1, hovered: null, rubber: null });
  if (mode !== "point" && mode !== "box") ask(mode);
}

export function startModes() {
  for (const input of document.querySelectorAll("[name=mode]"))
    input.onchange = () => {
      setMode(input.value);
      if (input.value === "words" && !input.matches(":focus-visible")) $("words").focus(); // not on the way of arrows
    };
  for (const input of document.querySelectorAll("[name=sign]"))
    input.onchange = () => set({ sign: Number(input.value) });
  $("detail").onchange = ({ target }) => askAnew(["everything", "whole"], { detail: Number(target.value) });
  $("words-form").onsubmit = (event) => {
    event.preventDefault();
    findWords();
  };
  on(["mode"], show);
  on(["mode", "examples"], hint);
  show(get());
  hint(get());
}

function hint({ mode, examples }) {
  const text = mode === "like" && examples ? counted(examples) : HINTS[mode];
  $("mode-hint").textContent = text;
  $("mode-hint").hidden = !text;
}

function counted({ given, name }) {
  const count = `${given.length} ${given.length === 1 ? "example" : "examples"}`;
  return name ? `${count} from ${name}` : count;
}

function show({ mode }) {
  $("detail-choice").hidden = mode !== "everything" && mode !== "whole";
  $("words-form").hidden = mode !== "words";
  $("vocabulary").hidden = mode === "words";
  $("like-bar").hidden = mode !== "like";
  $("sign").hidden = !SIGNS[mode];
  $("sign")
    .querySelectorAll("span")
    .forEach((span, i) => (span.textContent = SIGNS[mode]?.[i] ?? ""));
  $("canvas").dataset.mode = mode;
}

function findWords() {
  try {
    const words = splitLabels($("words").value);
    if (!words.length) throw new Error("Words: expected at least one, such as cup, got none.");
    if (words.length > MOST_WORDS)
      throw new Error(`Words: expected at most ${MOST_WORDS}, got ${words.length}.`);
    askAnew(["words"], { words });
  } catch ({ message }) {
    set({ problem: { message, retry: null } });
  }
}
