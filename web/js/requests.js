// The bodies that the page sends to /segment and /analyze, in one place: what it shows as curl and Python is what it sends.

const ALTERNATIVES = 5;
const NESTED_MASKS = 3;

/** Everything in the photograph, with names. */
export const everything = (fileId, naming) => ({
  file_id: fileId,
  ...naming,
  top_k: ALTERNATIVES,
  masks: "rle",
  overlay: false,
});

/** The object at points or in a box: up to three nested masks without names, at once. */
export const maskAt = (fileId, prompt) => ({
  file_id: fileId,
  ...promptOf(prompt),
  max_masks: NESTED_MASKS,
  classify: false,
  masks: "rle",
  overlay: false,
});

/** The same masks with names. */
export const namedAt = (fileId, prompt, naming) => {
  const { classify: _, ...body } = maskAt(fileId, prompt);
  return { ...body, ...naming, top_k: ALTERNATIVES };
};

function promptOf({ points, box }) {
  const sent = box ? { prompt_type: "box", box } : { prompt_type: "point" };
  return points.length ? { ...sent, points } : sent;
}
