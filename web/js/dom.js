// Elements made from plain data; text is only ever set as text.

/** The element with an id. */
export const $ = (id) => document.getElementById(id);

/**
 * A new element.
 * @param {string} tag @param {object} facts properties, `on` listeners, `aria-` and `data-` attributes
 * @param {...(Node|string|null)} children
 */
export function el(tag, facts = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(facts)) {
    if (key.includes("-")) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the page's symbols. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A bar as long as a share. */
export function track(share) {
  const fill = el("i");
  fill.style.width = `${100 * share}%`;
  return el("span", { className: "track", "aria-hidden": "true" }, fill);
}

/** A row with a name, a bar and a percentage. */
export const bar = (name, share) =>
  el(
    "li",
    { className: "bar" },
    el("span", { className: "bar-name" }, name),
    track(share),
    el("span", { className: "share" }, percent(share)),
  );

export const percent = (share) =>
  share > 0 && share < 0.01 ? "<\u00a01\u00a0%" : `${Math.round(100 * share)}\u00a0%`;

/** Copies text; `navigator.clipboard` is missing where the page does not come from a secure address. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  return area.remove();
}

/** Saves a blob as a file of that name. */
export function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
