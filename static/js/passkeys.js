const reason = (name, message) => {
  // The library says so where it got no challenge: the portal gives no more of them for a while (accounts/guessing.py).
  if (message === "Unable to fetch passkey data from server.") {
    return "Passkeys cannot be used for a minute. Wait, or sign in with your password instead.";
  }
  if (name === "NotAllowedError") return "The passkey was not used: the browser's dialog was closed or ran out of time.";
  // A passkey belongs to a host name (WebAuthn, 5.1.2): browsers refuse one for an IP address.
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    return "Passkeys work by host name, not by IP address. Open the portal by its name, such as " +
      `http://localhost${location.port ? `:${location.port}` : ""} on this machine.`;
  }
  return "The browser could not use a passkey here. Sign in with your password instead.";
};

/* Tells a person, in the page, when the browser could not use a passkey. */
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-problem]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  place.querySelector("[data-passkey-text]").textContent = reason(
    event.detail.exception?.name,
    event.detail.exception?.message,
  );
});
