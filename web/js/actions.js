// What people do with regions: select, walk through nested ones, show alone, hide, rename, delete, take back.

import { around, inside, listed, shown, under } from "./regions.js";
import { get, set } from "./store.js";
import { toast } from "./status.js";

export const find = (id) => get().regions.find((region) => region.id === id) ?? null;

/** The region that people are at: pointed at, or else selected. */
export const present = () => find(get().hovered) ?? find(get().selected);

export const hover = (id) => get().hovered !== id && set({ hovered: id });

export const select = (id) => set({ selected: id, hovered: null });

const replace = (id, facts) =>
  set({ regions: get().regions.map((region) => (region.id === id ? { ...region, ...facts } : region)) });

/** Shows a region alone, or all again. */
export const toggleSolo = (id) => set({ solo: get().solo === id ? null : id });

export function toggleHidden(id) {
  replace(id, { hidden: !find(id).hidden });
  if (get().solo === id) set({ solo: null });
}

/** Gives a region a name of people's own; an empty one changes nothing. */
export function rename(id, name) {
  const text = name.trim().slice(0, 200);
  if (text && text !== find(id).name) replace(id, { name: text, confidence: 1, given: true });
}

/** Deletes a region; the message offers to take it back. */
export function remove(id) {
  const { regions, solo } = get();
  const gone = find(id);
  const next = neighbour(id);
  set({
    regions: regions.filter((region) => region !== gone),
    selected: next,
    hovered: null,
    solo: solo === id ? null : solo,
  });
  toast(`Deleted ${gone.name ?? "a region"}.`, "Undo", () =>
    set({ regions: [...get().regions, gone], selected: id }),
  );
}

function neighbour(id) {
  const list = listed(get());
  const at = list.findIndex((region) => region.id === id);
  return (list[at + 1] ?? list[at - 1])?.id ?? null;
}

/** Nothing is selected, nothing alone. */
export const letGo = () => set({ selected: null, solo: null, hovered: null });

/** What is under the point becomes the hovered region: the innermost, or the one walked to while it is still there. */
export function hoverAt(x, y) {
  const stack = under(shown(get()).regions, x, y);
  const held = stack.find(({ id }) => id === get().hovered);
  hover((held && walked === held.id ? held : stack[0])?.id ?? null);
}

let walked = null; // the region that people scrolled to

/** Walks outwards (1) or inwards (-1) through the regions at a point. Returns whether there are several. */
export function walkAt(x, y, step) {
  const stack = under(shown(get()).regions, x, y);
  const at = stack.findIndex(({ id }) => id === (get().hovered ?? get().selected));
  const next = stack[Math.min(Math.max(at + step, 0), stack.length - 1)];
  if (next) {
    walked = next.id;
    set({ hovered: next.id });
  }
  return stack.length > 1;
}

/** Walks from the present region to the one around it (1) or the largest in it (-1). */
export function walkNested(step) {
  const region = present();
  if (!region) return;
  const { regions } = shown(get());
  const next = step > 0 ? around(region, regions) : inside(region, regions)[0];
  if (next) select(next.id);
}
