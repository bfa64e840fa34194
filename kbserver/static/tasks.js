// Keys for a table of tasks: move, choose, open, and what came of those chosen.

const form = document.querySelector("[data-tasks]");
const rows = form ? [...form.querySelectorAll("[data-task]")] : [];
const boxes = rows.map((row) => row.querySelector("[name=id]")).filter(Boolean);
const all = form?.querySelector("[data-all]");
const count = form?.querySelector("[data-count]");
const atRest = count?.textContent;
let at = -1;

const counted = () => {
  const chosen = boxes.filter((box) => box.checked).length;
  if (count) count.textContent = chosen ? count.dataset.count.replace("{n}", chosen) : atRest;
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
};

const move = (to) => {
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, index) => row.classList.toggle("is-active", index === at));
  rows[at].querySelector("[name=id], [data-open]").focus();
  rows[at].scrollIntoView({ block: "nearest" });
};

form?.addEventListener("change", (event) => {
  if (event.target === all) boxes.forEach((box) => (box.checked = all.checked));
  counted();
});

form?.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-task]");
  if (row) at = rows.indexOf(row);
});

document.addEventListener("keydown", (event) => {
  const isText = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (!rows.length || isText || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = boxes[at];
  if (event.key === "j") move(at + 1);
  else if (event.key === "k") move(at - 1);
  else if (event.key === "x" && box) {
    box.checked = !box.checked;
    counted();
  } else if (event.key === "Enter" && at >= 0 && event.target.matches("[name=id]")) {
    event.preventDefault();
    rows[at].querySelector("[data-open]").click();
  } else {
    const button = form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button && boxes.some((one) => one.checked)) button.click();
  }
});
