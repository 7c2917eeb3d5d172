// What the whole picture may show: the best names as bars, and how likely it is that none of the names fits.

import { $, bar } from "./dom.js";
import { spelled } from "./regions.js";
import { on } from "./store.js";

export function startScene() {
  on(["scene"], ({ scene }) => {
    $("scene").hidden = !scene;
    if (!scene) return;
    const none = bar("none of the labels", scene.unknown);
    none.classList.add("rest");
    const bars = scene.alternatives.map((score) => bar(spelled(score), score.confidence));
    $("scene")
      .querySelector("ul")
      .replaceChildren(...bars, none);
  });
}
