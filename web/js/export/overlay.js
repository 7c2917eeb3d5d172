// Overlay PNG: the picture as it is shown, at the photograph's own size.

import { Painter } from "../painter.js";

const USUAL = 1000; // side of a picture on a screen; on larger photographs lines and names grow with it

/** @param {object} state as in store.js @returns {Promise<Blob>} */
export function overlayPng(state) {
  const { width, height } = state.photo;
  const density = Math.max(1, Math.max(width, height) / USUAL);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const calm = { ...state, hovered: null, selected: null, cursor: null, rubber: null, prompt: null };
  new Painter(canvas).paint(calm, { zoom: 1 / density, x: 0, y: 0, density });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
