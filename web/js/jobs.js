// Background jobs: submit, follow by server-sent events or, where these do not come through, by asking; cancel.

import { ServiceError, call, url } from "./http.js";

const SILENCE_MS = 4000; // a stream says the current state at once; without it something holds events back
const POLL_MS = 400;
const FINAL = new Set(["succeeded", "failed", "cancelled"]);

/**
 * The result of POST `path` done as a job.
 * @param {string} path @param {object} body
 * @param {(job: {stage: string, done: number, total: number, message: string}) => void} onChange
 * @param {AbortSignal} signal when aborted, the job is cancelled
 */
export async function runJob(path, body, onChange, signal) {
  const { job_id: id } = await call(path, { body: { ...body, async: true }, signal });
  const cancel = () => call(`jobs/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return resultOf(await follow(id, onChange, signal));
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function resultOf(job) {
  if (job.state === "failed") throw new ServiceError(job.error.code, job.error.message);
  if (job.state === "cancelled") throw new ServiceError("cancelled", "The work was cancelled.");
  return job.result;
}

/** The job once it has ended. */
async function follow(id, onChange, signal) {
  signal.throwIfAborted();
  return (await byEvents(id, onChange, signal)) ?? byAsking(id, onChange, signal);
}

/** The ended job, or null when events do not come through. */
function byEvents(id, onChange, signal) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url(`jobs/${id}/events`));
    const end = (settle, value) => {
      clearTimeout(silence);
      source.close();
      settle(value);
    };
    const silence = setTimeout(() => end(resolve, null), SILENCE_MS);
    source.onerror = () => end(resolve, null);
    source.onmessage = (event) => {
      clearTimeout(silence);
      const job = JSON.parse(event.data);
      if (FINAL.has(job.state)) end(resolve, job);
      else onChange(job);
    };
    signal.addEventListener("abort", () => end(reject, signal.reason), { once: true });
  });
}

async function byAsking(id, onChange, signal) {
  for (;;) {
    const job = await call(`jobs/${id}`, { signal });
    if (FINAL.has(job.state)) return job;
    onChange(job);
    await pause(POLL_MS, signal);
  }
}

/** Waits; an abort ends it early with the reason as error. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}
