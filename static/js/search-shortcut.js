/* `/` moves to the field that searches everything, or to its page where that is not shown, unless something is being typed
 * already. A page with a search of its own and no field for everything has its own. */
const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const [field] = [...shown("main [data-search-all]"), ...shown("[data-search-all]"), ...shown("[data-search]")];
  const link = document.querySelector("[data-search-link]");
  if (!field && !link) return;
  event.preventDefault();
  if (!field) {
    location.assign(link.href);
    return;
  }
  field.focus();
  field.select();
});
