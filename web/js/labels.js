// Splits a text into labels as services/vocabularies/split.py does, and joins labels to such a text.

const COMMAS =
  ",\u055d\u060c\u07f8\u1363\u1802\u1808\u2e32\u2e34\u2e41\u2e49\u2e4c\u3001\ua4fe\ua60d\ua6f5\ufe10\ufe11\ufe50\ufe51\uff0c" +
  "\uff64\u{1144d}\u{1145a}\u{16e97}\u{1da87}";
const LINE_ENDS = "\\n\\v\\f\\r\\x85\\u2028\\u2029";
const SEPARATORS = `${COMMAS}${LINE_ENDS}`;
const SPACE = `(?:(?![${LINE_ENDS}])[\\p{White_Space}\\ufeff])*`;

const QUOTED = new RegExp(`${SPACE}"((?:[^"]|"")*)"${SPACE}(?=[${SEPARATORS}]|$)`, "uy");
const STARTS_QUOTED = new RegExp(`${SPACE}"`, "uy");
const PLAIN = new RegExp(`[^${SEPARATORS}]*`, "uy");
const ENDS = /^[\p{White_Space}\ufeff]+|\p{White_Space}+$/gu;
const NEEDS_QUOTES = new RegExp(`[${SEPARATORS}]|^[\\["]`, "u");

const trim = (text) => text.replace(ENDS, "");

/**
 * The labels in a text: between commas of any script or on lines of their own, in double quotes where they hold
 * commas, or as a JSON array.
 * @throws {Error} The text begins like an array and is none, or a quote is not closed.
 */
export function splitLabels(text) {
  if (trim(text).startsWith("[")) return jsonStrings(trim(text));
  const labels = [];
  for (let at = 0; at <= text.length;) {
    const [label, end] = itemAt(text, at);
    if (label !== null) labels.push(label);
    at = end + (text.codePointAt(end) > 0xffff ? 2 : 1);
  }
  return labels;
}

/** A text that `splitLabels` splits into these labels. */
export const joinLabels = (labels) =>
  labels.map((label) => (NEEDS_QUOTES.test(label) ? `"${label.replaceAll('"', '""')}"` : label)).join(", ");

function itemAt(text, start) {
  const quoted = match(QUOTED, text, start);
  if (quoted) return [quoted[1].replaceAll('""', '"'), start + quoted[0].length];
  if (match(STARTS_QUOTED, text, start))
    throw new Error('Labels: expected a closing quote (") and then a comma or the end of the line.');
  const plain = match(PLAIN, text, start)[0];
  return [trim(plain) || null, start + plain.length];
}

function match(pattern, text, start) {
  pattern.lastIndex = start;
  return pattern.exec(text);
}

function jsonStrings(text) {
  let found = null;
  try {
    found = JSON.parse(text);
  } catch {
    // It is refused below.
  }
  if (!Array.isArray(found) || found.some((label) => typeof label !== "string"))
    throw new Error(
      'Labels: expected a JSON array of strings such as ["cat", "dog"], because the text begins with "[".',
    );
  return found;
}
