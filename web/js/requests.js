// The bodies that the page sends to /segment and /analyze, in one place: what it shows as curl and Python is what it sends.

const ALTERNATIVES = 5;
const NESTED_MASKS = 3;

const grid = ({ detail }) => (detail ? { crop_layers: detail } : {});

const ASKS = {
  everything: grid,
  whole: (state) => ({ output: "panoptic", ...grid(state) }),
  words: ({ words }) => words.length && { prompt_type: "text", texts: words },
  like: ({ sought }) =>
    sought && {
      prompt_type: "example",
      examples: sought.given.map(({ box, mask, label }) => (mask ? { mask, label } : { box, label })),
      ...(sought.fileId && { example_file_id: sought.fileId }),
    },
};

/**
 * Members that say which regions are asked for and how they are named; null where people have still to say it. Words
 * are names themselves.
 */
export function asked(state) {
  const way = ASKS[state.ask](state);
  if (!way) return null;
  return { file_id: state.photo.fileId, ...way, ...(state.ask === "words" ? {} : state.naming) };
}

/** The same for all that the page shows of regions. */
export const shownOf = (way) => ({ ...way, top_k: ALTERNATIVES, masks: "rle", overlay: false });

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
