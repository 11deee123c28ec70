/* Offers the browser's time zone to a field: <p data-browser-zone="#field" hidden>, with a name and a button in it. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const offer of document.querySelectorAll("[data-browser-zone]")) {
  const field = document.querySelector(offer.dataset.browserZone);
  if (!zone || !field || field.value === zone) continue;
  offer.querySelector("[data-browser-zone-name]").textContent = zone;
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    field.value = zone;
    offer.hidden = true;
    field.focus();
  });
}
