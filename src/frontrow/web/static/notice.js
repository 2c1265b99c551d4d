// What is said to the viewer: a short notice (read out by screen readers), and a banner while the server is away.
const notice = document.getElementById("notice");
const banner = document.getElementById("banner");
let timer = 0;

export function say(text) {
  clearTimeout(timer);
  host().append(notice);
  notice.textContent = text;
  notice.classList.add("on");
  timer = setTimeout(() => notice.classList.remove("on"), 4200);
}

export function setAway(away) {
  if (away === !banner.hidden) return;
  host().append(banner);
  banner.hidden = !away;
  banner.textContent = away
    ? "The server does not answer. What you do is kept here and sent when it is back."
    : "";
  if (!away) say("The server is back. What you did has been sent.");
}

// A modal dialog makes the rest of the page inert: what is said must stand inside it to be seen and heard.
function host() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
}

document.addEventListener("close", () => host().append(notice, banner), true);
