// From a mask to rings along the edges of its pixels, and from rings to a path that a canvas draws at any zoom.

/**
 * Closed rings along pixel edges: exteriors clockwise on the screen, holes the other way round. Pixels that touch
 * at a corner only are apart.
 * @param {import("./rle.js").Mask} mask
 * @returns {number[][][]} rings of [x, y], corners only, not closed
 */
export function rings(mask) {
  const edges = new Edges(mask.height + 1);
  let left = [];
  let at = -1;
  let column = [];
  const next = (x) => {
    if (at >= 0) edges.between(at, left, column);
    if (at >= 0 && x > at + 1) edges.between(at + 1, column, []);
    left = x === at + 1 ? column : [];
    [at, column] = [x, []];
  };
  mask.stretches((x, y0, y1) => {
    if (x !== at) next(x);
    column.push(y0, y1);
    edges.add(x, y0, x + 1, y0);
    edges.add(x + 1, y1, x, y1);
  });
  next(Infinity);
  return edges.rings();
}

/** Directed edges with the region on their right. */
class Edges {
  constructor(rows) {
    this.rows = rows;
    this.from = new Map();
  }

  add(x0, y0, x1, y1) {
    const key = x0 * this.rows + y0;
    const end = x1 * this.rows + y1;
    const other = this.from.get(key);
    this.from.set(key, other === undefined ? end : [other, end]);
  }

  /** The vertical edges at x between the stretches of the column to the left of it and to the right. */
  between(x, left, right) {
    let [i, j] = [0, 0];
    let start = 0;
    while (i < left.length || j < right.length) {
      const y = Math.min(left[i] ?? Infinity, right[j] ?? Infinity);
      if (i % 2 !== j % 2) {
        if (j % 2) this.add(x, y, x, start);
        else this.add(x, start, x, y);
      }
      if (left[i] === y) i++;
      if (right[j] === y) j++;
      start = y;
    }
  }

  rings() {
    const found = [];
    for (const [start] of this.from) while (this.from.has(start)) found.push(this.ring(start));
    return found;
  }

  ring(start) {
    const points = [];
    let [dx, dy] = [0, 0];
    let at = start;
    do {
      const end = this.take(at, dx, dy);
      const [x, y] = this.point(at);
      const [nx, ny] = this.point(end);
      const [sx, sy] = [Math.sign(nx - x), Math.sign(ny - y)];
      if (sx !== dx || sy !== dy) points.push([x, y]);
      [dx, dy, at] = [sx, sy, end];
    } while (at !== start || !this.closes(at, dx, dy));
    return closed(points);
  }

  /** Removes and returns the end of the edge that goes on from `key`: rightmost where two do. */
  take(key, dx, dy) {
    const ends = this.from.get(key);
    if (!Array.isArray(ends)) {
      this.from.delete(key);
      return ends;
    }
    const [x, y] = this.point(key);
    const right = ends.findIndex((end) => {
      const [ex, ey] = this.point(end);
      return Math.sign(ex - x) === -dy && Math.sign(ey - y) === dx;
    });
    const chosen = Math.max(right, 0);
    this.from.set(key, ends[1 - chosen]);
    return ends[chosen];
  }

  /** Whether a ring that is back at its start ends there. */
  closes(key, dx, dy) {
    const end = this.from.get(key);
    if (end === undefined) return true;
    const [[x, y], [ex, ey]] = [this.point(key), this.point(end)];
    return !(Math.sign(ex - x) === -dy && Math.sign(ey - y) === dx);
  }

  point(key) {
    const x = Math.floor(key / this.rows);
    return [x, key - x * this.rows];
  }
}

/** The ring without a first point that lies between its neighbours. */
function closed(points) {
  const [first, second, last] = [points[0], points[1], points[points.length - 1]];
  const between =
    (first[0] === second[0] && first[0] === last[0]) || (first[1] === second[1] && first[1] === last[1]);
  return between ? points.slice(1) : points;
}

/** A path with the corners of the rings cut by half a pixel: stairs become slopes, straight edges stay. */
export function smoothPath(all) {
  const path = new Path2D();
  for (const ring of all) {
    ring.forEach(([x, y], index) => {
      const [nx, ny] = ring[(index + 1) % ring.length];
      const [sx, sy] = [Math.sign(nx - x) / 2, Math.sign(ny - y) / 2];
      if (index) path.lineTo(x + sx, y + sy);
      else path.moveTo(x + sx, y + sy);
      path.lineTo(nx - sx, ny - sy);
    });
    path.closePath();
  }
  return path;
}

/** Twice the signed area: above 0 for exteriors. */
export function winding(ring) {
  return ring.reduce((sum, [x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length];
    return sum + x * ny - nx * y;
  }, 0);
}
