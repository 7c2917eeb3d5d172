// The work on one photograph, step by step: show, upload, describe. What failed or was stopped can go on.

import { describe } from "./describe.js";
import { ServiceError, call, file, inWords } from "./http.js";
import { EMPTY, NO_ANSWER, get, set } from "./store.js";
import { upload } from "./upload.js";

const REPLACED = "replaced"; // why work is aborted: another photograph or other names took its place
const STOPPED = "stopped";

let controller = new AbortController();

/** Starts over with another photograph; what people asked for is asked of it too. */
export function open(blob, name) {
  const { photo, examples, sought } = get();
  close();
  set({
    photo: { blob, name, bitmap: null, exact: false, fileId: null, width: 0, height: 0 },
    examples: fromAfar(examples, photo),
    sought: fromAfar(sought, photo),
  });
  return run();
}

/** Examples that stay in the photograph they were drawn on. */
function fromAfar(examples, photo) {
  if (!examples || examples.fileId) return examples;
  return photo.fileId ? { ...examples, fileId: photo.fileId, name: photo.name } : null;
}

function close() {
  controller.abort(REPLACED);
  get().photo?.bitmap?.close();
  set(EMPTY);
}

/** Takes the photograph off the page, and has the service delete it with everything derived from it. */
export async function remove() {
  const { fileId } = get().photo;
  close();
  set({ examples: null, sought: null });
  if (fileId) await call(`upload/${fileId}`, { method: "DELETE" });
}

/** Names regions and picture anew; masks stay as they are. */
export function classify(naming) {
  const others = Object.entries(get().others).map(([ask, answer]) => [
    ask,
    { ...answer, named: false, examined: false },
  ]);
  set({ naming, named: false, examined: false, others: Object.fromEntries(others) });
  return get().photo ? run() : null;
}

/** Ends the work under way; what is there stays. */
export const stop = () => controller.abort(STOPPED);

/** Does the steps that are not done yet. */
export async function run() {
  controller.abort(REPLACED);
  controller = new AbortController();
  const { signal } = controller;
  set({ problem: null, work: { text: "Waiting for the service", share: null } });
  try {
    await advance(signal);
  } catch (error) {
    if (signal.reason !== REPLACED) failed(error, signal);
  } finally {
    if (signal === controller.signal) set({ work: null });
  }
}

function failed(error, signal) {
  if (signal.aborted || error.code === "cancelled")
    return set({ problem: { message: "Stopped.", retry: run } });
  const { message, retry } = inWords(error);
  return set({ problem: { message, retry: retry ? run : null } });
}

async function advance(signal) {
  await Promise.all([decodePreview(signal), get().photo.fileId ? null : send(signal)]);
  try {
    await look(signal);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === "not_found")) throw error;
    await send(signal); // the service keeps photographs for a while only
    set({ ...NO_ANSWER, regions: get().regions.filter(({ prompt }) => prompt), others: {} });
    await look(signal);
  }
}

const look = (signal) => Promise.all([showPixels(signal), describe(signal)]);

/** Shows the photograph while it uploads; formats that the browser cannot show go without. */
async function decodePreview(signal) {
  const { photo } = get();
  if (photo.bitmap) return;
  const bitmap = await createImageBitmap(photo.blob, { imageOrientation: "from-image" }).catch(() => null);
  signal.throwIfAborted();
  const size = bitmap && { width: bitmap.width, height: bitmap.height };
  set({ photo: { ...get().photo, bitmap, ...size } });
}

/** Shows the pixels that masks lie on; colours, orientation and transparency are those that the service sees. */
async function showPixels(signal) {
  const { photo } = get();
  if (photo.exact) return;
  const blob = await file(`upload/${photo.fileId}/image`, { signal });
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  signal.throwIfAborted();
  get().photo.bitmap?.close();
  set({ photo: { ...get().photo, bitmap, exact: true } });
}

async function send(signal) {
  set({ work: { text: "Uploading", share: 0 } });
  const { photo } = get();
  const answer = await upload(photo.blob, (share) => set({ work: { text: "Uploading", share } }), signal);
  signal.throwIfAborted();
  set({ photo: { ...get().photo, fileId: answer.file_id, width: answer.width, height: answer.height } });
}

addEventListener("pagehide", (event) => event.persisted || controller.abort(REPLACED));
