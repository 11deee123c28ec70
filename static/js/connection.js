/* What becomes of a page whose requests (htmx's) are not answered as they should be: it stays as it is, and says so. A live
 * part asks again by itself, so the page goes on once it is answered. What it says is in includes/_connection.html. */
const place = document.getElementById("connection");
const person = document.documentElement.dataset.person;
const LIVE = "[hx-trigger^='every']";
let answeredAt = new Date();
let said = "";
let isOver = false;

const say = (what) => {
  if (!place || said === what || isOver) return;
  said = what;
  place.replaceChildren();
  const words = document.querySelector(`template[data-connection="${what}"]`)?.content.cloneNode(true);
  if (!words) return;
  const time = words.querySelector("[data-answered-at]");
  if (time) time.textContent = answeredAt.toLocaleTimeString("en-GB");
  const link = words.querySelector("[data-here]");
  if (link) link.href = `${link.getAttribute("href")}?next=${encodeURIComponent(location.pathname + location.search)}`;
  place.append(words);
};
const isOurs = (xhr) => xhr.getResponseHeader("X-Part") !== null;

const signedOut = () => {
  if (!document.querySelector("form[data-typed]")) {
    location.replace(location.href); // nothing to lose: what a person saw here is not left to others
    return;
  }
  say("signed-out");
  isOver = true;
};

/* The person signed in again in another tab: the forms of this page get the token of now, and the request goes once more. */
const renew = ({ xhr, elt, target, requestConfig }) => {
  if (xhr.getResponseHeader("X-Person") !== person) return refused("somebody-else");
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    field.value = xhr.getResponseHeader("X-Form-Token");
  }
  if (elt.dataset.renewed) return say("away");
  elt.dataset.renewed = "yes";
  htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target }).then(() => delete elt.dataset.renewed);
};

const refused = (what) => {
  say(what);
  isOver = true;
};

document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (!isOurs(detail.xhr)) say("away");
  else if (status === 401) signedOut();
  else if (status === 403 && detail.xhr.getResponseHeader("X-Form-Token")) renew(detail);
  else if (status === 403 || status === 404) refused("refused");
  else say("away");
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => say("away"));

/* What a proxy or a network's sign-in page answers in the portal's place is not put into the page. */
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400 && !isOurs(event.detail.xhr)) {
    event.preventDefault();
    say("away");
  }
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || !isOurs(detail.xhr)) return;
  answeredAt = new Date();
  if (said !== "away" || isOver) return;
  say("");
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: "The portal answers again." }));
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isOver && event.detail.elt.matches(LIVE)) event.preventDefault();
});

window.addEventListener("offline", () => {
  if (document.querySelector(LIVE)) say("away");
});
window.addEventListener("online", () => {
  if (said === "away" && !document.querySelector(LIVE)) say("");
});
