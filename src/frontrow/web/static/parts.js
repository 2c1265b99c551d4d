// Parts of the page, drawn and escaped by the server.
import { flush, waiting } from "./events.js";
import { viewer } from "./viewer.js";
import { setAway } from "./notice.js";

export class Refused extends Error {
  constructor(status) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

export async function part(path, asked = {}, signal = undefined) {
  const query = new URLSearchParams({ profile_id: viewer.profile, device: viewer.device, when: viewer.when, ...asked });
  return load(`${path}?${query}`, signal);
}

export async function load(address, signal = undefined) {
  let answer;
  try {
    answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
  } catch (error) {
    if (error.name !== "AbortError") {
      setAway(true);
      awaitReturn(1000);
    }
    throw error;
  }
  if (!answer.ok) throw new Refused(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Nothing may be waiting to be sent that would find out by itself that the server is back.
let waitingFor = 0;

function awaitReturn(pause) {
  if (waitingFor) return;
  waitingFor = setTimeout(async () => {
    waitingFor = 0;
    try {
      if ((await fetch("/health/live", { cache: "no-store" })).ok) {
        await flush();
        if (!waiting()) setAway(false);
        return;
      }
    } catch {
      // Still away.
    }
    awaitReturn(Math.min(pause * 2, 8000));
  }, pause);
}

export const titlePath = (id) => `/view/titles/${encodeURIComponent(id)}`;

// Where a title stands: the page, row and column that its events are counted for.
export function place(element) {
  const shelf = element?.closest("[data-page]");
  if (!shelf || shelf === document.body) return {};
  const found = { page_id: shelf.dataset.page, row_id: shelf.dataset.rowId, row: Number(shelf.dataset.row) };
  const column = element.closest("[data-column]")?.dataset.column;
  return column === undefined ? found : { ...found, column: Number(column) };
}
