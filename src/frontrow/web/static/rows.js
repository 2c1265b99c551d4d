// Rows: those of the server's HTML, further ones while scrolling, new ones after the viewer did something.
import { part, place, Refused } from "./parts.js";
import { record } from "./events.js";
import { say } from "./notice.js";
import { setServiceNow, viewer } from "./viewer.js";
import { watch } from "./impressions.js";

const rows = document.getElementById("rows");
const end = document.getElementById("end");
const REPEATING = new Set(["continue_watching", "my_list", "top10"]);
const LEAST = 4;
const AT_ONCE = 6;
const AHEAD = 500; // pixels below what is on screen
const RETRY = 1000; // milliseconds until rows that could not be fetched are asked for again
let tail = { page: null, after: null, next: 0 };
let loading = null;
let renewing = false;
let again = false;

export const shelves = () => [...rows.querySelectorAll(".shelf")];
export const tilesOf = (id) => [...document.querySelectorAll(".tile")].filter((tile) => tile.dataset.id === id);

export function enhance(section) {
  const tiles = [...section.querySelectorAll(".tile")];
  tiles.forEach((tile, number) => {
    watch(tile);
    tile.querySelector("a")?.setAttribute("tabindex", number ? "-1" : "0");
  });
  const strip = section.querySelector(".strip");
  if (!strip) return;
  for (const [side, sign, step] of [["back", "‹", -1], ["on", "›", 1]]) {
    const paddle = document.createElement("button");
    paddle.className = `paddle ${side}`;
    paddle.tabIndex = -1;
    paddle.setAttribute("aria-hidden", "true");
    paddle.textContent = sign;
    paddle.addEventListener("click", () => {
      const towards = document.documentElement.dir === "rtl" ? -step : step;
      strip.scrollBy({ left: towards * strip.clientWidth * 0.85, behavior: "smooth" });
    });
    section.append(paddle);
  }
}

// Further rows of the newest page, when the end comes near.
export async function more() {
  if (loading || renewing || !tail.after) return;
  const { page, after, next } = tail;
  try {
    loading = part(`/view/pages/${encodeURIComponent(page)}/rows`, { after, first: next, rows: AT_ONCE });
    const come = [...(await loading).querySelectorAll(".shelf")];
    if (tail.page === page) {
      add(without(come, shelves()), rows.children.length);
      setTail(come.length ? tailOf(come, page) : { page, after: null, next });
    }
  } catch (error) {
    if (error instanceof Refused) setTail({ ...tail, after: null });
    else await new Promise((later) => setTimeout(later, RETRY));
    if (error instanceof Refused && error.status === 410) renew();
  } finally {
    loading = null;
  }
  goOn();
}

// The end may be in sight all along, of which nobody tells again; and what an observer tells may be older than what is.
function goOn() {
  if (tail.after && end.getBoundingClientRect().top < innerHeight + 2 * AHEAD) more();
}

// A new page, laid around what is on screen: rows in view stay as they are, the others are replaced.
export async function renew() {
  if (renewing) {
    again = true;
    return;
  }
  renewing = true;
  try {
    const [from, to] = looked();
    const body = (await part("/view/rows", { rows: Math.min(40, to + AT_ONCE) })).body;
    const told = body.querySelector(".rows").dataset;
    setServiceNow(told.now);
    document.getElementById("moment").textContent = told.local;
    lay([...body.querySelectorAll(".shelf")], told.page, from, to);
  } catch {
    // The page stays as it is; what was done is kept and another event renews it.
  } finally {
    renewing = false;
  }
  if (again) {
    again = false;
    renew();
  } else goOn();
}

export function replaceAll(sections, page) {
  rows.replaceChildren(...sections);
  sections.forEach(enhance);
  setTail(tailOf(sections, page));
  document.body.dataset.page = page;
}

// The rows from the first to the last that are on screen or hold the focus.
function looked() {
  const all = shelves();
  const top = document.querySelector(".bar").getBoundingClientRect().bottom;
  const seen = all.map((section, number) => {
    const box = section.getBoundingClientRect();
    const shown = box.bottom > top && box.top < innerHeight;
    return shown || section.contains(document.activeElement) ? number : -1;
  });
  const numbers = seen.filter((number) => number >= 0);
  return numbers.length ? [numbers[0], numbers.at(-1) + 1] : [0, 0];
}

