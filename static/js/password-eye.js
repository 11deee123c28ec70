/* A button beside each password field that shows what was typed, and hides it again. Without scripts there is none. */
const add = (input) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-sm password-eye";
  button.setAttribute("aria-pressed", "false");
  if (input.id) button.setAttribute("aria-controls", input.id);
  const label = input.labels[0]?.textContent.trim().toLowerCase() || "password";
  button.setAttribute("aria-label", `Show ${label}`);
  button.textContent = "Show";
  button.addEventListener("click", () => {
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.setAttribute("aria-pressed", String(shows));
    button.textContent = shows ? "Hide" : "Show";
  });
  // A shown password is no password to the browser's memory of forms: it goes out hidden.
  input.form?.addEventListener("submit", () => {
    input.type = "password";
  });
  input.after(button);
};

for (const input of document.querySelectorAll("input[type=password]")) add(input);
