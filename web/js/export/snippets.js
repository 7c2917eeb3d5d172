// The requests behind what is on the screen, as a shell and as Python would send them.

import { url } from "../http.js";

const base = () => url(".").replace(/\/$/, "");

/** @param {string} name of the photograph's file @param {object[]} bodies of POST /analyze */
export function curl(name, bodies) {
  const upload = `curl -s -F image=@${quoted(name)} ${base()}/upload`;
  const calls = bodies.map(
    (body) =>
      `curl -s ${base()}/analyze -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body))}`,
  );
  return [
    `# this photograph is kept as ${bodies[0].file_id}; another one gets its file_id from:`,
    `# ${upload}`,
    ...calls,
    "",
  ].join("\n");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export function python(name, bodies) {
  const open = `open(${literal(name)}, "rb")`;
  return [
    "import requests",
    "",
    `url = ${literal(base())}`,
    `file_id = ${literal(bodies[0].file_id)}  # kept by the service; another photograph gets its own from:`,
    `# file_id = requests.post(f"{url}/upload", files={"image": ${open}}).json()["file_id"]`,
    "",
    ...bodies.flatMap((body) => [
      `answer = requests.post(f"{url}/analyze", json=${members(body)}).json()`,
      ...PRINTED,
    ]),
    "",
  ].join("\n");
}

const PRINTED = [
  'for entry in answer["labels"]:',
  '    print(entry["label"], entry["confidence"], entry["bbox"])',
];

/** A dict over several lines, with the variable file_id. */
function members(body) {
  const lines = Object.entries(body).map(
    ([key, value]) => `    ${literal(key)}: ${key === "file_id" ? "file_id" : literal(value)},`,
  );
  return `{\n${lines.join("\n")}\n}`;
}

/** JSON as Python writes it; JSON strings are Python strings. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, part]) => `${literal(key)}: ${literal(part)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}
