// The editor's page: what is written, what it looks like, and what could be better.

import { attachAids } from "./editor_aids.js";
import { attachFiles } from "./editor_files.js";
import { attachSaving } from "./editor_saving.js";
import { attachText, goToFirstEmpty } from "./editor_text.js";
import { isComposing } from "./ui.js";

const editor = document.querySelector("[data-editor]");
const form = editor.querySelector("[data-draft]");
const text = form.querySelector("[data-text]");
const words = { ...editor.dataset, ...JSON.parse(editor.dataset.words) };

// ---- Fields ----

const grows = [...form.querySelectorAll("textarea")];
const grow = () => {
  if (CSS.supports("field-sizing", "content")) return;
  for (const area of grows) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
};
form.addEventListener("input", grow);

const title = form.querySelector("[data-one-line]");
const issue = form.querySelector("[data-issue]");

// A title is one line, and Enter goes on to the customer's words; there an empty line goes on to the text.
title?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || isComposing(event)) return;
  event.preventDefault();
  issue.focus();
  issue.setSelectionRange(issue.value.length, issue.value.length);
});
title?.addEventListener("input", () => {
  if (title.value.includes("\n")) title.value = title.value.replace(/\s*\n\s*/g, " ");
});
issue?.addEventListener("keydown", (event) => {
  const { value, selectionStart } = issue;
  const isOnEmptyLine = selectionStart === value.length && (value === "" || value.endsWith("\n"));
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || isComposing(event) || !isOnEmptyLine) return;
  event.preventDefault();
  issue.value = value.trimEnd();
  goToFirstEmpty(text);
});

// A list of suggestions knows single values only, so it is offered behind what stands before the last comma.
for (const input of form.querySelectorAll("[data-several]")) {
  const values = [...input.list.options].map((option) => option.value);
  input.addEventListener("input", () => {
    const before = input.value.match(/^.*[,，、;；]\s*/)?.[0] ?? "";
    const taken = new Set(before.split(/[,，、;；]/).map((value) => value.trim()));
    input.list.replaceChildren(...values.filter((value) => !taken.has(value)).map((value) => new Option("", before + value)));
  });
}

const shown = form.querySelector("[data-meta-shown]");
const showMeta = () => {
  const values = ["type", "category", "product", "audience", "owner"].map((name) => form.elements[name]).filter(Boolean);
  const said = values.map((field) => (field.selectedOptions ? field.selectedOptions[0].textContent : field.value.trim()));
  shown.replaceChildren(...said.filter(Boolean).map((value) => Object.assign(document.createElement("span"), { textContent: value })));
};
if (shown) form.querySelector("[data-meta]").addEventListener("input", showMeta);

// ---- Panes on a narrow screen ----

const tabs = [...editor.querySelectorAll("[data-tab]")];
const showPane = (name) => {
  editor.dataset.pane = name;
  for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
};
for (const tab of tabs) tab.addEventListener("click", () => showPane(tab.dataset.tab));

const aids = attachAids(editor, form, text, { showPane });
attachText(text, form.querySelector("[data-toolbar]"), words);
attachSaving(form, {
  status: form.querySelector("[data-status]"),
  notes: form.querySelector("[data-notes]"),
  words,
  onSaved: aids.checkSoon,
});
attachFiles(editor, text, words);
grow();
