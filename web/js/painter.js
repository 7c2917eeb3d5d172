// Draws the state on a canvas: photograph, depth, fills, outlines, names, prompts. Everything is drawn from shapes at
// the canvas's own resolution, so it is crisp at any zoom and pixel density.

import { css } from "./colors.js";
import { Fills, enter } from "./fills.js";
import { drawCross, drawMarks } from "./marks.js";
import { outlineOf, shown } from "./regions.js";
import { drawTags } from "./tags.js";

const FILL = 0.3;
const LIT = 0.3;
const WIDTH = 1.6;
const BACK = 0.3; // of other regions while points or a box are being set
const CASING = "rgb(10 14 20 / 0.55)";
const PROMPT = [0, 200, 255];
const WHITE = [255, 255, 255];
const PIXELS_FROM = 4; // canvas pixels to a pixel of the photograph from which on it is seen as a square

export class Painter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.fills = new Fills();
  }

  /**
   * @param {object} state as in store.js
   * @param {{zoom: number, x: number, y: number, density: number}} view where the photograph lies
   */
  paint(state, view) {
    const { context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!state.photo?.width) return;
    this.view = view;
    this.unit = 1 / view.zoom; // pixels of the photograph in a CSS pixel
    enter(context, view);
    this.photo(state.photo);
    this.overlay(state);
    if (state.prompt) this.prompt(state.prompt);
    drawMarks(context, state, this.unit);
    drawCross(context, state, this.unit);
  }

  photo({ bitmap, width, height }) {
    this.context.imageSmoothingEnabled = this.view.zoom * this.view.density < PIXELS_FROM;
    this.context.imageSmoothingQuality = "high";
    this.context.fillStyle = "rgb(128 128 128 / 0.25)";
    if (bitmap) this.context.drawImage(bitmap, 0, 0, width, height);
    else this.context.fillRect(0, 0, width, height);
  }

  /** Depth and regions; with a comparison only to the right of the divider. */
  overlay(state) {
    const { context } = this;
    const { photo, compare } = state;
    context.save();
    if (compare !== null) {
      context.beginPath();
      context.rect(photo.width * compare, 0, photo.width, photo.height);
      context.clip();
    }
    const deep = state.depthOn && state.depth;
    if (deep) this.depth(state);
    if (state.fills) this.regions(state, deep ? FILL / 3 : FILL);
    context.restore();
    if (compare === null) return;
    context.fillStyle = "white";
    context.fillRect(photo.width * compare - this.unit, 0, 2 * this.unit, photo.height);
  }

  depth({ depth, blend, photo }) {
    this.context.globalAlpha = blend;
    this.context.drawImage(depth, 0, 0, photo.width, photo.height);
    this.context.globalAlpha = 1;
  }

  regions(state, strength) {
    const { regions, colors } = shown(state);
    const lit =
      regions.find(({ id }) => id === state.hovered) ?? regions.find(({ id }) => id === state.selected);
    this.fills.draw(this.context, this.view, regions, colors, state.prompt ? strength * BACK : strength);
    this.context.globalAlpha = state.prompt ? BACK : 1;
    for (const region of regions) this.outline(region, colors.get(region.name), WIDTH);
    this.context.globalAlpha = 1;
    if (state.prompt) return;
    if (lit) this.lit(lit, colors.get(lit.name));
    drawTags(this.context, this.view, state.names ? regions : [], colors, lit ?? null);
  }

  /** A line that can be told on light and on dark: the colour in a dark casing; broken where the name is unknown. */
  outline(region, color, width, broken = region.name === "unknown") {
    const { context, unit } = this;
    const { path } = outlineOf(region);
    context.lineJoin = "round";
    context.setLineDash(broken ? [4 * unit, 3 * unit] : []);
    for (const [style, breadth] of [
      [CASING, width + 1.4],
      [css(color), broken ? width * 0.7 : width],
    ]) {
      context.strokeStyle = style;
      context.lineWidth = breadth * unit;
      context.stroke(path);
    }
    context.setLineDash([]);
  }

  lit(region, color, alpha = LIT) {
    this.context.fillStyle = css(color, alpha);
    this.context.fill(outlineOf(region).path, "evenodd");
    this.outline(region, WHITE, 4.4, false);
    this.outline(region, color, 2, false);
  }

  prompt({ candidates, index }) {
    const region = candidates[index];
    if (!region) return;
    this.lit(region, PROMPT, LIT + 0.1);
    drawTags(this.context, this.view, [], new Map([[region.name, PROMPT]]), region);
  }
}
