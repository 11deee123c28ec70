/* Tells a person, in the page, when the browser could not use a passkey. */
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-problem]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  const canceled = event.detail.exception?.name === "NotAllowedError";
  place.querySelector("[data-passkey-text]").textContent = canceled
    ? "The passkey was not used: the browser's dialog was closed or ran out of time."
    : "The browser could not use a passkey here. Sign in with your password instead.";
});
