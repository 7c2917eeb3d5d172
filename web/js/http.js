// Requests to the service this page came from, and their errors in plain words.

export class ServiceError extends Error {
  /** @param {string} code of the service, or "unreachable" @param {string} message @param {number} retryAfter seconds */
  constructor(code, message, retryAfter = 0) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

const WORDS = {
  unreachable: "The service does not answer. Is it running, and is the network up?",
  overloaded: "The service is busy with other photographs.",
  not_ready: "The models are still loading.",
  model_unavailable: "A model that this request needs could not be loaded.",
  storage_unavailable: "The service cannot write to its disk.",
  too_large: "This photograph is too large for the service.",
  unsupported_media: "The service cannot read this kind of file. JPEG, PNG and WebP always work.",
  invalid_image: "The service cannot read this file as a photograph.",
  internal_error: "Something went wrong inside the service.",
};
const HOPELESS = new Set([
  "too_large",
  "unsupported_media",
  "invalid_image",
  "invalid_request",
  "unknown_vocabulary",
]);

/** What to tell people about an error, and whether trying again can help. */
export function inWords(error) {
  const code = error instanceof ServiceError ? error.code : "page";
  const detail = error.message && code !== "unreachable" ? ` (${error.message})` : "";
  const words = WORDS[code] ? WORDS[code] + detail : error.message;
  const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
  return { message: words + wait, retry: !HOPELESS.has(code) };
}

/** A path of the service: relative to this page, so that it works behind a prefix. */
export const url = (path) => new URL(path, document.baseURI).href;

/** The error in an answer that is none, whatever its body is. */
export function errorOf(status, text, retryAfter) {
  try {
    const { code, message } = JSON.parse(text).error;
    return new ServiceError(code, message, Number(retryAfter) || 0);
  } catch {
    return new ServiceError("internal_error", `status ${status}`);
  }
}

/**
 * The JSON answer of the service.
 * @param {string} path
 * @param {{method?: string, body?: object, signal?: AbortSignal, keepalive?: boolean}} options
 */
export async function call(path, options = {}) {
  const [response, text] = await answered(url(path), initOf(options));
  if (!response.ok) throw errorOf(response.status, text, response.headers.get("Retry-After"));
  return JSON.parse(text);
}

/**
 * The file that the service answers with.
 * @param {string} path
 * @param {{body?: object, signal?: AbortSignal}} options
 * @returns {Promise<Blob>}
 */
export async function file(path, options = {}) {
  const [response, blob] = await answered(url(path), initOf(options), "blob");
  if (!response.ok) throw errorOf(response.status, await blob.text(), response.headers.get("Retry-After"));
  return blob;
}

function initOf({ method, body, signal, keepalive }) {
  const init = { method: method ?? (body ? "POST" : "GET"), signal, keepalive };
  if (!body) return init;
  return { ...init, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

async function answered(address, init, form = "text") {
  try {
    const response = await fetch(address, init);
    return [response, await response[form]()];
  } catch (error) {
    if (error.name === "AbortError" || init.signal?.aborted) throw error;
    throw new ServiceError("unreachable", error.message);
  }
}
