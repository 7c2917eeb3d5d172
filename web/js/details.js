// The card of the region that people are at: what it may be, how large, near and certain it is, what to do with it.

import { find, letGo, present, remove, rename, select, toggleHidden, toggleSolo } from "./actions.js";
import { css } from "./colors.js";
import { $, bar, el, percent } from "./dom.js";
import { add, findLike } from "./examples.js";
import { setMode } from "./modes.js";
import { around, inside, isNamed, shown, spelled, title } from "./regions.js";
import { get, on, set } from "./store.js";

const MOST_NAMES = 4;
const MOST_PARTS = 3;
const HINT = "Point at a region, or move through the list, to see its labels.";

let renaming = null;

export function startDetails() {
  on(["regions", "hovered", "selected", "solo", "prompt", "filter", "found"], show);
}

function show(state) {
  const card = $("details");
  const candidate = state.prompt?.candidates[state.prompt.index];
  const region = candidate ?? present();
  if (renaming && renaming !== state.selected) renaming = null;
  card.hidden = !region && !state.regions.length;
  card.classList.toggle("empty", !region);
  if (renaming && card.querySelector("input")) return;
  if (!region) return card.replaceChildren(el("p", { className: "quiet" }, HINT));
  const children = [heading(region, state), alternatives(region), facts(region, state)];
  card.replaceChildren(...children, ...(candidate ? [] : [relatives(region, state), actions(region, state)]));
}

function heading(region, state) {
  const swatch = el("i", { className: "swatch" });
  swatch.style.background = css(shown(state).colors.get(region.name) ?? [0, 200, 255]);
  const close = el(
    "button",
    { type: "button", className: "plain close", "aria-label": "Close", onclick: letGo },
    "×",
  );
  return el("div", { className: "row" }, el("h2", {}, swatch, title(region)), close);
}

/** The names it may have; one that people gave stands for itself. */
function alternatives(region) {
  const list = el("ul", { className: "bars", "aria-label": "Possible labels" });
  const bars = region.alternatives.map((score) => bar(spelled(score), score.confidence));
  if (region.name === "unknown") bars.unshift(bar("none of the labels", region.confidence));
  list.append(...bars.slice(0, MOST_NAMES));
  return list;
}

function facts(region, { photo }) {
  const [x, y, width, height] = region.bbox;
  const list = el("dl", { className: "facts" });
  const add = (name, value) => list.append(el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  add(
    "Area",
    `${region.area.toLocaleString("en")} px, ${percent(region.area / (photo.width * photo.height))}`,
  );
  add("Box", `${width} × ${height} at ${x}, ${y}`);
  if (region.depth) add("Depth", nearness(region));
  if (region.text) add("Text", region.text);
  if (region.colors?.length)
    add("Colours", el("span", { className: "colors" }, ...region.colors.map(colored)));
  return list;
}

/** A patch of a colour; its name is read out. */
function colored({ hex, share }) {
  const patch = el("i", {
    className: "swatch",
    role: "img",
    title: `${hex}, ${percent(share)}`,
    "aria-label": hex,
  });
  patch.style.background = hex;
  return patch;
}

const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinal = new Intl.PluralRules("en", { type: "ordinal" });

function nearness({ depth: { rank } }) {
  return rank === 1 ? "nearest" : `${rank}${ENDINGS[ordinal.select(rank)]} nearest`;
}

/** The region around it and those in it, to go there. */
function relatives(region, state) {
  const outer = around(region, state.regions);
  const parts = inside(region, state.regions).slice(0, MOST_PARTS);
  const go = (other) =>
    el("button", { type: "button", className: "link", onclick: () => select(other.id) }, title(other));
  const line = (text, all) =>
    el(
      "p",
      { className: "quiet" },
      `${text} `,
      ...all.flatMap((other, i) => (i ? [", ", go(other)] : [go(other)])),
    );
  const found = [outer && line("Inside", [outer]), parts.length ? line("Contains", parts) : null];
  return el("div", { className: "relatives" }, ...found);
}

function actions(region, { solo, selected }) {
  const button = (text, act, pressed = null) =>
    el(
      "button",
      {
        type: "button",
        className: "small",
        onclick: () => act(region.id),
        ...(pressed !== null && { "aria-pressed": pressed }),
      },
      text,
    );
  const group = el("div", {
    className: "actions",
    role: "group",
    "aria-label": `Actions for ${title(region)}`,
  });
  group.append(
    button("Relabel", startRename),
    button("Like this", likeThis),
    button("Alone", toggleSolo, solo === region.id),
    button("Hide", toggleHidden, region.hidden),
    button("Delete", remove),
  );
  group.classList.toggle("idle", region.id !== selected);
  return group;
}

/** Finds what is like the region. */
function likeThis(id) {
  const { bbox, mask } = find(id);
  const [x, y, width, height] = bbox;
  setMode("like");
  add({ box: [x, y, x + width, y + height], mask: mask.rle, label: 1 });
  findLike();
}

/** Turns the heading into a field; Enter takes the name, Escape leaves it. */
export function startRename(id) {
  set({ selected: id, hovered: null });
  queueMicrotask(() => {
    const back = document.activeElement;
    const field = el("input", {
      type: "text",
      value: isNamed(find(id)) ? title(find(id)) : "",
      maxLength: 200,
      "aria-label": "Label of the region",
    });
    const end = (name) => {
      if (renaming !== id) return;
      renaming = null;
      field.remove();
      if (name !== null) rename(id, name);
      show(get());
      if (back?.isConnected) back.focus();
      else $("canvas").focus();
    };
    field.onkeydown = (event) => {
      if (event.key === "Enter") end(field.value);
      if (event.key === "Escape") end(null);
    };
    field.onblur = () => end(field.value);
    renaming = id;
    $("details").querySelector("h2").replaceChildren(field);
    field.select();
  });
}
