// Where the photograph lies on the canvas: fitted, zoomed and moved. Lengths are CSS pixels; density comes on top.

const MARGIN = 12;
const MOST = 40;
const listeners = [];

const view = { width: 1, height: 1, density: 1, zoom: 1, x: 0, y: 0 };
let fit = 1;
let picture = { width: 1, height: 1 };

/** {width, height} of the canvas, its pixels per CSS pixel, `zoom` (CSS pixels per pixel of the picture), x, y. */
export const current = () => view;

export const onView = (listener) => listeners.push(listener);

/** Whether the whole photograph is as large as it can be. */
export const isFitted = () => Math.abs(view.zoom - fit) < 1e-6;

/** Makes the whole photograph visible. */
export function fitPicture(size = picture) {
  picture = size;
  fit = Math.max(
    Math.min((view.width - 2 * MARGIN) / size.width, (view.height - 2 * MARGIN) / size.height),
    0.01,
  );
  place(fit, (view.width - size.width * fit) / 2, (view.height - size.height * fit) / 2);
}

/** The canvas has another size; what was in the middle stays there. */
export function resize(width, height, density) {
  const fitted = isFitted();
  const [x, y] = [view.x + (width - view.width) / 2, view.y + (height - view.height) / 2];
  Object.assign(view, { width, height, density });
  if (fitted) fitPicture();
  else place(view.zoom, x, y);
}

/** Zooms by a factor around a point of the canvas (its middle by default). */
export function zoomBy(factor, cx = view.width / 2, cy = view.height / 2) {
  const zoom = Math.min(Math.max(view.zoom * factor, fit), Math.max(MOST, fit));
  if (zoom === fit) return fitPicture();
  const [x, y] = toPicture(cx, cy);
  return place(zoom, cx - x * zoom, cy - y * zoom);
}

/** Moves the photograph. */
export const moveBy = (dx, dy) => place(view.zoom, view.x + dx, view.y + dy);

/** Pixel of the photograph at a point of the canvas. */
export const toPicture = (cx, cy) => [(cx - view.x) / view.zoom, (cy - view.y) / view.zoom];

/** The pixel, inside the photograph. */
export const clamped = ([x, y]) => [
  Math.min(Math.max(x, 0), picture.width - 0.01),
  Math.min(Math.max(y, 0), picture.height - 0.01),
];

function place(zoom, x, y) {
  Object.assign(view, {
    zoom,
    x: held(x, view.width, picture.width * zoom),
    y: held(y, view.height, picture.height * zoom),
  });
  listeners.forEach((listener) => listener());
}

/** The offset that keeps the photograph in sight: centred where it is smaller than the canvas. */
function held(offset, room, length) {
  if (length <= room) return (room - length) / 2;
  return Math.min(Math.max(offset, room - length - MARGIN), MARGIN);
}
