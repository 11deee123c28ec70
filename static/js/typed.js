/* Keeps what is typed into a form in this tab's own storage and gives it back: after a sign-in, a reload, the back button.
 * It is its person's alone, and gone at the sign-out. A password, a code, a key and a file are never kept. The server does
 * the same for a form that was sent too late, without scripts (accounts/typed.py).
 *
 * A draft is `typing` until its form is sent, `sent` until the answer is there, and `done` where that is no page that stands
 * between (a sign-in, an error: data-interrupted). What is done comes back by the back button and by a reload only. */
const PREFIX = "typed ";
const SIGNED_OUT = "signed-out";
const NEVER_KEPT = /password|secret|credential|hmac|otp/i;
const NOT_TYPED = new Set(["hidden", "password", "file", "submit", "button", "image", "reset"]);
const NO_DRAFT = "input[type=password], [autocomplete=one-time-code], [name=code], [name=credential]";
const root = document.documentElement;
const person = root.dataset.person ?? "";
const here = location.pathname + location.search;
let isRestoring = false;

const storage = (which) => {
  try {
    return window[which];
  } catch {
    return null; // a browser that keeps nothing
  }
};
const kept = storage("sessionStorage");
const shared = storage("localStorage");

const drafts = () => Object.keys(kept ?? {}).filter((key) => key.startsWith(PREFIX));
const read = (key) => JSON.parse(kept?.getItem(key) ?? "null");
const write = (key, draft) => {
  try {
    kept?.setItem(key, JSON.stringify(draft));
  } catch {
    /* It is full: the page itself still has what is typed. */
  }
};
const forget = () => drafts().forEach((key) => kept.removeItem(key));

const pathOf = (form) => new URL(form.getAttribute("action") ?? "", location).pathname;
const keyOf = (form) => `${PREFIX}${person} ${here} ${pathOf(form)}`;
const isKept = (form) =>
  person !== "" && (form.method === "post" || "keep" in form.dataset) && !form.querySelector(NO_DRAFT);
const fieldsOf = (form) =>
  [...form.elements].filter(
    (field) => field.name && !NOT_TYPED.has(field.type) && !field.readOnly && !field.disabled && !NEVER_KEPT.test(field.name),
  );
const isBox = (field) => field.type === "checkbox" || field.type === "radio";
const valuesOf = (form) =>
  fieldsOf(form).flatMap((field) => {
    if (isBox(field)) return field.checked ? [[field.name, field.value]] : [];
    if (field.options) return [...field.selectedOptions].map((option) => [field.name, option.value]);
    return [[field.name, field.value]];
  });
const hasFile = (form) => [...form.elements].some((field) => field.type === "file" && field.files.length > 0);

const keep = (form, state) => {
  const version = form.querySelector("input[type=hidden][name=version]")?.value;
  write(keyOf(form), { at: Date.now(), state, version, hadFile: hasFile(form), values: valuesOf(form) });
};

/* Sets a field and gives whether it changed; null where it does not take the value yet. */
const set = (field, values) => {
  if (isBox(field)) {
    const isOn = values.includes(field.value);
    const changed = field.checked !== isOn;
    field.checked = isOn;
    return changed;
  }
  if (values.length === 0) return false;
  if (field.options) {
    if (![...field.options].some((option) => option.value === values[0])) return null;
    const changed = field.value !== values[0];
    field.value = values[0];
    return changed;
  }
  const text = values.shift();
  const changed = field.value !== text;
  field.value = text;
  return changed;
};

const apply = (form, draft) => {
  const values = new Map();
  for (const [name, value] of draft.values) values.set(name, [...(values.get(name) ?? []), value]);
  const changed = [];
  let isWhole = true;
  for (const field of fieldsOf(form)) {
    const result = set(field, values.get(field.name) ?? []);
    if (result === null) isWhole = false;
    if (result) changed.push(field);
  }
  const version = form.querySelector("input[type=hidden][name=version]");
  if (version && draft.version) version.value = draft.version;
  isRestoring = true;
  for (const field of changed) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  isRestoring = false;
  return { isChanged: changed.length > 0, isWhole };
};

const tell = (form, draft) => {
  const notice = document.getElementById("typed-back")?.content.firstElementChild.cloneNode(true);
  if (!notice) return;
  notice.querySelector("[data-had-file]").hidden = !draft.hadFile;
  notice.querySelector("[data-discard]").addEventListener("click", () => {
    kept.removeItem(keyOf(form));
    notice.remove();
    delete form.dataset.typed;
    form.reset();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  });
  const isCard = form.classList.contains("card") && !form.classList.contains("card-body");
  if (isCard) form.before(notice);
  else form.prepend(notice);
};

const restore = (form) => {
  const draft = read(keyOf(form));
  const [visit] = performance.getEntriesByType("navigation");
  if (!draft || (draft.state === "done" && visit?.type === "navigate")) return;
  if (document.querySelector("[data-typed-back]")) return; // the server gave it back
  const { isChanged, isWhole } = apply(form, draft);
  /* What a choice offers may depend on another one, and comes by a request of its own. */
  if (!isWhole) document.addEventListener("htmx:afterSettle", () => apply(form, draft), { once: true });
  if (isChanged) {
    form.dataset.typed = "";
    tell(form, draft);
  }
};

const signedOutAt = () => Number(shared?.getItem(SIGNED_OUT) ?? 0);
const tidy = () => {
  for (const key of drafts()) {
    const draft = read(key);
    const isAnothers = person !== "" && !key.startsWith(`${PREFIX}${person} `);
    if (isAnothers || draft.at <= signedOutAt()) kept.removeItem(key);
    else if (draft.state === "sent") write(key, { ...draft, state: "interrupted" in root.dataset ? "typing" : "done" });
  }
};

const typed = (event) => {
  const form = event.target.form;
  if (isRestoring || !form || !isKept(form)) return;
  form.dataset.typed = "";
  keep(form, "typing");
};
document.addEventListener("input", typed);
document.addEventListener("change", typed);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (pathOf(form) === root.dataset.signOut) {
    forget();
    shared?.setItem(SIGNED_OUT, String(Date.now()));
  } else if (isKept(form) && ("typed" in form.dataset || kept?.getItem(keyOf(form)))) {
    keep(form, "sent");
    delete form.dataset.typed;
  }
});
window.addEventListener("storage", (event) => {
  if (event.key === SIGNED_OUT) forget();
});

tidy();
/* A page that answered a form is fetched, not sent again, when one comes back to it. */
history.replaceState(history.state, "");
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.forms) if (isKept(form)) restore(form);
});
