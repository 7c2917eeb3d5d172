// Masks as COCO's compressed run-length code: read, asked and cut into columns without ever unpacking pixels.

/** The run lengths in a compressed `counts` (pycocotools' rleFrString): zeros first, column by column. */
export function countsOf(text) {
  const counts = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    let code;
    do {
      code = text.charCodeAt(at++) - 48;
      value |= (code & 31) << shift;
      shift += 5;
    } while (code & 32);
    if (code & 16 && shift < 32) value |= -1 << shift;
    if (counts.length > 2) value += counts[counts.length - 2];
    counts.push(value);
  }
  return counts;
}

/** A region's pixels. Coordinates are whole pixels, origin top left. */
export class Mask {
  /** @param {{size: [number, number], counts: string}} rle */
  constructor(rle) {
    this.rle = rle;
    [this.height, this.width] = rle.size;
    this.runs = runsOf(countsOf(rle.counts));
  }

  /** Whether the pixel belongs to it. */
  has(x, y) {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    const at = x * this.height + y;
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1;
  }

  /** Pixels it has. */
  get area() {
    let sum = 0;
    for (let i = 0; i < this.runs.length; i += 2) sum += this.runs[i + 1] - this.runs[i];
    return sum;
  }

  /** Pixels it shares with another. */
  shared(other) {
    let sum = 0;
    const [a, b] = [this.runs, other.runs];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      sum += Math.max(0, Math.min(a[i + 1], b[j + 1]) - Math.max(a[i], b[j]));
      if (a[i + 1] < b[j + 1]) i += 2;
      else j += 2;
    }
    return sum;
  }

  /** Calls `visit(x, y0, y1)` for every vertical stretch, left to right, top to bottom; y1 exclusive. */
  stretches(visit) {
    for (let i = 0; i < this.runs.length; i += 2) {
      for (let at = this.runs[i]; at < this.runs[i + 1];) {
        const x = Math.floor(at / this.height);
        const end = Math.min(this.runs[i + 1], (x + 1) * this.height);
        visit(x, at - x * this.height, end - x * this.height);
        at = end;
      }
    }
  }
}

/** [start, end, start, end ...] of the ones. */
function runsOf(counts) {
  const runs = [];
  let at = 0;
  counts.forEach((count, index) => {
    if (index % 2 === 1 && count > 0) runs.push(at, at + count);
    at += count;
  });
  return Float64Array.from(runs);
}
