// The home page comes alive: what the server drew gets its keys, cards and events.
import "./acts.js";
import "./arrows.js";
import "./scene.js";
import "./search.js";
import { changing, flush, onOthers, record, waiting } from "./events.js";
import { forget } from "./card.js";
import { bring, enhance, fade, renew, shelves, tilesOf } from "./rows.js";

let timer = 0;

shelves().forEach(enhance);
const results = document.getElementById("results");
if (!results.hidden) enhance(results);

try {
  const key = `frontrow.started.${document.body.dataset.profile}`;
  if (!sessionStorage.getItem(key)) record("session_start");
  sessionStorage.setItem(key, "yes");
} catch {
  record("session_start");
}
if (waiting()) flush();

document.addEventListener("frontrow:sent", ({ detail }) => changed(detail));
onOthers((events) => {
  for (const { type, title_id } of events) {
    const name = tilesOf(title_id)[0]?.querySelector(".name").textContent;
    if (type === "hide" && name) fade(title_id, name);
    if (type === "unhide") bring(title_id);
  }
  changed(events);
});

// Several things done at once make one new page.
function changed(events) {
  if (!changing(events)) return;
  forget();
  clearTimeout(timer);
  timer = setTimeout(renew, 150);
}

document.documentElement.dataset.ready = "yes";
