// The translucent fills of all regions. Where regions overlap, only the smallest is seen: they are drawn opaque on a
// canvas of their own first, large ones before small ones.

import { css } from "./colors.js";
import { isNamed, outlineOf } from "./regions.js";

const FAINT = 0.4; // of a fill, where there is no name to see

/** From here on the unit of the context is a pixel of the photograph. */
export function enter(context, { zoom, x, y, density }) {
  context.setTransform(zoom * density, 0, 0, zoom * density, x * density, y * density);
}

export class Fills {
  constructor() {
    this.layer = document.createElement("canvas");
    this.drawn = []; // what the layer shows
  }

  /** Draws regions, large ones first, with strength `alpha`; the context stays as it was. */
  draw(context, view, regions, colors, alpha) {
    const { width, height } = context.canvas;
    const wanted = [regions, view.zoom, view.x, view.y, width, height];
    if (wanted.some((part, i) => part !== this.drawn[i])) this.fill(view, regions, colors, width, height);
    this.drawn = wanted;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = alpha;
    context.drawImage(this.layer, 0, 0);
    context.restore();
  }

  fill(view, regions, colors, width, height) {
    Object.assign(this.layer, { width, height });
    const target = this.layer.getContext("2d");
    enter(target, view);
    for (const region of regions) {
      const { path } = outlineOf(region);
      target.globalCompositeOperation = "destination-out";
      target.fill(path, "evenodd");
      target.globalCompositeOperation = "source-over";
      target.fillStyle = css(colors.get(region.name), isNamed(region) ? 1 : FAINT);
      target.fill(path, "evenodd");
    }
  }
}
