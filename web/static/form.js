// What the form of a rule does more where there is JavaScript; all of it works
// without. Choosing in the sentence empties the words, which the server then says
// anew. A field of several names searches the list that a datalist gives to the
// first one alone: by name, other names, ids and initials.
"use strict";
document.addEventListener("change", function (e) {
  if (e.target.closest("#sentence")) document.getElementById("f-deadline").value = "";
}, true);

const marks = /[、,;\uff0c\uff1b]/;
let box = null, shown = [], at = -1;

function close() {
  if (box) box.remove();
  box = null; shown = []; at = -1;
}

// lastName is the one that is being written: where it begins, and its text.
function lastName(field) {
  const before = field.value.slice(0, field.selectionStart);
  let from = before.length;
  while (from > 0 && !marks.test(before[from - 1])) from--;
  return { from: from, text: before.slice(from).trim() };
}

function found(field) {
  const text = lastName(field).text.toLowerCase();
  if (!text) return [];
  const list = document.getElementById(field.dataset.known);
  const hits = [...list.options].filter(o => (o.value + " " + (o.dataset.also || "")).toLowerCase().includes(text) && o.value !== text);
  return hits.sort((a, b) => b.value.toLowerCase().startsWith(text) - a.value.toLowerCase().startsWith(text)).slice(0, 8);
}

function take(field, name) {
  const last = lastName(field), rest = field.value.slice(field.selectionStart);
  field.value = field.value.slice(0, last.from) + (last.from > 0 && marks.test(field.value[last.from - 1]) && field.value[last.from - 1] === "," ? " " : "") + name + rest;
  close();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close();
}

function show(field) {
  close();
  shown = found(field);
  if (!shown.length) return;
  box = document.createElement("ul");
  box.className = "found";
  box.id = "found";
  box.setAttribute("role", "listbox");
  shown.forEach(function (o, i) {
    const row = document.createElement("li");
    row.setAttribute("role", "option");
    row.id = "found-" + i;
    row.textContent = o.value + (o.label && o.label !== o.value ? " · " + o.label : "");
    row.addEventListener("mousedown", function (e) { e.preventDefault(); take(field, o.value); });
    box.append(row);
  });
  field.after(box);
  field.setAttribute("aria-expanded", "true");
}

document.querySelectorAll("input[data-many]").forEach(function (field) {
  field.dataset.known = field.getAttribute("list");
  field.removeAttribute("list"); // the browser's own list knows one name alone
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("input", () => { show(field); if (!box) field.setAttribute("aria-expanded", "false"); });
  field.addEventListener("blur", () => { close(); field.setAttribute("aria-expanded", "false"); });
  field.addEventListener("keydown", function (e) {
    if (!box) return;
    if (e.key === "Escape") { close(); e.preventDefault(); }
    if (e.key === "Enter" && at >= 0) { take(field, shown[at].value); e.preventDefault(); }
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      at = (at + (e.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
      [...box.children].forEach((row, i) => row.setAttribute("aria-selected", i === at));
      field.setAttribute("aria-activedescendant", "found-" + at);
      e.preventDefault();
    }
  });
});
