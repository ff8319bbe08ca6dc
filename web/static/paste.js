// What is pasted into the field for tables loses its cells where they hold lines of
// their own, or are merged. Where the clipboard has it as a page too, that goes
// along in a hidden field. Without this script the text alone is read.
for (const area of document.querySelectorAll("textarea[data-html]")) {
  const field = document.getElementById(area.dataset.html);
  area.addEventListener("paste", (e) => {
    const html = e.clipboardData.getData("text/html");
    const alone = area.value.slice(0, area.selectionStart).trim() === "" && area.value.slice(area.selectionEnd).trim() === "";
    field.value = alone && /<t[dr][\s>]/i.test(html) ? html : "";
    area.dataset.pasting = "1";
  });
  area.addEventListener("input", () => {
    if (area.dataset.pasting) delete area.dataset.pasting;
    else field.value = ""; // what was typed since counts
  });
}
