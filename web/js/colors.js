// Which colour a name has in this picture: the palette of the service's overlays.

/** Apart from each other in Oklab with normal sight and without red or green cones (services/overlay/style.py). */
const PALETTE = [
  [255, 150, 180],
  [255, 150, 0],
  [195, 120, 15],
  [240, 210, 0],
  [135, 240, 135],
  [75, 195, 120],
  [60, 150, 105],
  [0, 228, 232],
  [0, 150, 210],
  [105, 120, 255],
  [210, 150, 255],
  [210, 75, 165],
];
/** Farthest apart first: a picture with few names gets the most different colours. */
const ORDER = [1, 8, 11, 4, 3, 9, 0, 6, 7, 2, 10, 5];
const GREY = [168, 172, 178];
const WHITE = [235, 240, 245];

/**
 * A colour [r, g, b] for each name: the name that covers most gets the first; unknown is grey, nameless is white.
 * @param {{name: string|null, area: number}[]} regions
 */
export function colorsOf(regions) {
  const areas = new Map();
  for (const { name, area } of regions) areas.set(name, (areas.get(name) ?? 0) + area);
  const names = [...areas.keys()].filter((name) => name !== null && name !== "unknown");
  names.sort((a, b) => areas.get(b) - areas.get(a) || (a < b ? -1 : 1));
  const colors = new Map(names.map((name, turn) => [name, PALETTE[ORDER[turn % ORDER.length]]]));
  return colors.set("unknown", GREY).set(null, WHITE);
}

/** As CSS writes it. */
export const css = ([r, g, b], alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;
