// Ways of asking for regions: each keeps its answer while another one is looked at.

import { run } from "./session.js";
import { NO_ANSWER, get, set } from "./store.js";

const isKept = ({ prompt }) => prompt !== null;

/** Shows the answer to another way of asking, and gets what is missing of it; regions that people kept are in all. */
export function ask(kind) {
  const state = get();
  const other = kind !== state.ask;
  if (other) {
    const { regions, found, named, examined, missing, others } = state;
    const { [kind]: next = NO_ANSWER, ...rest } = others;
    const own = next.regions.filter((region) => !isKept(region));
    set({
      ...next,
      regions: [...own, ...regions.filter(isKept)],
      others: { ...rest, [state.ask]: { regions, found, named, examined, missing } },
      ask: kind,
      hovered: null,
      selected: null,
      solo: null,
    });
  }
  const { photo, examined, work } = get();
  if (photo && (other || (!examined && !work))) run(); // this also ends the work on the other one
}

/** Forgets the answers to some ways of asking, because what is asked for has changed to `members`, and asks again. */
export function askAnew(kinds, members) {
  const { ask: present, others, regions } = get();
  const rest = Object.entries(others).filter(([kind]) => !kinds.includes(kind));
  set({ ...members, others: Object.fromEntries(rest) });
  if (!kinds.includes(present)) return;
  set({ ...NO_ANSWER, regions: regions.filter(isKept), selected: null, solo: null });
  if (get().photo) run();
}
