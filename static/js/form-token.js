/* The back button fetches a form anew, with another token. It gets back the one it had, so that what is sent twice from it
 * still makes one thing. A reload is a new form. */
const field = document.querySelector("input[name=form_token]");
if (field) {
  const [visit] = performance.getEntriesByType("navigation");
  const kept = history.state?.formToken;
  if (kept && visit?.type === "back_forward") field.value = kept;
  else history.replaceState({ ...history.state, formToken: field.value }, "");
}
