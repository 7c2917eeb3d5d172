// What the service says of the photograph, and of regions that people clicked.

import { call } from "./http.js";
import { runJob } from "./jobs.js";
import { described, regionOf } from "./regions.js";
import { asked, namedAt, shownOf } from "./requests.js";
import { get, set } from "./store.js";

const STAGES = {
  "": "Waiting for the service",
  load: "Reading the photograph",
  encode: "Encoding the photograph",
  decode: "Finding masks",
  masks: "Finding regions",
  refine: "Cleaning masks",
  classify: "Labelling regions",
  depth: "Estimating depth",
  detect: "Finding text",
  orient: "Finding text",
  read: "Reading text",
};

/**
 * One job tells everything: it gives the regions as soon as they are found, then their names, then depth, text and
 * colours. With other names the service has kept all but the names.
 */
export async function describe(signal) {
  if (get().examined) return;
  const way = asked(get());
  const answer = way && (await runJob("analyze", shownOf(way), hear, signal));
  signal.throwIfAborted();
  if (answer) tell(answer);
  if (!answer?.models.labeller?.error) await namePicture(signal);
  for (const region of get().regions) if (region.prompt) await examine(region, signal);
  set({ examined: true });
}

function tell(answer) {
  take(answer);
  nameAll(answer);
  set({ lines: answer.lines ?? [] });
}

/** What a job says while it runs. Only a grid's first regions are those of its answer. */
function hear({ stage, done, total, partial }) {
  const steps = total ? ` · ${done} of ${total}` : "";
  set({
    work: {
      text: `${STAGES[stage] ?? "Analysing the photograph"}${steps}`,
      share: total ? done / total : null,
    },
  });
  if (!partial || get().ask !== "everything") return;
  take(partial);
  if (partial.labels.some(({ alternatives }) => alternatives.length)) nameAll(partial);
}

/** The regions become the page's, once; those that people kept stay. */
function take({ labels }) {
  if (get().found) return;
  const kept = get().regions.filter((region) => region.prompt);
  set({ regions: [...labels.map((entry) => regionOf(entry)), ...kept], found: true });
}

function nameAll(answer) {
  update((region) => !region.prompt && answer.labels[region.index]);
  set({ named: true, labelNotes: labelNotes(answer), missing: missing(get(), answer) });
  note(answer.models);
}

/** The words for which nothing was found. */
const missing = ({ ask, words }, { labels }) =>
  ask === "words" ? words.filter((_, i) => !labels.some(({ prompt_index: prompt }) => prompt === i)) : [];

/** What became of labels that were not taken one by one as they are. */
const labelNotes = ({ merged_labels: merged = [], untranslated_labels: untranslated }) =>
  untranslated ? [...merged, { untranslated }] : merged;

async function namePicture(signal) {
  const { photo, naming } = get();
  const body = { file_id: photo.fileId, ...naming };
  const [{ alternatives, unknown }] = (await call("classify", { body, signal })).results;
  set({ scene: { alternatives, unknown } });
}

/** The same of a region that people clicked: the same click again finds its masks in the service's cache. */
export async function examine({ id, prompt, index }, signal) {
  const { photo, naming } = get();
  const answer = await call("analyze", {
    body: { ...namedAt(photo.fileId, prompt, naming), masks: "none" },
    signal,
  });
  update((region) => region.id === id && answer.labels[index]);
}

/** Puts what entries say into the regions that `entryOf` has one for. */
function update(entryOf) {
  const regions = get().regions.map((region) => {
    const entry = entryOf(region);
    return entry ? described(region, entry) : region;
  });
  set({ regions });
}

const WITHOUT = {
  labeller: "Regions have no labels",
  depth: "Depth is not known",
  text: "Text was not read",
};

/** Notes which models answered, and says which did not. */
function note(models) {
  set({ models: { ...get().models, ...models } });
  for (const [job, { error }] of Object.entries(models)) {
    if (error) set({ problem: { message: `${WITHOUT[job] ?? job}: ${error}`, retry: null } });
  }
}
