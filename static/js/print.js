/* Print buttons: <button data-print hidden>Print</button> opens the browser's print dialogue. */
const showPrint = () => {
  for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

showPrint();
