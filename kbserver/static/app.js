// On every page: keys, the colour menu, copying, and sheets on a phone.

import { copy, copySteps } from "./ui.js";

const isTyping = (target) => target.matches("input, textarea, select, [contenteditable]");
const searchInput = () => document.querySelector(".search-large input") ?? document.querySelector("#q");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return closeAll();
  if (isTyping(event.target)) return;
  if (event.key === "/") {
    const input = searchInput();
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.select();
  } else if (event.key === "c") {
    const id = chosenArticle();
    if (!id) return;
    event.preventDefault();
    copySteps(id);
  }
});

const chosenArticle = () =>
  document.activeElement?.closest("[data-id]")?.dataset.id ??
  document.querySelector("[data-article]")?.dataset.article ??
  document.querySelector("[data-hits] [data-id]")?.dataset.id;

// ---- Colours ----

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (!choice) return;
  event.preventDefault();
  const theme = choice.dataset.themeChoice;
  fetch(`/preferences?theme=${theme}&next=/preferences`, { redirect: "manual" });
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
  for (const other of choice.parentElement.children) other.removeAttribute("aria-current");
  choice.setAttribute("aria-current", "true");
  closeMenus();
});

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu === except) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
};

document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));

// ---- Copying ----

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { copy: what, copyText, copySteps: steps, print } = button.dataset;
  if (what === "code") copy(button.closest(".code-block").querySelector("pre").textContent.replace(/\n$/, ""));
  else if (copyText !== undefined) copy(copyText);
  else if (steps !== undefined) copySteps(chosenArticle());
  else if (print !== undefined) window.print();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest(".heading-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  copy(new URL(link.getAttribute("href"), location.origin + location.pathname).href);
});

// ---- Sheets ----

let opener;
const openSheet = () => document.querySelector(".sheet.is-open");

const closeSheet = () => {
  openSheet()?.classList.remove("is-open");
  if (location.hash === "#facets" || location.hash === "#categories") history.replaceState(history.state, "", location.pathname + location.search);
  opener?.isConnected ? opener.focus() : document.querySelector("[data-sheet-open]")?.focus();
  opener = undefined;
};

document.addEventListener("click", (event) => {
  const open = event.target.closest("[data-sheet-open]");
  if (open) {
    event.preventDefault();
    opener = open;
    const sheet = document.querySelector(open.hash);
    sheet.classList.add("is-open");
    sheet.querySelector("[data-sheet-close]").focus();
  } else if (openSheet() && (event.target.closest("[data-sheet-close]") || !event.target.closest(".sheet"))) {
    event.preventDefault();
    closeSheet();
  }
});

document.addEventListener("keydown", (event) => {
  const sheet = openSheet();
  if (event.key !== "Tab" || !sheet) return;
  const stops = [...sheet.querySelectorAll("a, button, summary")].filter((stop) => stop.offsetParent !== null);
  const [first, last] = [stops[0], stops.at(-1)];
  if (event.shiftKey ? document.activeElement === first : document.activeElement === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
});

const closeAll = () => {
  if (openSheet()) closeSheet();
  closeMenus();
};

// ---- Did it solve it ----

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-feedback]");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(answer.status);
    const notice = document.createElement("p");
    notice.className = "notice ok";
    notice.setAttribute("role", "status");
    notice.tabIndex = -1;
    notice.textContent = text;
    const fold = form.closest("details");
    if (fold) fold.replaceWith(notice);
    else form.parentElement.replaceChildren(notice);
    notice.focus();
  } catch {
    form.submit();
  }
});
