// Who looks, and the service's clock: the page says its "now", the machine's clock carries it on.
const said = document.body.dataset;

export const viewer = {
  profile: said.profile,
  device: said.device,
  when: said.when,
  page: said.page,
  offset: Number(said.offset),
  session: sessionId(),
};

let ahead = Date.parse(said.now) - Date.now();

export const serviceNow = () => new Date(Date.now() + ahead).toISOString();

export function setServiceNow(text) {
  const moment = Date.parse(text);
  if (Number.isFinite(moment)) ahead = moment - Date.now();
}

function sessionId() {
  const key = `frontrow.session.${said.profile}`;
  try {
    const known = sessionStorage.getItem(key);
    if (known) return known;
    const made = crypto.randomUUID();
    sessionStorage.setItem(key, made);
    return made;
  } catch {
    return crypto.randomUUID();
  }
}
