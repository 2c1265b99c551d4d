// Another device or time of day: the page as it would be then, in place.
import { load } from "./parts.js";
import { replaceAll } from "./rows.js";
import { say } from "./notice.js";
import { viewer } from "./viewer.js";

const box = document.querySelector(".scene");
const form = box.querySelector("form");

let asked = null;

form.addEventListener("change", async () => {
  const chosen = new FormData(form);
  const address = `/?${new URLSearchParams(chosen)}`;
  asked?.abort(); // who chooses twice wants the second
  asked = new AbortController();
  let page;
  try {
    page = await load(address, asked.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    form.elements.device.value = viewer.device;
    form.elements.when.value = viewer.when;
    say("The page stays as it was: the server does not answer.");
    return;
  }
  viewer.device = chosen.get("device");
  viewer.when = chosen.get("when");
  for (const place of [".hero", ".scene .now", "#moment"]) {
    const [old, fresh] = [document.querySelector(place), page.querySelector(place)];
    if (old && fresh) old.replaceWith(fresh);
  }
  replaceAll([...page.querySelectorAll("#rows .shelf")], page.body.dataset.page);
  history.replaceState(null, "", address);
  say(`The page for ${document.querySelector(".scene .now").textContent}.`);
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !box.open) return;
  box.open = false;
  box.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (!box.contains(event.target)) box.open = false;
});
