// A ZIP archive of a few small files, stored without compression (APPNOTE 6.3, sections 4.3.7 and 4.3.12).

import { crc32 } from "./crc.js";

const UTF8_NAMES = 0x0800;
const DATE = 0x21; // 1 January 1980: the same files give the same archive

/** @param {[string, Uint8Array][]} files names and contents @returns {Blob} */
export function zip(files) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const [name, data] of files) {
    const path = new TextEncoder().encode(name);
    const facts = [20, UTF8_NAMES, 0, 0, DATE, [crc32(data)], [data.length], [data.length], path.length, 0];
    const local = record([0x04034b50], ...facts);
    directory.push(record([0x02014b50], 20, ...facts, 0, 0, 0, [0], [offset]), path);
    parts.push(local, path, data);
    offset += local.length + path.length + data.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record([0x06054b50], 0, 0, files.length, files.length, [length], [offset], 0);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian fields: a number takes two bytes, a number in an array four. */
function record(...fields) {
  const bytes = [];
  for (const field of fields) {
    const [value, size] = Array.isArray(field) ? [field[0], 4] : [field, 2];
    for (let i = 0; i < size; i++) bytes.push((value >>> (8 * i)) & 255);
  }
  return Uint8Array.from(bytes);
}
