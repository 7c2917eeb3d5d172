// Names on the picture: where they fit, the certain ones first; the lit region always has one.

import { css } from "./colors.js";
import { percent } from "./dom.js";
import { certainty, isNamed } from "./regions.js";

const FONT = "600 12px system-ui, sans-serif";
const LEAST = 0.35; // certainty below which a name is not written on the picture, as on the service's overlays
const [HEIGHT, PADDING, GAP] = [20, 7, 4];
const places = new WeakMap();

/** A pixel well inside a mask: the middle of its longest vertical stretch. */
function placeOf(mask) {
  if (places.has(mask)) return places.get(mask);
  let best = [0, 0, 0];
  const columns = new Map();
  mask.stretches((x, y0, y1) => columns.set(x, Math.max(columns.get(x) ?? 0, y1 - y0)));
  const longest = Math.max(...columns.values());
  const wide = [...columns].filter(([, length]) => length >= 0.8 * longest).map(([x]) => x);
  const middle = wide[wide.length >> 1];
  mask.stretches((x, y0, y1) => {
    if (x === middle && y1 - y0 > best[2]) best = [x + 0.5, (y0 + y1) / 2, y1 - y0];
  });
  places.set(mask, best);
  return best;
}

/**
 * Draws the names of regions where they do not cover each other.
 * @param {CanvasRenderingContext2D} context left as it was
 * @param {object} view where the photograph lies on it
 */
export function drawTags(context, { zoom, x, y, density }, regions, colors, lit) {
  const wanted = regions.filter(
    (region) => isNamed(region) && certainty(region) >= LEAST && region.id !== lit?.id,
  );
  wanted.sort((a, b) => certainty(b) - certainty(a));
  const taken = [];
  context.save();
  context.setTransform(density, 0, 0, density, 0, 0);
  context.font = FONT;
  for (const region of lit ? [lit, ...wanted] : wanted) {
    if (!region.name) continue;
    const [px, py] = placeOf(region.mask);
    const text =
      region === lit && isNamed(region) && !region.given
        ? `${region.name}  ${percent(region.confidence)}`
        : region.name;
    const width = context.measureText(text).width + 2 * PADDING;
    const left = Math.max(px * zoom + x - width / 2, x);
    const right = x + region.mask.width * zoom;
    const box = [Math.min(left, right - width), py * zoom + y - HEIGHT / 2, width, HEIGHT];
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    drawTag(context, text, box, colors.get(region.name), region === lit);
  }
  context.restore();
}

function drawTag(context, text, [x, y, width, height], color, lit) {
  context.beginPath();
  context.roundRect(x, y, width, height, height / 2);
  context.fillStyle = lit ? "white" : "rgb(16 20 26 / 0.82)";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = css(color);
  context.stroke();
  context.fillStyle = lit ? "#10141a" : "white";
  context.textBaseline = "middle";
  context.fillText(text, x + PADDING, y + height / 2 + 0.5);
}

const overlap = ([ax, ay, aw, ah], [bx, by, bw, bh]) =>
  ax < bx + bw + GAP && bx < ax + aw + GAP && ay < by + bh + GAP && by < ay + ah + GAP;
