// Results while typing: old answers stay until the new ones are here, and the address keeps up.

import { isComposing, onTyped, whenPaused } from "./ui.js";

const PAUSE = 120;
const SETTLED = 1200;

const results = document.querySelector("[data-results]");
const input = document.querySelector("#q");
const form = input.form;
let asking;

const addressOf = (query) => {
  const parameters = new URLSearchParams(location.search);
  parameters.delete("cursor");
  parameters.set("q", query);
  return `/search?${parameters}`;
};

const fragmentOf = async (address, isSettled) => {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(address, location.origin);
  url.pathname = "/search/fragment";
  if (isSettled) url.searchParams.set("settled", "1");
  const answer = await fetch(url, { signal: asking.signal });
  return answer.ok ? answer.text() : null;
};

const show = async (address, { remember, isSettled = false } = {}) => {
  settle.cancel();
  results.classList.add("is-waiting");
  try {
    const html = await fragmentOf(address, isSettled);
    if (html === null) return location.assign(address);
    swap(html);
    if (remember === "push") history.pushState(null, "", address);
    if (remember === "replace") history.replaceState(null, "", address);
    document.title = [input.value.trim(), results.dataset.title].filter(Boolean).join(" · ");
    if (!isSettled) settle();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return;
  }
  results.classList.remove("is-waiting");
};

const swap = (html) => {
  const focused = document.activeElement?.closest("[data-facet]")?.dataset.facet;
  const isSheetOpen = results.querySelector(".sheet.is-open") !== null;
  const scrolled = results.querySelector(".sheet")?.scrollTop ?? 0;
  const opened = [...results.querySelectorAll("details.more")].map((more) => more.open);
  results.innerHTML = html;
  const sheet = results.querySelector(".sheet");
  if (sheet) {
    sheet.classList.toggle("is-open", isSheetOpen);
    if (opened.length === results.querySelectorAll("details.more").length) results.querySelectorAll("details.more").forEach((more, index) => (more.open = opened[index]));
    sheet.scrollTop = scrolled;
  }
  if (focused) results.querySelector(`[data-facet="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
};

// A search counts once somebody has stopped typing; the links then carry its number.
const settle = whenPaused(SETTLED, async () => {
  if (!input.value.trim()) return;
  const html = await fragmentOf(location.href, true).catch(() => null);
  const page = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-search-id]");
  if (!page) return;
  const id = page.dataset.searchId;
  results.querySelector("[data-search-id]").dataset.searchId = id;
  for (const link of results.querySelectorAll("[data-hit], [data-flag]")) link.search = `?from=${id}`;
});

const typed = whenPaused(PAUSE, () => show(addressOf(input.value.trim()), { remember: "replace" }));
onTyped(input, typed);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  typed.cancel();
  window.scrollTo({ top: 0 });
  show(addressOf(input.value.trim()), { remember: "push", isSettled: true });
});

results.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const facet = event.target.closest("[data-facet]");
  const correction = event.target.closest("[data-query]");
  if (!facet && !correction) return;
  event.preventDefault();
  if (correction) input.value = correction.dataset.query;
  show((facet ?? correction).getAttribute("href"), { remember: "push", isSettled: true });
});

window.addEventListener("popstate", () => {
  if (location.pathname !== "/search") return;
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  show(location.pathname + location.search, { isSettled: true });
});

// ---- Keys: the box and the hits are one column ----

const hits = () => [...results.querySelectorAll("[data-hit]")];

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = hits();
  const from = event.target === input ? -1 : all.indexOf(event.target);
  if (event.target !== input && from < 0 && event.target !== document.body) return;
  if (event.key === "ArrowDown" && from + 1 < all.length) focusHit(event, all[from + 1]);
  else if (event.key === "ArrowUp" && from >= 0) from === 0 ? focusInput(event) : focusHit(event, all[from - 1]);
  else if (event.key === "Escape" && from >= 0) focusInput(event);
});

const focusHit = (event, link) => {
  event.preventDefault();
  link.focus({ preventScroll: true });
  link.closest("li").scrollIntoView({ block: "nearest" });
};

const focusInput = (event) => {
  event.preventDefault();
  input.focus();
  window.scrollTo({ top: 0 });
};
