/* Speaks to screen readers: what other modules announce, and what a swapped fragment says of itself (data-announce). */
const region = document.getElementById("announcements");
const last = new Map();

const say = (text) => {
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
};

document.addEventListener("portal:announce", (event) => say(event.detail));

for (const element of document.querySelectorAll("[data-announce][id]")) last.set(element.id, element.dataset.announce);

document.addEventListener("htmx:afterSettle", () => {
  for (const element of document.querySelectorAll("[data-announce][id]")) {
    if (last.get(element.id) === element.dataset.announce) continue;
    last.set(element.id, element.dataset.announce);
    say(element.dataset.announce);
  }
});
