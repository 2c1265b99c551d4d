// The sheet of details: opens from a tile, tells all, and offers what can be done with the title.
import { part, place, titlePath } from "./parts.js";
import { record, taken } from "./events.js";

const sheet = document.getElementById("details");
let origin = null;
let asking = null;

export const originOf = () => origin;
export const sheetOpen = () => sheet.open;

export async function openSheet(id, tile, name, reason) {
  origin = tile;
  record("select", { title_id: id, ...place(tile) });
  asking?.abort();
  asking = new AbortController();
  sheet.setAttribute("aria-label", name);
  sheet.replaceChildren(closer(), waitingFor(name));
  if (!sheet.open) sheet.showModal();
  try {
    await taken();
    const body = (await part(titlePath(id), {}, asking.signal)).body;
    const told = body.querySelector(".told");
    told.querySelector(".reason").textContent = reason;
    told.querySelector(".why").addEventListener("toggle", (event) => tellWhy(event.currentTarget, id));
    sheet.replaceChildren(closer(), told);
    (told.querySelector('[data-act="play"]') ?? told.querySelector("button"))?.focus();
  } catch (error) {
    if (error.name === "AbortError") return;
    sheet.querySelector(".synopsis").textContent = error.status === 404
      ? "This title has left the catalogue."
      : "Its details cannot be had while the server is away.";
  }
}

export function closeSheet() {
  if (sheet.open) sheet.close();
}

async function tellWhy(box, id) {
  if (!box.open || box.dataset.told) return;
  box.dataset.told = "yes";
  const into = box.querySelector(".evidence");
  try {
    const body = (await part(`${titlePath(id)}/why`)).body;
    into.replaceChildren(...body.querySelector(".evidence").childNodes);
  } catch {
    delete box.dataset.told;
    into.textContent = "The evidence cannot be had now.";
  }
}

function waitingFor(name) {
  const told = document.createElement("div");
  told.className = "told";
  const text = document.createElement("div");
  text.className = "text";
  const title = document.createElement("h2");
  title.className = "title";
  title.dir = "auto";
  title.textContent = name;
  const line = document.createElement("p");
  line.className = "synopsis";
  line.textContent = "…";
  text.append(title, line);
  told.append(document.createElement("div"), text);
  return told;
}

function closer() {
  const button = document.createElement("button");
  button.className = "close";
  button.setAttribute("aria-label", "Close");
  button.textContent = "✕";
  button.addEventListener("click", () => sheet.close());
  return button;
}

sheet.addEventListener("click", (event) => {
  if (event.target === sheet) sheet.close();
});
sheet.addEventListener("close", () => {
  asking?.abort();
  sheet.replaceChildren();
});