function lay(come, page, from, to) {
  const old = shelves();
  const kept = old.slice(from, to);
  const last = tailOf(come, page);
  for (const section of kept) touchUp(section, come);
  const fresh = without(come, kept);
  const changed = fresh.slice(0, 8).filter((section, number) => key(section) !== key(old[number < from ? number : number + kept.length]));
  const anchor = kept[0];
  const before = anchor?.getBoundingClientRect().top;
  old.filter((section) => !kept.includes(section)).forEach((section) => section.remove());
  add(fresh.slice(0, from), 0);
  add(fresh.slice(from), rows.children.length);
  if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
  setTail(last);
  document.body.dataset.page = page;
  if (changed.length) say("Your page has changed.");
}

// A kept row takes up where playing stopped; what is new in it goes to its end, so that nothing moves.
function touchUp(section, come) {
  const twin = come.find((other) => other.dataset.kind === section.dataset.kind && REPEATING.has(section.dataset.kind));
  if (!twin) return;
  const own = new Map([...section.querySelectorAll(".tile")].map((tile) => [tile.dataset.id, tile]));
  for (const tile of [...twin.querySelectorAll(".tile")]) {
    const known = own.get(tile.dataset.id)?.querySelector("progress");
    const now = tile.querySelector("progress");
    if (known && now) known.replaceWith(now.cloneNode(true));
    else if (!own.has(tile.dataset.id) && section.dataset.kind !== "top10") {
      const added = tile.cloneNode(true);
      added.querySelector("a").tabIndex = -1;
      section.querySelector(".strip").append(added);
    }
  }
}

// What is on the page already is not shown twice: such rows go, such titles leave their row.
function without(come, there) {
  const keys = new Set(there.map(key));
  const ids = new Set();
  for (const section of there) {
    if (!REPEATING.has(section.dataset.kind)) section.querySelectorAll(".tile").forEach((tile) => ids.add(tile.dataset.id));
  }
  return come.filter((section) => {
    if (keys.has(key(section))) return false;
    if (REPEATING.has(section.dataset.kind)) return true;
    const tiles = [...section.querySelectorAll(".tile")];
    const doubled = tiles.filter((tile) => ids.has(tile.dataset.id));
    doubled.forEach((tile) => tile.remove());
    return !doubled.length || tiles.length - doubled.length >= LEAST;
  });
}

function add(sections, at) {
  rows.insertBefore(fragment(sections), rows.children[at] ?? null);
  sections.forEach(enhance);
}

function fragment(sections) {
  const made = document.createDocumentFragment();
  made.append(...sections);
  return made;
}

function key(section) {
  return section ? `${section.dataset.kind}/${section.querySelector("h2").textContent}` : "";
}

function setTail(to) {
  tail = to;
  viewer.page = to.page;
  document.body.toggleAttribute("data-whole", !to.after);
}

function tailOf(sections, page) {
  const last = sections.at(-1);
  return { page, after: last?.dataset.rowId ?? null, next: last ? Number(last.dataset.row) + 1 : 0 };
}

// A hidden title fades where it stands and can be brought back.
export function fade(id, name) {
  for (const tile of tilesOf(id)) {
    if (tile.classList.contains("gone")) continue;
    const link = tile.querySelector("a");
    const focused = link === document.activeElement;
    tile.classList.add("gone");
    link.setAttribute("tabindex", "-1");
    link.setAttribute("aria-hidden", "true");
    const box = document.createElement("div");
    box.className = "undo";
    const word = document.createElement("span");
    word.textContent = "Hidden";
    const back = document.createElement("button");
    back.className = "button";
    back.textContent = "Undo";
    back.setAttribute("aria-label", `Undo hiding ${name}`);
    back.addEventListener("click", () => {
      record("unhide", { title_id: id, ...place(tile) });
      bring(id);
      link.focus();
      say(`${name} is back.`);
    });
    box.append(word, back);
    tile.append(box);
    if (focused) back.focus();
  }
}

export function bring(id) {
  for (const tile of tilesOf(id)) {
    tile.classList.remove("gone");
    tile.querySelector(".undo")?.remove();
    tile.querySelector("a").removeAttribute("aria-hidden");
    tile.querySelector("a").setAttribute("tabindex", "0");
  }
}

setTail(tailOf([...rows.children], viewer.page));
new IntersectionObserver(goOn, { rootMargin: `${AHEAD}px` }).observe(end);
