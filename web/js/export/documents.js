// Documents in the formats of other tools. The service makes them; the page gives them the photograph's name.

import { call, file } from "../http.js";
import { asked, shownOf } from "../requests.js";
import { zip } from "./zip.js";

/** Endings of the files' names. YOLO, labelme and VOC find the photograph by the same name. */
export const ENDINGS = {
  json: "-regions.json",
  coco: "-coco.json",
  coco_panoptic: "-coco-panoptic.json",
  yolo: ".txt",
  labelme: ".json",
  geojson: ".geojson",
  voc: ".xml",
  sam: "-sam.json",
  label_studio: "-label-studio.json",
};

/** A file's name without its suffix. */
export const stemOf = (name) => name.replace(/\.[^.]*$/, "");

/** @param {object} state as in store.js @param {string} format @returns {Promise<Blob>} */
export async function documentOf(state, format) {
  if (format === "json") return file("segment", { body: shownOf(asked(state)) });
  const found = await file("segment", { body: { ...asked(state), format } });
  const { fileId, name } = state.photo;
  const written = format === "voc" ? xml : json;
  const text = (await found.text())
    .replaceAll(`${fileId}.png`, written(`${stemOf(name)}.png`))
    .replaceAll(fileId, written(name));
  return new Blob([text], { type: found.type });
}

const json = (text) => JSON.stringify(text).slice(1, -1);

const xml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A ZIP of PNG files: each region cut out of the photograph. */
export async function cutouts(state) {
  const { labels } = await call("segment", { body: { ...asked(state), cutouts: true, overlay: false } });
  const stem = stemOf(state.photo.name);
  return zip(labels.map(({ label, cutout }, i) => [`${stem}-${i + 1}-${plain(label)}.png`, bytesOf(cutout)]));
}

/** A label as a part of a file's name. */
const plain = (label) => label.replace(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, "-");

const bytesOf = (dataUrl) => Uint8Array.from(atob(dataUrl.split(",")[1]), (char) => char.charCodeAt(0));
