// The review page: passages are quoted by selecting them, keys lead to the panels and to the reason box.

import { isComposing } from "./ui.js";

const quote = document.querySelector("#quote");
const body = document.querySelector("#body");
const tabs = [...document.querySelectorAll("[data-tabs] input")];
const reason = document.querySelector("[data-reason]");

const choose = (tab) => {
  tab.checked = true;
  tab.focus();
};

// ---- Quoting ----

const selected = () => {
  const selection = getSelection();
  const inside = selection.anchorNode?.parentElement?.closest("[data-quotable]") && selection.focusNode?.parentElement?.closest("[data-quotable]");
  return inside ? selection.toString().replace(/\s+/g, " ").trim().slice(0, quote.maxLength) : "";
};

document.querySelector("[data-quotable]")?.addEventListener("pointerup", () => {
  // The selection is final only after the event.
  setTimeout(() => {
    const text = selected();
    if (text) quote.value = text;
  });
});

document.querySelector('label[for="tab-comments"]')?.addEventListener("click", () => quote.value && setTimeout(() => body.focus()));

// ---- Keys ----

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isComposing(event)) return;
  if (event.target.matches("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])")) return;
  const tab = tabs[Number(event.key) - 1];
  if (tab) {
    event.preventDefault();
    choose(tab);
  } else if (event.key === "r" && reason) {
    event.preventDefault();
    reason.focus();
  } else if (event.key === "q" && selected()) {
    event.preventDefault();
    quote.value = selected();
    choose(document.querySelector("#tab-comments"));
    body.focus();
  }
});
