// Arrow keys among the faces, as on a TV.
const faces = [...document.querySelectorAll(".face")];

document.addEventListener("keydown", (event) => {
  const at = faces.indexOf(document.activeElement);
  if (at < 0 && event.key.startsWith("Arrow") && document.activeElement === document.body) return faces[0]?.focus();
  if (at < 0) return;
  const across = faces.filter((face) => face.offsetTop === faces[0].offsetTop).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
  if (!step) return;
  const to = faces[at + step];
  if (!to) return;
  event.preventDefault();
  to.focus();
});
