// The labels to choose from: a vocabulary of the service, or people's own, in a language that they name.

import { $, el } from "./dom.js";
import { call } from "./http.js";
import { joinLabels, splitLabels } from "./labels.js";
import { classify } from "./session.js";
import { on, set } from "./store.js";

const OWN = "your own labels";
const ENGLISH = "en";

const known = new Map(); // vocabulary -> its labels as the box shows them
let start = "";

export async function startVocabulary() {
  $("vocabulary").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("vocabulary-name").onchange = ({ target }) => (target.value === OWN ? count() : show(target.value));
  $("names").oninput = typed;
  $("names").onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    $("vocabulary").requestSubmit();
  };
  on(["work"], ({ work }) => ($("classify").disabled = work !== null));
  on(["labelNotes"], ({ labelNotes }) => ($("names-notes").textContent = labelNotes.map(inWords).join(" ")));
  const { vocabulary, vocabularies, languages } = await call("labels");
  start = vocabulary;
  $("vocabulary-name").append(...[...vocabularies, OWN].map((name) => el("option", { value: name }, name)));
  $("labels-lang").append(...languages.map((code) => el("option", { value: code }, languageName(code))));
  $("labels-lang").value = ENGLISH;
  await show(vocabulary);
  set({ naming: {} });
}

const languageName = (code) => new Intl.DisplayNames(["en"], { type: "language" }).of(code);

/** Shows the labels of a vocabulary; typing in the box makes them one's own. */
async function show(name) {
  if (!known.has(name))
    known.set(name, joinLabels((await call(`labels?vocabulary=${encodeURIComponent(name)}`)).labels));
  $("vocabulary-name").value = name;
  $("names").value = known.get(name);
  count();
}

function typed() {
  const same = [...known].find(([, text]) => text === $("names").value);
  $("vocabulary-name").value = same ? same[0] : OWN;
  count();
}

function count() {
  $("labels-lang").hidden = $("vocabulary-name").value !== OWN;
  try {
    const labels = splitLabels($("names").value).length;
    $("names-count").textContent = `${labels} ${labels === 1 ? "label" : "labels"}`;
  } catch ({ message }) {
    $("names-count").textContent = message;
  }
}

function submit() {
  try {
    classify(chosen());
  } catch ({ message }) {
    set({ problem: { message, retry: null } });
  }
}

/** The members of a request; the labels go as they are, and the service says what it makes of them. */
function chosen() {
  const name = $("vocabulary-name").value;
  if (name !== OWN) return name === start ? {} : { vocabulary: name };
  const labels = splitLabels($("names").value);
  if (!labels.length) throw new Error("Labels: expected at least one label, got none.");
  const lang = $("labels-lang").value;
  return lang === ENGLISH ? { labels } : { labels, labels_lang: lang };
}

/** A note of an answer: labels that count as one, or words without a translation. */
const inWords = ({ label, sent, untranslated }) =>
  untranslated
    ? `No English text is known for ${untranslated.join(", ")}, so it is read as it is.`
    : `${sent.join(", ")} counts as ${label}.`;
