/* `data-choose-all="<form>"` chooses every row of the page, or none of them where all are chosen; without scripts it is a link. */
const boxesOf = (form) => [...document.getElementById(form).elements].filter((one) => one.type === "checkbox");

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-choose-all]");
  if (!link) return;
  event.preventDefault();
  const boxes = boxesOf(link.dataset.chooseAll);
  const isToChoose = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = isToChoose;
  const words = isToChoose ? `${boxes.length} rows selected.` : "No row selected.";
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: words }));
});
