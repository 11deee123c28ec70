/* Closes an open menu on Escape, on a click elsewhere, and when the focus leaves it. */
const close = (menu, { refocus = false } = {}) => {
  menu.open = false;
  if (refocus) menu.querySelector("summary")?.focus();
};
const opened = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("focusin", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) close(menu, { refocus: menu.contains(document.activeElement) });
});
