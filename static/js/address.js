/* A page that answers a form stands at the form's address: loading it again leads to the page that the element names. */
const named = document.querySelector("[data-address]");
if (named) history.replaceState(history.state, "", named.dataset.address);
