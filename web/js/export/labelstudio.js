// A Label Studio task with its regions as brush strokes: exact masks in Label Studio's own run-length code.

import { title } from "../regions.js";
import { brushRle } from "./brush.js";

/** @returns {object[]} what Label Studio imports; the photograph has to be where `image` says */
export function labelStudio({ name, width, height }, regions, model) {
  const result = regions.map((region, i) => ({
    id: `region-${i + 1}`,
    from_name: "label",
    to_name: "image",
    type: "brushlabels",
    original_width: width,
    original_height: height,
    image_rotation: 0,
    score: region.confidence,
    value: { format: "rle", rle: brushRle(region.mask, region.bbox), brushlabels: [title(region)] },
  }));
  return [{ data: { image: name }, predictions: [{ model_version: model, result }] }];
}
