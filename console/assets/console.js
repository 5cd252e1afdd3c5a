// The pages work without this file: it stops live pages in hidden tabs, and shows
// when the console has ended or responds with an error.
"use strict";

const show = (offline, failed) => {
  document.getElementById("offline").hidden = !offline;
  document.getElementById("failed").hidden = !failed;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "live" && document.hidden) event.preventDefault();
});
// htmx fires this for every response, even after responseError.
document.addEventListener("htmx:afterOnLoad", (event) => show(false, !event.detail.successful));
document.addEventListener("htmx:sendError", () => show(true, false));
document.addEventListener("htmx:timeout", () => show(true, false));

// Ctrl+Enter runs a statement.
document.addEventListener("keydown", (event) => {
  if (event.target.id === "sql" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
