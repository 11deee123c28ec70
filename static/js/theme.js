/* Sets the chosen theme before anything is painted, and keeps the switch in step. Without it the system decides. */
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const apply = () => {
    const choice = stored();
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };

  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);

  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-theme-switch]")) group.hidden = false;
    apply();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      localStorage.setItem("theme", button.dataset.themeChoice);
    } catch {
      /* A browser that keeps nothing keeps following the system. */
    }
    apply();
  });
})();
