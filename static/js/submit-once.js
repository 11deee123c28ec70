/* A form that changes something is sent once: a second click while the first is under way does nothing.
 * data-submit-many leaves a form alone (one that answers with a download). */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "submitMany" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

/* A page taken from the back-forward cache can be sent again; the server still makes one order of it. */
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled=true]")) button.removeAttribute("aria-disabled");
});
