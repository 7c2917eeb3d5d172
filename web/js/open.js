// Ways to bring a photograph: drop, paste, choose, an example.

import { $ } from "./dom.js";
import { inWords, url } from "./http.js";
import { open, remove } from "./session.js";
import { toast } from "./status.js";
import { get, on, set } from "./store.js";

export function startOpen() {
  $("choose").onclick = $("choose-first").onclick = () => $("file").click();
  $("file").onchange = ({ target }) => {
    take(target.files);
    target.value = "";
  };
  $("remove").onclick = takeOff;
  addEventListener("paste", (event) => take(event.clipboardData.files));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => event.relatedTarget ?? document.body.classList.remove("dragging"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    take(event.dataTransfer.files);
  });
  for (const button of document.querySelectorAll("[data-example]"))
    button.onclick = () => openExample(button.dataset.example);
  on(["photo"], show);
}

function take(files) {
  if (files.length > 1) {
    const came = new Error(`One photograph can be opened at a time, and ${files.length} files came.`);
    set({ problem: { ...inWords(came), retry: null } });
  } else if (files.length) open(files[0], plain(files[0].name) || "pasted.png");
}

/** A file's name on one line: it is shown, and part of commands to copy. */
const plain = (name) => name.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, "_");

async function openExample(name) {
  try {
    const response = await fetch(url(`page/examples/${name}`));
    if (!response.ok) throw new Error("This service comes without example photographs.");
    await open(await response.blob(), name);
  } catch (error) {
    set({ problem: { ...inWords(error), retry: null } });
  }
}

async function takeOff() {
  const { blob, name } = get().photo;
  try {
    await remove();
    toast(`${name} and all that was derived from it are deleted from the service.`, "Open again", () =>
      open(blob, name),
    );
  } catch (error) {
    set({ problem: { ...inWords(error), retry: null } });
  }
}

function show({ photo }) {
  const before = document.body.dataset.view;
  document.body.dataset.view = photo ? "picture" : "welcome";
  $("photo-name").textContent = photo
    ? `${photo.name}${photo.width ? ` · ${photo.width} × ${photo.height}` : ""}`
    : "";
  if (photo && before === "welcome") $("canvas").focus({ preventScroll: true });
}
