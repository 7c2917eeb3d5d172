// YOLO's segmentation format: a line a region, its class and the corners of one polygon in shares of width and height.

import { outlineOf } from "../regions.js";
import { classesOf } from "./coco.js";
import { title } from "../regions.js";

const DECIMALS = 6;

/** Text files by name: labels of the photograph, and data.yaml with the names of the classes. */
export function yolo({ name, width, height }, regions) {
  const classes = classesOf(regions);
  const lines = regions.map((region) => {
    const corners = joined(outlineOf(region).rings).flatMap(([x, y]) => [x / width, y / height]);
    return [classes.indexOf(title(region)), ...corners.map((share) => Number(share.toFixed(DECIMALS)))].join(
      " ",
    );
  });
  const names = classes.map((label, i) => `  ${i}: ${JSON.stringify(label)}\n`).join("");
  return {
    [`labels/${name.replace(/\.[^.]*$/, "")}.txt`]: `${lines.join("\n")}\n`,
    "data.yaml": `path: .\ntrain: images\nval: images\nnames:\n${names}`,
  };
}

/**
 * One ring for parts and holes: each is entered and left over the same line from the nearest corner of what is there,
 * so that filling by the even-odd rule gives the mask.
 */
export function joined(rings) {
  const [first, ...rest] = [...rings].sort((a, b) => b.length - a.length);
  return rest.reduce((path, ring) => {
    const [i, j] = nearest(path, ring);
    const turned = [...ring.slice(j), ...ring.slice(0, j + 1)];
    return [...path.slice(0, i + 1), ...turned, ...path.slice(i)];
  }, first);
}

function nearest(path, ring) {
  let best = [0, 0, Infinity];
  path.forEach(([ax, ay], i) =>
    ring.forEach(([bx, by], j) => {
      const far = (ax - bx) ** 2 + (ay - by) ** 2;
      if (far < best[2]) best = [i, j, far];
    }),
  );
  return best;
}
