// The card beside a poster that the pointer rests on or the focus stands on. It repeats what the sheet tells, so it is
// hidden from screen readers: they open the sheet.
import { taken } from "./events.js";
import { part, titlePath } from "./parts.js";

const card = document.getElementById("card");
const REST = { pointer: 380, focus: 650 };
const known = new Map();
let shown = null;
let coming = null;
let timer = 0;
let leaving = 0;

export const reasonOf = (tile) => tile.querySelector(".because")?.textContent ?? "";
export const cardTile = () => shown;
export const forget = () => known.clear();

export function hideCard() {
  clearTimeout(timer);
  coming = null;
  shown = null;
  card.hidden = true;
  card.replaceChildren();
}

function rest(tile, delay) {
  clearTimeout(leaving);
  if (tile === shown || tile === coming) return;
  clearTimeout(timer);
  coming = tile;
  timer = setTimeout(() => show(tile), delay);
}

async function show(tile) {
  if (!tile.isConnected || tile.classList.contains("gone") || document.querySelector("dialog[open]")) return;
  hideCard();
  shown = tile;
  const id = tile.dataset.id;
  try {
    await taken();
    if (!known.has(id)) known.set(id, (await part(titlePath(id))).querySelector(".told"));
  } catch {
    return;
  }
  if (shown !== tile) return;
  const told = known.get(id).cloneNode(true);
  told.querySelector(".reason").textContent = reasonOf(tile);
  told.querySelector(".title").removeAttribute("tabindex");
  told.querySelectorAll("button, summary").forEach((each) => (each.tabIndex = -1));
  card.replaceChildren(told);
  card.hidden = false;
  set(tile.getBoundingClientRect());
}

// Beside the poster where there is room, within the window always.
function set(box) {
  const gap = 12;
  const { offsetWidth: width, offsetHeight: height } = card;
  const after = document.documentElement.dir === "rtl" ? box.left - width - gap : box.right + gap;
  const fits = after >= gap && after + width <= innerWidth - gap;
  const other = document.documentElement.dir === "rtl" ? box.right + gap : box.left - width - gap;
  const x = fits ? after : Math.max(gap, Math.min(other, innerWidth - width - gap));
  const y = Math.max(gap, Math.min(box.top - 8, innerHeight - height - gap));
  card.style.setProperty("--x", `${Math.round(x)}px`);
  card.style.setProperty("--y", `${Math.round(y)}px`);
}

const tileAt = (target) => (target instanceof Element ? target.closest(".tile") : null);

document.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return;
  if (card.contains(event.target)) return clearTimeout(leaving);
  const tile = tileAt(event.target);
  if (tile) rest(tile, REST.pointer);
  else {
    clearTimeout(timer);
    clearTimeout(leaving);
    coming = null;
    if (shown) leaving = setTimeout(hideCard, 220);
  }
});
document.addEventListener("focusin", (event) => {
  const tile = tileAt(event.target);
  if (tile && event.target.matches("a:focus-visible")) rest(tile, REST.focus);
  else if (!card.contains(event.target)) hideCard();
});
addEventListener("scroll", hideCard, { capture: true, passive: true });
