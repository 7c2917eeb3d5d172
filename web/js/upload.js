// Sends a photograph to POST /upload and says how far it is; fetch cannot tell that, XMLHttpRequest can.

import { ServiceError, errorOf, url } from "./http.js";

/**
 * @param {Blob} blob
 * @param {(share: number) => void} onProgress 0 to 1
 * @param {AbortSignal} signal
 * @returns {Promise<{file_id: string, width: number, height: number}>}
 */
export function upload(blob, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url("upload"));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new ServiceError("unreachable", "upload"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      if (request.status === 201) return resolve(JSON.parse(request.responseText));
      return reject(errorOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(blob);
  });
}
