/* Copy buttons: <button data-copy data-copy-target="#id" hidden>Copy</button> copies the target's text as it is. */
const show = () => {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};

const copyText = async (text) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
};

const tell = (button, word) => {
  const label = button.querySelector("[data-copy-label]") || button;
  button.dataset.copyWord ??= label.textContent;
  label.textContent = word;
  button.classList.toggle("is-copied", word === "Copied");
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: word }));
  clearTimeout(button.copyTimer);
  button.copyTimer = setTimeout(() => {
    label.textContent = button.dataset.copyWord;
    button.classList.remove("is-copied");
  }, 2000);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const target = document.querySelector(button.dataset.copyTarget);
  if (!target) return;
  try {
    await copyText(target.value ?? target.textContent);
    tell(button, "Copied");
  } catch {
    getSelection().selectAllChildren(target);
    tell(button, "Selected – press Ctrl+C");
  }
});

show();
document.addEventListener("htmx:afterSettle", show);
