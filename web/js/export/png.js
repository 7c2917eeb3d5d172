// A PNG whose pixels are numbers into a palette (PNG third edition, colour type 3): canvas can write colours only.

import { crc32 } from "./crc.js";

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

/**
 * @param {Uint8Array} pixels row by row @param {number} width @param {number} height
 * @param {number[][]} palette [r, g, b] for each number
 * @returns {Promise<Blob>}
 */
export async function indexedPng(pixels, width, height, palette) {
  const lines = new Uint8Array((width + 1) * height); // each line starts with its filter: 0, none
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, 3, 0, 0, 0], 8);
  const chunks = [chunk("IHDR", header), chunk("PLTE", Uint8Array.from(palette.flat()))];
  chunks.push(chunk("IDAT", await deflated(lines)), chunk("IEND", new Uint8Array()));
  return new Blob([SIGNATURE, ...chunks], { type: "image/png" });
}

function chunk(type, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
