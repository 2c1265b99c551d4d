// What the viewer does, kept in this browser until the server has it. One entry an event, so that tabs never overwrite
// each other; the event's id makes sending it twice harmless.
import { serviceNow, viewer } from "./viewer.js";
import { say, setAway } from "./notice.js";

const PREFIX = "frontrow.event.";
const BATCH = 100;
const WAIT = { impression: 1500, progress: 600 };
const memory = new Map();
const channel = "BroadcastChannel" in window ? new BroadcastChannel("frontrow") : null;
let timer = 0;
let due = Infinity;
let pause = 1000;
let number = 0;

export function record(type, fields = {}) {
  const event = {
    event_id: crypto.randomUUID(),
    type,
    profile_id: viewer.profile,
    at: serviceNow(),
    session_id: viewer.session,
    device: viewer.device,
    tz_offset_minutes: viewer.offset,
    ...fields,
  };
  number += 1;
  keep(`${PREFIX}${Date.now()}.${String(number).padStart(6, "0")}.${event.event_id}`, JSON.stringify(event));
  schedule(WAIT[type] ?? 20);
  return event;
}

export const waiting = () => keys().length;

// What changes how a viewer stands to titles, and with it the page.
const CHANGES = new Set(["stop", "rate", "list_add", "list_remove", "hide", "unhide", "less_like", "unwatch"]);
export const changing = (events) => events.some(({ type }) => CHANGES.has(type));

// Until the server has what was done to titles: what it tells of them before that is of yesterday.
export async function taken() {
  if (changing(keys().map(read).filter(Boolean))) await flush();
}

// Events that another tab of this profile sent.
export function onOthers(listener) {
  channel?.addEventListener("message", ({ data }) => {
    if (data?.profile === viewer.profile) listener(data.events);
  });
}

export function flush() {
  clearTimeout(timer);
  due = Infinity;
  return navigator.locks ? navigator.locks.request("frontrow.send", send) : send();
}

async function send() {
  for (let batch = keys().slice(0, BATCH); batch.length; batch = keys().slice(0, BATCH)) {
    const events = batch.map(read).filter(Boolean);
    const answer = await post(events);
    if (answer === null) return;
    batch.forEach(drop);
    const own = events.filter((event) => event.profile_id === viewer.profile);
    document.dispatchEvent(new CustomEvent("frontrow:sent", { detail: own }));
    channel?.postMessage({ profile: viewer.profile, events: own.map(({ type, title_id }) => ({ type, title_id })) });
  }
}

// The answer, or null where the server is away or busy: then it is tried again, later and later.
async function post(events) {
  let status = 0;
  try {
    const answer = await fetch("/v1/events", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ events }),
      keepalive: document.visibilityState === "hidden",
    });
    status = answer.status;
    if (status === 202) {
      const told = await answer.json();
      if (told.rejected?.length) say(`${told.rejected.length} of the things you did could not be kept.`);
    } else if (status < 500 && status !== 408 && status !== 429) {
      say("The server would not take what you did.");
    } else {
      throw new Error(`status ${status}`);
    }
  } catch {
    setAway(true);
    schedule(pause);
    pause = Math.min(pause * 2, 8000);
    return null;
  }
  pause = 1000;
  setAway(false);
  return status;
}

function schedule(delay) {
  const at = Date.now() + delay;
  if (at >= due) return;
  due = at;
  clearTimeout(timer);
  timer = setTimeout(flush, delay);
}

function keep(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    memory.set(key, text);
  }
}

function keys() {
  const found = [...memory.keys()];
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (key.startsWith(PREFIX)) found.push(key);
    }
  } catch {
    // No storage in this browser: memory holds them all.
  }
  return found.sort();
}

function read(key) {
  try {
    return JSON.parse(memory.get(key) ?? localStorage.getItem(key));
  } catch {
    return null;
  }
}

function drop(key) {
  if (!memory.delete(key)) localStorage.removeItem(key);
}

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && waiting()) flush();
});
