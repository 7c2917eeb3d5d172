// Regions as the page knows them: made from answers, put in order, filtered, and found under a point.

import { colorsOf } from "./colors.js";
import { rings, smoothPath } from "./outline.js";
import { Mask } from "./rle.js";

const NESTED = 0.9; // share of its pixels in another region from which on a region lies inside it

let made = 0;

/**
 * A region from an entry of an answer with `masks: "rle"`.
 * @param {object} entry @param {object|null} prompt the points or box it is the answer to; null for the grid
 */
export function regionOf(entry, prompt = null) {
  const mask = new Mask(entry.mask);
  return {
    id: `r${++made}`,
    index: entry.mask_index,
    prompt,
    mask,
    area: entry.area,
    bbox: entry.bbox,
    quality: entry.quality,
    stuff: entry.is_thing === false,
    name: null,
    confidence: 0,
    alternatives: [],
    given: false, // whether a person gave the name
    hidden: false,
    depth: null,
    text: null,
    colors: null,
  };
}

const outlines = new WeakMap();

/** The rings and the drawn path of a region's mask. */
export function outlineOf({ mask }) {
  if (!outlines.has(mask)) {
    const all = rings(mask);
    outlines.set(mask, { rings: all, path: smoothPath(all) });
  }
  return outlines.get(mask);
}

/** The region with the name, depth and text of an entry; a name that a person gave stays. */
export function described(region, entry) {
  const facts = {
    alternatives: entry.alternatives,
    depth: entry.depth ?? null,
    text: entry.text ?? null,
    colors: entry.colors ?? null,
  };
  if (!region.given) Object.assign(facts, { name: entry.label, confidence: entry.confidence });
  return { ...region, ...facts };
}

/** Whether the region's name is one that the labeller chose. */
export const isNamed = ({ name }) => name !== null && name !== "unknown";

/** How certain its name is; unknown and nameless regions are not at all. */
export const certainty = (region) => (isNamed(region) ? region.confidence : 0);

const ORDERS = {
  confidence: (a, b) => certainty(b) - certainty(a) || b.area - a.area,
  large: (a, b) => b.area - a.area,
  small: (a, b) => a.area - b.area,
  label: (a, b) => title(a).localeCompare(title(b)) || b.area - a.area,
};

/** A label of an answer, with the English text that was read instead of it. */
export const spelled = ({ label, read_as: text }) => (text ? `${label} (read as ${text})` : label);

/** What to call it. */
export const title = ({ name }) => name ?? "region";

/** Smallest share of the picture that a slider position of 0 to 100 asks for: finer where it matters. */
export const leastShare = (position) => (position / 100) ** 3;

/** The regions that the filter lets through, in order, things before stuff: what the list has. */
export function listed({ regions, filter, sort, photo }) {
  const least = leastShare(filter.size) * (photo?.width ?? 0) * (photo?.height ?? 0);
  const text = filter.text.trim().toLowerCase();
  return regions
    .filter(
      (region) =>
        region.area >= least &&
        title(region).toLowerCase().includes(text) &&
        (filter.confidence === 0 || certainty(region) >= filter.confidence) &&
        (filter.unknown || region.name !== "unknown"),
    )
    .sort((a, b) => a.stuff - b.stuff || ORDERS[sort](a, b));
}

let last = { key: [], value: null };

/** The regions on the picture, large ones first, and their colours: listed, not hidden; one alone if solo. */
export function shown(state) {
  const key = [state.regions, state.filter, state.sort, state.solo, state.photo];
  if (key.some((part, i) => part !== last.key[i])) last = { key, value: freshlyShown(state) };
  return last.value;
}

function freshlyShown(state) {
  const all = listed(state);
  const regions = all.filter(({ id, hidden }) => (state.solo ? id === state.solo : !hidden));
  regions.sort((a, b) => b.area - a.area);
  return { regions, colors: colorsOf(state.regions) };
}

/** Those of the regions that hold the point, innermost first. */
export function under(regions, x, y) {
  const [px, py] = [Math.floor(x), Math.floor(y)];
  return regions.filter(({ mask }) => mask.has(px, py)).sort((a, b) => a.area - b.area);
}

/** The smallest region that this one lies in, or null. */
export function around(region, regions) {
  const larger = regions.filter((other) => other.area > region.area && other.id !== region.id);
  larger.sort((a, b) => a.area - b.area);
  return larger.find((other) => region.mask.shared(other.mask) >= NESTED * region.area) ?? null;
}

/** The regions that lie in this one and in no smaller one, largest first. */
export function inside(region, regions) {
  const smaller = regions.filter((other) => other.area < region.area);
  return smaller.filter((other) => around(other, regions)?.id === region.id).sort((a, b) => b.area - a.area);
}
