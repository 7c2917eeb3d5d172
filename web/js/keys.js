// The keyboard on the picture and in the list: everything that the pointer can do.

import {
  hoverAt,
  letGo,
  present,
  remove,
  select,
  toggleHidden,
  toggleSolo,
  walkAt,
  walkNested,
} from "./actions.js";
import { startRename } from "./details.js";
import { $ } from "./dom.js";
import { drawn, findLike, takeBack } from "./examples.js";
import { setMode } from "./modes.js";
import { addPoint, discard, keep, walkCandidates } from "./prompts.js";
import { get, set } from "./store.js";
import { clamped, current, fitPicture, zoomBy } from "./view.js";

const STEP = 8; // CSS pixels
const LEAP = 48;
const ZOOM = 1.25;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const onPresent = (act) => () => present() && act(present().id);
const REGION_KEYS = {
  s: onPresent(toggleSolo),
  h: onPresent(toggleHidden),
  r: onPresent(startRename),
  Delete: onPresent(remove),
  e: () => setMode("everything"),
  o: () => setMode("whole"),
  w: () => (setMode("words"), setTimeout(() => $("words").focus())),
  p: () => setMode("point"),
  b: () => setMode("box"),
  l: () => setMode("like"),
  k: keep,
  f: findLike,
  "+": () => zoomBy(ZOOM),
  "=": () => zoomBy(ZOOM),
  "-": () => zoomBy(1 / ZOOM),
  0: () => fitPicture(),
  "[": () => walk(-1),
  "]": () => walk(1),
  Escape: escape,
};

export function startKeys() {
  $("canvas").addEventListener("keydown", (event) => handled(event, onCanvas) || handled(event, onRegion));
  $("region-list").addEventListener("keydown", (event) => handled(event, onRegion));
  $("canvas").addEventListener("blur", () => set({ cursor: null }));
}

function handled(event, act) {
  if (event.ctrlKey || event.metaKey || event.altKey || !get().photo) return false;
  const used = act(event);
  if (used) event.preventDefault();
  return used;
}

function onRegion({ key }) {
  const act = REGION_KEYS[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return Boolean(act);
}

function onCanvas({ key, shiftKey }) {
  if (ARROWS[key]) moveCross(ARROWS[key], shiftKey ? LEAP : STEP);
  else if (key === "Enter" || key === " ") actAt(get().cursor, shiftKey);
  else return false;
  return true;
}

function moveCross([dx, dy], length) {
  const { photo, cursor, mode, rubber } = get();
  const [x, y] = cursor ?? [photo.width / 2, photo.height / 2];
  const far = length / current().zoom;
  const at = cursor ? clamped([x + dx * far, y + dy * far]) : [x, y];
  set({ cursor: at, ...(rubber && { rubber: [rubber[0], rubber[1], ...at] }) });
  if (mode !== "point" && mode !== "box") hoverAt(...at);
}

function actAt(cursor, minus) {
  if (!cursor) return moveCross([0, 0], 0);
  const { mode, sign, rubber, hovered } = get();
  const label = minus ? 0 : sign;
  if (mode === "point") return addPoint(cursor, label);
  if (mode !== "box" && mode !== "like") return select(hovered);
  if (!rubber) return set({ rubber: [...cursor, ...cursor] });
  set({ rubber: null });
  return drawn(rubber.slice(0, 2), cursor, label);
}

function walk(step) {
  const { prompt, cursor } = get();
  if (prompt) walkCandidates(step);
  else if (cursor) walkAt(...cursor, step);
  else walkNested(step);
}

function escape() {
  const { prompt, rubber, mode, examples, selected } = get();
  if (rubber) set({ rubber: null });
  else if (prompt) discard();
  else if (mode === "like" && examples && !selected) takeBack();
  else letGo();
}
