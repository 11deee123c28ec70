/* An answer on its way to an older choice would replace the form with what is being changed: it is dropped. */
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[hx-get]");
  form?.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt: form } }));
});
