// The pages work without this file: it keeps live pages quiet while nobody sees
// them, and says when the console has ended.
"use strict";

const offline = (is) => { document.getElementById("offline").hidden = !is; };

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "live" && document.hidden) event.preventDefault();
});
document.addEventListener("htmx:afterOnLoad", () => offline(false));
document.addEventListener("htmx:sendError", () => offline(true));
document.addEventListener("htmx:responseError", () => offline(true));

// Ctrl+Enter runs a statement.
document.addEventListener("keydown", (event) => {
  if (event.target.id === "sql" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
