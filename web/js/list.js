// The list beside the picture: a row for each region, linked with the picture both ways; one stop of the Tab key.

import { hover, select, toggleHidden, toggleSolo } from "./actions.js";
import { css } from "./colors.js";
import { $, el, icon, percent, track } from "./dom.js";
import { isNamed, listed, shown, title } from "./regions.js";
import { on } from "./store.js";

const BUILT = ["regions", "filter", "sort", "photo", "found"]; // what the rows are made from
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

export function startList() {
  const list = $("region-list");
  on(BUILT, build);
  on(["hovered", "selected", "solo", ...BUILT], mark);
  list.addEventListener("keydown", keyed);
  list.addEventListener("pointerleave", () => hover(null));
}

function build(state) {
  const list = $("region-list");
  const focused = list.contains(document.activeElement)
    ? document.activeElement.closest("li").dataset.id
    : null;
  const { colors } = shown(state);
  const regions = listed(state);
  list.replaceChildren(...regions.map((region) => row(region, colors, state)));
  const total = state.regions.length;
  $("regions-title").textContent = total
    ? `Regions (${regions.length === total ? total : `${regions.length} of ${total}`})`
    : "Regions";
  $("sort").hidden = $("filters").hidden = total === 0;
  $("none").hidden = regions.length > 0;
  $("none").textContent = total ? "No region passes the filter." : state.found ? "No region was found." : "";
  if (focused) (rowOf(focused) ?? rowOf(state.selected) ?? list.firstChild)?.firstChild.focus();
}

function row(region, colors, { photo }) {
  const name = title(region);
  const swatch = el("i", { className: region.stuff ? "swatch stuff" : "swatch" });
  swatch.style.background = css(colors.get(region.name));
  const main = el(
    "button",
    { type: "button", className: "main", tabIndex: -1 },
    swatch,
    el("span", { className: "name" }, name, region.stuff ? el("small", {}, "stuff") : null),
    ...certain(region),
  );
  main.setAttribute("aria-label", spoken(region, photo));
  main.onclick = () => select(region.id);
  main.onfocus = () => hover(region.id);
  main.onblur = () => hover(null);
  const item = el("li", { "data-id": region.id }, main, solo(region, name), eye(region, name));
  item.onpointerenter = () => hover(region.id);
  item.classList.toggle("away", region.hidden);
  return item;
}

function certain(region) {
  if (!isNamed(region)) return [];
  if (region.given) return [el("span", { className: "share" }, "yours")];
  return [track(region.confidence), el("span", { className: "share" }, percent(region.confidence))];
}

function spoken(region, photo) {
  const sure = isNamed(region) && !region.given ? `, ${percent(region.confidence)} certain` : "";
  return `${title(region)}${region.stuff ? ", stuff" : ""}${sure}, ${percent(region.area / (photo.width * photo.height))} of the photograph${region.hidden ? ", hidden" : ""}`;
}

function solo({ id }, name) {
  const button = el(
    "button",
    {
      type: "button",
      tabIndex: -1,
      className: "tool solo",
      title: "Show alone",
      "aria-label": `Show ${name} alone`,
    },
    icon("solo"),
  );
  button.onclick = () => toggleSolo(id);
  return button;
}

function eye({ id, hidden }, name) {
  const facts = { title: hidden ? "Show" : "Hide", "aria-label": `Hide ${name}`, "aria-pressed": hidden };
  const button = el(
    "button",
    { type: "button", tabIndex: -1, className: "tool eye", ...facts },
    icon(hidden ? "eye-off" : "eye"),
  );
  button.onclick = () => toggleHidden(id);
  return button;
}

const rowOf = (id) => (id ? $("region-list").querySelector(`[data-id="${id}"]`) : null);

/** Shows which rows are lit, selected, alone; the Tab key stops at the selected row or else at the first. */
function mark({ hovered, selected, solo: alone }) {
  const list = $("region-list");
  const stop = rowOf(selected) ?? list.firstChild;
  for (const item of list.children) {
    const { id } = item.dataset;
    item.classList.toggle("lit", id === hovered);
    item.classList.toggle("selected", id === selected);
    item.firstChild.setAttribute("aria-current", id === selected);
    item.querySelector(".solo").setAttribute("aria-pressed", id === alone);
    for (const button of item.children) button.tabIndex = item === stop ? 0 : -1;
  }
  list.classList.toggle("alone", alone !== null);
  const seen = hovered && !list.matches(":hover") ? rowOf(hovered) : selected && rowOf(selected);
  if (seen && !list.matches(":hover")) reveal(seen);
}

/** Scrolls the list, and only the list, until the row is seen. */
function reveal(item) {
  const list = $("region-list");
  const [top, bottom] = [
    item.offsetTop - list.offsetTop,
    item.offsetTop - list.offsetTop + item.offsetHeight,
  ];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

function keyed(event) {
  const item = event.target.closest("li");
  const step = ARROWS[event.key];
  if (!item || !step) return;
  event.preventDefault();
  const next = step > 0 ? item.nextSibling : item.previousSibling;
  if (!next) return;
  select(next.dataset.id);
  next.firstChild.focus();
}
