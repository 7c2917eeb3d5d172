// Which models answer here, in which version of the service.

import { $ } from "./dom.js";
import { ServiceError, call } from "./http.js";
import { pause } from "./jobs.js";
import { on, set, get } from "./store.js";

const AGAIN_MS = 1000;
const JOBS = { segmenter: "masks", labeller: "labels", depth: "depth", text: "text" };

let version = "";

export async function startFooter() {
  on(["models"], show);
  for (;;) {
    try {
      const answer = await call("ready");
      version = answer.version;
      return set({ models: { ...answer.models, ...get().models } });
    } catch (error) {
      if (error instanceof ServiceError && error.code === "not_ready")
        $("models").textContent = `Not ready yet: ${error.message}`;
      await pause(AGAIN_MS);
    }
  }
}

function show({ models }) {
  const parts = Object.entries(models).map(([job, { name, sha256, error }]) => {
    return `${JOBS[job] ?? job}: ${name ?? "none"}${error ? " (not available)" : ` ${(sha256 ?? "").slice(0, 8)}`}`;
  });
  $("models").textContent = [version && `seglabel ${version}`, ...parts].filter(Boolean).join("  ·  ");
}
