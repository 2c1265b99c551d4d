// Search as one types. Results take the place of the rows until the field is empty.
import { enhance } from "./rows.js";
import { part } from "./parts.js";
import { record } from "./events.js";
import { say } from "./notice.js";

const field = document.getElementById("q");
const results = document.getElementById("results");
const others = () => document.querySelectorAll(".hero, .opened, #rows, #end");
let timer = 0;
let told = 0;
let asking = null;
let place = 0;

async function find() {
  const query = field.value.trim();
  asking?.abort();
  if (!query) return close();
  asking = new AbortController();
  try {
    const body = (await part("/view/search", { q: query }, asking.signal)).body;
    if (results.hidden) place = scrollY;
    results.replaceChildren(...body.childNodes);
    others().forEach((each) => (each.hidden = true));
    results.hidden = false;
    scrollTo({ top: 0, behavior: "instant" });
    enhance(results);
    const count = results.querySelectorAll(".tile").length;
    say(count ? `${count === 1 ? "1 title" : `${count} titles`} found.` : "Nothing found.");
  } catch {
    // A newer query is on its way, or the server is away and the banner says so.
  }
}

function close() {
  if (results.hidden) return;
  results.hidden = true;
  others().forEach((each) => (each.hidden = false));
  scrollTo({ top: place, behavior: "instant" });
}

function tell() {
  clearTimeout(told);
  const query = field.value.trim();
  if (query) record("search", { query });
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  clearTimeout(told);
  timer = setTimeout(find, field.value.trim() ? 180 : 0);
  told = setTimeout(tell, 1400);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && field.value) {
    field.value = "";
    find();
    event.stopPropagation();
  }
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  find();
  tell();
});
