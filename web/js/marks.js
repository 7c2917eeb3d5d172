// What people put on the picture: points with a plus or a minus, the box, the keyboard's cross. `unit` is a CSS pixel in
// pixels of the photograph.

const ON = "#0b6bd3";
const OFF = "#b3261e";
const RADIUS = 9;

/** Points and box of the prompt, examples drawn on this photograph, and the box being drawn. */
export function drawMarks(context, { prompt, rubber, mode, examples }, unit) {
  if (mode === "like" && examples && !examples.fileId)
    for (const example of examples.given) drawExample(context, example, unit);
  const box = rubber ?? prompt?.box;
  if (box) drawBox(context, box, unit);
  for (const point of prompt?.points ?? []) drawPoint(context, point, unit);
}

function drawBox(context, [x0, y0, x1, y1], unit) {
  for (const [style, width, dash] of [
    ["rgb(10 14 20 / 0.7)", 3, []],
    ["white", 1.6, [6, 4]],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width * unit;
    context.setLineDash(dash.map((length) => length * unit));
    context.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
  }
  context.setLineDash([]);
}

function drawExample(context, { box, label }, unit) {
  drawBox(context, box, unit);
  drawPoint(context, { x: box[0], y: box[1], label }, unit);
}

/** The sign tells plus from minus, not the colour alone. */
function drawPoint(context, { x, y, label }, unit) {
  context.beginPath();
  context.arc(x, y, RADIUS * unit, 0, 2 * Math.PI);
  context.fillStyle = label ? ON : OFF;
  context.strokeStyle = "white";
  context.lineWidth = 2 * unit;
  context.fill();
  context.stroke();
  line(context, x - 4 * unit, y, x + 4 * unit, y);
  if (label) line(context, x, y - 4 * unit, x, y + 4 * unit);
}

/** Where the keyboard is on the picture. */
export function drawCross(context, { cursor }, unit) {
  if (!cursor) return;
  const [x, y] = cursor;
  for (const [style, width] of [
    ["rgb(10 14 20 / 0.8)", 4],
    ["white", 1.8],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width * unit;
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      line(context, x + 4 * dx * unit, y + 4 * dy * unit, x + 14 * dx * unit, y + 14 * dy * unit);
    }
  }
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
