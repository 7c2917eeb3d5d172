// The regions as shown, with names that people gave and regions that they kept, in COCO's annotation format
// (cocodataset.org/#format-data) with exact masks: compressed RLE, as pycocotools reads it.

import { title } from "../regions.js";

/** The names of regions in the order they are numbered: by alphabet, so that the same names have the same numbers. */
const classesOf = (regions) => [...new Set(regions.map(title))].sort();

/** @returns {object} the dataset of one photograph */
export function coco({ name, width, height }, regions) {
  const classes = classesOf(regions);
  return {
    info: { description: "Made with seglabel" },
    images: [{ id: 1, file_name: name, width, height }],
    categories: classes.map((label, i) => ({ id: i + 1, name: label })),
    annotations: regions.map((region, i) => annotation(region, i + 1, classes.indexOf(title(region)) + 1)),
  };
}

const annotation = ({ mask, bbox, area, confidence }, id, category) => ({
  id,
  image_id: 1,
  category_id: category,
  segmentation: mask.rle,
  bbox,
  area,
  iscrowd: 0,
  score: confidence,
});
