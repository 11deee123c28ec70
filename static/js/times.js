/* Shows instants in the browser's time zone. The server wrote them in UTC, which stays in the title; to whoever has chosen
   a time zone it wrote them in that, and they stay as they are. */
const instant = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const localize = () => {
  if (document.documentElement.dataset.zone) return;
  for (const element of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    /* British English alone writes "Sept"; every other month has three letters, as the server writes them. */
    const text = (element.dataset.local === "day" ? day : instant).format(moment);
    element.textContent = text.replace("Sept ", "Sep ");
    element.removeAttribute("data-local");
  }
};

localize();
document.addEventListener("htmx:afterSettle", localize);
