// The names to choose from: a vocabulary of the service, or people's own, separated by commas.

import { $, el } from "./dom.js";
import { call } from "./http.js";
import { classify } from "./session.js";
import { on, set } from "./store.js";

const OWN = "your own labels";

const known = new Map(); // vocabulary -> its names as the box shows them
let start = "";

export async function startVocabulary() {
  $("vocabulary").addEventListener("submit", (event) => {
    event.preventDefault();
    classify(chosen());
  });
  $("vocabulary-name").onchange = ({ target }) => target.value === OWN || show(target.value);
  $("names").oninput = typed;
  $("names").onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    $("vocabulary").requestSubmit();
  };
  on(["work"], ({ work }) => ($("classify").disabled = work !== null));
  const { vocabulary, vocabularies } = await call("labels");
  start = vocabulary;
  $("vocabulary-name").append(...[...vocabularies, OWN].map((name) => el("option", { value: name }, name)));
  await show(vocabulary);
  set({ naming: {} });
}

/** Shows the names of a vocabulary; typing in the box makes them one's own. */
async function show(name) {
  if (!known.has(name))
    known.set(name, (await call(`labels?vocabulary=${encodeURIComponent(name)}`)).labels.join(", "));
  $("vocabulary-name").value = name;
  $("names").value = known.get(name);
  count();
}

function typed() {
  const same = [...known].find(([, text]) => text === $("names").value);
  $("vocabulary-name").value = same ? same[0] : OWN;
  count();
}

/** The names in a text: separated by commas or lines, each once. */
export const namesIn = (text) => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

function count() {
  const names = namesIn($("names").value).length;
  $("names-count").textContent = `${names} ${names === 1 ? "label" : "labels"}`;
}

function chosen() {
  const name = $("vocabulary-name").value;
  const labels = namesIn($("names").value);
  if (name !== OWN) return name === start ? {} : { vocabulary: name };
  return labels.length ? { labels } : {};
}
