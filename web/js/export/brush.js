// Label Studio's code for brush strokes (@thi.ng/rle-pack): runs of equal bytes of an RGBA image, packed bit by bit.

const WORD = 8; // bits of a value
const SIZES = [3, 4, 8, 16]; // bits of a run's length, smallest that holds it
const LONGEST = 2 ** SIZES[SIZES.length - 1];
const BYTES = 4; // of a pixel; all four are 255 in the region and 0 outside

/** @param {import("../rle.js").Mask} mask @param {number[]} box [x, y, width, height] of it @returns {number[]} bytes */
export function brushRle(mask, box) {
  const bits = new Bits();
  bits.add(mask.width * mask.height * BYTES, 32);
  bits.add(WORD - 1, 5);
  for (const size of SIZES) bits.add(size - 1, 4);
  for (const [value, length] of rowRuns(mask, box)) addRun(bits, value, length * BYTES);
  return bits.bytes();
}

function addRun(bits, value, length) {
  for (let left = length; left > 0; left -= LONGEST) {
    const count = Math.min(left, LONGEST);
    const size = SIZES.findIndex((width) => count <= 2 ** width);
    bits.add(1, 1);
    bits.add(size, 2);
    bits.add(count - 1, SIZES[size]);
    bits.add(value, WORD);
  }
}

/** [value, pixels] of runs of equal pixels, row by row; only the box of the region is looked at. */
function* rowRuns(mask, [left, top, width, height]) {
  const box = new Uint8Array(width * height);
  mask.stretches((x, y0, y1) => {
    for (let y = y0; y < y1; y++) box[(y - top) * width + x - left] = 1;
  });
  let done = 0;
  for (let y = 0; y < height; y++) {
    const row = box.subarray(y * width, (y + 1) * width);
    for (let x = row.indexOf(1), end; x >= 0; x = row.indexOf(1, end)) {
      end = row.indexOf(0, x) < 0 ? width : row.indexOf(0, x);
      const start = (top + y) * mask.width + left + x;
      if (start > done) yield [0, start - done];
      yield [255, end - x];
      done = start + end - x;
    }
  }
  yield [0, mask.width * mask.height - done];
}

/** Numbers one after another, highest bit first. */
class Bits {
  constructor() {
    this.done = [];
    this.byte = 0;
    this.used = 0;
  }

  add(value, size) {
    for (let bit = size - 1; bit >= 0; bit--) {
      this.byte = (this.byte << 1) | (Math.floor(value / 2 ** bit) & 1);
      if (++this.used === 8) this.flush();
    }
  }

  flush() {
    this.done.push(this.byte);
    this.byte = this.used = 0;
  }

  bytes() {
    if (this.used) this.add(0, 8 - this.used);
    return this.done;
  }
}
