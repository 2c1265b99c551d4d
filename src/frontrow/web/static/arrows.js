// Arrow keys move as on a TV: within a row, from row to row, and among whatever else can be chosen.
import { hideCard } from "./card.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CHOOSABLE = "a[href], button:not(:disabled), summary, select, input:not([type=hidden])";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return hideCard();
  const step = STEPS[event.key];
  const ends = event.key === "Home" || event.key === "End";
  if ((!step && !ends) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const from = document.activeElement;
  if (ownKeys(from, event.key)) return;
  const to = ends ? endOfRow(from, event.key) : (alongRow(from, step) ?? nearest(from, step));
  if (!to) return;
  event.preventDefault();
  focus(to);
});

// One tab stop a row: the tile that was last on.
document.addEventListener("focusin", ({ target }) => {
  const strip = target.closest?.(".tile")?.closest("ul");
  if (!strip || !target.matches("a")) return;
  strip.querySelectorAll('.tile a[tabindex="0"]').forEach((link) => (link.tabIndex = -1));
  target.tabIndex = 0;
});

function ownKeys(element, key) {
  if (element.matches("select")) return true;
  if (!element.matches("input")) return false;
  return key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End";
}

function focus(element) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: element.closest(".shelf, .sheet, .player") ? "nearest" : "center", inline: "nearest", behavior: calm });
  const shelf = element.closest(".shelf");
  if (shelf) shelf.scrollIntoView({ block: "center", behavior: calm });
}

const choosable = (tile) => tile.querySelector(".undo button") ?? tile.querySelector("a");

function alongRow(from, [across]) {
  const tile = from.closest(".tile");
  if (!tile || !across || tile.closest(".grid")) return undefined;
  const onwards = (document.documentElement.dir === "rtl" ? -across : across) > 0;
  const next = onwards ? tile.nextElementSibling : tile.previousElementSibling;
  return next?.matches(".tile") ? choosable(next) : null;
}

function endOfRow(from, key) {
  const tiles = from.closest(".tile")?.parentElement.querySelectorAll(".tile");
  return tiles ? choosable(tiles[key === "Home" ? 0 : tiles.length - 1]) : null;
}

// The nearest one that lies wholly on that side; what is out of line counts for more than what is far.
function nearest(from, [across, down]) {
  const scope = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const start = from === document.body ? new DOMRect(innerWidth / 2, 0, 0, 0) : from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const other of candidates(scope, from)) {
    const box = other.getBoundingClientRect();
    const gap = across > 0 ? box.left - start.right : across < 0 ? start.left - box.right : down > 0 ? box.top - start.bottom : start.top - box.bottom;
    if (!box.width || gap < -8) continue;
    const off = across ? apart(start.top, start.bottom, box.top, box.bottom) : apart(start.left, start.right, box.left, box.right);
    const far = across ? gap * 1 + off * 6 : gap * 4 + off;
    if (across && off > 40) continue;
    if (far < least) [best, least] = [other, far];
  }
  return best;
}

function candidates(scope, from) {
  return [...scope.querySelectorAll(CHOOSABLE)].filter(
    (each) => each !== from && !each.closest("#card, [hidden], .skip") && each.getAttribute("aria-hidden") !== "true" && inSight(each),
  );
}

// Of a row, what is scrolled out of sight is reached along the row only.
function inSight(element) {
  const strip = element.closest(".strip");
  if (!strip) return element.checkVisibility?.() ?? true;
  const box = element.getBoundingClientRect();
  const frame = strip.getBoundingClientRect();
  const middle = (box.left + box.right) / 2;
  return middle > frame.left && middle < frame.right;
}

function apart(a1, a2, b1, b2) {
  return Math.max(0, b1 - a2, a1 - b2) + Math.abs(a1 + a2 - b1 - b2) / 8;
}
