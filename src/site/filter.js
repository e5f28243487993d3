"use strict";
// Adds a field that hides the rows of the table below it without a text. Without scripts, there is no such field.
(() => {
  const place = document.getElementById("filter");
  const label = document.createElement("label");
  label.textContent = "Filter by number, title or any other column ";
  const field = label.appendChild(document.createElement("input"));
  field.type = "search";
  field.autocomplete = "off";
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  place.replaceChildren(label, " ", count);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = place.parentElement.querySelectorAll("tbody tr");
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = words.length > 0 ? `${shown} of ${rows.length}` : "";
  });
})();
