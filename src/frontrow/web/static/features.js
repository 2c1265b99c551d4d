// A profile's features, asked for again every second; lines that an event moved are marked for a while. Values that
// change by time alone (ages, rates) are shown anew without a mark.
const profile = document.body.dataset.profile;
const table = document.getElementById("table");
const state = document.getElementById("state");
const EVERY = 1000;
const MARKED = 4000;
const BY_TIME = /^(hours_since|recent_ages|session_minutes|completion|abandonment)|_rate$/;

const lines = (root) => new Map([...root.querySelectorAll(".line")].map((line) => [line.dataset.name, line]));
const said = (line) => line.querySelector("dd").textContent;

async function again() {
  const query = new URLSearchParams({ profile_id: profile });
  const answer = await fetch(`/view/features?${query}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = lines(table);
  const after = lines(now);
  if (before.size !== after.size) {
    table.replaceChildren(...now.body.childNodes);
    return;
  }
  for (const [name, line] of after) {
    const shown = before.get(name);
    if (said(shown) === said(line)) continue;
    shown.querySelector("dd").replaceWith(line.querySelector("dd"));
    if (BY_TIME.test(name)) continue;
    shown.classList.add("moved");
    setTimeout(() => shown.classList.remove("moved"), MARKED);
  }
}

async function watch() {
  try {
    if (!document.hidden) await again();
    state.textContent = "Watching.";
  } catch {
    state.textContent = "The server is away; trying again.";
  }
  setTimeout(watch, EVERY);
}

document.documentElement.dataset.ready = "";
watch();
