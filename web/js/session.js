// The work on one photograph, step by step: show, upload, describe. What failed or was stopped can go on.

import { describe } from "./describe.js";
import { ServiceError, file, inWords } from "./http.js";
import { EMPTY, get, set } from "./store.js";
import { upload } from "./upload.js";

const REPLACED = "replaced"; // why work is aborted: another photograph or other names took its place
const STOPPED = "stopped";

let controller = new AbortController();

/** Starts over with another photograph. */
export function open(blob, name) {
  controller.abort(REPLACED);
  get().photo?.bitmap?.close();
  set({ ...EMPTY, photo: { blob, name, bitmap: null, exact: false, fileId: null, width: 0, height: 0 } });
  return run();
}

/** Names regions and picture anew; masks stay as they are. */
export function classify(naming) {
  set({ naming, named: false, examined: false });
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
    set({ found: false, named: false, examined: false });
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
  const blob = await file(`upload/${photo.fileId}/image`, signal);
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
