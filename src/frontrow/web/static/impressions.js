// A title was on screen: more than half of it, for half a second, once for each page and place.
import { record } from "./events.js";
import { place } from "./parts.js";

const HELD = 500;
const told = new Set();
const timers = new Map();

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      if (intersectionRatio >= 0.6) timers.set(target, timers.get(target) ?? setTimeout(() => tell(target), HELD));
      else {
        clearTimeout(timers.get(target));
        timers.delete(target);
      }
    }
  },
  { threshold: [0, 0.6] },
);

export const watch = (tile) => watcher.observe(tile);

function tell(tile) {
  timers.delete(tile);
  const { page_id, row_id, row, column } = place(tile);
  const key = `${page_id}/${row}/${column}`;
  if (page_id === undefined || column === undefined || told.has(key) || !tile.isConnected) return;
  told.add(key);
  watcher.unobserve(tile);
  record("impression", { title_id: tile.dataset.id, page_id, row_id, row, column });
}
