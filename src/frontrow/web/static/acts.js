// What a viewer can do with a title, wherever its buttons stand: sheet, card, first pick.
import { record } from "./events.js";
import { place } from "./parts.js";
import { play } from "./player.js";
import { say } from "./notice.js";
import { bring, fade } from "./rows.js";
import { closeSheet, openSheet, originOf, sheetOpen } from "./sheet.js";
import { cardTile, forget, hideCard, reasonOf } from "./card.js";

const ACTS = { list, up, down, less, hide, unhide };

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const button = event.target.closest("[data-act]");
  if (button) return act(button);
  const link = event.target.closest(".tile a, a[data-open]");
  if (!link) return;
  event.preventDefault();
  hideCard();
  const tile = link.closest(".tile, .hero");
  const name = tile.querySelector(".name, .title").textContent;
  openSheet(tile.dataset.id, tile, name, tile.matches(".hero") ? tile.querySelector(".reason").textContent : reasonOf(tile));
});

function act(button) {
  const told = button.closest(".told, .hero");
  const from = told.closest("#details") ? originOf() : told.closest("#card") ? cardTile() : told;
  const what = { id: told.dataset.id, name: told.dataset.name ?? told.querySelector(".title").textContent, place: place(from), button };
  if (button.dataset.act === "play") start(what, told);
  else ACTS[button.dataset.act](what);
  forget();
}

function start({ id, name, place: at, button }, told) {
  hideCard();
  const drawn = told.querySelector(".poster, .picture").cloneNode(true);
  if (drawn.matches(".picture")) drawn.className = `poster ${told.className}`.replace("hero", "");
  play({
    id: button.dataset.id || id,
    name,
    part: button.querySelector(".part")?.textContent ?? "",
    from: Number(button.dataset.from) || 0,
    minutes: Number(button.dataset.minutes) || 45,
    poster: drawn,
    place: at,
    done: closeSheet,
  });
}

function list({ id, name, place: at, button }) {
  const on = button.getAttribute("aria-pressed") !== "true";
  record(on ? "list_add" : "list_remove", { title_id: id, ...at });
  press(id, "list", on);
  say(on ? `${name} is on your list.` : `${name} is off your list.`);
}

function up({ id, name, place: at }) {
  rate(id, at, 4);
  say(`You like ${name}. More like it will come.`);
}

function down({ id, name, place: at }) {
  rate(id, at, 1);
  say(`${name} is not for you. Less like it will come.`);
}

function rate(id, at, value) {
  record("rate", { title_id: id, value, ...at });
  press(id, "up", value > 3);
  press(id, "down", value < 3);
}

function less({ id, name, place: at, button }) {
  record("less_like", { title_id: id, ...at });
  button.disabled = true;
  say(`Fewer like ${name} will come.`);
}

function hide({ id, name, place: at }) {
  record("hide", { title_id: id, ...at });
  hideCard();
  if (sheetOpen()) closeSheet();
  fade(id, name);
  say(`${name} is hidden.`);
}

function unhide({ id, name, place: at }) {
  record("unhide", { title_id: id, ...at });
  if (sheetOpen()) closeSheet();
  bring(id);
  say(`${name} is back.`);
}

function press(id, name, on) {
  for (const told of document.querySelectorAll(".told")) {
    if (told.dataset.id === id) told.querySelector(`[data-act="${name}"]`)?.setAttribute("aria-pressed", String(on));
  }
}
