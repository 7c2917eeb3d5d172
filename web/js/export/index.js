// Index PNG: each pixel is the number of its region, 0 where there is none. Where regions overlap, the smallest counts.

import { ServiceError } from "../http.js";
import { indexedPng } from "./png.js";

const MOST = 255;

/** @param {object[]} regions large ones first @param {Map<string, number[]>} colors by name */
export function indexPng({ width, height }, regions, colors) {
  if (regions.length > MOST)
    throw new ServiceError(
      "invalid_request",
      `An index PNG holds ${MOST} regions, these are ${regions.length}.`,
    );
  const pixels = new Uint8Array(width * height);
  regions.forEach(({ mask }, turn) => {
    mask.stretches((x, y0, y1) => {
      for (let y = y0; y < y1; y++) pixels[y * width + x] = turn + 1;
    });
  });
  return indexedPng(pixels, width, height, [[0, 0, 0], ...regions.map(({ name }) => colors.get(name))]);
}
