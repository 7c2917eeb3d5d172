// Mouse, pen and touch on the picture: hover, select, points, boxes; move and zoom with drag, wheel and two fingers.

import { hover, hoverAt, select, walkAt } from "./actions.js";
import { $ } from "./dom.js";
import { under, shown } from "./regions.js";
import { drawn } from "./examples.js";
import { addPoint, walkCandidates } from "./prompts.js";
import { get, set } from "./store.js";
import { clamped, moveBy, toPicture, zoomBy } from "./view.js";

const CLICK = 5; // CSS pixels that a press may move and still be a click
const NOTCH = 50; // of wheel movement a step
const PAUSE_MS = 250;

const down = new Map(); // pointers that are pressed: id -> [x, y]
let press = null; // {at: [x, y], last: [x, y], moved}
let wheel = { sum: 0, time: 0 };

export function startPointer() {
  const canvas = $("canvas");
  canvas.addEventListener("pointerdown", pressed);
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointercancel", forget);
  canvas.addEventListener("pointerleave", () => press || hover(null));
  canvas.addEventListener("wheel", wheeled, { passive: false });
  canvas.addEventListener("contextmenu", (event) => SIGNED.has(get().mode) && event.preventDefault());
}

const SIGNED = new Set(["point", "like"]); // modes in which the right button means "not this"
const DRAWN = new Set(["box", "like"]); // modes in which a drag draws a box
const PROMPTED = new Set(["point", "box"]); // modes in which regions cannot be selected

const place = (event) => [event.offsetX, event.offsetY];

function pressed(event) {
  if (!get().photo?.width) return;
  down.set(event.pointerId, place(event));
  $("canvas").setPointerCapture(event.pointerId);
  press = down.size === 1 ? { at: place(event), last: place(event), moved: false } : null;
  set({ cursor: null, rubber: null });
}

function moved(event) {
  const at = place(event);
  if (down.size === 2 && down.has(event.pointerId)) return pinched(event.pointerId, at);
  if (!press) return down.size || hoverUnder(at);
  const [dx, dy] = [at[0] - press.last[0], at[1] - press.last[1]];
  press.moved ||= Math.hypot(at[0] - press.at[0], at[1] - press.at[1]) > CLICK;
  if (!press.moved) return null;
  press.last = at;
  if (DRAWN.has(get().mode)) return set({ rubber: [...corner(press.at), ...corner(at)] });
  return moveBy(dx, dy);
}

const corner = ([x, y]) => clamped(toPicture(x, y));

function hoverUnder([cx, cy]) {
  if (!PROMPTED.has(get().mode)) hoverAt(...toPicture(cx, cy));
}

function released(event) {
  const done = press;
  const at = place(event);
  forget(event);
  if (!done) return;
  if (!done.moved) click(at, event);
  else if (DRAWN.has(get().mode)) drawn(corner(done.at), corner(at), labelOf(event));
}

function forget(event) {
  down.delete(event.pointerId);
  press = null;
  set({ rubber: null });
}

/** 1 for a part of the object or an example, 0 for what is neither. */
const labelOf = (event) => (event.button === 2 || event.shiftKey || event.altKey ? 0 : get().sign);

function click([cx, cy], event) {
  const [x, y] = toPicture(cx, cy);
  const { photo, mode, hovered } = get();
  const outside = x < 0 || y < 0 || x >= photo.width || y >= photo.height;
  if (mode === "point") return outside ? null : addPoint([x, y], labelOf(event));
  if (mode === "box") return null;
  if (outside) return select(null);
  return select(event.pointerType === "mouse" ? hovered : tapped(x, y));
}

/** A tap takes the innermost region; another tap on the same place the one around it, and so on. */
function tapped(x, y) {
  const stack = under(shown(get()).regions, x, y);
  const at = stack.findIndex(({ id }) => id === get().selected);
  return stack[(at + 1) % stack.length]?.id ?? null;
}

/** Two fingers: what was under them stays under them. */
function pinched(id, at) {
  const other = [...down].find(([key]) => key !== id)[1];
  const before = down.get(id);
  const factor =
    Math.hypot(at[0] - other[0], at[1] - other[1]) /
    Math.max(Math.hypot(before[0] - other[0], before[1] - other[1]), 1);
  moveBy((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
  zoomBy(factor, (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  down.set(id, at);
}

/** With Ctrl (or two fingers on a touchpad) it zooms; else it walks through what is nested under the pointer. */
function wheeled(event) {
  if (!get().photo?.width) return;
  const [cx, cy] = place(event);
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    return zoomBy(Math.exp(-event.deltaY / 300), cx, cy);
  }
  const several = get().prompt ? get().prompt.candidates.length > 1 : walkAt(...toPicture(cx, cy), 0);
  if (!several) return null;
  event.preventDefault();
  for (let step = notches(event); step !== 0; step -= Math.sign(step)) walk(cx, cy, -Math.sign(step));
  return null;
}

function walk(cx, cy, step) {
  if (get().prompt) walkCandidates(step);
  else walkAt(...toPicture(cx, cy), step);
}

/** Whole steps in what has been scrolled; a touchpad sends many small movements. */
function notches(event) {
  const delta = event.deltaMode === 1 ? event.deltaY * NOTCH : event.deltaY;
  const sum = event.timeStamp - wheel.time > PAUSE_MS ? delta : wheel.sum + delta;
  const steps = Math.trunc(sum / NOTCH);
  wheel = { sum: sum - steps * NOTCH, time: event.timeStamp };
  return steps;
}
