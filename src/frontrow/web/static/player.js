// A simulated playback: a whole title runs by in half a minute.
import { record } from "./events.js";
import { say } from "./notice.js";

const RUN_SECONDS = 30;
const TICK = 100;
const TELL_EVERY = 2000;
const DONE = 0.97;
const player = document.getElementById("player");
let now = null;

// `what`: {id, name, part, from, minutes, poster, place}
export function play(what) {
  const made = screen(what);
  now = {
    ...what, ...made, watched: 0, fraction: what.from >= 0.9 ? 0 : what.from, running: true, told: Date.now(),
    playback: crypto.randomUUID(),
  };
  record("play", { title_id: what.id, playback_id: now.playback, ...what.place });
  player.replaceChildren(made.root);
  player.setAttribute("aria-label", `Playing ${what.name}`);
  player.showModal();
  made.toggle.focus();
  now.timer = setInterval(tick, TICK);
  draw();
}

function tick() {
  if (!now.running) return;
  go(TICK / 1000 / RUN_SECONDS);
  if (Date.now() - now.told >= TELL_EVERY) tell("progress");
}

function go(share) {
  const step = Math.min(share, 1 - now.fraction);
  now.fraction += step;
  now.watched += step * now.minutes * 60;
  if (now.fraction >= 1) return player.close();
  draw();
}

function tell(type) {
  now.told = Date.now();
  record(type, {
    title_id: now.id,
    playback_id: now.playback,
    seconds: Math.round(now.watched),
    fraction: Number(now.fraction.toFixed(4)),
    ...now.place,
  });
}

function draw() {
  const total = now.minutes * 60;
  now.bar.value = now.fraction;
  now.clock.textContent = `${time(now.fraction * total)} of ${time(total)}`;
}

function time(seconds) {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [...(h ? [h, String(m).padStart(2, "0")] : [m]), String(s).padStart(2, "0")].join(":");
}

function screen(what) {
  const root = element("div", `screen ${[...what.poster.classList].filter((name) => name.startsWith("p-")).join(" ")}`);
  const desk = element("div", "desk");
  const title = element("h2", "", what.name);
  title.dir = "auto";
  const line = element("p", "part", [what.part, "Simulated: a whole title in half a minute."].filter(Boolean).join(" · "));
  line.dir = "auto";
  const bar = element("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", "Position");
  const clock = element("p", "clock");
  const acts = element("p", "acts");
  const toggle = button("Pause", "go", () => {
    now.running = !now.running;
    toggle.textContent = now.running ? "Pause" : "Go on";
  });
  acts.append(
    toggle,
    button("Forward 10 %", "", () => go(0.1)),
    button("Finish", "", () => go(1)),
    button("Stop", "", () => player.close()),
  );
  desk.append(title, line, bar, clock, acts);
  root.append(what.poster, desk);
  return { root, bar, clock, toggle };
}

function element(name, classes = "", text = "") {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
}

function button(text, kind, act) {
  const made = element("button", `button ${kind}`, text);
  made.addEventListener("click", act);
  return made;
}

player.addEventListener("close", () => {
  if (!now) return;
  clearInterval(now.timer);
  if (now.fraction >= DONE) now.fraction = 1;
  tell("stop");
  const share = Math.round(now.fraction * 100);
  say(share >= 90 ? `You finished ${now.name}.` : `Stopped at ${share} %.`);
  const done = now.done;
  now = null;
  player.replaceChildren();
  done?.();
});
