// Order and filter of the list; what the filter leaves out is not on the picture either.

import { $, percent } from "./dom.js";
import { leastShare } from "./regions.js";
import { get, on, set } from "./store.js";

const ALL = { text: "", confidence: 0, size: 0, unknown: true };

export function startFilters() {
  const change = (part) => set({ filter: { ...get().filter, ...part } });
  $("sort").onchange = ({ target }) => set({ sort: target.value });
  $("filter-text").oninput = ({ target }) => change({ text: target.value });
  $("filter-confidence").oninput = ({ target }) => change({ confidence: target.value / 100 });
  $("filter-size").oninput = ({ target }) => change({ size: Number(target.value) });
  $("filter-unknown").onchange = ({ target }) => change({ unknown: target.checked });
  $("filter-reset").onclick = () => {
    set({ filter: ALL, solo: null, regions: get().regions.map((region) => ({ ...region, hidden: false })) });
  };
  on(["filter"], show);
}

function show({ filter }) {
  $("filter-text").value = filter.text;
  $("filter-confidence").value = 100 * filter.confidence;
  $("filter-confidence").nextElementSibling.value = percent(filter.confidence);
  $("filter-size").value = filter.size;
  $("filter-size").nextElementSibling.value = filter.size
    ? `${(100 * leastShare(filter.size)).toPrecision(2)} %`
    : "any";
  $("filter-unknown").checked = filter.unknown;
}
